"""`try` statements: with handlers, from a branch that defines its test, and with `finally`."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from srcgrad.emit.terms import name, without_slices
from srcgrad.ir.core import Assign, Block, If, Var
from srcgrad.ir.walk import names

if TYPE_CHECKING:
    from srcgrad.emit.statements import Statements


def try_statement(printer: Statements, stmt: If, out: list[ast.stmt]) -> None:
    """Print `try` and `except`."""
    caught, *handling = stmt.orelse
    assert isinstance(caught, Assign) and isinstance(stmt.test, Var)
    types = [without_slices(printer.expr(atom)) for atom in caught.args]
    printer.flush(out, None)
    read = printer.reads[stmt.test.name] > 0
    flag = printer.final(stmt.test.name)
    body = printer.block(stmt.then)
    handler: list[ast.stmt] = []
    if read:
        body.append(_flag(flag, True))
        handler.append(_flag(flag, False))
    target = None
    if printer.reads[caught.target]:  # `as` takes the name away again
        target = printer.final(f"{caught.target}%exception")
        handler.append(ast.Assign([name(printer.final(caught.target))], name(target), lineno=0))
    handler += printer.block(tuple(handling))
    kind = types[0] if len(types) == 1 else ast.Tuple(types, ast.Load())
    clause = ast.ExceptHandler(kind, target, handler or [ast.Pass()])
    out.append(ast.Try(body or [ast.Pass()], [clause], [], []))


def _flag(flag: str, value: bool) -> ast.stmt:
    return ast.Assign([name(flag)], ast.Constant(value), lineno=0)


def header_names(stmt: If) -> set[str]:
    """What the header of a branch reads itself: of a `try`, what it catches."""
    if stmt.form != "try":
        return set(names((stmt.test,)))
    caught = stmt.orelse[0]
    assert isinstance(caught, Assign)
    return set(names(caught.args))


def finally_statement(printer: Statements, block: Block, position: int, out: list[ast.stmt]) -> int:
    """Print `try` and `finally`; the position of what follows."""
    middle, end = _marks(block, position)
    printer.flush(out, None)
    body = printer.block(block[position + 1 : middle])
    last = printer.block(block[middle + 1 : end])
    if last:
        inner = body[0] if len(body) == 1 else None
        if isinstance(inner, ast.Try) and not inner.finalbody:
            inner.finalbody = last
            out.append(inner)
        else:
            out.append(ast.Try(body or [ast.Pass()], [], [], last))
    else:
        out += body
    return end + 1


def _marks(block: Block, position: int) -> tuple[int, int]:
    """The positions of `finally` and of its end."""
    depth, middle = 0, position
    for place in range(position, len(block)):
        stmt = block[place]
        fn = stmt.fn if isinstance(stmt, Assign) else ""
        depth += (fn == "finally.try") - (fn == "finally.end")
        if fn == "finally.begin" and depth == 1:
            middle = place
        if fn == "finally.end" and not depth:
            return middle, place
    raise AssertionError("a `try` has no end")
