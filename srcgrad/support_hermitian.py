"""Carried helpers for factorisations of complex matrices, which may come in stacks.

As in `srcgrad.support`: plain NumPy, their source goes into the files that use them. `g` is what
makes `Re(g dy)` the change of the result, so that adjoints of literature are its conjugates.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from srcgrad.support_arrays import divide_or_zero
from srcgrad.support_factors import turned


def adjoint(a: Any) -> Any:
    """The conjugate transpose of a matrix, or of each of a stack."""
    return np.conj(np.swapaxes(a, -1, -2))


def fold_hermitian(s: Any) -> Any:
    """Cotangent of a Hermitian matrix of which the lower triangle is read, real on the diagonal."""
    whole = s + adjoint(s)
    return np.tril(whole, -1) + np.real(np.tril(np.triu(whole))) / 2


def cholesky_complex_adjoint(g: Any, y: Any) -> Any:
    """Cotangent of a Hermitian `a` in `y = np.linalg.cholesky(a)`."""
    inside = np.tril(adjoint(y) @ np.conj(g))
    inside = inside - np.tril(np.triu(inside)) / 2
    half = np.linalg.solve(adjoint(y), inside)
    return np.conj(fold_hermitian(adjoint(np.linalg.solve(adjoint(y), adjoint(half)))))


def phase_free(inner: Any, other: Any) -> Any:
    """`inner`; the result must not depend on the phases of vectors, which are arbitrary.

    On the diagonal of `inner` and `other` stands how much it changes as the vectors turn.
    """
    turns = np.imag(np.diagonal(inner + other, 0, -2, -1))
    rounding = 1e4 * np.finfo(turns.dtype).eps * (1 + np.max(np.abs(inner), initial=0))
    if np.any(np.abs(turns) > rounding):
        raise ValueError("the result depends on the phases of complex vectors, which are arbitrary")
    return inner


def eigh_complex_adjoint(w_bar: Any, v_bar: Any, w: Any, v: Any) -> Any:
    """Cotangent of a Hermitian matrix from those of its eigenvalues and vectors.

    NumPy reads only its lower triangle. Between vectors of equal eigenvalues nothing flows.
    """
    inner = phase_free(turned(v) @ v_bar, 0.0)
    gaps = np.expand_dims(w, -2) - np.expand_dims(w, -1)
    middle = divide_or_zero(inner, gaps)
    middle = middle + np.expand_dims(w_bar, -1) * np.eye(np.shape(w)[-1], dtype=w.dtype)
    return fold_hermitian(np.conj(v) @ middle @ turned(v))


def eigvalsh_complex_adjoint(g: Any, a: Any) -> Any:
    """Cotangent of a Hermitian `a` in `np.linalg.eigvalsh(a)`."""
    _, v = np.linalg.eigh(a)
    return fold_hermitian((np.conj(v) * np.expand_dims(g, -2)) @ turned(v))


def svd_complex_adjoint(u_bar: Any, s_bar: Any, vh_bar: Any, u: Any, s: Any, vh: Any) -> Any:
    """Cotangent of a complex matrix from those of its singular vectors and values."""
    k = np.shape(s)[-1]
    if np.any(u_bar[..., k:]) or np.any(vh_bar[..., k:, :]):
        raise ValueError("vectors of the null space have no derivative: pass full_matrices=False")
    u, u_bar, v = u[..., :k], np.conj(u_bar[..., :k]), adjoint(vh[..., :k, :])
    v_bar = turned(vh_bar[..., :k, :])
    right = adjoint(v) @ v_bar
    left = phase_free(adjoint(u) @ u_bar, right)
    row, column = np.expand_dims(s, -2), np.expand_dims(s, -1)
    gaps = row**2 - column**2
    one = np.eye(k, dtype=s.dtype)
    middle = divide_or_zero(left - adjoint(left), gaps) * row
    middle = middle + column * divide_or_zero(right - adjoint(right), gaps)
    middle = (
        middle + np.expand_dims(s_bar, -1) * one + 1j * divide_or_zero(np.imag(left), row) * one
    )
    outside_u = divide_or_zero(u_bar - u @ left, row)
    outside_v = divide_or_zero(v_bar - v @ right, row)
    return np.conj((u @ middle + outside_u) @ adjoint(v) + u @ adjoint(outside_v))


def qr_complex_adjoint(q_bar: Any, r_bar: Any, q: Any, r: Any, a: Any) -> Any:
    """Cotangent of a complex `a` in `q, r = np.linalg.qr(a)`, of full rank."""
    rows, columns = np.shape(a)[-2:]
    q_bar, r_bar = np.conj(q_bar), np.conj(r_bar)
    rest_bar = q @ r_bar[..., rows:]
    if rows < columns:
        q_bar = q_bar + a[..., rows:] @ adjoint(r_bar[..., rows:])
        r, r_bar = r[..., :rows], r_bar[..., :rows]
    middle = np.tril(r @ adjoint(r_bar) - adjoint(q_bar) @ q)
    middle = np.tril(middle, -1) + adjoint(np.tril(middle, -1)) + np.real(np.tril(np.triu(middle)))
    a_bar = adjoint(np.linalg.solve(r, adjoint(q_bar + q @ middle)))
    return np.conj(np.concatenate((a_bar, rest_bar), axis=-1) if rows < columns else a_bar)


def pinv_complex_adjoint(g: Any, y: Any, a: Any) -> Any:
    """Cotangent of a complex `a` in `y = np.linalg.pinv(a)`, where the rank does not change."""
    g = turned(g)
    rows = (np.eye(np.shape(a)[-2]) - a @ y) @ g @ y @ adjoint(y)
    columns = adjoint(y) @ y @ g @ (np.eye(np.shape(a)[-1]) - y @ a)
    return np.conj(rows + columns) - turned(y @ g @ y)


def from_lower_hermitian(a_dot: Any) -> Any:
    """The change of a Hermitian matrix of which the lower triangle is read."""
    lower = np.tril(a_dot, -1)
    return lower + adjoint(lower) + np.real(np.tril(np.triu(a_dot)))


def cholesky_complex_tangent(a_dot: Any, y: Any) -> Any:
    """Tangent of `y = np.linalg.cholesky(a)` of a Hermitian matrix."""
    inside = np.linalg.solve(y, adjoint(np.linalg.solve(y, from_lower_hermitian(a_dot))))
    return y @ (np.tril(inside) - np.tril(np.triu(inside)) / 2)


def eigvalsh_complex_tangent(a_dot: Any, a: Any) -> Any:
    """Tangent of the eigenvalues of a Hermitian matrix."""
    _, v = np.linalg.eigh(a)
    return np.real(np.sum(np.conj(v) * (from_lower_hermitian(a_dot) @ v), axis=-2))


def singular_values_complex_tangent(a_dot: Any, a: Any) -> Any:
    """Tangent of the singular values of a complex matrix."""
    u, _, vh = np.linalg.svd(a, full_matrices=False)
    return np.real(np.sum(np.conj(u) * (a_dot @ adjoint(vh)), axis=-2))


def pinv_complex_tangent(a_dot: Any, y: Any, a: Any) -> Any:
    """Tangent of `y = np.linalg.pinv(a)` of a complex matrix, where the rank does not change."""
    rows = y @ adjoint(y) @ adjoint(a_dot) @ (np.eye(np.shape(a)[-2]) - a @ y)
    columns = (np.eye(np.shape(a)[-1]) - y @ a) @ adjoint(a_dot) @ adjoint(y) @ y
    return rows + columns - y @ a_dot @ y


def qr_complex_tangent(a_dot: Any, q: Any, r: Any, a: Any) -> Any:
    """Tangents of `q, r = np.linalg.qr(a)` of a complex matrix of full rank."""
    k = np.shape(q)[-1]
    scaled = turned(np.linalg.solve(turned(r[..., :k]), turned(a_dot[..., :k])))
    inside = adjoint(q) @ scaled
    below = np.tril(inside, -1)
    turn = below - adjoint(below) + 1j * np.imag(np.tril(np.triu(inside)))
    q_dot = q @ (turn - inside) + scaled
    return [q_dot, np.triu(adjoint(q) @ a_dot + adjoint(q_dot) @ a)]
