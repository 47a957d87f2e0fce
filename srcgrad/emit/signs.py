"""Signs of derivatives, as a person writes them: exact, whatever the numbers."""

from __future__ import annotations

import ast


def with_signs(value: ast.expr) -> ast.expr:
    """`a + b` for `a - -b`, `a - b` for `a + -b`."""
    if not isinstance(value, ast.BinOp) or not isinstance(value.op, (ast.Add, ast.Sub)):
        return value
    left, positive = with_signs(value.left), without_minus(value.right)
    if positive is None:
        return ast.BinOp(left, value.op, value.right)
    return ast.BinOp(left, ast.Add() if isinstance(value.op, ast.Sub) else ast.Sub(), positive)


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
