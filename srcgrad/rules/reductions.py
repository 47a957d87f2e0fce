"""Derivatives of reductions and of running sums and products.

The first form that fits is used: all of the array, axes kept, axes written in the call, and then a
helper that looks at run time. Sums and means read only the shape of their operand.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from srcgrad.ir.kinds import Dtype, Kind
from srcgrad.rules.call import Call
from srcgrad.rules.registry import computed, primitive, pullback
from srcgrad.rules.results import real_part
from srcgrad.rules.shapes import (
    axis_of,
    is_given_axis,
    is_none,
    is_true,
    operand,
    product,
    reduction,
)
from srcgrad.support_arrays import (
    average_adjoint,
    average_weights_adjoint,
    cumprod_adjoint,
    deviation,
    divide_or_zero,
    expand_reduced,
    product_of_others,
    reduced_count,
    scatter_diagonal,
    share_extremum,
)

_INTS: dict[Dtype, Dtype] = {"b": "i"}
_FLOATS: dict[Dtype, Dtype] = {"b": "f8", "i": "f8"}


def _sum_dtype(dtype: Dtype) -> Dtype:
    return _INTS.get(dtype, dtype)


def _mean_dtype(dtype: Dtype) -> Dtype:
    return _FLOATS.get(dtype, dtype)


def _spread_dtype(dtype: Dtype) -> Dtype:
    return real_part(_mean_dtype(dtype))


def _whole(call: Call) -> bool:
    """All of an array is reduced."""
    return call.kind("a").is_array and is_none(call, "axis")


def _kept(call: Call) -> bool:
    """The axes stay, with length 1."""
    return call.kind("a").is_array and is_true(call, "keepdims") is True


def _dropped(call: Call) -> bool:
    """The axes are known not to be None, and are dropped."""
    known = call.kind("a").is_array and is_given_axis(call)
    return known and is_true(call, "keepdims") is False


def _kept_one(call: Call) -> bool:
    return _kept(call) and call.kind("axis").tag == "scalar"


def _dropped_one(call: Call) -> bool:
    return _dropped(call) and call.kind("axis").tag == "scalar"


def _axis_none(call: Call) -> bool:
    return is_none(call, "axis")


def _real(call: Call) -> bool:
    return operand(call, "a").dtype in ("f2", "f4", "f8", "f16")


_fn: Any

# Sums and means
_sum_kind = reduction(_sum_dtype)
_mean_kind = reduction(_mean_dtype)
primitive(np.sum, "a, axis=None, *, keepdims=False", kind=_sum_kind)
pullback(np.sum, a=lambda g, y, a: np.broadcast_to(g, a.shape), when=_whole)
pullback(np.sum, a=lambda g, y, a: np.broadcast_to(g, a.shape), when=_kept)
pullback(
    np.sum,
    a=lambda g, y, a, axis: np.broadcast_to(np.expand_dims(g, axis), a.shape),
    when=_dropped,
)
pullback(np.sum, a=lambda g, y, a: np.broadcast_to(g, np.shape(a)), when=_axis_none)
pullback(np.sum, a=lambda g, y, a, axis: expand_reduced(g, a, axis))

primitive(np.mean, "a, axis=None, *, keepdims=False", kind=_mean_kind)
pullback(np.mean, a=lambda g, y, a: np.broadcast_to(g / a.size, a.shape), when=_whole)
pullback(
    np.mean,
    a=lambda g, y, a, axis: np.broadcast_to(g / a.shape[axis], a.shape),
    when=_kept_one,
)
pullback(
    np.mean,
    a=lambda g, y, a, axis: np.broadcast_to(np.expand_dims(g / a.shape[axis], axis), a.shape),
    when=_dropped_one,
)
pullback(np.mean, a=lambda g, y, a, axis: expand_reduced(g / reduced_count(g, a), a, axis))


# Variance; the two forms that are written most have no helper
def _fixed_ddof(call: Call) -> bool:
    """No derivative is asked of it."""
    return call.is_literal("ddof") or call.kind("ddof").is_discrete


def _plain(call: Call) -> bool:
    return _real(call) and call.is_literal("ddof") and call.literal("ddof") == 0


def _plain_whole(call: Call) -> bool:
    return _plain(call) and _whole(call) and is_true(call, "keepdims") is False


def _plain_dropped(call: Call) -> bool:
    return _plain(call) and _dropped_one(call)


primitive(np.var, "a, axis=None, *, ddof=0, keepdims=False", kind=reduction(_spread_dtype))
pullback(
    np.var,
    a=lambda g, y, a: g * (2 / a.size) * (a - np.mean(a)),
    when=_plain_whole,
)
pullback(
    np.var,
    a=lambda g, y, a, axis: (
        np.expand_dims(g * (2 / a.shape[axis]), axis) * (a - np.mean(a, axis=axis, keepdims=True))
    ),
    when=_plain_dropped,
)
pullback(
    np.var,
    a=lambda g, y, a, axis, ddof: (
        expand_reduced(2 * g, a, axis) * deviation(a, axis) / (reduced_count(g, a) - ddof)
    ),
    when=_fixed_ddof,
)


primitive(np.std, "a, axis=None, *, ddof=0, keepdims=False", kind=reduction(_spread_dtype))
pullback(
    np.std,
    a=lambda g, y, a, axis, ddof: (
        expand_reduced(divide_or_zero(g, y), a, axis)
        * deviation(a, axis)
        / (reduced_count(g, a) - ddof)
    ),
    when=_fixed_ddof,
)


def _of_whole_array(call: Call) -> bool:
    """One extremum of an array of doubles."""
    kind = call.kind("a")
    whole = not call.given("axis") and not call.given("keepdims")
    return whole and kind.is_array and kind.dtype == "f8"


def _of_kept_axis(call: Call) -> bool:
    """Doubles reduced along an axis that stays: counts (int64) divide doubles without a cast."""
    kept = call.is_literal("keepdims") and call.literal("keepdims") is True
    kind = call.kind("a")
    return kept and call.axes() is not None and kind.is_array and kind.dtype == "f8"


# Extrema: a tie is shared in equal parts
for _fn in (np.max, np.min, np.amax, np.amin):
    primitive(_fn, "a, axis=None, *, keepdims=False", kind=reduction())
    pullback(
        _fn,
        a=lambda g, y, a: (a == y) * (g / max(np.count_nonzero(a == y), 1)),
        when=_of_whole_array,
    )
    pullback(
        _fn,
        a=lambda g, y, a, axis: (
            (a == y) * (g / np.maximum(np.count_nonzero(a == y, axis=axis, keepdims=True), 1))
        ),
        when=_of_kept_axis,
    )
    pullback(_fn, a=lambda g, y, a, axis: share_extremum(g, a, y, axis))


def _ptp_kind(call: Call) -> Kind:
    kind = reduction()(call)
    return kind if kind.dtype != "b" else kind.with_dtype("?")


primitive(np.ptp, "a, axis=None, *, keepdims=False", kind=_ptp_kind)
pullback(
    np.ptp,
    a=lambda g, y, a, axis, keepdims: (
        share_extremum(g, a, np.max(a, axis=axis, keepdims=keepdims), axis)
        - share_extremum(g, a, np.min(a, axis=axis, keepdims=keepdims), axis)
    ),
)

# Products: division would fail where a factor is 0
primitive(np.prod, "a, axis=None, *, keepdims=False", kind=_sum_kind)
pullback(np.prod, a=lambda g, y, a: g * product_of_others(a, None), when=_whole)
pullback(np.prod, a=lambda g, y, a, axis: expand_reduced(g, a, axis) * product_of_others(a, axis))


def _average_kind(call: Call) -> Kind:
    kind = _mean_kind(call)
    if is_none(call, "weights"):
        return kind
    dtypes = {operand(call, name).dtype for name in ("a", "weights")}
    return kind.with_dtype(_mean_dtype(dtypes.pop()) if len(dtypes) == 1 else "?")


def _average(call: Call) -> Mapping[str, str] | None:
    if is_none(call, "weights"):
        return {"a": "expand_reduced(g / reduced_count(g, a), a, axis)"}
    if not call.kind("weights").is_array:
        return None  # perhaps None, which is another function
    return {
        "a": "average_adjoint(g, a, weights, axis)",
        "weights": "average_weights_adjoint(g, y, a, weights, axis)",
    }


primitive(np.average, "a, axis=None, weights=None, *, keepdims=False", kind=_average_kind)
computed(
    np.average,
    _average,
    {
        "average_adjoint": average_adjoint,
        "average_weights_adjoint": average_weights_adjoint,
        "expand_reduced": expand_reduced,
        "reduced_count": reduced_count,
        "__name__": __name__,
    },
)


# Running sums and products
def _running_kind(call: Call) -> Kind:
    a = operand(call, "a")
    dtype = _sum_dtype(a.dtype)
    if is_none(call, "axis"):
        return Kind("array", dtype, None if a.shape is None else (product(a.shape),))
    if not is_given_axis(call) or not a.is_array or not a.shape:
        return Kind("array", dtype)
    return Kind("array", dtype, a.shape)


def _vector(call: Call) -> bool:
    return call.kind("a").rank == 1 and call.axes() in (None, (0,), (-1,)) and _axis_known(call)


def _axis_known(call: Call) -> bool:
    return is_none(call, "axis") or axis_of(call, call.kind("a").rank) is not None


def _along(call: Call) -> bool:
    return call.kind("a").is_array and is_given_axis(call)


for _fn in (np.cumsum, np.cumprod):
    primitive(_fn, "a, axis=None", kind=_running_kind)
pullback(np.cumsum, a=lambda g, y: np.cumsum(g[::-1])[::-1], when=_vector)
pullback(
    np.cumsum,
    a=lambda g, y, axis: np.flip(np.cumsum(np.flip(g, axis), axis), axis),
    when=_along,
)
pullback(
    np.cumsum,
    a=lambda g, y, a: np.reshape(np.cumsum(g[::-1])[::-1], np.shape(a)),
    when=_axis_none,
)
pullback(np.cumprod, a=lambda g, y, a, axis: cumprod_adjoint(g, a, y, axis))


# The trace
def _trace_kind(call: Call) -> Kind:
    a = operand(call, "a")
    dtype = _sum_dtype(a.dtype)
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
