"""Programs whose parts meet in shapes: stencils, triangles, whole stores."""

from __future__ import annotations

from typing import Any

import numpy as np

V = Any


def jacobi(A: V, B: V) -> V:
    for _ in range(3):
        B[1:-1] = (A[:-2] + A[1:-1] + A[2:]) / 3.0
        A[1:-1] = (B[:-2] + B[1:-1] + B[2:]) / 3.0
    return np.sum(A**2 * np.arange(A.shape[0]))


def triangle(C: V, A: V) -> V:
    for i in range(A.shape[0]):
        C[i, : i + 1] *= 1.5
        for k in range(A.shape[1]):
            C[i, : i + 1] += A[i, k] * A[: i + 1, k]
    return np.sum(C**3)


def heads(y: V, r: V) -> V:
    """What is before each element, and what is before it in an array of another length."""
    total = 0.0
    for k in range(1, r.shape[0]):
        y[:k] += r[k] * np.flip(y[:k])
        y[: k - 1] *= r[: k - 1] + 0.5
        total = total + np.dot(r[:k], r[:k]) * y[0]
    return total + np.sum(y)


def heads_downwards(y: V, r: V) -> V:
    for k in range(r.shape[0] - 1, -1, -1):
        y[:k] += r[k] * r[:k]
        y[: k + 2] *= r[k]
    return np.sum(y**2)


def whole(out: V, field: V, coeff: V) -> V:
    flux = field[1:] - field[:-1]
    out[:] = field[1:-1] - coeff * (flux[1:] - flux[:-1])
    return np.sum(out)


def whole_twice(out: V, x: V) -> V:
    out[:, :] = x
    total = np.sum(out**2)
    out[...] = np.sum(x) * x
    return total + 3.0 * np.sum(out)


def scaled_place(A: V) -> V:
    n = A.shape[0]
    for i in range(1, n):
        A[i, 1:-1] += A[i - 1, :-2] * A[i, 2:]
        A[i, 1:] *= 0.5
        for j in range(1, A.shape[1]):
            A[i, j] += A[i, j - 1]
            A[i, j] /= 9.0
    return np.sum(A**2)


def half_squares(x: V) -> V:
    return np.sum(0.5 * (3.0 * np.exp(x)) ** 2)
