"""Carried helpers for `scipy.linalg`, of real matrices.

As in `srcgrad.support`: each alone or with others, their source goes into the files that use them,
which import the parts of SciPy that they name. `g` is the cotangent of the result `y`.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from srcgrad.distant import Distant
from srcgrad.support_factors import qr_adjoint
from srcgrad.support_linear import cholesky_adjoint, eigh_adjoint, fold_lower

scipy = Distant("scipy")


def one_matrix(a: Any) -> Any:
    """`a`, if it is a single matrix: SciPy also takes stacks of them."""
    if np.ndim(a) != 2:
        raise ValueError("the derivative is supported for single matrices, not for stacks")
    return a


def columns(x: Any) -> Any:
    """A vector as a matrix of one column. Raises for stacks of right-hand sides."""
    if np.ndim(x) > 2:
        raise ValueError("the derivative is supported for one right-hand side, not for stacks")
    return np.reshape(x, (np.shape(x)[0], -1))


def symmetric_solve_adjoint(b_bar: Any, y: Any, lower: Any) -> Any:
    """Cotangent of a symmetric matrix of which a solver reads one triangle."""
    whole = columns(b_bar) @ columns(y).T
    folded = fold_lower((whole + whole.T) / 2)
    return -folded if lower else -folded.T


def is_plain(trans: Any) -> Any:
    """Whether a solver solves with the matrix as it is, and not with its transpose."""
    return trans == 0 or trans == "N"


def triangular_adjoint_b(g: Any, a: Any, trans: Any, lower: Any, unit: Any) -> Any:
    """Cotangent of `b` in `scipy.linalg.solve_triangular(a, b)`."""
    turned = 1 if is_plain(trans) else 0
    return scipy.linalg.solve_triangular(one_matrix(a), g, turned, lower, unit)


def triangular_adjoint_a(g: Any, y: Any, a: Any, trans: Any, lower: Any, unit: Any) -> Any:
    """Cotangent of `a` in `y = scipy.linalg.solve_triangular(a, b)`: of the triangle read."""
    b_bar = columns(triangular_adjoint_b(g, a, trans, lower, unit))
    whole = b_bar @ columns(y).T if is_plain(trans) else columns(y) @ b_bar.T
    if lower:
        return -np.tril(whole, -1 if unit else 0)
    return -np.triu(whole, 1 if unit else 0)


def triangular_tangent(d: Any, y: Any, trans: Any, lower: Any, unit: Any) -> Any:
    """What takes the place of the right-hand side in the tangent of a triangular solver."""
    read = np.tril(d, -1 if unit else 0) if lower else np.triu(d, 1 if unit else 0)
    return -(read if is_plain(trans) else read.T) @ y


def turned_bands(l_and_u: Any, ab: Any) -> Any:
    """The bands of the transpose of a banded matrix."""
    last = l_and_u[0] + l_and_u[1]
    return np.stack([np.roll(ab[last - k], l_and_u[0] - k) for k in range(last + 1)])


def banded_adjoint_b(g: Any, l_and_u: Any, ab: Any) -> Any:
    """Cotangent of `b` in `scipy.linalg.solve_banded(l_and_u, ab, b)`."""
    turned = turned_bands(l_and_u, one_matrix(ab))
    return scipy.linalg.solve_banded((l_and_u[1], l_and_u[0]), turned, g)


def banded_adjoint_a(g: Any, y: Any, l_and_u: Any, ab: Any) -> Any:
    """Cotangent of the bands in `y = scipy.linalg.solve_banded(l_and_u, ab, b)`."""
    b_bar, y = columns(banded_adjoint_b(g, l_and_u, ab)), columns(y)
    count, above = np.shape(ab)[1], l_and_u[1]
    bands = []
    for k in range(np.shape(ab)[0]):
        row = np.arange(count) + (k - above)
        inside = (row >= 0) & (row < count)
        bands.append(-np.sum(b_bar[np.clip(row, 0, count - 1)] * y, axis=1) * inside)
    return np.stack(bands)


def toeplitz_solve_adjoint(b_bar: Any, y: Any, c: Any, r: Any) -> Any:
    """Cotangents of the first column and row in `scipy.linalg.solve_toeplitz`."""
    whole = -columns(b_bar) @ columns(y).T
    return toeplitz_adjoint_c(whole, c, r), toeplitz_adjoint_r(whole, r)


def toeplitz_adjoint_b(g: Any, c_and_r: Any) -> Any:
    """Cotangent of `b` in `scipy.linalg.solve_toeplitz((c, r), b)`: the corner is that of `c`."""
    c, r = c_and_r
    row = np.concatenate((c[:1], r[1:]))
    return scipy.linalg.solve_toeplitz((row, c), g)


def lyapunov_adjoint(s: Any, left: Any, right: Any = None) -> Any:
    """Cotangent of `a` in the equation of Lyapunov, from that of its right-hand side."""
    return -s @ left.T - s.T @ (left if right is None else right)


def diagonal_sums(g: Any, count: Any, sign: Any) -> Any:
    """Sums of the diagonals of a matrix, from the main one on, downwards (-1) or upwards."""
    g = one_matrix(g)
    return np.array([np.trace(g, sign * k) for k in range(count)], dtype=g.dtype)


def toeplitz_adjoint_c(g: Any, c: Any, r: Any) -> Any:
    """Cotangent of the first column in `scipy.linalg.toeplitz(c, r)`."""
    c_bar = diagonal_sums(g, np.size(c), -1)
    if r is None:
        above = diagonal_sums(g, np.size(c), 1)
        c_bar = c_bar + above * (np.arange(np.size(c)) > 0)
    return np.reshape(c_bar, np.shape(c))


def toeplitz_adjoint_r(g: Any, r: Any) -> Any:
    """Cotangent of the first row in `scipy.linalg.toeplitz(c, r)`, whose corner is not read."""
    sums = diagonal_sums(g, np.size(r), 1) * (np.arange(np.size(r)) > 0)
    return np.reshape(sums.astype(g.dtype), np.shape(r))


def hankel_adjoint(g: Any) -> Any:
    """Cotangents of column and last row in `scipy.linalg.hankel(c, r)`."""
    rows, count = np.shape(one_matrix(g))
    turned = g[::-1]  # anti-diagonals become diagonals
    sums = np.array([np.trace(turned, k) for k in range(1 - rows, count)], dtype=g.dtype)
    r_bar = np.concatenate((np.zeros_like(sums[:1]), sums[rows:]))
    return sums[:rows], r_bar


def circulant_adjoint(g: Any) -> Any:
    """Cotangent of the first column in `scipy.linalg.circulant`."""
    column = np.arange(np.shape(one_matrix(g))[0])
    return np.sum(g[(np.expand_dims(column, 1) + column) % len(column), column], axis=1)


def companion_adjoint(g: Any, y: Any, a: Any) -> Any:
    """Cotangent of the coefficients in `scipy.linalg.companion`."""
    g = one_matrix(g)
    return np.concatenate((-np.sum(g[:1] * y[:1], axis=1), -g[0])) / a[0]


def fiedler_companion_adjoint(g: Any, a: Any) -> Any:
    """Cotangent of the coefficients in `scipy.linalg.fiedler_companion`."""
    count = np.shape(one_matrix(g))[0]
    rest = [-g[0, 0]]
    for k in range(2, count + 1):
        rest.append(-g[k - 2, k - 1] if k % 2 == 0 else -g[k - 1, k - 2])
    scaled = np.array(rest, dtype=g.dtype) / a[0]
    first = -np.sum(scaled * a[1:], keepdims=True) / a[0]
    return np.concatenate((first, scaled))


def convolution_matrix_adjoint(g: Any, a: Any, n: Any, mode: Any) -> Any:
    """Cotangent of the kernel in `scipy.linalg.convolution_matrix(a, n, mode)`."""
    g, short = one_matrix(g), min(n, np.size(a)) - 1
    before = {"full": 0, "same": short // 2, "valid": short}[mode]
    after = np.size(a) + n - 1 - before - np.shape(g)[0]
    whole = np.pad(g, ((before, after), (0, 0)))
    column = np.arange(n)
    rows = np.expand_dims(np.arange(np.size(a)), 1) + column
    return np.sum(whole[rows, column], axis=1)


def fiedler_adjoint(g: Any, a: Any) -> Any:
    """Cotangent of the points in `scipy.linalg.fiedler`, a matrix of distances."""
    g = one_matrix(g)
    return np.sum((g + g.T) * np.sign(np.expand_dims(a, 1) - a), axis=1)


def diagonal_block_adjoint(g: Any, before: Any, x: Any) -> Any:
    """Cotangent of one block of `scipy.linalg.block_diag`, after the blocks `before`."""
    row = sum([np.shape(np.atleast_2d(b))[-2] for b in before])
    column = sum([np.shape(np.atleast_2d(b))[-1] for b in before])
    rows, count = np.shape(one_matrix(np.atleast_2d(x)))
    return np.reshape(g[row : row + rows, column : column + count], np.shape(x))


# --- functions of matrices -----------------------------------------------------------------------


def twice(a: Any, g: Any) -> Any:
    """The block matrix `[[a, g], [0, a]]`: a function of it has its slope along `g` beside it."""
    above = np.concatenate((a, g), axis=-1)
    return np.concatenate((above, np.concatenate((np.zeros_like(a), a), axis=-1)), axis=-2)


def beside(whole: Any, a: Any) -> Any:
    """The upper right block of a function of `twice(a, g)`."""
    n = np.shape(a)[-1]
    return whole[..., :n, n:].astype(a.dtype)


def expm_adjoint(g: Any, a: Any) -> Any:
    """Cotangent of `a` in `scipy.linalg.expm(a)`, of stacks of matrices too."""
    turned = np.swapaxes(a, -1, -2)
    return beside(scipy.linalg.expm(twice(turned, g)), a)


def frechet_adjoint(g: Any, a: Any, e: Any) -> Any:
    """Cotangent of `a` in the slope of `scipy.linalg.expm` at `a` along `e`."""
    whole = twice(a.T, e.T)
    direction = twice(g, np.zeros_like(g))
    return beside(scipy.linalg.expm_frechet(whole, direction, compute_expm=False), a)


def logm_adjoint(g: Any, y: Any, a: Any) -> Any:
    """Cotangent of `a` in `y = scipy.linalg.logm(a)`."""
    return beside(scipy.linalg.logm(twice(real_one(a, y).T, g)), a)


def sqrtm_adjoint(g: Any, y: Any, a: Any) -> Any:
    """Cotangent of `a` in `y = scipy.linalg.sqrtm(a)`."""
    y = real_one(y, y)
    return scipy.linalg.solve_sylvester(y.T, y.T, g).astype(a.dtype)


def real_one(a: Any, y: Any) -> Any:
    """The matrix `a`, if the function of it is real: there are roots that are not."""
    if np.ndim(a) != 2 or y.dtype.kind == "c":
        raise ValueError("the derivative is supported for single matrices with real results")
    return a


# --- factorisations ------------------------------------------------------------------------------


def lu_adjoint(l_bar: Any, u_bar: Any, low: Any, up: Any) -> Any:
    """Cotangent of the square matrix `low @ up`, its rows in the order of the factors."""
    if np.shape(low) != np.shape(up):
        raise ValueError("the derivative of an LU factorisation is supported for square matrices")
    middle = np.tril(low.T @ l_bar, -1) + np.triu(u_bar @ up.T)
    left = scipy.linalg.solve_triangular(low, middle, 1, True, True)
    return scipy.linalg.solve_triangular(up, left.T).T


def packed_lu_adjoint(g: Any, packed: Any, pivots: Any) -> Any:
    """Cotangent of `a` in `packed, pivots = scipy.linalg.lu_factor(a)`."""
    low = np.tril(packed, -1) + np.eye(len(packed), dtype=packed.dtype)
    a_bar = lu_adjoint(np.tril(g, -1), np.triu(g), low, np.triu(packed))
    return a_bar[np.argsort(row_order(pivots))]


def row_order(pivots: Any) -> Any:
    """The rows of a matrix in the order in which its exchanges of rows leave them."""
    order = list(range(len(pivots)))
    for i, other in enumerate(pivots):
        first, second = order[i], order[other]
        order[i] = second
        order[other] = first
    return np.array(order)


def lu_solve_adjoint(g: Any, y: Any, packed: Any, pivots: Any, trans: Any) -> Any:
    """Cotangent of the packed factors in `y = scipy.linalg.lu_solve((packed, pivots), b)`."""
    order = row_order(pivots)
    g, y = columns(g), columns(y)
    low = np.tril(packed, -1) + np.eye(len(packed), dtype=packed.dtype)
    if is_plain(trans):
        inner = scipy.linalg.solve_triangular(packed, g, 1)
        outer = scipy.linalg.solve_triangular(packed, inner, 1, True, True)
        return -np.triu(inner @ y.T) - np.tril(outer @ (np.triu(packed) @ y).T, -1)
    g, y = g[order], y[order]
    inner = scipy.linalg.solve_triangular(packed, g, 0, True, True)
    outer = scipy.linalg.solve_triangular(packed, inner)
    return -np.triu((low.T @ y) @ outer.T) - np.tril(y @ inner.T, -1)


def turned_lu_solve(g: Any, lu_and_piv: Any, trans: Any) -> Any:
    """Cotangent of `b` in `scipy.linalg.lu_solve(lu_and_piv, b, trans)`."""
    return scipy.linalg.lu_solve(lu_and_piv, g, 1 if is_plain(trans) else 0)


def cho_factor_adjoint(g: Any, c: Any, lower: Any) -> Any:
    """Cotangent of `a` in `scipy.linalg.cho_factor(a)`; beside the factor `a` shines through."""
    if lower:
        return cholesky_adjoint(np.tril(g), np.tril(c)) + np.triu(g, 1)
    return cholesky_adjoint(np.triu(g).T, np.triu(c).T).T + np.tril(g, -1)


def cho_solve_adjoint(g: Any, y: Any, c: Any, lower: Any) -> Any:
    """Cotangent of the factor in `y = scipy.linalg.cho_solve((c, lower), b)`."""
    half = columns(scipy.linalg.cho_solve((c, lower), g)) @ columns(y).T
    if lower:
        return -np.tril((half + half.T) @ np.tril(c))
    return -np.triu(np.triu(c) @ (half + half.T))


def full_qr_adjoint(q_bar: Any, r_bar: Any, q: Any, r: Any, a: Any) -> Any:
    """Cotangent of `a` in a full QR factorisation: columns of Q beyond those of `a` are free."""
    k = min(np.shape(one_matrix(a)))
    if np.any(q_bar[:, k:]):
        raise ValueError("columns of a full Q have no derivative: pass mode='economic'")
    return qr_adjoint(q_bar[:, :k], r_bar[:k], q[:, :k], r[:k], a)


def eigh_tridiagonal_adjoint(w_bar: Any, v_bar: Any, w: Any, v: Any) -> Any:
    """Cotangents of the diagonal and the one beside it of a symmetric tridiagonal matrix."""
    folded = eigh_adjoint(w_bar, v_bar, w, v)
    return np.diagonal(folded), np.diagonal(folded, -1)


def polar_adjoint(u_bar: Any, p_bar: Any, u: Any, p: Any) -> Any:
    """Cotangent of `u @ p`, the factors of `scipy.linalg.polar`."""
    if np.shape(u)[0] < np.shape(u)[1]:
        raise ValueError("the derivative of scipy.linalg.polar needs a factor of full rank")
    stretch = (p_bar + p_bar.T) / 2
    turn = u.T @ u_bar - stretch @ p
    inner = stretch + scipy.linalg.solve_sylvester(p, p, turn - turn.T)
    outside = np.linalg.solve(p, (u_bar - u @ (u.T @ u_bar)).T).T
    return u @ inner + outside
