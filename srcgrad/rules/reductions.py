"""Derivatives of reductions.

The first form that fits is used: all of the array, axes kept, axes written in the call, and then a
helper that looks at run time. Sums and means read only the shape of their operand.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from srcgrad.ir.kinds import Dtype, Kind
from srcgrad.rules.call import Call, KindRule
from srcgrad.rules.creation import dtype_of
from srcgrad.rules.registry import computed, primitive, pullback
from srcgrad.rules.results import COMPLEX, only_when, real_part
from srcgrad.rules.shapes import (
    is_given_axis,
    is_none,
    is_true,
    operand,
    reduction,
)
from srcgrad.support_arrays import (
    average_adjoint,
    average_weights_adjoint,
    deviation,
    divide_or_zero,
    expand_reduced,
    product_of_others,
    reduced_count,
    share_extremum,
)
from srcgrad.support_statistics import (
    masked_mean_adjoint,
    masked_var_adjoint,
    share_extremum_of,
)

_INTS: dict[Dtype, Dtype] = {"b": "i"}
_FLOATS: dict[Dtype, Dtype] = {"b": "f8", "i": "f8"}


def sum_dtype(dtype: Dtype) -> Dtype:
    return _INTS.get(dtype, dtype)


def mean_dtype(dtype: Dtype) -> Dtype:
    return _FLOATS.get(dtype, dtype)


def spread_dtype(dtype: Dtype) -> Dtype:
    return real_part(mean_dtype(dtype))


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


def masked(call: Call) -> bool:
    """Only some elements are reduced."""
    return not (call.is_literal("where") and call.literal("where") is True)


def _from_initial(call: Call) -> bool:
    return call.given("initial")


def to_float(call: Call) -> bool:
    """The dtype asked for does not cut off the fractions; or none is asked for."""
    asked = call.given("dtype") and not is_none(call, "dtype")
    if asked and operand(call, "a").dtype in COMPLEX and call.result.dtype not in COMPLEX:
        return False  # nor the imaginary parts
    return not asked or call.result.is_float


def with_dtype(kind: KindRule) -> KindRule:
    """The kind of a result whose dtype may be asked for."""

    def asked(call: Call) -> Kind:
        found = kind(call)
        return found.with_dtype(dtype_of(call, found.dtype)) if call.given("dtype") else found

    return asked


def _real(call: Call) -> bool:
    return operand(call, "a").dtype in ("f2", "f4", "f8", "f16")


_fn: Any

# Sums and means
_sum_kind = with_dtype(reduction(sum_dtype))
_mean_kind = with_dtype(reduction(mean_dtype))
primitive(
    np.sum,
    "a, axis=None, dtype=None, *, keepdims=False, initial=0, where=True",
    kind=_sum_kind,
)
pullback(
    np.sum,
    a=lambda g, y, a, axis, where: np.where(where, expand_reduced(g, a, axis), 0),
    initial=lambda g, y: np.sum(g),
    when=masked,
)
pullback(
    np.sum,
    a=lambda g, y, a, axis: expand_reduced(g, a, axis),
    initial=lambda g, y: np.sum(g),
    when=_from_initial,
)
pullback(np.sum, a=lambda g, y, a: np.broadcast_to(g, a.shape), when=_whole)
pullback(np.sum, a=lambda g, y, a: np.broadcast_to(g, a.shape), when=_kept)
pullback(
    np.sum,
    a=lambda g, y, a, axis: np.broadcast_to(np.expand_dims(g, axis), a.shape),
    when=_dropped,
)
pullback(np.sum, a=lambda g, y, a: np.broadcast_to(g, np.shape(a)), when=_axis_none)
pullback(np.sum, a=lambda g, y, a, axis: expand_reduced(g, a, axis))
only_when(np.sum, to_float)

primitive(np.mean, "a, axis=None, dtype=None, *, keepdims=False, where=True", kind=_mean_kind)
pullback(
    np.mean,
    a=lambda g, y, a, axis, where: masked_mean_adjoint(g, a, axis, where),
    when=masked,
)
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
only_when(np.mean, to_float)


# Variance; the two forms that are written most have no helper
def _fixed_ddof(call: Call) -> bool:
    """No derivative is asked of it."""
    return call.is_literal("ddof") or call.kind("ddof").is_discrete


def _unmasked(call: Call) -> bool:
    return _fixed_ddof(call) and not masked(call)


def _plain(call: Call) -> bool:
    return _real(call) and call.is_literal("ddof") and call.literal("ddof") == 0


def _plain_whole(call: Call) -> bool:
    return _plain(call) and _whole(call) and is_true(call, "keepdims") is False


def _plain_dropped(call: Call) -> bool:
    return _plain(call) and _dropped_one(call)


def _masked_spread(call: Call) -> bool:
    return masked(call) and _fixed_ddof(call) and operand(call, "a").dtype not in COMPLEX


_SPREAD = "a, axis=None, dtype=None, *, ddof=0, keepdims=False, where=True"
_spread_kind = with_dtype(reduction(spread_dtype))
primitive(np.var, _SPREAD, kind=_spread_kind, also={"correction": "ddof"})
pullback(
    np.var,
    a=lambda g, y, a, axis, ddof, where: masked_var_adjoint(2 * g, a, axis, ddof, where),
    when=_masked_spread,
)
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
    when=_unmasked,
)


only_when(np.var, to_float)
primitive(np.std, _SPREAD, kind=_spread_kind, also={"correction": "ddof"})
pullback(
    np.std,
    a=lambda g, y, a, axis, ddof, where: masked_var_adjoint(
        divide_or_zero(g, y), a, axis, ddof, where
    ),
    when=_masked_spread,
)
pullback(
    np.std,
    a=lambda g, y, a, axis, ddof: (
        expand_reduced(divide_or_zero(g, y), a, axis)
        * deviation(a, axis)
        / (reduced_count(g, a) - ddof)
    ),
    when=_unmasked,
)
only_when(np.std, to_float)


def of_whole_array(call: Call) -> bool:
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
def _extremum_kind(call: Call) -> Kind:
    """A number to begin with may be wider than the array."""
    kind = reduction()(call)
    weak = ("pf", "pi") if kind.is_float else ("pi",)
    known = not call.given("initial") or call.kind("initial").dtype in weak
    return kind if known else kind.with_dtype("?")


for _fn in (np.max, np.min, np.amax, np.amin):
    primitive(
        _fn,
        "a, axis=None, *, keepdims=False, initial=None, where=True",
        kind=_extremum_kind,
    )
    pullback(
        _fn,
        a=lambda g, y, a, axis, initial, where: share_extremum_of(
            g, a, y, axis, np.logical_and(where, a != initial)
        ),
        when=masked,
    )
    # a tie with a number given beforehand is a cut-off, as in `np.maximum(x, 0)`
    pullback(
        _fn,
        a=lambda g, y, a, axis, initial: share_extremum_of(g, a, y, axis, a != initial),
        when=_from_initial,
    )
    pullback(
        _fn,
        a=lambda g, y, a: (a == y) * (g / max(np.count_nonzero(a == y), 1)),
        when=of_whole_array,
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
primitive(
    np.prod,
    "a, axis=None, dtype=None, *, keepdims=False, initial=1, where=True",
    kind=_sum_kind,
)
pullback(
    np.prod,
    a=lambda g, y, a, axis, initial, where: np.where(
        where,
        expand_reduced(g * initial, a, axis) * product_of_others(np.where(where, a, 1), axis),
        0,
    ),
    initial=lambda g, y, a, axis, keepdims, where: np.sum(
        g * np.prod(a, axis=axis, keepdims=keepdims, where=where)
    ),
    when=masked,
)
pullback(
    np.prod,
    a=lambda g, y, a, axis, initial: (
        expand_reduced(g * initial, a, axis) * product_of_others(a, axis)
    ),
    initial=lambda g, y, a, axis, keepdims: np.sum(g * np.prod(a, axis=axis, keepdims=keepdims)),
    when=_from_initial,
)
pullback(np.prod, a=lambda g, y, a: g * product_of_others(a, None), when=_whole)
pullback(np.prod, a=lambda g, y, a, axis: expand_reduced(g, a, axis) * product_of_others(a, axis))
only_when(np.prod, to_float)


def _average_kind(call: Call) -> Kind:
    kind = _mean_kind(call)
    if is_none(call, "weights"):
        return kind
    dtypes = {operand(call, name).dtype for name in ("a", "weights")}
    return kind.with_dtype(mean_dtype(dtypes.pop()) if len(dtypes) == 1 else "?")


def _average(call: Call) -> Mapping[str, str] | None:
    if is_none(call, "weights"):
        return {"a": "expand_reduced(g / reduced_count(g, a), a, axis)"}
    if call.kind("weights").tag not in ("array", "unknown"):
        return None
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
