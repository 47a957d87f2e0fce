"""Derivatives of running sums and products, nan passed over or not, and of the trace."""

from __future__ import annotations

from typing import Any

import numpy as np

from srcgrad.ir.kinds import Kind
from srcgrad.rules.call import Call
from srcgrad.rules.reductions import sum_dtype, to_float, with_dtype
from srcgrad.rules.registry import holds_for_complex, primitive, pullback
from srcgrad.rules.results import only_when
from srcgrad.rules.shapes import axis_of, is_given_axis, is_none, operand, product
from srcgrad.support_arrays import cumprod_adjoint, scatter_diagonal

_fn: Any


# Running sums and products
def _running_kind(call: Call) -> Kind:
    a = operand(call, "a")
    dtype = sum_dtype(a.dtype)
    if is_none(call, "axis"):
        return Kind("array", dtype, None if a.shape is None else (product(a.shape),))
    if not is_given_axis(call) or not a.is_array or not a.shape:
        return Kind("array", dtype)
    return Kind("array", dtype, a.shape)


def _vector(call: Call) -> bool:
    return call.kind("a").rank == 1 and call.axes() in (None, (0,), (-1,)) and _axis_known(call)


def _axis_none(call: Call) -> bool:
    return is_none(call, "axis")


def _axis_known(call: Call) -> bool:
    return is_none(call, "axis") or axis_of(call, call.kind("a").rank) is not None


def _along(call: Call) -> bool:
    return call.kind("a").is_array and is_given_axis(call)


for _fn in (np.cumsum, np.cumprod, np.nancumsum, np.nancumprod):
    primitive(_fn, "a, axis=None, dtype=None", kind=with_dtype(_running_kind))
for _fn in (np.cumulative_sum, np.cumulative_prod):
    primitive(_fn, "a, *, axis=None, dtype=None", kind=with_dtype(_running_kind))
for _fn in (np.cumsum, np.cumulative_sum):
    pullback(_fn, a=lambda g, y: np.cumsum(g[::-1])[::-1], when=_vector)
    pullback(
        _fn,
        a=lambda g, y, axis: np.flip(np.cumsum(np.flip(g, axis), axis), axis),
        when=_along,
    )
    pullback(
        _fn,
        a=lambda g, y, a: np.reshape(np.cumsum(g[::-1])[::-1], np.shape(a)),
        when=_axis_none,
    )
for _fn in (np.cumprod, np.cumulative_prod):
    pullback(_fn, a=lambda g, y, a, axis: cumprod_adjoint(g, a, y, axis))
pullback(
    np.nancumsum,
    a=lambda g, y, a: np.where(np.isnan(a), 0, np.reshape(np.cumsum(g[::-1])[::-1], np.shape(a))),
    when=_axis_none,
)
pullback(
    np.nancumsum,
    a=lambda g, y, a, axis: np.where(
        np.isnan(a), 0, np.flip(np.cumsum(np.flip(g, axis), axis), axis)
    ),
    when=_along,
)
pullback(
    np.nancumprod,
    a=lambda g, y, a, axis: np.where(
        np.isnan(a), 0, cumprod_adjoint(g, np.where(np.isnan(a), 1, a), y, axis)
    ),
)
for _fn in (np.cumsum, np.cumprod, np.cumulative_sum, np.cumulative_prod):
    only_when(_fn, to_float)
for _fn in (np.nancumsum, np.nancumprod):
    only_when(_fn, to_float)


# The trace
def _trace_kind(call: Call) -> Kind:
    a = operand(call, "a")
    dtype = sum_dtype(a.dtype)
    if a.shape is None or len(a.shape) < 2:
        return Kind("unknown", dtype)
    if len(a.shape) == 2:
        return Kind("scalar", dtype, ())
    axes = axis_of(call, len(a.shape), "axis1"), axis_of(call, len(a.shape), "axis2")
    if None in axes:
        return Kind("array", dtype)
    return Kind("array", dtype, tuple(n for i, n in enumerate(a.shape) if i not in axes))


def _matrix(call: Call) -> bool:
    return call.kind("a").rank == 2 and not call.given("axis1") and not call.given("axis2")


primitive(np.trace, "a, offset=0, axis1=0, axis2=1", kind=_trace_kind)
pullback(
    np.trace,
    a=lambda g, y, a, offset: g * np.eye(a.shape[0], a.shape[1], offset, a.dtype),
    when=_matrix,
)
pullback(
    np.trace,
    a=lambda g, y, a, offset, axis1, axis2: scatter_diagonal(
        np.expand_dims(g, -1), a, offset, axis1, axis2
    ),
)

holds_for_complex(np.cumsum, np.cumprod, np.trace)
