"""Derivatives of running sums and products, nan passed over or not."""

from __future__ import annotations

from typing import Any

import numpy as np

from srcgrad.ir.kinds import Kind
from srcgrad.rules.call import Call
from srcgrad.rules.reductions import sum_dtype, to_float, with_dtype
from srcgrad.rules.registry import primitive, pullback
from srcgrad.rules.results import only_when
from srcgrad.rules.shapes import axis_of, is_given_axis, is_none, operand, product
from srcgrad.support_arrays import cumprod_adjoint

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
    pullback(
        _fn,
        a=lambda g, y, a, axis: np.reshape(
            np.flip(np.cumsum(np.flip(g, axis), axis), axis), np.shape(a)
        ),
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
        np.isnan(a), 0, np.reshape(np.flip(np.cumsum(np.flip(g, axis), axis), axis), np.shape(a))
    ),
    when=is_given_axis,
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
