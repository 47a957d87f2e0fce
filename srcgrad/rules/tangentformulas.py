"""Tangents of functions that are linear in nothing: by a formula, or by what each element weighs.

A reduction is the sum of the tangents of the elements, each times its weight: what the pullback
gives it where the cotangent is 1.
"""

from __future__ import annotations

import builtins
import math
from typing import Any

import numpy as np

from srcgrad.distant import Distant
from srcgrad.rules.call import Call
from srcgrad.rules.tangents import linear, multilinear, pushforward, weighted
from srcgrad.support_arrays import interp_slope, reduced_count
from srcgrad.support_pushforwards import (
    average_weights_tangent,
    chain_tangent,
    cholesky_tangent,
    corrcoef_tangent,
    cov_tangent,
    cumprod_tangent,
    eigh_tangent,
    eigvalsh_tangent,
    joined_rows,
    lstsq_tangent,
    matrix_power_tangent,
    picked_tangent,
    pinv_tangent,
    poly_tangent,
    polyfit_points_tangent,
    qr_tangent,
    quantile_tangent,
    r_tangent,
    rearranged,
    running_extremum_tangent,
    singular_values_tangent,
    solve_tangent_a,
    sorted_tangent,
    svd_tangent,
    tensorinv_tangent,
    tensorsolve_tangent_a,
    trimmed_tangent,
    unique_tangent,
    vander_tangent,
)

scipy_linalg = Distant("scipy.linalg")
_fn: Any


def _one(call: Call) -> bool:
    """A single quantile is asked for."""
    return call.is_literal("q") or call.kind("q").is_scalar


def _alone(call: Call) -> bool:
    return not call.given("b")


# Reductions
weighted(np.var, np.std, np.max, np.min, np.amax, np.amin, np.ptp, np.prod, of="a")
weighted(np.nansum, np.nanmean, np.nanprod, np.nanmax, np.nanmin, np.nanvar, np.nanstd, of="a")
weighted(np.nanmedian, "scipy.special.logsumexp", of="a")
for _fn in ("multiply", "maximum", "minimum", "logaddexp"):
    weighted(f"numpy.{_fn}.reduce", of="a")
weighted(np.nanquantile, np.nanpercentile, of="a", when=_one)
weighted(np.linalg.norm, np.linalg.vector_norm, of="x")
weighted(np.linalg.matrix_norm, of="x", axes=(-2, -1))
weighted(np.linalg.det, "scipy.linalg.det", np.linalg.cond, of="a", axes=(-2, -1))
pushforward(
    np.median,
    a=lambda d, y, a, axis: quantile_tangent(d, a, y, (reduced_count(y, a) - 1) / 2, axis),
)
pushforward(
    np.quantile,
    a=lambda d, y, a, q, axis, method: quantile_tangent(
        d,
        a,
        y,
        np.quantile(np.arange(np.size(a) * np.size(q) // np.size(y)), q, method=method),
        axis,
    ),
)
pushforward(
    np.percentile,
    a=lambda d, y, a, q, axis, method: quantile_tangent(
        d,
        a,
        y,
        np.percentile(np.arange(np.size(a) * np.size(q) // np.size(y)), q, method=method),
        axis,
    ),
)
weighted(np.average, of="a", also={
    "weights": lambda d, y, a, weights, axis: average_weights_tangent(d, y, a, weights, axis)
})  # fmt: skip
linear("numpy.add.reduce", of="a")

# Orders
for _fn in (np.sort, np.partition):
    pushforward(_fn, a=lambda d, y, a, axis: rearranged(d, a, y, axis))
pushforward(np.unique, ar=lambda d, y, ar: unique_tangent(d, ar))
pushforward(np.trim_zeros, filt=lambda d, y, filt, trim: trimmed_tangent(d, filt, y, trim))
pushforward(builtins.sorted, x=lambda d, y, x, reverse: sorted_tangent(d, x, reverse))
for _fn in (builtins.max, builtins.min):
    pushforward(_fn, a=lambda d, y, a: picked_tangent(d, y, a), when=_alone)

# Running products and extrema
for _fn in (np.cumprod, np.cumulative_prod, "numpy.multiply.accumulate"):
    pushforward(_fn, a=lambda d, y, a, axis: cumprod_tangent(d, a, axis))
pushforward(
    np.nancumprod,
    a=lambda d, y, a, axis: cumprod_tangent(
        np.where(np.isnan(a), 0, d), np.where(np.isnan(a), 1, a), axis
    ),
)
for _fn in ("numpy.maximum.accumulate", "numpy.minimum.accumulate"):
    pushforward(_fn, a=lambda d, y, a, axis: running_extremum_tangent(d, a, y, axis))

# Quotients and remainders
for _fn in (builtins.divmod, np.divmod):
    pushforward(
        _fn,
        a=lambda d, y: [np.zeros_like(y[0]), d + np.zeros_like(y[1])],
        b=lambda d, y: [np.zeros_like(y[0]), -d * y[0]],
    )

# Grids and interpolation
linear(np.meshgrid, np.broadcast_arrays, of="a b c e")
pushforward(
    np.geomspace,
    start=lambda d, y, start, stop, num, endpoint: (
        y * np.linspace(d / start, np.zeros(np.shape(stop)), num, endpoint=endpoint)
    ),
    stop=lambda d, y, start, stop, num, endpoint: (
        y * np.linspace(np.zeros(np.shape(start)), d / stop, num, endpoint=endpoint)
    ),
)
pushforward(
    np.logspace,
    start=lambda d, y, stop, num, endpoint, base: (
        y * np.linspace(d * math.log(base), np.zeros(np.shape(stop)), num, endpoint=endpoint)
    ),
    stop=lambda d, y, start, num, endpoint, base: (
        y * np.linspace(np.zeros(np.shape(start)), d * math.log(base), num, endpoint=endpoint)
    ),
    base=lambda d, y, start, stop, num, endpoint, base: (
        d * y * np.linspace(start, stop, num, endpoint=endpoint) / base
    ),
)
pushforward(
    np.interp,
    x=lambda d, y, x, xp, fp: d * interp_slope(x, xp, fp),
    xp=lambda d, y, x, xp, fp: -interp_slope(x, xp, fp) * np.interp(x, xp, d),
    fp=lambda d, y, x, xp: np.interp(x, xp, d),
    when=lambda call: not (call.given("left") or call.given("right")),
)
multilinear(np.trapezoid, of="values x dx")

# Covariances
pushforward(
    np.cov,
    m=lambda d, y, m, rowvar, bias, ddof: cov_tangent(d, m, rowvar, bias, ddof),
    when=lambda call: not call.given("other"),
)
pushforward(
    np.cov,
    m=lambda d, y, m, other, rowvar, bias, ddof: cov_tangent(
        joined_rows(d, np.zeros_like(other), rowvar),
        joined_rows(m, other, rowvar),
        True,
        bias,
        ddof,
    ),
    other=lambda d, y, m, other, rowvar, bias, ddof: cov_tangent(
        joined_rows(np.zeros_like(m), d, rowvar),
        joined_rows(m, other, rowvar),
        True,
        bias,
        ddof,
    ),
)
pushforward(
    np.corrcoef,
    m=lambda d, y, m, rowvar: corrcoef_tangent(
        cov_tangent(d, m, rowvar, False, None), y, np.cov(m, rowvar=rowvar)
    ),
    when=lambda call: not call.given("other"),
)
pushforward(
    np.corrcoef,
    m=lambda d, y, m, other, rowvar: corrcoef_tangent(
        cov_tangent(
            joined_rows(d, np.zeros_like(other), rowvar),
            joined_rows(m, other, rowvar),
            True,
            False,
            None,
        ),
        y,
        np.cov(m, other, rowvar=rowvar),
    ),
    other=lambda d, y, m, other, rowvar: corrcoef_tangent(
        cov_tangent(
            joined_rows(np.zeros_like(m), d, rowvar),
            joined_rows(m, other, rowvar),
            True,
            False,
            None,
        ),
        y,
        np.cov(m, other, rowvar=rowvar),
    ),
)

# Polynomials
pushforward(np.poly, zeros=lambda d, y, zeros: poly_tangent(d, zeros))
pushforward(np.vander, x=lambda d, y, x, increasing: vander_tangent(d, x, y, increasing))
pushforward(
    np.polyfit,
    x=lambda d, y, x, values, deg: polyfit_points_tangent(d, x, values, deg),
    values=lambda d, y, x, deg: np.polyfit(x, d, deg),
)

# Linear algebra
for _fn in (np.linalg.solve, "scipy.linalg.solve"):
    pushforward(
        _fn,
        a=lambda d, y, a: -np.linalg.solve(a, d @ y),
        b=lambda d, y, a: np.linalg.solve(a, d),
        when=lambda call: call.kind("a").rank == 2 and call.kind("b").rank in (1, 2),
    )
pushforward(
    np.linalg.solve,
    a=lambda d, y, a, b: solve_tangent_a(d, y, a, b),
    b=lambda d, y, a: np.linalg.solve(a, d),
)
for _fn in (np.linalg.inv, "scipy.linalg.inv"):
    pushforward(_fn, a=lambda d, y: -y @ d @ y)
pushforward(np.linalg.pinv, a=lambda d, y, a: pinv_tangent(d, y, a))
pushforward(np.linalg.matrix_power, a=lambda d, y, a, n: matrix_power_tangent(d, a, n))
pushforward(np.linalg.multi_dot, arrays=lambda d, y, arrays: chain_tangent(d, arrays))
pushforward(
    np.linalg.tensorsolve,
    a=lambda d, y, a: tensorsolve_tangent_a(d, y, a),
    b=lambda d, y, a: np.linalg.tensorsolve(a, d),
)
pushforward(np.linalg.tensorinv, a=lambda d, y: tensorinv_tangent(d, y))
pushforward(
    "scipy.linalg.expm",
    a=lambda d, y, a: scipy_linalg.expm_frechet(a, d, compute_expm=False),
)


def _is(name: str, value: Any) -> Any:
    return lambda call: call.is_literal(name) and call.literal(name) == value


pushforward(np.linalg.cholesky, a=lambda d, y: cholesky_tangent(d, y), when=_is("upper", False))
pushforward("scipy.linalg.cholesky", a=lambda d, y: cholesky_tangent(d, y), when=_is("lower", True))
for _fn in (np.linalg.cholesky, "scipy.linalg.cholesky"):
    pushforward(
        _fn,
        a=lambda d, y: np.swapaxes(
            cholesky_tangent(np.swapaxes(d, -1, -2), np.swapaxes(y, -1, -2)), -1, -2
        ),
    )
pushforward(np.linalg.eigh, a=lambda d, y: eigh_tangent(d, y[0], y[1]), when=_is("UPLO", "L"))
pushforward(np.linalg.eigh, a=lambda d, y: eigh_tangent(np.swapaxes(d, -1, -2), y[0], y[1]))
pushforward(np.linalg.eigvalsh, a=lambda d, y, a: eigvalsh_tangent(d, a), when=_is("UPLO", "L"))
pushforward(
    np.linalg.eigvalsh,
    a=lambda d, y, a: eigvalsh_tangent(np.swapaxes(d, -1, -2), np.swapaxes(a, -1, -2)),
)
pushforward(
    np.linalg.svd,
    a=lambda d, y, a: singular_values_tangent(d, a),
    when=_is("compute_uv", False),
)
pushforward(np.linalg.svd, a=lambda d, y: svd_tangent(d, y[0], y[1], y[2]))
pushforward(np.linalg.svdvals, a=lambda d, y, a: singular_values_tangent(d, a))
pushforward(np.linalg.qr, a=lambda d, y, a: r_tangent(d, y, a), when=_is("mode", "r"))
pushforward(np.linalg.qr, a=lambda d, y, a: qr_tangent(d, y[0], y[1], a))
pushforward(
    np.linalg.lstsq,
    a=lambda d, y, a, b: lstsq_tangent(d, np.zeros_like(b), y[1], y[0], a, b),
    b=lambda d, y, a, b: lstsq_tangent(np.zeros_like(a), d, y[1], y[0], a, b),
)
