"""Derivatives of sorting, and of differences between neighbours and sums over them."""

from __future__ import annotations

from typing import Any

import numpy as np

from srcgrad.ir.kinds import Dtype, Kind, floor_of, promote
from srcgrad.rules.call import Call
from srcgrad.rules.registry import may_equal, primitive, pullback
from srcgrad.rules.results import COMPLEX, is_real, strong
from srcgrad.rules.shapes import axis_of, is_none, operand, product, total
from srcgrad.support_arrays import (
    diff_adjoint,
    diff_joined_adjoint,
    short_diff_adjoint,
    trapezoid_adjoint,
    trapezoid_points_adjoint,
    trapezoid_step_adjoint,
    unique_adjoint,
    unsort,
)

_fn: Any


def _sort_kind(call: Call) -> Kind:
    a = operand(call, "a")
    if a.shape is None:
        return Kind("array", a.dtype)
    if is_none(call, "axis"):
        return Kind("array", a.dtype, (product(a.shape),))
    known = not call.given("axis") or call.kind("axis").is_scalar
    return Kind("array", a.dtype, a.shape if known else None)


def _real(call: Call) -> bool:
    return is_real(operand(call, "a"))


def _complex(call: Call) -> bool:
    return operand(call, "a").dtype in COMPLEX


# What was equal before sorting keeps its order in the derivative
primitive(np.sort, "a, axis=-1, kind=None, *, stable=None", kind=_sort_kind)
primitive(np.partition, "a, kth, axis=-1", kind=_sort_kind)
for _fn in (np.sort, np.partition):
    pullback(_fn, a=lambda g, y, a, axis: unsort(g, a, y, axis))


_WIDER: dict[Dtype, Dtype] = {"f8": "c16", "i": "c16", "f4": "c8"}


def _complex_kind(call: Call) -> Kind:
    kind = _sort_kind(call)
    return kind.with_dtype(_WIDER.get(kind.dtype, "?"))


primitive(np.sort_complex, "a", kind=_complex_kind)
pullback(np.sort_complex, a=lambda g, y, a: np.real(unsort(g, a, y, -1)), when=_real)
pullback(np.sort_complex, a=lambda g, y, a: unsort(g, a, y, -1), when=_complex)
primitive(np.unique, "ar", kind=lambda call: Kind("array", operand(call, "ar").dtype))
pullback(np.unique, ar=lambda g, y, ar: unique_adjoint(g, ar))


def _joined(call: Call) -> bool:
    """More is put before or after."""
    return call.given("prepend") or call.given("append")


def _diff_kind(call: Call) -> Kind:
    a = operand(call, "a")
    n = call.literal("n") if call.is_literal("n") else None
    dtype = "?" if a.dtype == "b" else a.dtype
    if _joined(call):
        return Kind("array", dtype if dtype == "f8" else "?")
    if a.shape is None or not isinstance(n, int):
        return Kind("array", dtype)
    axis = axis_of(call, len(a.shape))
    if axis is None:
        return Kind("array", dtype)
    # NumPy stops at 0, which a symbolic length cannot say
    known = a.shape[axis]
    if not isinstance(known, int) and n > 1:
        return Kind("array", dtype)
    length = max(known - n, 0) if isinstance(known, int) else total((known, -n))
    return Kind("array", dtype, tuple(length if i == axis else m for i, m in enumerate(a.shape)))


def _is_long(call: Call) -> bool:
    """The axis is known to be as long as differences are taken: NumPy stops where it ends."""
    n = call.literal("n") if call.is_literal("n") else None
    shape = call.kind("a").shape
    axis = axis_of(call, len(shape)) if shape else None
    if not shape or axis is None or not isinstance(n, int):
        return False
    return floor_of(shape[axis]) >= n


def _of_vector(call: Call) -> bool:
    """First differences of a vector."""
    return call.is_literal("n") and call.literal("n") == 1 and call.kind("a").rank == 1


def _of_long_vector(call: Call) -> bool:
    return _of_vector(call) and _is_long(call)


_DIFF = "a, n=1, axis=-1, prepend=None, append=None"
primitive(np.diff, _DIFF, kind=_diff_kind, view="a", is_view=may_equal("n", 0))
pullback(
    np.diff,
    a=lambda g, y, a, n, axis, prepend, append: diff_joined_adjoint(g, a, n, axis, prepend, append)[
        1
    ],
    prepend=lambda g, y, a, n, axis, prepend, append: diff_joined_adjoint(
        g, a, n, axis, prepend, append
    )[0],
    append=lambda g, y, a, n, axis, prepend, append: diff_joined_adjoint(
        g, a, n, axis, prepend, append
    )[2],
    when=_joined,
)
pullback(np.diff, a=lambda g, y: -np.diff(np.pad(g, 1)), when=_of_long_vector)
pullback(np.diff, a=lambda g, y, a: -np.diff(np.pad(g, 1))[: np.size(a)], when=_of_vector)
pullback(np.diff, a=lambda g, y, n, axis: diff_adjoint(g, n, axis), when=_is_long)
pullback(np.diff, a=lambda g, y, a, n, axis: short_diff_adjoint(g, a, n, axis))


def _flat_diff_kind(call: Call) -> Kind:
    """Differences of all elements: one fewer, but for NumPy's stop at 0."""
    ary = operand(call, "ary")
    dtype = "?" if ary.dtype == "b" else ary.dtype
    size = None if ary.shape is None else product(ary.shape)
    if size is None or (isinstance(size, int) and size == 0):
        return Kind("array", dtype)
    return Kind("array", dtype, (total((size, -1)),))


primitive(np.ediff1d, "ary", kind=_flat_diff_kind)
pullback(
    np.ediff1d,
    ary=lambda g, y, ary: np.reshape(-np.diff(np.pad(g, 1))[: np.size(ary)], np.shape(ary)),
    when=lambda call: call.result.tag == "array",
)


# The parameter that NumPy calls `y` has another name: in a formula `y` is the result
def _trapezoid_kind(call: Call) -> Kind:
    values = operand(call, "values")
    dtypes = [values.dtype]
    if not is_none(call, "x"):
        dtypes.append(operand(call, "x").dtype)
    dtype = strong(promote(call.kind("dx").dtype if call.given("dx") else "pf", *dtypes))
    if values.shape is None:
        return Kind("unknown", dtype)
    axis = axis_of(call, len(values.shape))
    if axis is None:
        return Kind("unknown", dtype)
    shape = tuple(n for i, n in enumerate(values.shape) if i != axis)
    return Kind("array" if shape else "scalar", dtype, shape)


def _even(call: Call) -> bool:
    """One step for all; an array of steps is not supported."""
    return is_none(call, "x") and (call.is_literal("dx") or call.kind("dx").rank == 0)


def _perhaps_even(call: Call) -> bool:
    return is_none(call, "x") and call.kind("dx").tag == "unknown"


def _uneven(call: Call) -> bool:
    return call.kind("x").rank == 1


primitive(np.trapezoid, "values, x=None, dx=1.0, axis=-1", kind=_trapezoid_kind)
pullback(
    np.trapezoid,
    values=lambda g, y, values, dx, axis: trapezoid_adjoint(g, values, None, dx, axis),
    dx=lambda g, y, values, axis: np.sum(g * np.trapezoid(values, axis=axis)),
    when=_even,
)
pullback(
    np.trapezoid,
    values=lambda g, y, values, dx, axis: trapezoid_adjoint(g, values, None, dx, axis),
    dx=lambda g, y, values, dx, axis: trapezoid_step_adjoint(g, values, dx, axis),
    when=_perhaps_even,
)
pullback(
    np.trapezoid,
    values=lambda g, y, values, x, axis: trapezoid_adjoint(g, values, x, None, axis),
    x=lambda g, y, values, x, axis: trapezoid_points_adjoint(g, values, x, axis),
    when=_uneven,
)
