"""Statements of loops rewritten: what names stand for is put in, what nothing reads is left out."""

from __future__ import annotations

import ast
import copy
from collections.abc import Collection

from srcgrad.loops.dependence import is_range
from srcgrad.loops.places import places_in, target_of
from srcgrad.loops.tree import bounds_of, names_in, nodes_of, number_in


def mentions(stmts: list[ast.For] | list[ast.stmt], names: Collection[str]) -> int:
    """How often names are read or bound in statements."""
    return sum(n.id in names for s in stmts for n in nodes_of(s) if isinstance(n, ast.Name))


def counted_from_zero(loop: ast.For) -> ast.expr | None:
    """How many turns a loop has that counts from zero up, or down to it."""
    if not is_range(loop) or not isinstance(loop.target, ast.Name):
        return None
    args = bounds_of(loop)
    if len(args) == 1:
        return args[0]
    if len(args) == 3 and number_in(args[1]) == -1 == number_in(args[2]):
        first = args[0]
        one = isinstance(first, ast.BinOp) and isinstance(first.op, ast.Sub)
        if isinstance(first, ast.BinOp) and one and number_in(first.right) == 1:
            return first.left
    return None


class Put(ast.NodeTransformer):
    """Variables as what they stand for."""

    def __init__(self, values: dict[str, ast.expr]) -> None:
        self.values = values

    def visit_Name(self, node: ast.Name) -> ast.AST:
        value = self.values.get(node.id)
        if value is None or not isinstance(node.ctx, ast.Load):
            return node
        inner = Put({n: v for n, v in self.values.items() if n != node.id})
        found: ast.AST = inner.visit(copy.deepcopy(value))
        return found


def is_unread(stmt: ast.stmt, body: list[ast.stmt]) -> bool:
    """Whether a statement binds a number that nothing reads."""
    if not isinstance(stmt, ast.Assign) or not target_of(stmt):
        return False
    pure = not any(isinstance(n, ast.Call) for n in nodes_of(stmt.value))
    return pure and mentions(body, {target_of(stmt)}) == 1


def written_out(row: ast.For, body: list[ast.stmt]) -> ast.For:
    """The loop with what it names in each turn written out, where that is the same."""
    values: dict[str, ast.expr] = {}
    turn: list[ast.stmt] = []
    changed = places_in(row.body)[1]
    for stmt in row.body:
        name = target_of(stmt)
        stmt = Put(values).visit(copy.deepcopy(stmt))
        if not name:
            turn.append(stmt)
            continue
        calls = any(isinstance(n, ast.Call) for n in nodes_of(stmt.value))
        if name in values or calls or names_in([stmt.value]) & {name, *changed}:
            return row
        values[name] = stmt.value
    if mentions([row], values) != mentions(body, values):
        return row
    return ast.For(row.target, row.iter, turn, [], lineno=0)


def is_store(stmt: ast.stmt) -> bool:
    """Whether a statement stores into an element."""
    if isinstance(stmt, ast.Assign):
        return len(stmt.targets) == 1 and isinstance(stmt.targets[0], ast.Subscript)
    return isinstance(stmt, ast.AugAssign) and isinstance(stmt.target, ast.Subscript)
