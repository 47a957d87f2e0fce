"""Sums of arrays that begin with a number: `s = 0`, then `s = s + np.sin(k * x)` in a loop.

Before the first turn `s` is a number, and behind it an array, so that nothing is known of it. The
number carries no derivative, though: an adjoint may take `s` for an array throughout.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from srcgrad.analysis.kinds import KindFacts
from srcgrad.ir.core import Assign, Atom, Block, Const, For, Function, If, Stmt, Var, While
from srcgrad.ir.kinds import Kind
from srcgrad.ir.walk import assigned, reads, stored, walk, writes

Env = dict[str, Kind]


def sums_of_arrays(fn: Function, kinds: KindFacts) -> dict[Stmt, Env]:
    """The kinds of such sums within loops, by loop."""
    found: dict[Stmt, Env] = {}
    for block in _blocks(fn.body):
        begun: set[str] = set()  # variables that are a literal number
        for stmt in block:
            changed = assigned((stmt,))
            if isinstance(stmt, For) and begun & changed:
                sums = _sums(stmt, begun & changed, kinds)
                if sums:
                    found[stmt] = sums
            begun -= changed
            if isinstance(stmt, Assign) and stmt.fn == "copy" and _is_number(stmt.args[0]):
                begun.update(stmt.targets)
    return found


def _sums(loop: For, begun: set[str], kinds: KindFacts) -> Env:
    """What is added to variables in every turn, if nothing else is done with them."""
    steps: dict[str, list[Stmt]] = defaultdict(list)
    others = stored(loop.body)
    for stmt in walk(loop.body):
        for name in begun.intersection({*reads(stmt), *writes(stmt)}):
            steps[name].append(stmt)
        if isinstance(stmt, If):
            others |= assigned((*stmt.then, *stmt.orelse))
        if isinstance(stmt, While):
            return {}
    found = {}
    for name in sorted(begun - others):
        kind = _added(steps[name][0], name, kinds) if len(steps[name]) == 1 else None
        if kind is not None:
            found[name] = kind
    return found


def _added(step: Stmt, name: str, kinds: KindFacts) -> Kind | None:
    """The kind of an array that a statement adds to a variable, where it is always the same."""
    if not isinstance(step, Assign) or step.fn != "operator.add" or step.sync:
        return None
    others = [atom for atom in step.args if atom != Var(name)]
    if step.targets != (name,) or len(others) != 1:
        return None
    kind = kinds.before(step, others[0])
    if not kind.is_array or kind.dtype != "f8" or not kind.shape:
        return None
    return kind if kind.is_steady else None


def _is_number(atom: Atom) -> bool:
    return isinstance(atom, Const) and type(atom.value) in (int, float)


def _blocks(block: Block) -> Iterator[Block]:
    yield block
    for stmt in block:
        if isinstance(stmt, If):
            yield from _blocks(stmt.then)
            yield from _blocks(stmt.orelse)
        elif isinstance(stmt, (For, While)):
            yield from _blocks(stmt.body)
