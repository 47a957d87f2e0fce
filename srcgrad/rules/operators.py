"""Derivatives of Python's operators, on numbers and arrays alike.

`d` is the derivative flowing through, `y` the value. The in-place forms (`x += 1`) have the
formulas of the plain ones; that they overwrite their first operand is the engine's concern.
"""

from __future__ import annotations

import operator
from collections.abc import Callable

from srcgrad.ir.kinds import STR, UNKNOWN, Kind, join
from srcgrad.rules.call import Call
from srcgrad.rules.registry import broadcast_kind, elementwise, zero
from srcgrad.rules.results import (
    BOOLEAN,
    bool_kind,
    inplace_kind,
    only_when,
    operator_kind,
    plain_and_inplace,
    shares,
    strong,
)


def _sum_kind(call: Call) -> Kind:
    """`a + b`, which also joins strings, lists and tuples."""
    a, b = call.kind("a"), call.kind("b")
    if a.tag == b.tag == "str":
        return STR
    if a.tag != b.tag or a.tag not in ("list", "tuple"):
        return operator_kind(call)
    if a.items is not None and b.items is not None:
        items = [kind for _, kind in (*a.items, *b.items)]
        return Kind(a.tag, items=tuple(enumerate(items)))
    if a.element is not None and b.element is not None:
        return Kind(a.tag, element=join(a.element, b.element))
    return Kind(a.tag)


def _product_kind(call: Call) -> Kind:
    """`a * b`, which also repeats strings, lists and tuples."""
    a, b = call.kind("a"), call.kind("b")
    sequence, count = (a, b) if a.tag in ("str", "list", "tuple") else (b, a)
    if sequence.tag not in ("str", "list", "tuple"):
        return operator_kind(call)
    if not (count.is_scalar and count.is_discrete):
        return UNKNOWN  # a NumPy float would make an array of the sequence
    if sequence.tag == "str":
        return STR
    if sequence.items is not None and isinstance(count.value, int):
        items = [kind for _, kind in sequence.items] * count.value
        return Kind(sequence.tag, items=tuple(enumerate(items)))
    kinds = {kind for _, kind in sequence.items or ()}
    return Kind(sequence.tag, element=kinds.pop() if len(kinds) == 1 else sequence.element)


def _quotient_kind(call: Call) -> Kind:
    kind = operator_kind(call)
    if kind.dtype == "pi":
        return kind.with_dtype("pf")
    return kind.with_dtype("f8") if kind.dtype in ("i", "b") else kind


def _remainder_kind(call: Call) -> Kind:
    """`a % b`, which also formats strings."""
    return STR if call.kind("a").tag == "str" else operator_kind(call)


def _floor_kind(call: Call) -> Kind:
    kind = operator_kind(call)
    return kind.with_dtype("i") if kind.dtype == "b" else kind


def _bitwise_kind(call: Call) -> Kind:
    """`a & b`: bools stay bools, whichever they are."""
    kind = broadcast_kind(call)
    return kind.with_dtype(strong(kind.dtype)) if kind.is_array else kind


def _comparison_kind(call: Call) -> Kind:
    kinds = (call.kind("a"), call.kind("b"))
    if any(k.tag == "array" for k in kinds):
        return bool_kind(call)
    if any(k.tag in ("unknown", "object") for k in kinds):
        return Kind("unknown", "b")
    return BOOLEAN(call)


def numbers_only(call: Call) -> bool:
    """No operand is a list, tuple or string: `+` and `*` then do arithmetic."""
    return all(k.tag not in ("list", "tuple", "dict", "str") for k in call.kinds.values())


for _fn, _kind in plain_and_inplace(operator.add, operator.iadd, _sum_kind):
    elementwise(_fn, lambda d, y, a, b: d, lambda d, y, a, b: d, kind=_kind)
for _fn, _kind in plain_and_inplace(operator.sub, operator.isub, operator_kind):
    elementwise(_fn, lambda d, y, a, b: d, lambda d, y, a, b: -d, kind=_kind)
for _fn, _kind in plain_and_inplace(operator.mul, operator.imul, _product_kind):
    elementwise(_fn, lambda d, y, a, b: d * b, lambda d, y, a, b: d * a, kind=_kind)
for _fn, _kind in plain_and_inplace(operator.truediv, operator.itruediv, _quotient_kind):
    elementwise(_fn, lambda d, y, a, b: d / b, lambda d, y, a, b: -d * y / b, kind=_kind)
# a % b == a - b * (a // b), and the floor is piecewise constant.
for _fn, _kind in plain_and_inplace(operator.mod, operator.imod, _remainder_kind):
    elementwise(_fn, lambda d, y, a, b: d, lambda d, y, a, b: -d * (a // b), kind=_kind)

for _fn in (operator.add, operator.iadd, operator.mul, operator.imul, operator.mod, operator.imod):
    only_when(_fn, numbers_only)
for _fn in (operator.iadd, operator.isub, operator.imul, operator.itruediv, operator.imod):
    shares(_fn, "a")

elementwise(operator.neg, lambda d, y, x: -d, kind=operator_kind)
elementwise(operator.pos, lambda d, y, x: d, kind=operator_kind)

zero(operator.floordiv, signature="a, b", kind=_floor_kind)
zero(operator.ifloordiv, signature="a, b", kind=inplace_kind(_floor_kind))

_PREDICATES: tuple[Callable[..., object], ...] = (
    operator.lt,
    operator.le,
    operator.gt,
    operator.ge,
    operator.eq,
    operator.ne,
)
zero(*_PREDICATES, signature="a, b", kind=_comparison_kind)
zero(operator.is_, operator.is_not, operator.contains, signature="a, b", kind=BOOLEAN)
zero(operator.not_, signature="x", kind=BOOLEAN)
zero(operator.invert, signature="x", kind=operator_kind)
zero(operator.and_, operator.or_, operator.xor, signature="a, b", kind=_bitwise_kind)
zero(operator.iand, operator.ior, operator.ixor, signature="a, b", kind=inplace_kind(_bitwise_kind))
zero(operator.lshift, operator.rshift, signature="a, b", kind=operator_kind)
zero(operator.ilshift, operator.irshift, signature="a, b", kind=inplace_kind(operator_kind))
