"""Carried helpers for eigenvalues of general matrices, zeros and quotients of polynomials.

As in `srcgrad.support`: plain NumPy, their source goes into the files that use them. The formulas
hold for complex numbers; of a real operand the real part is what counts.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from srcgrad.support_arrays import divide_or_zero
from srcgrad.support_factors import turned
from srcgrad.support_series import bessel_i1


def real_like(g: Any, x: Any) -> Any:
    """The real part of `g` where `x` is real."""
    return g if np.iscomplexobj(x) else np.real(g)


def eig_adjoint(w_bar: Any, v_bar: Any, w: Any, v: Any, a: Any) -> Any:
    """Cotangent of a matrix from those of its eigenvalues `w` and eigenvectors `v`.

    LAPACK makes a vector of length 1 and its largest component real; between vectors of equal
    values nothing flows.
    """
    n = np.shape(w)[-1]
    along = np.sum(v_bar * v, axis=-2, keepdims=True)
    largest = np.argmax(np.abs(v), axis=-2, keepdims=True) == np.reshape(np.arange(n), (n, 1))
    v_bar = v_bar - np.real(along) * np.conj(v)
    if np.iscomplexobj(v):
        v_bar = v_bar - divide_or_zero(1j * np.imag(along) * largest, v)
    gaps = np.expand_dims(w, -2) - np.expand_dims(w, -1)
    middle = divide_or_zero(turned(v) @ v_bar, gaps)
    middle = middle + np.expand_dims(w_bar, -1) * np.eye(n, dtype=w.dtype)
    return real_like(np.linalg.solve(turned(v), middle @ turned(v)), a)


def eigvals_adjoint(g: Any, y: Any, a: Any) -> Any:
    """Cotangent of a matrix from that of its eigenvalues `y`, whatever their order."""
    w, v = np.linalg.eig(a)
    n = np.shape(w)[-1]
    nearest = np.argmin(np.abs(np.expand_dims(y, -1) - np.expand_dims(w, -2)), axis=-1)
    chosen = np.expand_dims(nearest, -1) == np.arange(n)
    w_bar = np.sum(np.expand_dims(g, -1) * chosen, axis=-2)
    return real_like(np.linalg.solve(turned(v), np.expand_dims(w_bar, -1) * turned(v)), a)


def roots_adjoint(g: Any, y: Any, p: Any) -> Any:
    """Cotangent of the coefficients `p` from that of the zeros `y` of a polynomial."""
    shares = g / np.polyval(np.polyder(p), y)
    return real_like(-shares @ np.vander(y, len(p)), p).astype(p.dtype)


def polydiv_adjoint(q_bar: Any, r_bar: Any, q: Any, u: Any, v: Any) -> Any:
    """Cotangents of `u` and `v` in `q, r = np.polydiv(u, v)`."""
    if len(u) < len(v):
        return [np.pad(r_bar, (len(u) - len(r_bar), 0)), np.zeros_like(v)]
    r_bar = r_bar[max(len(r_bar) - len(v) + 1, 0) :]  # the rest of a division by a number is 0
    rest = np.pad(r_bar, (len(u) - len(r_bar), 0))
    columns = np.stack([np.pad(v, (j, len(q) - 1 - j)) for j in range(len(q))])
    first = np.linalg.solve(columns[:, : len(q)], q_bar - columns @ rest)
    u_bar = np.concatenate((first, rest[len(q) :]))
    return [u_bar, -np.convolve(u_bar, q[::-1], "valid")]


def kaiser_adjoint(g: Any, y: Any, M: Any, beta: Any) -> Any:
    """Cotangent of `beta` in `np.kaiser(M, beta)`."""
    if M < 2:
        return 0.0 * np.sum(g)
    s = np.sqrt(1 - np.linspace(-1, 1, M) ** 2)
    return np.sum(g * (s * bessel_i1(beta * s) - y * bessel_i1(beta)) / np.i0(beta))


def eig_tangent(a_dot: Any, w: Any, v: Any) -> Any:
    """Tangents of the eigenvalues and vectors of a general matrix."""
    n = np.shape(w)[-1]
    inside = np.linalg.solve(v, a_dot @ v)
    turn = v @ divide_or_zero(inside, np.expand_dims(w, -2) - np.expand_dims(w, -1))
    v_dot = turn - np.real(np.sum(np.conj(v) * turn, axis=-2, keepdims=True)) * v
    if np.iscomplexobj(v):  # the largest component stays real
        largest = np.argmax(np.abs(v), axis=-2, keepdims=True) == np.reshape(np.arange(n), (n, 1))
        phase = np.sum(largest * divide_or_zero(np.imag(v_dot), v), axis=-2, keepdims=True)
        v_dot = v_dot - 1j * np.real(phase) * v
    return [np.diagonal(inside, 0, -2, -1).copy(), v_dot]


def eigvals_tangent(a_dot: Any, y: Any, a: Any) -> Any:
    """Tangent of the eigenvalues `y` of a general matrix, whatever their order."""
    w, v = np.linalg.eig(a)
    w_dot, _ = eig_tangent(a_dot, w, v)
    nearest = np.argmin(np.abs(np.expand_dims(y, -1) - np.expand_dims(w, -2)), axis=-1)
    return np.take_along_axis(w_dot, nearest, axis=-1)


def roots_tangent(p_dot: Any, y: Any, p: Any) -> Any:
    """Tangent of the zeros `y` of a polynomial with the coefficients `p`."""
    return -(np.vander(y, len(p)) @ p_dot) / np.polyval(np.polyder(p), y)


def polydiv_tangent(u_dot: Any, r: Any, v: Any) -> Any:
    """Tangents of `q, r = np.polydiv(u, v)` from that of `u`."""
    q_dot, r_dot = np.polydiv(u_dot, v)
    short = max(len(r) - len(r_dot), 0)
    return [q_dot, np.pad(r_dot, (short, 0))[len(r_dot) + short - len(r) :]]
