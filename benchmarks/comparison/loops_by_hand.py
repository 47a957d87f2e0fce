"""Adjoints of `loops.py` as an expert writes them: nothing is recorded that can be had without."""

from __future__ import annotations

import numpy as np

Array = np.ndarray


def jacobi_1d(A: Array, B: Array, steps: int) -> tuple[Array, Array]:
    A_bar, B_bar = np.ones_like(A), np.zeros_like(B)
    for _ in range(steps):
        for here, there in ((A_bar, B_bar), (B_bar, A_bar)):
            t = here[1:-1] / 3.0
            here[1:-1] = 0.0
            there[:-2] += t
            there[1:-1] += t
            there[2:] += t
    return A_bar, B_bar


def jacobi_2d(A: Array, B: Array, steps: int) -> tuple[Array, Array]:
    A_bar, B_bar = np.ones_like(A), np.zeros_like(B)
    for _ in range(steps):
        for here, there in ((A_bar, B_bar), (B_bar, A_bar)):
            t = 0.2 * here[1:-1, 1:-1]
            here[1:-1, 1:-1] = 0.0
            there[1:-1, 1:-1] += t
            there[1:-1, :-2] += t
            there[1:-1, 2:] += t
            there[2:, 1:-1] += t
            there[:-2, 1:-1] += t
    return A_bar, B_bar


def horizontal_diffusion(field: Array, out: Array, coeff: Array) -> tuple[Array, Array, Array]:
    lap = 4.0 * field[1:-1, 1:-1, :] - (
        field[2:, 1:-1, :] + field[:-2, 1:-1, :] + field[1:-1, 2:, :] + field[1:-1, :-2, :]
    )
    flux_x = lap[1:, 1:-1, :] - lap[:-1, 1:-1, :]
    kept_x = flux_x * (field[2:-1, 2:-2, :] - field[1:-2, 2:-2, :]) <= 0
    flux_x *= kept_x
    flux_y = lap[1:-1, 1:, :] - lap[1:-1, :-1, :]
    kept_y = flux_y * (field[2:-2, 2:-1, :] - field[2:-2, 1:-2, :]) <= 0
    flux_y *= kept_y
    coeff_bar = flux_x[:-1] - flux_x[1:]
    coeff_bar += flux_y[:, :-1] - flux_y[:, 1:]
    field_bar = np.zeros_like(field)
    field_bar[2:-2, 2:-2, :] = 1.0
    flux_x[-1] = 0.0
    flux_x[:-1] = coeff
    flux_x[1:] -= coeff
    flux_x *= kept_x
    flux_y[:, -1] = 0.0
    flux_y[:, :-1] = coeff
    flux_y[:, 1:] -= coeff
    flux_y *= kept_y
    lap.fill(0.0)
    lap[1:, 1:-1] += flux_x
    lap[:-1, 1:-1] -= flux_x
    lap[1:-1, 1:] += flux_y
    lap[1:-1, :-1] -= flux_y
    field_bar[1:-1, 1:-1, :] += 4.0 * lap
    field_bar[2:, 1:-1, :] -= lap
    field_bar[:-2, 1:-1, :] -= lap
    field_bar[1:-1, 2:, :] -= lap
    field_bar[1:-1, :-2, :] -= lap
    return field_bar, np.zeros_like(out), coeff_bar


def softmax(x: Array, weights: Array) -> Array:
    p = np.exp(x - np.max(x, axis=-1, keepdims=True))
    p /= np.sum(p, axis=-1, keepdims=True)
    x_bar = p * weights
    p *= np.sum(x_bar, axis=-1, keepdims=True)
    x_bar -= p
    return x_bar


def seidel_2d(A: Array, steps: int) -> Array:
    n = A.shape[0]
    A_bar = np.ones_like(A)
    for _ in range(steps):
        for i in range(n - 2, 0, -1):
            row = A_bar[i]
            for j in range(n - 2, 0, -1):
                row[j] /= 9.0
                row[j - 1] += row[j]
            t = row[1:-1].copy()
            A_bar[i - 1, :-2] += t
            A_bar[i - 1, 1:-1] += t
            A_bar[i - 1, 2:] += t
            row[2:] += t
            A_bar[i + 1, :-2] += t
            A_bar[i + 1, 1:-1] += t
            A_bar[i + 1, 2:] += t
    return A_bar


def cholesky(A: Array) -> Array:
    L = A.copy()
    n = L.shape[0]
    for i in range(n):
        for j in range(i):
            L[i, j] = (L[i, j] - np.dot(L[i, :j], L[j, :j])) / L[j, j]
        L[i, i] = np.sqrt(L[i, i] - np.dot(L[i, :i], L[i, :i]))
    A_bar = np.ones_like(A)
    for i in range(n - 1, -1, -1):
        t = 0.5 * A_bar[i, i] / L[i, i]
        A_bar[i, i] = t
        A_bar[i, :i] -= 2.0 * t * L[i, :i]
        for j in range(i - 1, -1, -1):
            t = A_bar[i, j] / L[j, j]
            A_bar[i, j] = t
            A_bar[j, j] -= t * L[i, j]
            A_bar[i, :j] -= t * L[j, :j]
            A_bar[j, :j] -= t * L[i, :j]
    return A_bar


def trmm(alpha: float, A: Array, B: Array) -> tuple[Array, Array]:
    A_bar, B_bar = np.zeros_like(A), np.full_like(B, alpha)
    for i in range(B.shape[0] - 1, -1, -1):
        for j in range(B.shape[1]):
            t = B_bar[i, j]
            A_bar[i + 1 :, i] += t * B[i + 1 :, j]
            B_bar[i + 1 :, j] += t * A[i + 1 :, i]
    return A_bar, B_bar


def syrk(alpha: float, beta: float, C: Array, A: Array) -> tuple[Array, Array]:
    C_bar, A_bar = np.ones_like(C), np.zeros_like(A)
    for i in range(A.shape[0]):
        t = alpha * C_bar[i, : i + 1]
        for k in range(A.shape[1]):
            A_bar[i, k] += np.dot(t, A[: i + 1, k])
            A_bar[: i + 1, k] += A[i, k] * t
        C_bar[i, : i + 1] *= beta
    return C_bar, A_bar


def durbin(r: Array) -> Array:
    n = r.shape[0]
    y = np.empty_like(r)
    alpha, beta = -r[0], 1.0
    y[0] = alpha
    tape = []
    for k in range(1, n):
        before = alpha
        beta_before = beta
        beta *= 1.0 - alpha * alpha
        flipped = y[:k][::-1].copy()
        alpha = -(r[k] + np.dot(r[:k], flipped)) / beta
        tape.append((before, beta_before, alpha, beta, flipped))
        y[:k] += alpha * flipped
        y[k] = alpha
    r_bar, y_bar = np.zeros_like(r), np.ones_like(r)
    alpha_bar = beta_bar = 0.0
    for k in range(n - 1, 0, -1):
        before, beta_before, alpha, beta, flipped = tape.pop()
        alpha_bar += y_bar[k] + np.dot(y_bar[:k], flipped)
        s = -alpha_bar / beta
        beta_bar += s * alpha
        r_bar[k] += s
        r_bar[:k] += s * flipped
        y_bar[:k] += alpha * y_bar[:k][::-1] + s * r[:k][::-1]
        alpha_bar = -2.0 * before * beta_before * beta_bar
        beta_bar *= 1.0 - before * before
    r_bar[0] -= alpha_bar + y_bar[0]
    return r_bar
