"""Kernels of scientific NumPy: loops, and stores into the arrays that they are given."""

from __future__ import annotations

import numpy as np

Array = np.ndarray


def jacobi_1d(A: Array, B: Array, steps: int) -> float:
    for _ in range(steps):
        B[1:-1] = (A[:-2] + A[1:-1] + A[2:]) / 3.0
        A[1:-1] = (B[:-2] + B[1:-1] + B[2:]) / 3.0
    return np.sum(A)


def jacobi_2d(A: Array, B: Array, steps: int) -> float:
    for _ in range(steps):
        B[1:-1, 1:-1] = 0.2 * (
            A[1:-1, 1:-1] + A[1:-1, :-2] + A[1:-1, 2:] + A[2:, 1:-1] + A[:-2, 1:-1]
        )
        A[1:-1, 1:-1] = 0.2 * (
            B[1:-1, 1:-1] + B[1:-1, :-2] + B[1:-1, 2:] + B[2:, 1:-1] + B[:-2, 1:-1]
        )
    return np.sum(A)


def horizontal_diffusion(field: Array, out: Array, coeff: Array) -> float:
    lap = 4.0 * field[1:-1, 1:-1, :] - (
        field[2:, 1:-1, :] + field[:-2, 1:-1, :] + field[1:-1, 2:, :] + field[1:-1, :-2, :]
    )
    step = lap[1:, 1:-1, :] - lap[:-1, 1:-1, :]
    flux_x = np.where(step * (field[2:-1, 2:-2, :] - field[1:-2, 2:-2, :]) > 0, 0.0, step)
    step = lap[1:-1, 1:, :] - lap[1:-1, :-1, :]
    flux_y = np.where(step * (field[2:-2, 2:-1, :] - field[2:-2, 1:-2, :]) > 0, 0.0, step)
    out[:, :, :] = field[2:-2, 2:-2, :] - coeff * (
        flux_x[1:, :, :] - flux_x[:-1, :, :] + flux_y[:, 1:, :] - flux_y[:, :-1, :]
    )
    return np.sum(out)


def softmax(x: Array, weights: Array) -> float:
    top = np.max(x, axis=-1, keepdims=True)
    e = np.exp(x - top)
    return np.sum(weights * (e / np.sum(e, axis=-1, keepdims=True)))


def seidel_2d(A: Array, steps: int) -> float:
    n = A.shape[0]
    for _ in range(steps):
        for i in range(1, n - 1):
            A[i, 1:-1] += (
                A[i - 1, :-2]
                + A[i - 1, 1:-1]
                + A[i - 1, 2:]
                + A[i, 2:]
                + A[i + 1, :-2]
                + A[i + 1, 1:-1]
                + A[i + 1, 2:]
            )
            for j in range(1, n - 1):
                A[i, j] += A[i, j - 1]
                A[i, j] /= 9.0
    return np.sum(A)


def cholesky(A: Array) -> float:
    for i in range(A.shape[0]):
        for j in range(i):
            A[i, j] -= np.dot(A[i, :j], A[j, :j])
            A[i, j] /= A[j, j]
        A[i, i] -= np.dot(A[i, :i], A[i, :i])
        A[i, i] = np.sqrt(A[i, i])
    return np.sum(A)


def trmm(alpha: float, A: Array, B: Array) -> float:
    for i in range(B.shape[0]):
        for j in range(B.shape[1]):
            B[i, j] += np.dot(A[i + 1 :, i], B[i + 1 :, j])
    B *= alpha
    return np.sum(B)


def syrk(alpha: float, beta: float, C: Array, A: Array) -> float:
    for i in range(A.shape[0]):
        C[i, : i + 1] *= beta
        for k in range(A.shape[1]):
            C[i, : i + 1] += alpha * A[i, k] * A[: i + 1, k]
    return np.sum(C)


def durbin(r: Array) -> float:
    y = np.empty_like(r)
    alpha = -r[0]
    beta = 1.0
    y[0] = -r[0]
    for k in range(1, r.shape[0]):
        beta *= 1.0 - alpha * alpha
        alpha = -(r[k] + np.dot(np.flip(r[:k]), y[:k])) / beta
        y[:k] += alpha * np.flip(y[:k])
        y[k] = alpha
    return np.sum(y)
