"""`with` statements, from what enters a context up to what leaves it again."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from srcgrad.emit.terms import name, without_slices
from srcgrad.ir.core import Assign, Block

if TYPE_CHECKING:
    from srcgrad.emit.statements import Statements


def with_statement(printer: Statements, block: Block, position: int, out: list[ast.stmt]) -> int:
    """Print a `with`; the position of what follows it."""
    enter = block[position]
    assert isinstance(enter, Assign)
    end = matching(block, position)
    above: list[ast.stmt] = []
    printer.comment(enter, above)
    manager = without_slices(printer.expr(enter.args[0]))
    printer.flush(out, None)
    target = name(printer.final(enter.target)) if enter.targets else None
    body = printer.block(block[position + 1 : end])
    if body or not printer.backward:
        out += above
        out.append(_joined(ast.withitem(manager, target), body or [ast.Pass()]))
    return end + 1


def matching(block: Block, position: int) -> int:
    """The position of the statement that leaves the context entered at `position`."""
    depth = 0
    for place in range(position, len(block)):
        stmt = block[place]
        if isinstance(stmt, Assign) and stmt.fn in ("with.enter", "with.leave"):
            depth += 1 if stmt.fn == "with.enter" else -1
            if not depth:
                return place
    raise AssertionError("a context is entered and not left")


def _joined(item: ast.withitem, body: list[ast.stmt]) -> ast.With:
    """One statement for contexts directly inside each other."""
    (inner, *others) = body
    if isinstance(inner, ast.With) and not others:
        return ast.With([item, *inner.items], inner.body)
    return ast.With([item], body)
