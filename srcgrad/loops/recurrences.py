"""An adjoint that each step of a loop multiplies, with what it is multiplied by put together.

    x_bar = x_bar * (1 - x) * r - x_bar * (r * x)     ->     x_bar = x_bar * ((1 - x) * r - r * x)

Each step waits for the last one. What it waits with is one product then; the rest is known before.
"""

from __future__ import annotations

import ast
import re

from srcgrad.loops.tree import names_in

ADJOINT = re.compile(r"\w*_bar(_\d+)?")


def multiplied(body: list[ast.stmt], in_loop: bool = False) -> list[ast.stmt]:
    """The statements with such adjoints as one product."""
    for stmt in body:
        within = in_loop or isinstance(stmt, (ast.For, ast.While))
        for part in ("body", "orelse"):
            multiplied(getattr(stmt, part, []), within)
        if in_loop and isinstance(stmt, ast.Assign) and isinstance(stmt.targets[0], ast.Name):
            name = stmt.targets[0].id
            if ADJOINT.fullmatch(name) and isinstance(stmt.value, ast.BinOp):
                stmt.value = factored(stmt.value, name)
    return body


def factored(value: ast.BinOp, name: str) -> ast.expr:
    """`x * a - x * b` as `x * (a - b)`; the sum as it is where one of its terms is no product."""
    if not isinstance(value.op, (ast.Add, ast.Sub)):
        return value
    one, other = rest_of(value.left, name), rest_of(value.right, name)
    if one is None or other is None:
        return value
    total = ast.BinOp(one, value.op, other)
    return ast.BinOp(ast.Name(name, ast.Load()), ast.Mult(), total)


def rest_of(node: ast.expr, name: str) -> ast.expr | None:
    """The product without its factor of this name, which it has once."""
    if not isinstance(node, ast.BinOp) or not isinstance(node.op, ast.Mult):
        return None
    for side, other in ((node.left, node.right), (node.right, node.left)):
        if name in names_in([other]):
            continue
        if isinstance(side, ast.Name) and side.id == name:
            return other
        rest = rest_of(side, name)
        if rest is not None:
            pair = (rest, other) if side is node.left else (other, rest)
            return ast.BinOp(pair[0], ast.Mult(), pair[1])
    return None
