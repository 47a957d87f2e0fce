"""Carried helpers for series of numbers: correlations, polynomials, differences on grids.

As in `srcgrad.support`: plain NumPy, each alone or with others, their source goes into the files
that use them. `g` is the cotangent of the result.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from srcgrad.support import unbroadcast


def correlation_in_full(g: Any, a: Any, v: Any, mode: Any) -> Any:
    """The cotangent of the full correlation of `a` and `v` from that of the part `mode`."""
    short, full = min(len(a), len(v)), len(a) + len(v) - 1
    middle = (short - 1) // 2 if len(a) >= len(v) else short // 2
    before = {"full": 0, "same": middle, "valid": short - 1}[mode]
    return np.pad(g, (before, full - before - len(g)))


def correlate_adjoint_a(g: Any, a: Any, v: Any, mode: Any) -> Any:
    """Cotangent of `a` in `np.correlate(a, v, mode)`."""
    return np.convolve(correlation_in_full(g, a, v, mode), v, "valid")


def correlate_adjoint_v(g: Any, a: Any, v: Any, mode: Any) -> Any:
    """Cotangent of `v` in `np.correlate(a, v, mode)`."""
    return np.convolve(correlation_in_full(g, a, v, mode), a[::-1], "valid")[::-1]


def bessel_i1(x: Any) -> Any:
    """The derivative of `np.i0`: a mean over the circle, exact to rounding for enough points."""
    points = 32 + 2 * int(np.max(np.abs(x), initial=0))
    cosines = np.cos((np.arange(points) + 0.5) * (np.pi / points)).astype(np.result_type(x))
    return np.mean(cosines * np.exp(np.multiply.outer(x, cosines)), axis=-1)


def polyval_adjoint(g: Any, p: Any, x: Any) -> Any:
    """Cotangent of the coefficients of a polynomial from that of its values at `x`."""
    powers = np.vander(np.ravel(x), len(p))
    return np.sum(np.reshape(g, (-1, 1)) * powers.astype(np.result_type(g)), axis=0)


def polyval_slope(g: Any, p: Any, x: Any) -> Any:
    """Cotangent of the points `x` of a polynomial with the coefficients `p`."""
    slopes: Any = np.polyder(p)
    return g * np.polyval(slopes.astype(np.result_type(g)), x)


def polymul_adjoint(g: Any, a: Any, b: Any) -> Any:
    """Cotangent of `a` in `np.polymul(a, b)`, which leaves out leading zeros of both."""
    b = np.trim_zeros(np.atleast_1d(b), "f")
    if len(b) == 0:
        return np.zeros_like(a)
    size, count = np.size(a), len(np.trim_zeros(np.atleast_1d(a), "f"))
    g = np.pad(g, (len(b) + size - 1 - len(g), 0))
    a_bar = np.convolve(g, b[::-1], "valid")
    return np.reshape(a_bar * (np.arange(size) >= size - count), np.shape(a))


def polyder_adjoint(g: Any, p: Any, m: Any) -> Any:
    """Cotangent of the coefficients `p` in `np.polyder(p, m)`."""
    for _ in range(m):
        g = np.append(g * np.arange(len(g), 0, -1, dtype=g.dtype), np.zeros_like(g[:1]))
    return g[len(g) - len(p) :] if len(g) >= len(p) else np.pad(g, (len(p) - len(g), 0))


def polyint_adjoint(g: Any, p: Any, m: Any) -> Any:
    """Cotangent of the coefficients `p` in `np.polyint(p, m)`."""
    for _ in range(m):
        g = g[:-1] / np.arange(len(g) - 1, 0, -1, dtype=g.dtype)
    return g


def poly_adjoint(g: Any, y: Any, zeros: Any) -> Any:
    """Cotangent of the zeros of the polynomial with the coefficients `y`."""
    if np.ndim(zeros) != 1:
        raise ValueError("the derivative of np.poly is supported for a vector of zeros")
    return np.array(
        [-np.dot(g[1:], np.poly(np.delete(zeros, i))) for i in range(len(zeros))],
        dtype=zeros.dtype,
    )


def polyfit_adjoint(g: Any, y: Any, x: Any, values: Any, deg: Any) -> Any:
    """Cotangents of the points and values of `np.polyfit`, from those of its coefficients `y`."""
    powers = np.vander(x, deg + 1)
    columns = np.reshape(values, (len(x), -1))
    g, fitted = np.reshape(g, (deg + 1, -1)), np.reshape(y, (deg + 1, -1))
    orthogonal, triangle = np.linalg.qr(powers)
    inner = np.linalg.solve(triangle.T, g)
    values_bar = orthogonal @ inner
    left = np.linalg.solve(triangle, inner)
    powers_bar = (columns - powers @ fitted) @ left.T - values_bar @ fitted.T
    slopes = powers[:, 1:] * np.arange(deg, 0, -1, dtype=powers.dtype)
    x_bar = np.sum(powers_bar[:, :-1] * slopes, axis=1)
    return [x_bar, np.reshape(values_bar, np.shape(values))]


def vander_adjoint(g: Any, x: Any, increasing: Any) -> Any:
    """Cotangent of `x` in `np.vander(x)`."""
    if not increasing:
        g = g[:, ::-1]
    count = np.shape(g)[1]
    slopes = np.vander(x, max(count - 1, 0), True) * np.arange(1, count, dtype=np.result_type(x))
    return np.sum(g[:, 1:] * slopes, axis=1)


def gradient_adjoint(g: Any, f: Any, spacing: Any, axis: Any, edge_order: Any) -> Any:
    """Cotangent of `f` in one array of `np.gradient(f)`, that along `axis`."""
    g = np.moveaxis(g, axis, 0)
    n = len(g)
    steps = np.diff(spacing) if np.ndim(spacing) else np.full(n - 1, spacing)
    steps = np.reshape(steps.astype(g.dtype), (-1,) + (1,) * (np.ndim(g) - 1))
    before, after = steps[:-1], steps[1:]
    both = before + after
    f_bar = np.zeros_like(g)
    f_bar[:-2] -= g[1:-1] * after / (before * both)
    f_bar[1:-1] += g[1:-1] * (after - before) / (before * after)
    f_bar[2:] += g[1:-1] * before / (after * both)
    ends: Any
    if edge_order == 1:
        ends = ((-1 / steps[0], 1 / steps[0]), (-1 / steps[-1], 1 / steps[-1]))
    else:
        one, two, whole = before[0], after[0], both[0]
        first = (-(one + whole) / (one * whole), whole / (one * two), -one / (two * whole))
        one, two, whole = before[-1], after[-1], both[-1]
        last = (two / (one * whole), -whole / (one * two), (two + whole) / (two * whole))
        ends = (first, last)
    for i in range(edge_order + 1):
        f_bar[i] += g[0] * ends[0][i]
        f_bar[n - 1 - edge_order + i] += g[-1] * ends[1][i]
    return np.moveaxis(f_bar, 0, axis)


def trimmed_adjoint(g: Any, x: Any, trim: Any) -> Any:
    """Cotangent of `np.trim_zeros`: `g` where it was, zeros around it."""
    if np.ndim(x) != 1:
        raise ValueError("the derivative of np.trim_zeros is supported for vectors")
    ahead = len(x) - len(np.trim_zeros(x, "f")) if "f" in trim.lower() else 0
    return np.pad(g, (ahead, len(x) - ahead - len(g)))


def inserted_adjoint(g: Any, arr: Any, obj: Any, values: Any, axis: Any) -> Any:
    """Cotangents of `arr` and `values` in `np.insert(arr, obj, values, axis)`."""
    flat = axis is None
    if flat:
        arr_shape, arr, axis = np.shape(arr), np.ravel(arr), 0
    count = np.shape(arr)[axis]
    # the places of the old rows are their numbers, those of new ones are below 0
    fresh = -1 - np.arange(np.shape(g)[axis] - count)
    places = np.insert(np.arange(count), obj, fresh)
    arr_bar = np.take(g, np.flatnonzero(places >= 0), axis)
    order = np.flatnonzero(places < 0)
    values_bar = np.take(g, order[np.argsort(-places[order])], axis)
    if np.ndim(obj) == 0:
        values_bar = np.moveaxis(values_bar, axis, 0)
    values_bar = unbroadcast(values_bar, np.array(values, ndmin=np.ndim(arr)))
    arr_bar = np.reshape(arr_bar, arr_shape) if flat else arr_bar
    return [arr_bar, np.reshape(values_bar, np.shape(values))]
