"""A loop whose turns do not need each other runs once: each turn forward, and backward at once.

    for i in range(n):                      for i in range(n):
        y = np.tanh(w @ x[i])                   y = np.tanh(w @ x[i])
        y_tape.append(y)                        ...
    for i in reversed(range(n)):    ->          w_bar += np.outer(y_bar, x[i])
        y = y_tape.pop()
        ...
        w_bar += np.outer(y_bar, x[i])

Nothing is recorded, and what a turn has made is at hand. The adjoint adds in the other order.
Source: Hascoët, Fidanova, Held, "Adjoining independent computations", 2001.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace
from functools import cached_property

from srcgrad.ir.core import Assign, Atom, Block, Const, Exit, For, Function, If, Stmt, Var
from srcgrad.ir.kinds import Kind
from srcgrad.ir.walk import assigned, read_names, stored, tally, walk
from srcgrad.optimize import turns
from srcgrad.optimize.known import is_new
from srcgrad.optimize.paired_loops import Facts, Pair, is_reversed

TESTS = {"operator.getitem", "tuple", "builtins.len", "operator.not_", "builtins.bool"}
FAR = 200  # statements between two loops, beyond which they stay apart


def fuse_sweeps(fn: Function, kinds: Mapping[str, Kind], quiet: Collection[str]) -> Function:
    """The function with loops joined with their adjoints, where turns are independent.

    `kinds`: of variables that have but one. `quiet`: functions of the module that change nothing
    but what they make.
    """
    if not has_adjoint_loop(fn):
        return fn
    facts = Facts(turns.Sharing(fn), *tally(fn.body), turns.Plain(kinds, quiet))
    before, body = _Fusion(fn, facts).block((), fn.body, ())
    return fn if body is fn.body else replace(fn, body=(*before, *body))


def has_adjoint_loop(fn: Function) -> bool:
    """True if there is something to join."""
    return any(isinstance(s, For) and s.reverse for s in turns.straight(fn.body))


class _Fusion:
    """`before`, `after`: what runs before and after a block, of the blocks that it is in."""

    def __init__(self, fn: Function, facts: Facts) -> None:
        self.fn, self.facts = fn, facts

    def block(self, before: Block, block: Block, after: Block) -> tuple[Block, Block]:
        """What runs before, without what is recorded no more, and the block."""
        for one, two in _loops(block):
            first, second = (len(before) + block.index(loop) for loop in (one, two))
            if not 0 < second - first <= FAR:
                continue
            around = replace(self.fn, body=(*before, *block, *after))
            found = Pair(around, first, second, self.facts).fused()
            if found is not None:
                before, block = _apart(found.body, before, after)
        for branch, adjoint in _branches(block):
            before, block = self.branch(before, block, after, branch, adjoint)
        return before, block

    def branch(
        self, before: Block, block: Block, after: Block, one: If, two: If
    ) -> tuple[Block, Block]:
        """A branch of the program and that of its adjoint as one, if loops in them are joined."""
        first, second = block.index(one), block.index(two)
        between = block[first + 1 : second]
        if second - first > FAR or not (self.same_test(one, two) and self.may_pass(one, between)):
            return before, block
        start = (s for s in block[:first] if one.test == two.test or not self.is_test(s, one))
        ahead = (*before, *start, *between)
        rest = (*block[second + 1 :], *after)
        changed, arms = False, []
        for arm in (*one.then, *two.then), (*one.orelse, *two.orelse):
            ahead, joined = self.block(ahead, arm, rest)
            changed |= joined is not arm
            arms.append(joined)
        if not changed:
            return before, block
        whole = (*ahead, replace(one, test=two.test, then=arms[0], orelse=arms[1]), *rest)
        return _apart(whole, before, after)

    def same_test(self, one: If, two: If) -> bool:
        """True if both branches go the same way."""
        plain = "try" not in (one.form, two.form)
        if not plain or any(isinstance(s, Exit) for s in walk((one, two))):
            return False
        return self.same_value(one.test, two.test)

    def same_value(self, a: Atom, b: Atom, depth: int = 6) -> bool:
        """True if both stand for one value, wherever they are read."""
        if isinstance(a, Const) or isinstance(b, Const):
            return a == b
        if a == b and self.is_lasting(a):
            return True
        one, two = self.made(a), self.made(b)
        if one is None or two is None or not depth or one.kwargs or two.kwargs:
            return False
        if one.fn != two.fn or len(one.args) != len(two.args):
            return False
        if one.fn == "attr.shape":
            return one.args == two.args and self.is_bound_once(one.args[0])
        pairs = zip(one.args, two.args, strict=True)
        return all(self.same_value(c, d, depth - 1) for c, d in pairs)

    def is_lasting(self, atom: Atom) -> bool:
        """True for a number with one value, and for an array that nothing writes into."""
        if not isinstance(atom, Var) or not self.is_bound_once(atom):
            return False
        kind = self.facts.plain.kinds.get(atom.name)
        if kind is None:
            return False
        return kind.is_scalar or kind.is_array and atom.name not in self.written

    def is_bound_once(self, atom: Atom) -> bool:
        if not isinstance(atom, Var):
            return False
        return self.facts.bound[atom.name] + (atom.name in self.facts.sharing.given) == 1

    def made(self, atom: Atom) -> Assign | None:
        """The operation that makes a value, where there is but one."""
        if not isinstance(atom, Var) or not self.is_bound_once(atom):
            return None
        made = next(iter(self.facts.sharing.makers[atom.name]), None)
        if not isinstance(made, Assign) or not isinstance(made.fn, str):
            return None
        return made if made.fn in TESTS or is_new(made) else None

    @cached_property
    def written(self) -> frozenset[str]:
        """Names of memory that may be stored into; all where that is not known."""
        sharing, found = self.facts.sharing, set[str]()
        everything = frozenset({*sharing.given, *sharing.makers})
        if not self.facts.plain.block(turns.unmarked(self.fn.body), returns=True):
            return everything
        for base in stored(self.fn.body):
            others = sharing.others(base) if sharing.is_fresh(base) else None
            if others is None:
                return everything
            found |= others
        return frozenset(found)

    def is_test(self, stmt: Stmt, branch: If) -> bool:
        """True for what nothing but the header of a branch reads."""
        test = branch.test
        if not isinstance(test, Var) or self.facts.read[test.name] > 1:
            return False
        return isinstance(stmt, Assign) and stmt.targets == (test.name,)

    def may_pass(self, branch: If, between: Block) -> bool:
        """True if what stands behind a branch may stand before it."""
        used = assigned((branch,)) | read_names((branch,)) | turns.recorded((branch,))
        memory: set[str] = set()
        for base in stored((branch,)):
            others = self.facts.sharing.others(base) if self.facts.sharing.is_fresh(base) else None
            if others is None:
                return False
            memory |= others
        for stmt in between:
            if isinstance(stmt, Assign) and stmt.fn == "section":
                continue
            found = self.facts.of(stmt)
            if found is None or found.changes & used or found.contents & memory:
                return False
            if found.uses & (assigned((branch,)) | turns.recorded((branch,))):
                return False
        return True


def _loops(block: Block) -> list[tuple[For, For]]:
    """Loops and their adjoints."""
    loops = {s.unit: s for s in block if isinstance(s, For) and not s.reverse}
    adjoints = [s for s in block if isinstance(s, For) and s.reverse and s.unit in loops]
    pairs = [(loops[s.unit], s) for s in adjoints]
    return [pair for pair in pairs if is_reversed(*pair)]


def _branches(block: Block) -> Iterator[tuple[If, If]]:
    """Branches with loops in them, and the ones with their adjoints."""
    branches = [s for s in block if isinstance(s, If)]
    units = {
        stmt: {(s.unit, s.reverse) for s in turns.straight((stmt,)) if isinstance(s, For)}
        for stmt in branches
    }
    for place, one in enumerate(branches):
        wanted = {(unit, True) for unit, reverse in units[one] if not reverse}
        two = next((s for s in branches[place + 1 :] if wanted & units[s]), None)
        if two is not None:
            yield one, two


def _apart(body: Block, before: Block, after: Block) -> tuple[Block, Block]:
    """What of a body was before a block, and the block; what comes after is as it was."""
    outside = set(before)
    inner = tuple(s for s in body[: len(body) - len(after)] if s not in outside)
    return tuple(s for s in body if s in outside), inner
