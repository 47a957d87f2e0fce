"""Carried helpers for reductions of some elements only, for quantiles and covariances.

As in `srcgrad.support`: plain NumPy, each alone or with others, their source goes into the files
that use them. `g` is the cotangent of the result; what comes back has the full shape of the
operand.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from srcgrad.support_arrays import divide_or_zero, expand_reduced, share_extremum


def masked_mean_adjoint(g: Any, x: Any, axis: Any, where: Any) -> Any:
    """Cotangent of the mean of the elements of `x` where `where` holds."""
    used = np.broadcast_to(where, np.shape(x)).astype(np.result_type(x))
    return expand_reduced(g, x, axis) * divide_or_zero(used, np.sum(used, axis=axis, keepdims=True))


def masked_var_adjoint(g: Any, x: Any, axis: Any, ddof: Any, where: Any) -> Any:
    """Cotangent of the elements of `x` where `where` holds; `g` is twice that of their variance."""
    used = np.broadcast_to(where, np.shape(x)).astype(np.result_type(x))
    count = np.sum(used, axis=axis, keepdims=True)
    x = np.where(where, x, 0)
    for _ in range(2):  # equal values give 0, not a rounding
        x = used * (x - divide_or_zero(np.sum(x, axis=axis, keepdims=True), count))
    return expand_reduced(g, x, axis) * divide_or_zero(x, count - ddof)


def share_extremum_of(g: Any, x: Any, y: Any, axis: Any, where: Any) -> Any:
    """Give `g` to the elements of `x` equal to their extremum `y`, and among those of `where`."""
    return share_extremum(g, np.where(where, x, np.nan), y, axis)


def quantile_weights(places: Any, count: Any) -> Any:
    """What each of `count` sorted elements gives to the values at the given places between them."""
    return np.maximum(1 - np.abs(np.expand_dims(places, -1) - np.arange(count)), 0)


def lanes_of(x: Any, axis: Any) -> Any:
    """`x` with the axes that are reduced as one axis, the last."""
    axes = tuple(range(np.ndim(x))) if axis is None else tuple(np.atleast_1d(axis))
    moved = np.moveaxis(x, axes, tuple(range(-len(axes), 0)))
    return np.reshape(moved, (*np.shape(moved)[: np.ndim(x) - len(axes)], -1))


def from_lanes(lanes: Any, x: Any, axis: Any) -> Any:
    """Undo `lanes_of`: back to the shape of `x`."""
    axes = tuple(range(np.ndim(x))) if axis is None else tuple(np.atleast_1d(axis))
    ends = tuple(range(-len(axes), 0))
    return np.moveaxis(np.reshape(lanes, np.shape(np.moveaxis(x, axes, ends))), ends, axes)


def quantile_adjoint(g: Any, x: Any, places: Any, axis: Any) -> Any:
    """Cotangent of the values at `places` between the sorted elements of `x`, 0 the smallest."""
    lanes = lanes_of(x, axis)
    weights = quantile_weights(places, np.shape(lanes)[-1]).astype(lanes.dtype)
    rows = np.reshape(weights, (-1, np.shape(lanes)[-1]))
    g = np.reshape(g, (len(rows), *np.shape(lanes)[:-1]))
    ranks = np.argsort(np.argsort(lanes, axis=-1, kind="stable"), axis=-1)
    return from_lanes(np.take_along_axis(np.tensordot(g, rows, (0, 0)), ranks, -1), x, axis)


def nanquantile_adjoint(g: Any, x: Any, q: Any, axis: Any, method: Any) -> Any:
    """Cotangent of `np.nanquantile`: in each lane there may be another number of elements."""
    lanes = lanes_of(x, axis)
    size = np.shape(lanes)[-1]
    numbers = np.where(np.arange(size) < np.sum(~np.isnan(lanes), -1, keepdims=True), 1.0, np.nan)
    places = np.nanquantile(numbers * np.arange(size), q, axis=-1, method=method)
    weights = np.nan_to_num(quantile_weights(places, size)).astype(lanes.dtype)
    weights = np.reshape(weights, (-1, *np.shape(lanes)))
    g = np.reshape(g, (*np.shape(weights)[:-1], 1))
    ranks = np.argsort(np.argsort(lanes, axis=-1, kind="stable"), axis=-1)
    return from_lanes(np.take_along_axis(np.sum(g * weights, axis=0), ranks, -1), x, axis)


def cov_adjoint(g: Any, m: Any, rowvar: Any, bias: Any, ddof: Any) -> Any:
    """Cotangent of the observations `m` of `np.cov`."""
    rows = np.atleast_2d(m) if rowvar or np.ndim(m) == 1 else m.T
    rows = rows - np.mean(rows, axis=1, keepdims=True)
    lost = ddof if ddof is not None else 1 - bool(bias)
    g = np.reshape(g, (len(rows), len(rows)))
    m_bar = (g + g.T) @ rows / (np.shape(rows)[1] - lost)
    return np.reshape(m_bar if rowvar or np.ndim(m) == 1 else m_bar.T, np.shape(m))


def cov_of_two_adjoint(g: Any, m: Any, other: Any, rowvar: Any, bias: Any, ddof: Any) -> Any:
    """Cotangents of both sets of observations of `np.cov(m, other)`."""
    turned = not rowvar
    parts = [
        np.atleast_2d(x).T if turned and np.ndim(x) == 2 else np.atleast_2d(x) for x in (m, other)
    ]
    bars = cov_adjoint(g, np.concatenate(parts), True, bias, ddof)
    count = len(parts[0])
    halves = (bars[:count], bars[count:])
    return [
        np.reshape(half.T if turned and np.ndim(x) == 2 else half, np.shape(x))
        for half, x in zip(halves, (m, other), strict=True)
    ]


def corrcoef_adjoint(g: Any, y: Any, c: Any) -> Any:
    """Cotangent of the covariances `c`, of which `y` are the correlations."""
    c = np.atleast_2d(c)
    variances = np.diag(c)
    g = (1 - np.eye(len(variances), dtype=c.dtype)) * g
    spread = np.sqrt(variances)
    own = np.sum((g + g.T) * y, axis=1) / (2 * variances)
    return g / np.outer(spread, spread) - np.diag(own)
