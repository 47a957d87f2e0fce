"""Conditions of loops that change something become a part of the loop's body.

    while (i := i + 1) < n:              while True:
        s = s * x[i]             ->          i = i + 1
                                             if not i < n:
                                                 break
                                             s = s * x[i]

The backward sweep goes through bodies, and puts back what they overwrite.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

from srcgrad.ir.core import Assign, Block, Const, Exit, Function, If, Stmt, Store, Var, While
from srcgrad.ir.library import may_write
from srcgrad.ir.walk import AUGMENTED, MUTATORS, reads, rebuild, walk, writes


def with_plain_tests(fn: Function) -> Function:
    """The function whose conditions only compute; the same object if all of them do already."""
    loops = [stmt for stmt in walk(fn.body) if isinstance(stmt, While) and stmt.test]
    if not loops:
        return fn
    used = _uses(fn.body)
    changing: set[Stmt] = {loop for loop in loops if _changes(loop, used)}
    return replace(fn, body=_moved(fn.body, changing)) if changing else fn


def _uses(block: Block) -> Counter[str]:
    """How often statements read or bind each name."""
    used: Counter[str] = Counter()
    for stmt in walk(block):
        used.update({*reads(stmt), *writes(stmt)})
    return used


def _changes(loop: While, used: Counter[str]) -> bool:
    """True if a condition does more than to compute what it tests."""
    inside = _uses(loop.test)
    for stmt in walk(loop.test):
        if isinstance(stmt, Store) or any(used[name] > inside[name] for name in writes(stmt)):
            return True
        if isinstance(stmt, Assign) and (stmt.fn in MUTATORS or stmt.fn in AUGMENTED):
            return True
        if isinstance(stmt, Assign) and isinstance(stmt.fn, str) and may_write(stmt):
            return True
    return False


def _moved(block: Block, loops: set[Stmt]) -> Block:
    def inner(part: Block) -> Block:
        return _moved(part, loops)

    return tuple(_with_body(rebuild(stmt, inner), stmt in loops) for stmt in block)


def _with_body(stmt: Stmt, moves: bool) -> Stmt:
    if not moves:
        return stmt
    assert isinstance(stmt, While)
    over = f"{stmt.cond.name}o" if isinstance(stmt.cond, Var) else "over@o"
    leaving = (
        Assign((over,), "operator.not_", (stmt.cond,), unit=stmt.unit),
        If(Var(over), (Exit("break", unit=stmt.unit),), stmt.body, unit=stmt.unit),
    )
    return replace(stmt, test=(), cond=Const(True), body=(*stmt.test, *leaving))
