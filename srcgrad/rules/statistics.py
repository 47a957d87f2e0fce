"""Derivatives of statistics: nan passed over, quantiles, covariances, counts.

A quantile lies between two sorted elements: its place among them, the quantile of 0, 1, 2, ...,
says how much either gives, whatever the method.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from srcgrad.ir.kinds import Dtype, Kind
from srcgrad.rules.call import Call
from srcgrad.rules.reductions import (
    mean_dtype,
    spread_dtype,
    sum_dtype,
    to_float,
    with_dtype,
)
from srcgrad.rules.registry import computed, primitive, pullback
from srcgrad.rules.results import COMPLEX, only_when
from srcgrad.rules.shapes import is_none, operand, reduction
from srcgrad.support_arrays import (
    divide_or_zero,
    expand_reduced,
    product_of_others,
    reduced_count,
    share_extremum,
)
from srcgrad.support_statistics import (
    corrcoef_adjoint,
    cov_adjoint,
    cov_of_two_adjoint,
    masked_mean_adjoint,
    masked_var_adjoint,
    nanquantile_adjoint,
    quantile_adjoint,
)

_fn: Any


def _real(call: Call) -> bool:
    return operand(call, "a").dtype not in COMPLEX


# Without the elements that are nan
WITHOUT_NAN = frozenset({
    "numpy.nansum", "numpy.nanmean", "numpy.nanprod", "numpy.nanmax", "numpy.nanmin",
    "numpy.nanvar", "numpy.nanstd", "numpy.nanmedian", "numpy.nanquantile", "numpy.nanpercentile",
    "numpy.nancumsum", "numpy.nancumprod",
})  # fmt: skip
primitive(
    np.nansum, "a, axis=None, dtype=None, *, keepdims=False", kind=with_dtype(reduction(sum_dtype))
)
pullback(np.nansum, a=lambda g, y, a, axis: np.where(np.isnan(a), 0, expand_reduced(g, a, axis)))
primitive(
    np.nanmean,
    "a, axis=None, dtype=None, *, keepdims=False",
    kind=with_dtype(reduction(mean_dtype)),
)
pullback(
    np.nanmean,
    a=lambda g, y, a, axis: masked_mean_adjoint(g, a, axis, ~np.isnan(a)),
    when=_real,
)
primitive(
    np.nanprod, "a, axis=None, dtype=None, *, keepdims=False", kind=with_dtype(reduction(sum_dtype))
)
pullback(
    np.nanprod,
    a=lambda g, y, a, axis: np.where(
        np.isnan(a),
        0,
        expand_reduced(g, a, axis) * product_of_others(np.where(np.isnan(a), 1, a), axis),
    ),
)
for _fn in (np.nanmax, np.nanmin):
    primitive(_fn, "a, axis=None, *, keepdims=False", kind=reduction())
    pullback(_fn, a=lambda g, y, a, axis: share_extremum(g, a, y, axis))
for _fn in (np.nanvar, np.nanstd):
    primitive(
        _fn,
        "a, axis=None, dtype=None, *, ddof=0, keepdims=False",
        kind=with_dtype(reduction(spread_dtype)),
    )


def _fixed_ddof(call: Call) -> bool:
    return _real(call) and (call.is_literal("ddof") or call.kind("ddof").is_discrete)


pullback(
    np.nanvar,
    a=lambda g, y, a, axis, ddof: masked_var_adjoint(2 * g, a, axis, ddof, ~np.isnan(a)),
    when=_fixed_ddof,
)
pullback(
    np.nanstd,
    a=lambda g, y, a, axis, ddof: masked_var_adjoint(
        divide_or_zero(g, y), a, axis, ddof, ~np.isnan(a)
    ),
    when=_fixed_ddof,
)
for _fn in (np.nansum, np.nanmean, np.nanprod, np.nanvar, np.nanstd):
    only_when(_fn, to_float)


# Quantiles
def _median_dtype(dtype: Dtype) -> Dtype:
    return mean_dtype(dtype)


for _fn in (np.median, np.nanmedian):
    primitive(_fn, "a, axis=None, *, keepdims=False", kind=reduction(_median_dtype))
pullback(
    np.median,
    a=lambda g, y, a, axis: quantile_adjoint(g, a, (reduced_count(y, a) - 1) / 2, axis),
)
pullback(np.nanmedian, a=lambda g, y, a, axis: nanquantile_adjoint(g, a, 0.5, axis, "linear"))


def _quantile_kind(call: Call) -> Kind:
    """The quantiles asked for come first; of one number they have no axis."""
    q, known = call.kind("q"), call.kind("a").is_float
    rest = reduction(_median_dtype)(call)
    dtype: Dtype = rest.dtype if known and q.dtype in ("pi", "pf") else "?"
    one = q.is_scalar or call.is_literal("q")
    if one:
        return Kind("unknown", dtype) if rest.tag == "unknown" else rest.with_dtype(dtype)
    shape = operand(call, "q").shape
    if shape is None or rest.shape is None or shape == ():
        return Kind("unknown", dtype)
    return Kind("array", dtype, (*shape, *rest.shape))


_QUANTILE = "a, q, axis=None, *, method='linear', keepdims=False"
for _fn in (np.quantile, np.percentile, np.nanquantile, np.nanpercentile):
    primitive(_fn, _QUANTILE, kind=_quantile_kind)
pullback(
    np.quantile,
    a=lambda g, y, a, q, axis, method: quantile_adjoint(
        g,
        a,
        np.quantile(np.arange(np.size(a) * np.size(q) // np.size(y)), q, method=method),
        axis,
    ),
)
pullback(
    np.percentile,
    a=lambda g, y, a, q, axis, method: quantile_adjoint(
        g,
        a,
        np.percentile(np.arange(np.size(a) * np.size(q) // np.size(y)), q, method=method),
        axis,
    ),
)
pullback(
    np.nanquantile,
    a=lambda g, y, a, q, axis, method: nanquantile_adjoint(g, a, q, axis, method),
)
pullback(
    np.nanpercentile,
    a=lambda g, y, a, q, axis, method: nanquantile_adjoint(
        g, a, np.true_divide(q, 100), axis, method
    ),
)


# Covariances. NumPy calls the second set of observations `y`, which is the result here.
def _cov_kind(call: Call) -> Kind:
    dtype: Dtype = "f8" if _doubles(call) else "?"
    m = operand(call, "m")
    if not is_none(call, "other"):
        vectors = m.shape is not None and len(m.shape) == 1 and call.kind("other").rank == 1
        return Kind("array", dtype, (2, 2) if vectors else None)
    if m.shape is None or not 1 <= len(m.shape) <= 2 or not call.is_literal("rowvar"):
        return Kind("unknown", dtype)
    if len(m.shape) == 1:
        scalar = call.name == "numpy.corrcoef"
        return Kind("scalar", dtype, ()) if scalar else Kind("array", dtype, ())
    size = m.shape[0 if call.literal("rowvar") else 1]
    return Kind("unknown", dtype) if size == 1 else Kind("array", dtype, (size, size))


def _doubles(call: Call) -> bool:
    names = [name for name in ("m", "other") if call.given(name) and not is_none(call, name)]
    return all(operand(call, name).dtype in ("f2", "f4", "f8", "i") for name in names)


def _covariances(call: Call) -> Mapping[str, str] | None:
    corr = call.name == "numpy.corrcoef"
    more = "False, None" if corr else "bias, ddof"
    names = [name for name in ("m", "other") if call.given(name)]
    if any(operand(call, name).dtype in COMPLEX for name in names):
        return None
    if is_none(call, "other"):
        g = "corrcoef_adjoint(g, y, np.cov(m, rowvar=rowvar))" if corr else "g"
        return {"m": f"cov_adjoint({g}, m, rowvar, {more})"}
    g = "corrcoef_adjoint(g, y, np.cov(m, other, rowvar=rowvar))" if corr else "g"
    both = f"cov_of_two_adjoint({g}, m, other, rowvar, {more})"
    return {"m": f"{both}[0]", "other": f"{both}[1]"}


primitive(
    np.cov,
    "m, other=None, rowvar=True, bias=False, ddof=None",
    kind=_cov_kind,
    also={"y": "other"},
)
primitive(np.corrcoef, "m, other=None, rowvar=True", kind=_cov_kind, also={"x": "m", "y": "other"})
for _fn in (np.cov, np.corrcoef):
    computed(
        _fn,
        _covariances,
        {
            "np": np,
            "corrcoef_adjoint": corrcoef_adjoint,
            "cov_adjoint": cov_adjoint,
            "cov_of_two_adjoint": cov_of_two_adjoint,
            "__name__": __name__,
        },
    )


# Sums of weights
def _bincount_kind(call: Call) -> Kind:
    weighted = call.given("weights") and not is_none(call, "weights")
    return Kind("array", "f8" if weighted else "i")


primitive(np.bincount, "x, weights=None, minlength=0", kind=_bincount_kind)
pullback(np.bincount, weights=lambda g, y, x: g[x])
