"""Integers as sums: `2 * i + n - 1` by the variables that it is made of, and what bounds it."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from typing import TypeAlias

from srcgrad.loops.tree import bounds_of, integer, name, number_in

# Factors by variable, or by the length of an axis as text, `x.shape[0]`; by "" the number.
Affine: TypeAlias = Mapping[str, int]
# The least and the greatest value of each variable, by those of the loops around: inner ones last.
Bounds: TypeAlias = Mapping[str, tuple[Affine | None, Affine | None]]
MOST = 8  # bounds put in, one after the other


def affine(node: ast.expr, known: Mapping[str, Affine] | None = None) -> Affine | None:
    """An expression as a sum, what is known of its variables put in; None for anything else."""
    number = number_in(node)
    if number is not None:
        return {"": number} if number else {}
    text = symbol(node)
    if text:
        return (known or {}).get(text, {text: 1})
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        return scaled(affine(node.operand, known), -1)
    if isinstance(node, ast.Call):
        return not_negative(node, known)
    if not isinstance(node, ast.BinOp):
        return None
    left, right = affine(node.left, known), affine(node.right, known)
    if isinstance(node.op, (ast.Add, ast.Sub)):
        return plus(left, scaled(right, 1 if isinstance(node.op, ast.Add) else -1))
    if isinstance(node.op, ast.Mult) and left is not None and right is not None:
        if not right.keys() - {""}:
            left, right = right, left
        return None if left.keys() - {""} else scaled(right, left.get("", 0))
    return None


def not_negative(node: ast.Call, known: Mapping[str, Affine] | None) -> Affine | None:
    """`max(n - m, 0)` where the difference is a number."""
    is_max = isinstance(node.func, ast.Name) and node.func.id == "max" and len(node.args) == 2
    if not is_max or number_in(node.args[1]) != 0:
        return None
    value = affine(node.args[0], known)
    if value is None or value.keys() - {""}:
        return None
    return {"": most} if (most := max(value.get("", 0), 0)) else {}


def symbol(node: ast.expr) -> str:
    """The text of a variable, or of the length of an axis of one; else empty."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Subscript) and isinstance(node.value, ast.Attribute):
        array, axis = node.value, number_in(node.slice)
        if array.attr == "shape" and isinstance(array.value, ast.Name) and axis is not None:
            return length_symbol(array.value.id, axis)
    return ""


def length_symbol(array: str, axis: int) -> str:
    return f"{array}.shape[{axis}]"


def owner(text: str) -> str:
    """The variable that a part of a sum depends on: `x` of `x.shape[0]`."""
    return text.partition(".")[0]


def plus(a: Affine | None, b: Affine | None) -> Affine | None:
    if a is None or b is None:
        return None
    total = dict(a)
    for text, factor in b.items():
        total[text] = total.get(text, 0) + factor
    return {text: factor for text, factor in total.items() if factor}


def scaled(a: Affine | None, factor: int) -> Affine | None:
    if a is None or not factor:
        return None if a is None else {}
    return {text: own * factor for text, own in a.items()}


def minus(a: Affine | None, b: Affine | None) -> Affine | None:
    return plus(a, scaled(b, -1))


def written(value: Affine) -> ast.expr:
    """The sum as an expression: what is added first, the number last."""
    terms = sorted(
        ((text, factor) for text, factor in value.items() if text), key=lambda term: term[1] < 0
    )
    node: ast.expr | None = None
    for text, factor in terms:
        part: ast.expr = ast.parse(text, mode="eval").body if "." in text else name(text)
        if abs(factor) != 1:
            part = ast.BinOp(ast.Constant(abs(factor)), ast.Mult(), part)
        if node is None:
            node = part if factor > 0 else ast.UnaryOp(ast.USub(), part)
        else:
            node = ast.BinOp(node, ast.Add() if factor > 0 else ast.Sub(), part)
    number = value.get("", 0)
    if node is None:
        return integer(number)
    if number:
        node = ast.BinOp(node, ast.Add() if number > 0 else ast.Sub(), ast.Constant(abs(number)))
    return node


def turns_between(loop: ast.For) -> tuple[Affine | None, Affine | None]:
    """The least and the greatest value of a loop's variable, where it has turns at all."""
    args = bounds_of(loop)
    step = 1 if len(args) < 3 else number_in(args[2])
    first = affine(args[0]) if len(args) > 1 else {}
    stop = affine(args[0] if len(args) == 1 else args[1])
    if step is None or step == 0:
        return None, None
    if step > 0:
        return first, plus(stop, {"": -1})
    return plus(stop, {"": 1}), first


def is_positive(value: Affine | None, bounds: Bounds) -> bool:
    """Whether a sum is above zero for all values that its variables may have."""
    for _ in range(MOST):
        if value is None:
            return False
        inner = next((text for text in reversed(tuple(bounds)) if text in value), None)
        if inner is None:
            return not value.keys() - {""} and value.get("", 0) > 0
        factor = value[inner]
        least, greatest = bounds[inner]
        rest = {text: own for text, own in value.items() if text != inner}
        value = plus(rest, scaled(least if factor > 0 else greatest, factor))
    return False
