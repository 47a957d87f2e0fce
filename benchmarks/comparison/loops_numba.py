"""Adjoints of `loops.py` as an expert writes them for Numba: loops, and no array but those needed.

They show about what the machine allows: no compiler of derivatives can be expected to be far ahead.
"""

from __future__ import annotations

import numpy as np
from numba import njit

Array = np.ndarray
compiled = njit(error_model="numpy")


@compiled
def spread_1d(here, there, t):
    """`t` has a border of zeros."""
    n = here.shape[0]
    for i in range(1, n - 1):
        t[i] = here[i] / 3.0
        here[i] = 0.0
    there[0] += t[1]
    for i in range(1, n - 1):
        there[i] += t[i - 1] + t[i] + t[i + 1]
    there[n - 1] += t[n - 2]


@compiled
def jacobi_1d(A, B, steps):
    A_bar, B_bar = np.ones_like(A), np.zeros_like(B)
    t = np.zeros_like(A)
    for _ in range(steps):
        spread_1d(A_bar, B_bar, t)
        spread_1d(B_bar, A_bar, t)
    return A_bar, B_bar


@compiled
def spread_2d(here, there, t):
    """`t` has a border of zeros."""
    n, m = here.shape
    for i in range(1, n - 1):
        for j in range(1, m - 1):
            t[i, j] = 0.2 * here[i, j]
            here[i, j] = 0.0
    for j in range(1, m - 1):
        there[0, j] += t[1, j]
        there[n - 1, j] += t[n - 2, j]
    for i in range(1, n - 1):
        there[i, 0] += t[i, 1]
        there[i, m - 1] += t[i, m - 2]
        for j in range(1, m - 1):
            there[i, j] += t[i, j] + t[i, j - 1] + t[i, j + 1] + t[i - 1, j] + t[i + 1, j]


@compiled
def jacobi_2d(A, B, steps):
    A_bar, B_bar = np.ones_like(A), np.zeros_like(B)
    t = np.zeros_like(A)
    for _ in range(steps):
        spread_2d(A_bar, B_bar, t)
        spread_2d(B_bar, A_bar, t)
    return A_bar, B_bar


@compiled
def horizontal_diffusion(field, out, coeff):
    n, m, depth = coeff.shape
    lap = np.empty((n + 2, m + 2, depth))
    for i in range(n + 2):
        for j in range(m + 2):
            for k in range(depth):
                lap[i, j, k] = 4.0 * field[i + 1, j + 1, k] - (
                    field[i + 2, j + 1, k]
                    + field[i, j + 1, k]
                    + field[i + 1, j + 2, k]
                    + field[i + 1, j, k]
                )
    lap_bar, coeff_bar = np.zeros_like(lap), np.zeros_like(coeff)
    for i in range(n + 1):  # between two rows
        for j in range(m):
            for k in range(depth):
                flux = lap[i + 1, j + 1, k] - lap[i, j + 1, k]
                slope = field[i + 2, j + 2, k] - field[i + 1, j + 2, k]
                kept = flux * slope <= 0
                bar = 0.0
                if i > 0:
                    coeff_bar[i - 1, j, k] -= flux if kept else 0.0
                    bar -= coeff[i - 1, j, k]
                if i < n:
                    coeff_bar[i, j, k] += flux if kept else 0.0
                    bar += coeff[i, j, k]
                bar = bar if kept else 0.0
                lap_bar[i + 1, j + 1, k] += bar
                lap_bar[i, j + 1, k] -= bar
    for i in range(n):  # between two columns
        for j in range(m + 1):
            for k in range(depth):
                flux = lap[i + 1, j + 1, k] - lap[i + 1, j, k]
                slope = field[i + 2, j + 2, k] - field[i + 2, j + 1, k]
                kept = flux * slope <= 0
                bar = 0.0
                if j > 0:
                    coeff_bar[i, j - 1, k] -= flux if kept else 0.0
                    bar -= coeff[i, j - 1, k]
                if j < m:
                    coeff_bar[i, j, k] += flux if kept else 0.0
                    bar += coeff[i, j, k]
                bar = bar if kept else 0.0
                lap_bar[i + 1, j + 1, k] += bar
                lap_bar[i + 1, j, k] -= bar
    field_bar = np.zeros_like(field)
    field_bar[2:-2, 2:-2, :] = 1.0
    for i in range(n + 2):
        for j in range(m + 2):
            for k in range(depth):
                bar = lap_bar[i, j, k]
                field_bar[i + 1, j + 1, k] += 4.0 * bar
                field_bar[i + 2, j + 1, k] -= bar
                field_bar[i, j + 1, k] -= bar
                field_bar[i + 1, j + 2, k] -= bar
                field_bar[i + 1, j, k] -= bar
    return field_bar, np.zeros_like(out), coeff_bar


@compiled
def softmax(x, weights):
    x_bar = np.empty_like(x)
    rows = x.reshape(-1, x.shape[-1])
    w, bar = weights.reshape(rows.shape), x_bar.reshape(rows.shape)
    n, m = rows.shape
    for i in range(n):
        top = -np.inf
        for j in range(m):
            top = max(top, rows[i, j])
        total = mean = 0.0
        for j in range(m):
            bar[i, j] = np.exp(rows[i, j] - top)
            total += bar[i, j]
            mean += bar[i, j] * w[i, j]
        mean /= total
        for j in range(m):
            bar[i, j] *= (w[i, j] - mean) / total
    return x_bar


@compiled
def seidel_2d(A, steps):
    n = A.shape[0]
    A_bar = np.ones_like(A)
    for _ in range(steps):
        for i in range(n - 2, 0, -1):
            above, row, below = A_bar[i - 1], A_bar[i], A_bar[i + 1]
            for j in range(n - 2, 0, -1):
                row[j] /= 9.0
                row[j - 1] += row[j]
            for j in range(n - 2, 0, -1):
                t = row[j]
                row[j + 1] += t
                for near in (above, below):
                    near[j - 1] += t
                    near[j] += t
                    near[j + 1] += t
    return A_bar


@compiled
def cholesky(A):
    L = A.copy()
    n = L.shape[0]
    for i in range(n):
        for j in range(i):
            s = L[i, j]
            for k in range(j):
                s -= L[i, k] * L[j, k]
            L[i, j] = s / L[j, j]
        s = L[i, i]
        for k in range(i):
            s -= L[i, k] * L[i, k]
        L[i, i] = np.sqrt(s)
    A_bar = np.ones_like(A)
    for i in range(n - 1, -1, -1):
        t = 0.5 * A_bar[i, i] / L[i, i]
        A_bar[i, i] = t
        for k in range(i):
            A_bar[i, k] -= 2.0 * t * L[i, k]
        for j in range(i - 1, -1, -1):
            t = A_bar[i, j] / L[j, j]
            A_bar[i, j] = t
            A_bar[j, j] -= t * L[i, j]
            for k in range(j):
                A_bar[i, k] -= t * L[j, k]
                A_bar[j, k] -= t * L[i, k]
    return A_bar


@compiled
def trmm(alpha, A, B):
    A_bar, B_bar = np.zeros_like(A), np.full_like(B, alpha)
    n, m = B.shape
    for i in range(n - 1, -1, -1):
        for k in range(i + 1, n):
            total, a = 0.0, A[k, i]
            for j in range(m):
                total += B_bar[i, j] * B[k, j]
                B_bar[k, j] += B_bar[i, j] * a
            A_bar[k, i] = total
    return A_bar, B_bar


@compiled
def syrk(alpha, beta, C, A):
    C_bar, A_bar = np.ones_like(C), np.zeros_like(A)
    n, m = A.shape
    for i in range(n):
        for j in range(i + 1):
            t = alpha * C_bar[i, j]
            for k in range(m):
                A_bar[i, k] += t * A[j, k]
                A_bar[j, k] += t * A[i, k]
            C_bar[i, j] *= beta
    return C_bar, A_bar


@compiled
def durbin(r):
    n = r.shape[0]
    y, flipped = np.empty_like(r), np.empty((n, n))
    alphas, betas = np.empty_like(r), np.empty_like(r)
    alphas[0], betas[0] = -r[0], 1.0
    y[0] = -r[0]
    for k in range(1, n):
        betas[k] = betas[k - 1] * (1.0 - alphas[k - 1] * alphas[k - 1])
        total = r[k]
        before = flipped[k]
        for i in range(k):
            before[i] = y[k - 1 - i]
            total += r[i] * before[i]
        alphas[k] = -total / betas[k]
        for i in range(k):
            y[i] += alphas[k] * before[i]
        y[k] = alphas[k]
    r_bar, y_bar, turned = np.zeros_like(r), np.ones_like(r), np.empty_like(r)
    alpha_bar = beta_bar = 0.0
    for k in range(n - 1, 0, -1):
        before = flipped[k]
        alpha_bar += y_bar[k]
        for i in range(k):
            alpha_bar += y_bar[i] * before[i]
            turned[i] = y_bar[k - 1 - i]
        s = -alpha_bar / betas[k]
        beta_bar += s * alphas[k]
        r_bar[k] += s
        for i in range(k):
            r_bar[i] += s * before[i]
            y_bar[i] += alphas[k] * turned[i] + s * r[k - 1 - i]
        alpha_bar = -2.0 * alphas[k - 1] * betas[k - 1] * beta_bar
        beta_bar *= 1.0 - alphas[k - 1] * alphas[k - 1]
    r_bar[0] -= alpha_bar + y_bar[0]
    return r_bar
