"""Signs of derivatives, as a person writes them: exact, whatever the numbers."""

from __future__ import annotations

import ast


def with_signs(value: ast.expr) -> ast.expr:
    """`a + b` for `a - -b`, `a - b` for `a + -b`, `-1.0 / n` for `-(1.0 / n)`."""
    if isinstance(value, ast.UnaryOp) and isinstance(value.op, ast.USub):
        return with_minus(value.operand) or value
    if not isinstance(value, ast.BinOp) or not isinstance(value.op, (ast.Add, ast.Sub)):
        return value
    left, positive = with_signs(value.left), without_minus(value.right)
    if positive is None:
        return ast.BinOp(left, value.op, value.right)
    return ast.BinOp(left, ast.Add() if isinstance(value.op, ast.Sub) else ast.Sub(), positive)


def with_minus(value: ast.expr) -> ast.expr | None:
    """`-2.0 * a` or `-out_bar / n` for the like of them without a sign. None for anything else:
    what is multiplied may be a mask, which has no negative."""
    if isinstance(value, ast.Constant) and type(value.value) is float and value.value > 0:
        return ast.Constant(-value.value)
    if isinstance(value, ast.Name) and value.id == "out_bar":
        return ast.UnaryOp(ast.USub(), value)
    if isinstance(value, ast.BinOp) and isinstance(value.op, (ast.Mult, ast.Div)):
        left = with_minus(value.left)
        return None if left is None else ast.BinOp(left, value.op, value.right)
    return None


def without_minus(value: ast.expr) -> ast.expr | None:
    """`-a`, `-a * b` or `-2.0 * b` without its sign; None for anything else."""
    if isinstance(value, ast.Constant) and isinstance(value.value, (int, float)):
        return ast.Constant(-value.value) if value.value < 0 else None
    if isinstance(value, ast.UnaryOp) and isinstance(value.op, ast.USub):
        return value.operand
    if isinstance(value, ast.BinOp) and isinstance(value.op, (ast.Mult, ast.Div)):
        left = without_minus(value.left)
        return None if left is None else ast.BinOp(left, value.op, value.right)
    return None
