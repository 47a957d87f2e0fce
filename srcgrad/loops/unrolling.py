"""Loops over the items of containers, written out: each item has a kind of its own."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from srcgrad.analysis.kinds import KindFacts
from srcgrad.ir.core import Assign, Atom, Block, Const, Exit, For, Function, Stmt, Store, Var, While
from srcgrad.ir.walk import assigned, blocks, rebuild, walk
from srcgrad.loops.openlists import is_of_ints
from srcgrad.loops.program import substituted

MOST = 12  # turns
LARGEST = 600  # statements


def unrolled(fn: Function, facts: KindFacts) -> Function:
    """The function with loops over containers of known structure written out."""
    return replace(fn, body=_block(fn.body, facts))


def _block(block: Block, facts: KindFacts) -> Block:
    out: list[Stmt] = []
    for stmt in block:
        turns = _turns(stmt, facts)
        if turns is None or not isinstance(stmt, For):
            out.append(rebuild(stmt, lambda inner: _block(inner, facts)))
            continue
        for turn in turns:
            out.append(Assign((stmt.index,), "copy", (Const(turn),), unit=stmt.unit))
            for inner in stmt.body:
                out += _block((_at(inner, stmt.index, turn, facts),), facts)
    return tuple(out)


def _at(stmt: Stmt, index: str, turn: int, facts: KindFacts) -> Stmt:
    """A statement of the loop's body in one of its turns."""

    def change(atom: Atom) -> Atom:
        return Const(turn) if atom == Var(index) else atom

    return _known(stmt, anew(substituted(stmt, change)), facts)


def anew(stmt: Stmt) -> Stmt:
    """A copy of a statement: what is known of statements goes by their identity."""
    copied: Any = stmt
    new: Stmt = replace(copied)
    return rebuild(new, lambda inner: tuple(map(anew, inner)))


def _known(old: Stmt, new: Stmt, facts: KindFacts) -> Stmt:
    """What is known of the kinds of a statement holds in each turn."""
    facts.reads.setdefault(new, facts.reads.get(old, {}))
    for mine, theirs in zip(blocks(old), blocks(new), strict=True):
        for a, b in zip(mine, theirs, strict=True):
            _known(a, b, facts)
    return new


def _turns(stmt: Stmt, facts: KindFacts) -> list[int] | None:
    """The values of a loop's index, where it is worth writing the loop out."""
    if not isinstance(stmt, For) or stmt.limit is not None:
        return None
    bounds = [facts.before(stmt, atom).value for atom in (stmt.start, stmt.stop, stmt.step)]
    known = [b for b in bounds if type(b) is int]
    if len(known) < 3 or known[2] == 0:
        return None
    turns = range(*known)
    if len(turns) > MOST or stmt.index in assigned(stmt.body):
        return None
    inner = list(walk(stmt.body))
    if any(isinstance(s, (Exit, While)) for s in inner) or len(turns) * len(inner) > LARGEST:
        return None
    if not any(_reads_item(s, stmt.index, facts) for s in inner):
        return None
    return list(reversed(turns)) if stmt.reverse else list(turns)


def _reads_item(stmt: Stmt, index: str, facts: KindFacts) -> bool:
    """Whether the index chooses an item of a container."""
    if isinstance(stmt, Store):
        return stmt.index == Var(index) and facts.before(stmt, stmt.base).is_container
    if not isinstance(stmt, Assign) or stmt.fn != "operator.getitem" or stmt.args[1] != Var(index):
        return False
    base = facts.before(stmt, stmt.args[0])
    return base.is_container and not is_of_ints(base)
