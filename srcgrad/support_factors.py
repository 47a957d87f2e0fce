"""Carried helpers for factorisations, least squares, norms of matrices and chains of products.

As in `srcgrad.support`: plain NumPy, each alone or with others, their source goes into the files
that use them. Matrices may come in stacks. All of it is for real numbers.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from srcgrad.support_arrays import divide_or_zero, expand_reduced, share_extremum
from srcgrad.support_linear import norm_adjoint, pinv_adjoint


def turned(a: Any) -> Any:
    """The transpose of a matrix, or of each of a stack."""
    return np.swapaxes(a, -1, -2)


def svd_adjoint(u_bar: Any, s_bar: Any, vh_bar: Any, u: Any, s: Any, vh: Any) -> Any:
    """Cotangent of a matrix from those of its singular vectors and values.

    Between vectors of equal values nothing flows. Vectors of the null space are not determined by
    the matrix: those of a full decomposition may have no cotangent.
    """
    k = np.shape(s)[-1]
    if np.any(u_bar[..., k:]) or np.any(vh_bar[..., k:, :]):
        raise ValueError("vectors of the null space have no derivative: pass full_matrices=False")
    u, u_bar, v = u[..., :k], u_bar[..., :k], turned(vh[..., :k, :])
    v_bar = turned(vh_bar[..., :k, :])
    row, column = np.expand_dims(s, -2), np.expand_dims(s, -1)
    gaps = row**2 - column**2
    left, right = turned(u) @ u_bar, turned(v) @ v_bar
    middle = divide_or_zero(left - turned(left), gaps) * row
    middle = middle + column * divide_or_zero(right - turned(right), gaps)
    middle = middle + np.expand_dims(s_bar, -1) * np.eye(k, dtype=s.dtype)
    outside_u = divide_or_zero(u_bar - u @ left, row)
    outside_v = divide_or_zero(v_bar - v @ right, row)
    return (u @ middle + outside_u) @ turned(v) + u @ turned(outside_v)


def singular_values_adjoint(s_bar: Any, a: Any) -> Any:
    """Cotangent of a matrix from that of its singular values."""
    u, _, vh = np.linalg.svd(a, full_matrices=False)
    return (u * np.expand_dims(s_bar, -2)) @ vh


def qr_adjoint(q_bar: Any, r_bar: Any, q: Any, r: Any, a: Any) -> Any:
    """Cotangent of `a` in `q, r = np.linalg.qr(a)`, of full rank; wide ones column by column."""
    rows, columns = np.shape(a)[-2:]
    rest_bar = q @ r_bar[..., rows:]
    if rows < columns:
        q_bar = q_bar + a[..., rows:] @ turned(r_bar[..., rows:])
        r, r_bar = r[..., :rows], r_bar[..., :rows]
    middle = r @ turned(r_bar) - turned(q_bar) @ q
    middle = np.tril(middle) + turned(np.tril(middle, -1))
    a_bar = turned(np.linalg.solve(r, turned(q_bar + q @ middle)))
    return np.concatenate((a_bar, rest_bar), axis=-1) if rows < columns else a_bar


def r_adjoint(r_bar: Any, r: Any, a: Any) -> Any:
    """Cotangent of `a` in `np.linalg.qr(a, "r")`."""
    rows = min(np.shape(a)[-2:])
    q = turned(np.linalg.solve(turned(r[..., :rows]), turned(a[..., :rows])))
    return qr_adjoint(np.zeros_like(q), r_bar, q, r, a)


def lstsq_adjoint(x_bar: Any, sums_bar: Any, s_bar: Any, x: Any, a: Any, b: Any) -> Any:
    """Cotangents of `a` and `b` in `np.linalg.lstsq(a, b)`, where the rank does not change."""
    columns = np.reshape(b, (len(b), -1))
    g, x = np.reshape(x_bar, (len(x), -1)), np.reshape(x, (len(x), -1))
    inverse = np.linalg.pinv(a)
    a_bar = pinv_adjoint(g @ columns.T, inverse, a) + singular_values_adjoint(s_bar, a)
    b_bar = inverse.T @ g
    if np.size(sums_bar):
        slope = 2 * sums_bar * (columns - a @ x)
        a_bar, b_bar = a_bar - slope @ x.T, b_bar + slope
    return [a_bar, np.reshape(b_bar, np.shape(b))]


def matrix_norm_adjoint(g: Any, x: Any, ord: Any, axis: Any) -> Any:
    """Cotangent of a norm of matrices, which lie in two axes of `x`; ties share."""
    a = np.moveaxis(x, axis, (-2, -1))
    g = np.reshape(g, np.shape(a)[:-2])
    if ord in ("nuc", 2, -2):
        u, s, vh = np.linalg.svd(a, full_matrices=False)
        end = np.max(s, axis=-1) if ord == 2 else np.min(s, axis=-1)
        one = np.ones_like(g)
        s_bar = np.ones_like(s) if ord == "nuc" else share_extremum(one, s, end, -1)
        # at a zero value there is a kink, and the rounding of one decides nothing
        tiny = np.max(s, axis=-1, keepdims=True) * max(np.shape(a)[-2:]) * np.finfo(s.dtype).eps
        a_bar = (u * np.expand_dims(s_bar * (s > tiny), -2)) @ vh
    else:
        along = -2 if abs(ord) == 1 else -1
        sums = np.sum(np.abs(a), axis=along)
        end = np.max(sums, axis=-1) if ord > 0 else np.min(sums, axis=-1)
        share = share_extremum(np.ones_like(g), sums, end, -1)
        a_bar = np.expand_dims(share, along) * np.sign(a)
    return np.moveaxis(np.reshape(g, (*np.shape(g), 1, 1)) * a_bar, (-2, -1), axis)


def any_norm_adjoint(g: Any, y: Any, x: Any, ord: Any, axis: Any) -> Any:
    """Cotangent of `np.linalg.norm` of vectors or matrices, which only the operand tells apart."""
    plane = np.ndim(x) == 2 if axis is None else np.size(axis) == 2
    if ord is None or ord == "fro" or (ord == 2 and not plane):
        return expand_reduced(divide_or_zero(g, y), x, axis) * x
    if plane:
        return matrix_norm_adjoint(g, x, ord, (0, 1) if axis is None else axis)
    return norm_adjoint(g, y, x, ord, axis)


def cond_adjoint(g: Any, y: Any, a: Any, p: Any) -> Any:
    """Cotangent of the condition number of matrices: the largest singular value by the smallest."""
    _, s, _ = np.linalg.svd(a, full_matrices=False)
    ends = (s[..., -1], s[..., 0]) if p == -2 else (s[..., 0], s[..., -1])
    s_bar = np.zeros_like(s)
    s_bar[..., 0 if p != -2 else -1] += g / ends[1]  # `+=`: the two ends of one may be the same
    s_bar[..., -1 if p != -2 else 0] -= g * y / ends[1]
    return singular_values_adjoint(s_bar, a)


def cond_by_norms_adjoint(g: Any, a: Any, p: Any) -> Any:
    """Cotangent of the condition number `norm(a) * norm(inv(a))` by another norm."""
    inverse, axes = np.linalg.inv(a), (-2, -1)
    size, inverse_size = np.linalg.norm(a, p, axes), np.linalg.norm(inverse, p, axes)
    a_bar = any_norm_adjoint(g * inverse_size, size, a, p, axes)
    inverse_bar = any_norm_adjoint(g * size, inverse_size, inverse, p, axes)
    return a_bar - turned(inverse) @ inverse_bar @ turned(inverse)


def chain_adjoint(g: Any, arrays: Any) -> Any:
    """Cotangents of the factors of `np.linalg.multi_dot`; the first and last may be vectors."""
    factors = [np.asarray(x) for x in arrays]
    factors[0], factors[-1] = (
        np.atleast_2d(factors[0]),
        np.reshape(factors[-1], (len(factors[-1]), -1)),
    )
    before = [factors[0]]
    for factor in factors[1:-1]:
        before.append(before[-1] @ factor)
    g = np.reshape(g, (len(factors[0]), -1))
    bars = []
    for i in range(len(factors) - 1, 0, -1):
        bars.append(before[i - 1].T @ g)
        g = g @ factors[i].T
    bars.append(g)
    last = len(factors) - 1
    return [np.reshape(bars[last - i], np.shape(x)) for i, x in enumerate(arrays)]


def tensorsolve_adjoint_a(g: Any, y: Any, a: Any) -> Any:
    """Cotangent of `a` in `y = np.linalg.tensorsolve(a, b)`."""
    size = np.size(y)
    b_bar = np.linalg.solve(np.reshape(a, (size, size)).T, np.ravel(g))
    return np.reshape(-np.outer(b_bar, y), np.shape(a))


def tensorsolve_adjoint_b(g: Any, a: Any, b: Any) -> Any:
    """Cotangent of `b` in `np.linalg.tensorsolve(a, b)`."""
    size = np.size(b)
    return np.reshape(np.linalg.solve(np.reshape(a, (size, size)).T, np.ravel(g)), np.shape(b))


def tensorinv_adjoint(g: Any, y: Any, a: Any) -> Any:
    """Cotangent of `a` in `y = np.linalg.tensorinv(a)`."""
    size = int(np.sqrt(np.size(a)))
    inverse = np.reshape(y, (size, size)).T
    return np.reshape(-inverse @ np.reshape(g, (size, size)) @ inverse, np.shape(a))
