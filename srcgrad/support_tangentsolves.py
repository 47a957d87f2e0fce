"""Carried helpers of forward mode, for matrices as SciPy stores and factors them.

As in `srcgrad.support`: plain NumPy and SciPy, their source goes into the files that use them.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from srcgrad.distant import Distant
from srcgrad.support_arrays import divide_or_zero
from srcgrad.support_matrices import beside, columns, is_plain, row_order, twice
from srcgrad.support_pushforwards import cholesky_tangent, eigh_tangent, from_lower, qr_tangent

scipy = Distant("scipy")


def symmetric_tangent(a_dot: Any, lower: Any) -> Any:
    """The tangent of a symmetric matrix of which one triangle is read."""
    return from_lower(a_dot if lower else a_dot.T)


def banded_product(l_and_u: Any, ab: Any, y: Any) -> Any:
    """The product of a matrix, given by its bands, and `y`."""
    count, above = np.shape(ab)[1], l_and_u[1]
    whole = np.zeros((count, np.size(y) // count))
    for k in range(np.shape(ab)[0]):
        row = np.arange(count) + (k - above)
        inside = (row >= 0) & (row < count)
        whole[row[inside]] += (np.reshape(ab[k], (-1, 1)) * columns(y))[inside]
    return np.reshape(whole, np.shape(y))


def lu_tangent(a_dot: Any, low: Any, up: Any) -> Any:
    """Tangents of the factors of the square matrix `low @ up`, its rows in their order."""
    if np.shape(low) != np.shape(up):
        raise ValueError("the derivative of an LU factorisation is supported for square matrices")
    left = scipy.linalg.solve_triangular(low, a_dot, 0, True, True)
    inside = scipy.linalg.solve_triangular(up, left.T, 1).T
    return [low @ np.tril(inside, -1), np.triu(inside) @ up]


def lu_tangents(a_dot: Any, p: Any, low: Any, up: Any) -> Any:
    """Tangents of the factors `p @ low @ up` of a square matrix."""
    return [np.zeros_like(p), *lu_tangent(p.T @ a_dot, low, up)]


def packed_lu_tangent(a_dot: Any, packed: Any, pivots: Any) -> Any:
    """Tangents of `packed, pivots = scipy.linalg.lu_factor(a)`."""
    low = np.tril(packed, -1) + np.eye(len(packed), dtype=packed.dtype)
    low_dot, up_dot = lu_tangent(a_dot[row_order(pivots)], low, np.triu(packed))
    return (low_dot + up_dot, np.zeros(np.shape(pivots)))


def lu_solve_tangent(d: Any, y: Any, packed: Any, pivots: Any, trans: Any) -> Any:
    """Tangent of `y = scipy.linalg.lu_solve((packed, pivots), b)` from that of the factors."""
    low = np.tril(packed, -1) + np.eye(len(packed), dtype=packed.dtype)
    moved = np.tril(d, -1) @ np.triu(packed) + low @ np.triu(d)
    moved = moved[np.argsort(row_order(pivots))]
    right = (moved if is_plain(trans) else moved.T) @ y
    return -scipy.linalg.lu_solve((packed, pivots), right, trans)


def cho_factor_tangent(a_dot: Any, c: Any, lower: Any) -> Any:
    """Tangent of `c` in `scipy.linalg.cho_factor(a)`; beside the factor `a` shines through."""
    if lower:
        return cholesky_tangent(a_dot, np.tril(c)) + np.triu(a_dot, 1)
    return cholesky_tangent(a_dot.T, np.triu(c).T).T + np.tril(a_dot, -1)


def cho_solve_tangent(d: Any, y: Any, c: Any, lower: Any) -> Any:
    """Tangent of `y = scipy.linalg.cho_solve((c, lower), b)` from that of the factor."""
    half = np.tril(d) @ np.tril(c).T if lower else np.triu(d).T @ np.triu(c)
    return -scipy.linalg.cho_solve((c, lower), (half + half.T) @ y)


def full_qr_tangent(a_dot: Any, q: Any, r: Any, a: Any) -> Any:
    """Tangents of a full QR factorisation: columns of Q beyond those of `a` have none, NaN."""
    k = min(np.shape(a))
    q_dot, r_dot = np.full_like(q, np.nan), np.zeros_like(r)
    q_dot[:, :k], r_dot[:k] = qr_tangent(a_dot, q[:, :k], r[:k], a)
    return [q_dot, r_dot]


def tridiagonal(diagonal: Any, e: Any) -> Any:
    """A symmetric tridiagonal matrix, its lower triangle."""
    return np.diag(diagonal) + np.diag(e, -1)


def eigh_tridiagonal_tangent(diagonal_dot: Any, e_dot: Any, w: Any, v: Any) -> Any:
    """Tangents of the eigenvalues and vectors of a symmetric tridiagonal matrix."""
    return eigh_tangent(tridiagonal(diagonal_dot, e_dot), w, v)


def polar_tangent(a_dot: Any, u: Any, p: Any) -> Any:
    """Tangents of the factors of `u @ p`, of full rank."""
    if np.shape(u)[0] < np.shape(u)[1]:
        raise ValueError("the derivative of scipy.linalg.polar needs a factor of full rank")
    square = a_dot.T @ u @ p
    p_dot = scipy.linalg.solve_sylvester(p, p, square + square.T)
    return [np.linalg.solve(p, (a_dot - u @ p_dot).T).T, p_dot]


def left_polar_tangent(a_dot: Any, u: Any, p: Any) -> Any:
    """Tangents of the factors of `p @ u`."""
    u_dot, p_dot = polar_tangent(a_dot.T, u.T, p.T)
    return [u_dot.T, p_dot.T]


def companion_tangent(a_dot: Any, y: Any, a: Any) -> Any:
    """Tangent of `y = scipy.linalg.companion(a)`: of its first row."""
    y_dot = np.zeros_like(y)
    y_dot[0] = (-a_dot[1:] - y[0] * a_dot[0]) / a[0]
    return y_dot


def fiedler_companion_tangent(a_dot: Any, a: Any) -> Any:
    """Tangent of `scipy.linalg.fiedler_companion(a)`, which is linear in `a[1:] / a[0]`."""
    moved = (a_dot[1:] - a[1:] / a[0] * a_dot[0]) / a[0]
    one = np.ones(1)
    return scipy.linalg.fiedler_companion(
        np.concatenate((one, moved))
    ) - scipy.linalg.fiedler_companion(np.concatenate((one, 0.0 * moved)))


def fiedler_tangent(a_dot: Any, a: Any) -> Any:
    """Tangent of `scipy.linalg.fiedler(a)`, a matrix of distances."""
    steps = np.expand_dims(a, 1) - a
    return np.sign(steps) * (np.expand_dims(a_dot, 1) - a_dot)


def frechet_tangent(a_dot: Any, a: Any, e: Any) -> Any:
    """Tangent of the slope of `scipy.linalg.expm` at `a` along `e`, from that of `a`."""
    direction = twice(a_dot, np.zeros_like(a_dot))
    return beside(scipy.linalg.expm_frechet(twice(a, e), direction, compute_expm=False), a)


def distance_tangent(a_dot: Any, y: Any, a: Any, b: Any, metric: Any) -> Any:
    """Tangent of `y = scipy.spatial.distance.cdist(a, b)` from that of `a`; 0 where points meet."""
    steps, moved = np.expand_dims(a, 1) - b, np.expand_dims(a_dot, 1)
    if metric == "sqeuclidean":
        return np.sum(2 * steps * moved, axis=2)
    if metric == "cityblock":
        return np.sum(np.sign(steps) * moved, axis=2)
    if metric == "chebyshev":
        size = np.abs(steps)
        most = size == np.max(size, axis=2, keepdims=True)
        return np.sum(np.sign(steps) * most * moved, axis=2) / np.sum(most, axis=2)
    return divide_or_zero(np.sum(steps * moved, axis=2), y)
