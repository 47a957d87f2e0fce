"""Lists that a loop fills, and that nothing else can reach before it ends.

`out = []; for h in s["h"]: out.append(h)`: whatever `out` is put into afterwards, it is not what
this loop goes over. So it is with comprehensions, and with displays that have a `*`.
"""

from __future__ import annotations

from srcgrad.ir.core import Assign, Block, For, Function, Stmt, Var
from srcgrad.ir.walk import blocks, makers, reads, tally, walk, within


def lists_made_once(fn: Function) -> dict[str, Stmt]:
    """Names that stand for an empty list that one statement makes, and for nothing else."""
    bound, _ = tally(fn.body)
    given = {param.name for param in fn.params}
    return {
        name: stmt
        for name, stmt in makers(fn.body).items()
        if stmt.fn == "list" and not stmt.args and bound[name] == 1 and name not in given
    }


def is_filling(fn: Function, loop: For, stmt: Stmt) -> bool:
    """Whether a statement of a loop appends to a list that the loop cannot go over."""
    if not isinstance(stmt, Assign) or stmt.fn != "method.append":
        return False
    whole, everything = stmt.args[0], list(walk(fn.body))
    if not isinstance(whole, Var):
        return False
    made = lists_made_once(fn).get(whole.name)
    if made is None or not _comes_first(fn.body, made, stmt):
        return False  # it may be the list of an earlier turn
    inside = list(walk(loop.body))
    if made in inside:  # the loop had its items before
        return True
    between = everything[everything.index(made) + 1 : everything.index(inside[-1]) + 1]
    return all(_only_appends(other, whole) for other in between if whole.name in reads(other))


def _comes_first(body: Block, first: Stmt, then: Stmt) -> bool:
    """Whether every run of a statement follows one of another, which stands before it."""
    for block in (body, *(inner for stmt in walk(body) for inner in blocks(stmt))):
        if first in block:
            rest = block[block.index(first) + 1 :]
            return any(then in within(stmt) for stmt in rest)
    return False


def _only_appends(stmt: Stmt, whole: Var) -> bool:
    appends = isinstance(stmt, Assign) and stmt.fn == "method.append"
    return appends and isinstance(stmt, Assign) and whole not in stmt.args[1:]
