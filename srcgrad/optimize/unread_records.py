"""What is recorded, and of which the backward sweep reads nothing any more, is not recorded.

    row = rows[i]                          row = rows[i]
    row_tape.append(row)            ->     s += row[j]
    s += row[j]                            ...
    ...                                    rows_bar[i][j] += s_bar
    row = row_tape.pop()
    rows_bar[i][j] += s_bar

Records are chosen before the adjoints are made shorter.
"""

from __future__ import annotations

from collections import defaultdict

from srcgrad.ir.core import Assign, Function, Pop, Push, Stmt
from srcgrad.ir.walk import reads, walk
from srcgrad.optimize.exchange import exchanged
from srcgrad.optimize.known import start_of_backward


def drop_unread(fn: Function) -> Function:
    """The function without records that nothing reads.

    Statements that stay as they are are the same objects.
    """
    start = start_of_backward(fn)
    read = {name for stmt in walk(fn.body[start:]) for name in reads(stmt)}
    pops: dict[str, set[str]] = defaultdict(set)
    tapes: dict[str, list[Stmt]] = defaultdict(list)
    for stmt in walk(fn.body[start:]):
        if isinstance(stmt, Pop):
            pops[stmt.tape].add(stmt.target)
    unread = {tape for tape, targets in pops.items() if targets.isdisjoint(read)}
    if not unread:
        return fn
    for stmt in walk(fn.body):
        for tape in unread.intersection({*reads(stmt), *_made(stmt)}):
            tapes[tape].append(stmt)
    gone = {stmt for tape in unread if _is_own(tape, tapes[tape]) for stmt in tapes[tape]}
    return exchanged(fn, gone, {})


def _made(stmt: Stmt) -> tuple[str, ...]:
    return stmt.targets if isinstance(stmt, Assign) else ()


def _is_own(tape: str, touching: list[Stmt]) -> bool:
    """True for a tape that begins empty in the function, and is only recorded on and read back."""
    first, *rest = touching
    begun = isinstance(first, Assign) and (first.targets, first.fn, first.args) == (
        (tape,),
        "list",
        (),
    )
    return begun and all(isinstance(s, Push | Pop) and s.tape == tape for s in rest)
