"""Carried helpers of forward mode: tangents of functions that no one expression gives.

As in `srcgrad.support`: plain NumPy, each alone or with others, their source goes into the files
that use them. Matrices may come in stacks. Each is the transpose of an adjoint of another file.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from srcgrad.support_arrays import divide_or_zero, expand_weights
from srcgrad.support_statistics import lanes_of, quantile_weights


def rearranged(x_dot: Any, x: Any, y: Any, axis: Any) -> Any:
    """Tangent of a rearrangement of `x` into `y` along `axis`."""
    if axis is None:
        x_dot, x, axis = np.ravel(x_dot), np.ravel(x), 0
    ordered = np.take_along_axis(x_dot, np.argsort(x, axis=axis, kind="stable"), axis)
    ranks = np.argsort(np.argsort(y, axis=axis, kind="stable"), axis=axis)
    return np.take_along_axis(ordered, ranks, axis)


def unique_tangent(x_dot: Any, x: Any) -> Any:
    """Tangent of `np.unique`: the mean of those of equal elements."""
    _, places, counts = np.unique(x, return_inverse=True, return_counts=True)
    return np.bincount(np.ravel(places), weights=np.ravel(x_dot)) / counts


def sorted_tangent(items_dot: Any, items: Any, reverse: Any) -> Any:
    """Tangent of `sorted(items)`."""
    order = sorted(range(len(items)), key=lambda i: items[i], reverse=reverse)
    return [items_dot[i] for i in order]


def picked_tangent(items_dot: Any, chosen: Any, items: Any) -> Any:
    """Tangent of `max(items)` or `min(items)`: that of the first item chosen."""
    return items_dot[list(items).index(chosen) if chosen == chosen else 0]


def cumprod_tangent(x_dot: Any, x: Any, axis: Any) -> Any:
    """Tangent of `np.cumprod`, by the product rule from the first element on."""
    if axis is None or np.ndim(x) == 0:
        x_dot, x, axis = np.ravel(x_dot), np.ravel(x), 0
    x_dot, x = np.moveaxis(x_dot, axis, 0), np.moveaxis(x, axis, 0)
    y_dot = np.zeros(np.shape(x), dtype=np.result_type(x, x_dot))
    product, slope = np.ones_like(x[0]), np.zeros_like(y_dot[0])
    for i in range(len(x)):
        slope = slope * x[i] + product * x_dot[i]
        product = product * x[i]
        y_dot[i] = slope
    return np.moveaxis(y_dot, 0, axis)


def running_extremum_tangent(x_dot: Any, x: Any, y: Any, axis: Any) -> Any:
    """Tangent of running maxima or minima `y`: that of the element that set them; ties share."""
    x_dot, x, y = (np.moveaxis(part, axis, 0) for part in (x_dot, x, y))
    y_dot = np.array(x_dot)
    for i in range(1, len(x)):
        stays = (y[i] == y[i - 1]) * (1.0 - 0.5 * (y[i] == x[i]))
        y_dot[i] = stays * y_dot[i - 1] + (1 - stays) * x_dot[i]
    return np.moveaxis(y_dot, 0, axis)


def trimmed_tangent(x_dot: Any, x: Any, y: Any, trim: Any) -> Any:
    """Tangent of `np.trim_zeros`: what is left of it."""
    if np.ndim(x) != 1:
        raise ValueError("the derivative of np.trim_zeros is supported for vectors")
    ahead = len(x) - len(np.trim_zeros(x, "f")) if "f" in trim.lower() else 0
    return x_dot[ahead : ahead + len(y)]


def quantile_tangent(x_dot: Any, x: Any, y: Any, places: Any, axis: Any) -> Any:
    """Tangent of the values at `places` between the sorted elements of `x`, 0 the smallest."""
    lanes = lanes_of(x, axis)
    ordered = np.take_along_axis(lanes_of(x_dot, axis), np.argsort(lanes, -1, kind="stable"), -1)
    weights = quantile_weights(places, np.shape(lanes)[-1]).astype(lanes.dtype)
    rows = np.reshape(weights, (-1, np.shape(lanes)[-1]))
    return np.reshape(np.tensordot(rows, ordered, (1, -1)), np.shape(y))[()]


def average_weights_tangent(w_dot: Any, y: Any, x: Any, weights: Any, axis: Any) -> Any:
    """Tangent of `np.average` from that of its weights; `y` has kept its axes."""
    w, dot = expand_weights(weights, x, axis), expand_weights(w_dot, x, axis)
    total = np.sum(w, axis=axis, keepdims=True)
    mean = np.sum(x * w, axis=axis, keepdims=True) / total
    return np.reshape(np.sum(dot * (x - mean) / total, axis=axis), np.shape(y))[()]


def cov_tangent(m_dot: Any, m: Any, rowvar: Any, bias: Any, ddof: Any) -> Any:
    """Tangent of `np.cov(m)`."""
    plain = rowvar or np.ndim(m) == 1
    rows, dots = (np.atleast_2d(part) if plain else part.T for part in (m, m_dot))
    rows, dots = (part - np.mean(part, axis=1, keepdims=True) for part in (rows, dots))
    lost = ddof if ddof is not None else 1 - bool(bias)
    half = dots @ rows.T / (np.shape(rows)[1] - lost)
    c_dot = half + half.T
    return c_dot[0, 0] if np.shape(c_dot) == (1, 1) else c_dot


def joined_rows(m: Any, other: Any, rowvar: Any) -> Any:
    """Both sets of observations of `np.cov(m, other)`, as rows."""
    turned = [
        np.atleast_2d(x).T if not rowvar and np.ndim(x) == 2 else np.atleast_2d(x)
        for x in (m, other)
    ]
    return np.concatenate(turned)


def corrcoef_tangent(c_dot: Any, y: Any, c: Any) -> Any:
    """Tangent of correlations `y`, from that of the covariances `c`."""
    if np.ndim(c) == 0:
        return 0.0 * c_dot
    variances, changes = np.diag(c), np.diag(c_dot)
    spread = np.sqrt(variances)
    own = changes / (2 * variances)
    y_dot = c_dot / np.outer(spread, spread) - y * (own[:, np.newaxis] + own)
    return y_dot * (1 - np.eye(len(variances), dtype=c.dtype))


def vander_tangent(x_dot: Any, x: Any, y: Any, increasing: Any) -> Any:
    """Tangent of the powers of `x` in `np.vander`."""
    count = np.shape(y)[1]
    y_dot = np.zeros_like(y)
    slopes = np.vander(x, max(count - 1, 0), True) * np.arange(1, count, dtype=np.result_type(x))
    y_dot[:, 1:] = slopes * x_dot[:, np.newaxis]
    return y_dot if increasing else y_dot[:, ::-1]


def poly_tangent(zeros_dot: Any, zeros: Any) -> Any:
    """Tangent of the coefficients of the polynomial with these zeros."""
    if np.ndim(zeros) != 1:
        raise ValueError("the derivative of np.poly is supported for a vector of zeros")
    y_dot = np.zeros(len(zeros) + 1, dtype=zeros.dtype)
    for i in range(len(zeros)):
        y_dot[1:] -= zeros_dot[i] * np.poly(np.delete(zeros, i))
    return y_dot


def polyfit_points_tangent(x_dot: Any, x: Any, values: Any, deg: Any) -> Any:
    """Tangent of the coefficients of `np.polyfit`, from that of the points."""
    powers = np.vander(x, deg + 1)
    powers_dot = vander_tangent(x_dot, x, powers, False)
    return pinv_tangent(powers_dot, np.linalg.pinv(powers), powers) @ values


def solve_tangent_a(a_dot: Any, y: Any, a: Any, b: Any) -> Any:
    """What `a` gives to the tangent of `y = np.linalg.solve(a, b)`, stacks of systems too."""
    if np.ndim(b) == 1:
        return -np.linalg.solve(a, a_dot @ y[..., np.newaxis])[..., 0]
    return -np.linalg.solve(a, a_dot @ y)


def pinv_tangent(a_dot: Any, y: Any, a: Any) -> Any:
    """Tangent of `y = np.linalg.pinv(a)`, where the rank does not change."""
    d_t, y_t = np.swapaxes(a_dot, -1, -2), np.swapaxes(y, -1, -2)
    rows = y @ y_t @ d_t @ (np.eye(np.shape(a)[-2], dtype=a.dtype) - a @ y)
    columns = (np.eye(np.shape(a)[-1], dtype=a.dtype) - y @ a) @ d_t @ y_t @ y
    return rows + columns - y @ a_dot @ y


def matrix_power_tangent(a_dot: Any, a: Any, n: Any) -> Any:
    """Tangent of `np.linalg.matrix_power(a, n)`."""
    if n < 0:
        inverse = np.linalg.inv(a)
        return matrix_power_tangent(-inverse @ a_dot @ inverse, inverse, -n)
    y_dot = np.zeros_like(a_dot)
    for i in range(n):
        y_dot += np.linalg.matrix_power(a, i) @ a_dot @ np.linalg.matrix_power(a, n - 1 - i)
    return y_dot


def chain_tangent(dots: Any, arrays: Any) -> Any:
    """Tangent of `np.linalg.multi_dot`: one product for each factor."""
    total = 0.0
    for i in range(len(arrays)):
        factors = [dots[k] if k == i else arrays[k] for k in range(len(arrays))]
        total = total + np.linalg.multi_dot(factors)
    return total


def tensorsolve_tangent_a(a_dot: Any, y: Any, a: Any) -> Any:
    """What `a` gives to the tangent of `y = np.linalg.tensorsolve(a, b)`."""
    return -np.linalg.tensorsolve(a, np.tensordot(a_dot, y, np.ndim(y)))


def tensorinv_tangent(a_dot: Any, y: Any) -> Any:
    """Tangent of `y = np.linalg.tensorinv(a)`."""
    size = int(np.sqrt(np.size(y)))
    inverse = np.reshape(y, (size, size))
    return np.reshape(-inverse @ np.reshape(a_dot, (size, size)) @ inverse, np.shape(y))


def from_lower(a_dot: Any) -> Any:
    """The symmetric matrix of which only the lower triangle is read."""
    return np.tril(a_dot) + np.swapaxes(np.tril(a_dot, -1), -1, -2)


def cholesky_tangent(a_dot: Any, y: Any) -> Any:
    """Tangent of `y = np.linalg.cholesky(a)`: NumPy reads only the lower triangle of `a`."""
    inside = np.linalg.solve(y, from_lower(a_dot))
    inside = np.linalg.solve(y, np.swapaxes(inside, -1, -2))
    return y @ (np.tril(inside) - np.tril(np.triu(inside)) / 2)


def eigh_tangent(a_dot: Any, w: Any, v: Any) -> Any:
    """Tangents of the eigenvalues and vectors of a symmetric matrix.

    NumPy reads only its lower triangle. Between vectors of equal eigenvalues nothing flows.
    """
    middle = np.swapaxes(v, -1, -2) @ from_lower(a_dot) @ v
    gaps = np.expand_dims(w, -2) - np.expand_dims(w, -1)
    return [np.diagonal(middle, 0, -2, -1).copy(), v @ divide_or_zero(middle, gaps)]


def eigvalsh_tangent(a_dot: Any, a: Any) -> Any:
    """Tangent of `np.linalg.eigvalsh(a)`."""
    w, v = np.linalg.eigh(a)
    return eigh_tangent(a_dot, w, v)[0]


def svd_tangent(a_dot: Any, u: Any, s: Any, vh: Any) -> Any:
    """Tangents of singular vectors and values; between vectors of equal values nothing flows."""
    k = np.shape(s)[-1]
    if np.shape(u)[-1] != k or np.shape(vh)[-2] != k:  # those of the null space have no derivative
        parts = svd_tangent(a_dot, u[..., :k], s, vh[..., :k, :])
        stack = np.shape(a_dot)[:-2]
        u_dot, vh_dot = (
            np.full((*stack, *np.shape(part)[-2:]), np.nan, dtype=part.dtype) for part in (u, vh)
        )
        u_dot[..., :k], vh_dot[..., :k, :] = parts[0], parts[2]
        return [u_dot, parts[1], vh_dot]
    u_t, v = np.swapaxes(u, -1, -2), np.swapaxes(vh, -1, -2)
    row, column = np.expand_dims(s, -2), np.expand_dims(s, -1)
    middle = u_t @ a_dot @ v
    turned, gaps = np.swapaxes(middle, -1, -2), row**2 - column**2
    u_dot = u @ divide_or_zero(middle * row + column * turned, gaps)
    u_dot = u_dot + divide_or_zero(a_dot @ v - u @ middle, row)
    v_dot = v @ divide_or_zero(column * middle + turned * row, gaps)
    v_dot = v_dot + divide_or_zero(np.swapaxes(a_dot, -1, -2) @ u - v @ turned, row)
    return [u_dot, np.diagonal(middle, 0, -2, -1).copy(), np.swapaxes(v_dot, -1, -2)]


def singular_values_tangent(a_dot: Any, a: Any) -> Any:
    """Tangent of the singular values of a matrix."""
    u, _, vh = np.linalg.svd(a, full_matrices=False)
    return np.sum(u * (a_dot @ np.swapaxes(vh, -1, -2)), axis=-2)


def qr_tangent(a_dot: Any, q: Any, r: Any, a: Any) -> Any:
    """Tangents of `q, r = np.linalg.qr(a)`, of full rank; wide ones by their first columns."""
    k = np.shape(q)[-1]
    q_t, first = np.swapaxes(q, -1, -2), a_dot[..., :k]
    square = np.swapaxes(r[..., :k], -1, -2)
    scaled = np.swapaxes(np.linalg.solve(square, np.swapaxes(first, -1, -2)), -1, -2)
    inside = q_t @ scaled
    below = np.tril(inside, -1)
    q_dot = q @ (below - np.swapaxes(below, -1, -2)) + scaled - q @ inside
    r_dot = np.triu(q_t @ a_dot + np.swapaxes(q_dot, -1, -2) @ a)
    return [q_dot, r_dot]


def r_tangent(a_dot: Any, r: Any, a: Any) -> Any:
    """Tangent of `np.linalg.qr(a, "r")`."""
    k = min(np.shape(a)[-2:])
    square = np.swapaxes(r[..., :k], -1, -2)
    q = np.swapaxes(np.linalg.solve(square, np.swapaxes(a[..., :k], -1, -2)), -1, -2)
    return qr_tangent(a_dot, q, r, a)[1]


def lstsq_tangent(a_dot: Any, b_dot: Any, sums: Any, x: Any, a: Any, b: Any) -> Any:
    """Tangents of what `np.linalg.lstsq(a, b)` gives, where the rank does not change."""
    inverse = np.linalg.pinv(a)
    x_dot = pinv_tangent(a_dot, inverse, a) @ b + inverse @ b_dot
    rest, change = b - a @ x, b_dot - a_dot @ x
    sums_dot = np.ravel(np.sum(2 * rest * change, axis=0))[: np.size(sums)]
    sums_dot = np.reshape(sums_dot, np.shape(sums))  # SciPy gives a number for one right side
    return [x_dot, sums_dot, 0.0, singular_values_tangent(a_dot, a)]
