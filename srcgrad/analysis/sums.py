"""Sums of arrays that begin with a number: `s = 0`, then `s = s + np.sin(k * x)` in a loop.

Before the first turn `s` is a number, and behind it an array, so that nothing is known of it. The
number carries no derivative, though: an adjoint may take `s` for an array throughout.
"""

from __future__ import annotations

from collections.abc import Iterator

from srcgrad.analysis.kinds import KindFacts
from srcgrad.ir.core import Assign, Atom, Block, Const, For, Function, If, Stmt, Var, While
from srcgrad.ir.kinds import Dim, Kind
from srcgrad.ir.walk import reads, stored, walk, writes

Env = dict[str, Kind]


def sums_of_arrays(fn: Function, kinds: KindFacts) -> dict[Stmt, Env]:
    """The kinds of such sums within loops, by loop."""
    found: dict[Stmt, Env] = {}
    for block in _blocks(fn.body):
        begun: dict[str, None] = {}  # variables that are a literal number
        for stmt in block:
            if isinstance(stmt, For):
                sums = {name: kind for name in begun if (kind := _sum(stmt, name, kinds))}
                if sums:
                    found[stmt] = sums
            for name in {name for part in walk((stmt,)) for name in writes(part)}:
                begun.pop(name, None)
            if isinstance(stmt, Assign) and stmt.fn == "copy" and _is_number(stmt.args[0]):
                begun.update(dict.fromkeys(stmt.targets))
    return found


def _sum(loop: For, name: str, kinds: KindFacts) -> Kind | None:
    """What is added to a variable in every turn, if nothing else is done with it."""
    if name in stored(loop.body) or any(isinstance(s, While) for s in walk(loop.body)):
        return None
    if any(isinstance(s, If) and name in writes_within(s) for s in walk(loop.body)):
        return None
    steps = [s for s in walk(loop.body) if name in writes(s) or name in reads(s)]
    step = steps[0] if len(steps) == 1 else None
    if not isinstance(step, Assign):
        return None
    others = [atom for atom in step.args if atom != Var(name)]
    if step.fn != "operator.add" or step.targets != (name,) or len(others) != 1 or step.sync:
        return None
    kind = kinds.before(step, others[0])
    if not kind.is_array or kind.dtype != "f8" or not kind.shape:
        return None
    return kind if all(_is_steady(length) for length in kind.shape) else None


def writes_within(stmt: If) -> set[str]:
    return {name for part in walk((*stmt.then, *stmt.orelse)) for name in writes(part)}


def _is_steady(length: int | Dim) -> bool:
    """True for a length that is the same in every turn: what a turn makes has a mark."""
    return isinstance(length, int) or not {"~", "?"}.intersection(length.symbol)


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
