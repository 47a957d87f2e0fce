"""Put the statements that bring names in step where the alias analysis wants them.

Those whose name nobody reads afterwards are left out again.
"""

from __future__ import annotations

from collections.abc import Mapping, Set
from dataclasses import replace

from srcgrad.analysis.memory import Place
from srcgrad.ir.core import Assign, Block, Exit, For, If, Stmt, Store, While
from srcgrad.ir.walk import leaves_by, names, operands, reads, writes

LEAVING = ("break", "continue", "return")


def in_step(body: Block, syncs: Mapping[Place, list[Stmt]]) -> Block:
    """The program with its names brought in step."""
    return _prune(_insert(body, syncs, None), set(), frozenset())


def _insert(block: Block, syncs: Mapping[Place, list[Stmt]], end: list[Stmt] | None) -> Block:
    out: list[Stmt] = []
    for stmt in block:
        made = stmt
        if isinstance(stmt, For):
            made = replace(stmt, body=_insert(stmt.body, syncs, syncs.get((stmt, "body"))))
        elif isinstance(stmt, While):
            body = _insert(stmt.body, syncs, syncs.get((stmt, "body")))
            made = replace(stmt, test=_insert(stmt.test, syncs, None), body=body)
        elif isinstance(stmt, If):
            then = _insert(stmt.then, syncs, syncs.get((stmt, "then")))
            orelse = _insert(stmt.orelse, syncs, syncs.get((stmt, "else")))
            made = replace(stmt, then=then, orelse=orelse)
        if isinstance(stmt, Exit) and end:
            out += [_at(code, stmt.unit) for code in end]
            end = None
        out += [_at(code, stmt.unit) for code in syncs.get((stmt, "before"), [])]
        out.append(made)
    last = block[-1].unit if block else -1
    return _append(tuple(out), [_at(code, last) for code in end or ()])


def _append(block: Block, code: list[Stmt]) -> Block:
    """The block with code at its end, on every way that gets there: nothing stands behind an exit
    or behind an `if` that may leave."""
    last = block[-1] if block else None
    if not code or isinstance(last, Exit):
        return block
    if isinstance(last, If) and any(leaves_by(block[-1:], kind) for kind in LEAVING):
        then, orelse = _append(last.then, code), _append(last.orelse, code)
        return (*block[:-1], replace(last, then=then, orelse=orelse))
    return (*block, *code)


def _at(stmt: Stmt, unit: int) -> Stmt:
    """A copy of the statement that belongs to a statement of the user's."""
    if isinstance(stmt, If):
        return replace(stmt, then=tuple(_at(s, unit) for s in stmt.then), unit=unit)
    assert isinstance(stmt, (Assign, Store))
    return replace(stmt, unit=unit)


def _prune(block: Block, live: set[str], around: Set[str]) -> Block:
    """Drop what brings names in step that nobody reads. `live`: updated to before the block.

    `around`: names that may be read after a `break` or `continue`.
    """
    out: list[Stmt] = []
    for stmt in reversed(block):
        made: Stmt | None = stmt
        if isinstance(stmt, If):
            made = _branch(stmt, live, around)
        elif isinstance(stmt, (For, While)):
            made = _loop(stmt, live)
        elif isinstance(stmt, Exit):
            if stmt.kind == "return":
                live.clear()
            else:
                live |= around
            live |= reads(stmt)
        elif isinstance(stmt, Store):
            if stmt.sync and stmt.base.name not in live:
                made = None
            else:
                live |= reads(stmt)
        elif isinstance(stmt, Assign) and stmt.sync and live.isdisjoint(stmt.targets):
            made = None
        else:
            live.difference_update(writes(stmt))
            live |= reads(stmt)
        if made is not None:
            out.append(made)
    return tuple(reversed(out))


def _branch(stmt: If, live: set[str], around: Set[str]) -> If | None:
    other = set(live)
    then, orelse = _prune(stmt.then, live, around), _prune(stmt.orelse, other, around)
    if stmt.then and not then and not orelse:
        return None
    live |= other | set(names((stmt.test,)))
    return replace(stmt, then=then, orelse=orelse)


def _loop(stmt: For | While, live: set[str]) -> Stmt:
    while True:
        head = set(live)
        body = _prune(stmt.body, head, frozenset(live))
        test: Block = ()
        if isinstance(stmt, While):
            head |= set(names((stmt.cond,)))
            test = _prune(stmt.test, head, frozenset(live))
        if head <= live:
            break
        live |= head
    live |= set(names(operands(stmt)))
    if isinstance(stmt, While):
        return replace(stmt, body=body, test=test)
    return replace(stmt, body=body)
