"""A loop and its adjoint, as one loop: what must hold, and what becomes of what is around them."""

from __future__ import annotations

from collections import Counter
from dataclasses import field, replace

from srcgrad.ir.classes import dataclass
from srcgrad.ir.core import Assign, Block, Const, For, Function, Pop, Push, Stmt, Var
from srcgrad.ir.walk import assigned, names, read_names, stored, writes
from srcgrad.optimize import turns
from srcgrad.optimize.places import with_instead

BOUNDS = {"attr.shape", "operator.getitem", "builtins.len"}


@dataclass(frozen=True, slots=True)
class Facts:
    """Of the function as it was: joining two loops makes no other names of memory."""

    sharing: turns.Sharing
    bound: Counter[str]
    read: Counter[str]
    plain: turns.Plain
    between: dict[Stmt, _Between | None] = field(default_factory=dict)

    def of(self, stmt: Stmt) -> _Between | None:
        """What a statement between two loops needs and changes; None where that is not known."""
        if stmt not in self.between:
            stores = stored((stmt,))
            memory = [self.sharing.others(n) if self.sharing.is_fresh(n) else None for n in stores]
            plain = self.plain.block((stmt,)) and None not in memory
            uses, contents = read_names((stmt,)), turns.contents_read((stmt,))
            changes = assigned((stmt,)) | turns.recorded((stmt,))
            changes.update(*(others for others in memory if others is not None))
            self.between[stmt] = _Between(uses, contents, changes) if plain else None
        return self.between[stmt]


@dataclass(frozen=True, slots=True)
class _Between:
    """Names that a statement reads; those of which it reads more than the shape; those that it
    changes."""

    uses: set[str]
    contents: set[str]
    changes: set[str]


def is_reversed(loop: For, adjoint: For) -> bool:
    """True if one loop runs through what the other one does, from the end."""
    same = (loop.start, loop.stop, loop.step) == (adjoint.start, adjoint.stop, adjoint.step)
    told = loop.limit, loop.snapshots, loop.converges, adjoint.limit, adjoint.snapshots
    return same and all(said is None for said in told) and adjoint.index in (loop.index, "_")


@dataclass(slots=True)
class _Turn:
    """One turn: forward, then backward. `direct`: names whose value is that of this turn, as if
    it had been recorded. `gone`: tapes that are not needed."""

    forward: Block
    backward: Block
    direct: set[str]
    gone: set[str]


class Pair:
    """A loop and its adjoint, at two places of a function."""

    def __init__(self, fn: Function, first: int, second: int, facts: Facts) -> None:
        self.fn, self.first, self.second, self.facts = fn, first, second, facts
        one, two = fn.body[first], fn.body[second]
        assert isinstance(one, For) and isinstance(two, For)
        self.one, self.two = one, two
        self.sharing = facts.sharing

    def fused(self) -> Function | None:
        bounds = names((self.one.start, self.one.stop, self.one.step))
        plain = all(self.facts.plain.block(loop.body) for loop in (self.one, self.two))
        if not plain or any(self.facts.bound[n] > 1 for n in bounds) or not self.own_tapes():
            return None
        turn = self.turn()
        changed = self.changed(turn)
        parts = None if changed is None else self.parts(turn, *changed)
        return None if parts is None else self.joined(turn, *parts)

    # records
    def own_tapes(self) -> bool:
        """True if the two loops record for each other, and for nobody else."""
        pushed = turns.tapes(self.one.body, Push)
        popped = turns.tapes(self.two.body, Pop)
        others = turns.tapes(self.one.body, Pop) or turns.tapes(self.two.body, Push)
        return (
            pushed.keys() == popped.keys()
            and not others
            and all(
                self.facts.bound[t] == 1 and self.facts.read[t] == pushed[t] + popped[t]
                for t in pushed
            )
            and all(self.is_empty(t) for t in pushed)
        )

    def is_empty(self, tape: str) -> bool:
        (made,) = self.sharing.makers[tape]
        return isinstance(made, Assign) and made.fn == "list" and not made.args

    def turn(self) -> _Turn:
        """Both bodies, without what is recorded of one for the other and at hand."""
        instead: dict[Stmt, Block] = {}
        direct: set[str] = set()
        gone: set[str] = set()
        for push, pop in turns.records(self.one.body, self.two.body):
            assert isinstance(push.value, Var)
            copied = Assign((pop.target,), "copy", (push.value,), unit=pop.unit)
            instead[push] = ()
            instead[pop] = () if pop.target == push.value.name else (copied,)
            direct.add(push.value.name)
            gone.add(pop.tape)
        forward = with_instead(self.one.body, instead)
        backward = with_instead(self.two.body, instead)
        there = turns.Repeated(forward, backward).found()
        direct.update(stmt.target for stmt in there)
        return _Turn(forward, tuple(s for s in backward if s not in there), direct, gone)

    # what turns need of each other
    def changed(self, turn: _Turn) -> tuple[set[str], set[str]] | None:
        """Names of memory from outside that the two halves change; None where a turn needs
        another one."""
        forward, backward = turn.forward, turn.backward
        before, after = turns.exposed(forward)[0], turns.exposed(backward)[0]
        made, adjoints = assigned(forward), assigned(backward)
        if adjoints & before or (made - turn.direct) & after:
            return None
        if not all(turns.is_sum(name, backward) for name in adjoints & after):
            return None
        first: set[str] = set()
        for base in stored(forward):
            rows = self.by_rows(base, forward) and self.by_rows(base, backward)
            others = self.memory(base, made - before)
            if others is None or (others - {base}) & after:
                return None
            if not rows and others & turns.contents_read(backward):
                return None
            first |= others
        second: set[str] = set()
        for base in stored(backward):
            added = turns.is_sum(base, backward) or self.by_rows(base, backward)
            others = self.memory(base, adjoints - after)
            if others is None or (others - {base}) & after or others & before:
                return None
            if others and not added:
                return None
            second |= others
        return first, second

    def memory(self, base: str, own: set[str]) -> set[str] | None:
        """The names of an array that is stored into; none if each turn makes its own; None if
        they are not known."""
        if not self.sharing.is_fresh(base):
            return None
        return set() if base in own else self.sharing.others(base)

    def by_rows(self, base: str, block: Block) -> bool:
        return turns.counts_up(self.one) and turns.is_by_rows(base, self.one.index, block)

    # what is around
    def parts(
        self, turn: _Turn, first: set[str], second: set[str]
    ) -> tuple[list[Stmt], list[Stmt]] | None:
        """What is between the loops: what runs before both, and what after both. `first`,
        `second`: memory that the two halves change."""
        forward, backward = turn.forward, turn.backward
        made, theirs = assigned(forward) | {self.one.index}, assigned(backward)
        used = read_names(forward) | made
        all_used = used | read_names(backward) | theirs
        ahead: list[Stmt] = []
        behind: list[Stmt] = []
        waits = set(made)
        for stmt in self.fn.body[self.first + 1 : self.second]:
            if isinstance(stmt, Assign) and stmt.fn == "section":
                ahead.append(stmt)
                continue
            found = self.facts.of(stmt)
            if found is None:
                return None
            if found.uses.isdisjoint(waits) and found.contents.isdisjoint(first):
                if found.changes & used or found.changes & waits or found.changes & first:
                    return None
                ahead.append(stmt)
            elif found.changes & all_used or found.uses & theirs or found.uses & second:
                return None
            else:
                waits |= found.changes
                behind.append(stmt)
        rest = self.fn.body[self.second + 1 :]
        sums = theirs & turns.exposed(backward)[0]
        last = assigned(self.two.body) - sums | {self.one.index}
        return None if turns.exposed(rest)[0] & last else (ahead, behind)

    def joined(self, turn: _Turn, ahead: list[Stmt], behind: list[Stmt]) -> Function:
        head = self.one.prologue
        body = (
            *turn.forward[:head],
            Assign((), "section", (Const("forward"), Const(True))),
            *turn.forward[head:],
            Assign((), "section", (Const("backward"), Const(True))),
            *turn.backward,
        )
        before = [s for s in self.fn.body[: self.first] if turn.gone.isdisjoint(writes(s))]
        bounds: list[Stmt] = []
        while before and self.is_bound(before[-1], bounds):
            bounds.insert(0, before.pop())
        loop = replace(self.one, body=body)
        after = self.fn.body[self.second + 1 :]
        return replace(self.fn, body=(*before, *ahead, *bounds, loop, *behind, *after))

    def is_bound(self, stmt: Stmt, others: list[Stmt]) -> bool:
        """True for what only the header of the loops reads: it goes along with it."""
        if not isinstance(stmt, Assign) or stmt.fn not in BOUNDS or len(stmt.targets) != 1:
            return False
        readers = self.sharing.readers[stmt.target]
        return all(r is self.one or r is self.two or r in others for r in readers)
