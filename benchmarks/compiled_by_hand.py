"""Kernels with the adjoints that an expert writes by hand for Numba: loops, nothing recorded that
need not be."""

from __future__ import annotations

import numpy as np
from numba import njit

Array = np.ndarray


def scalar_loop(x: float, r: float, steps: int) -> float:
    for _ in range(steps):
        x = r * x * (1 - x)
    return x


@njit(error_model="numpy")
def scalar_loop_by_hand(x, r, steps):
    tape = np.empty(steps)
    for k in range(steps):
        tape[k] = x
        x = r * x * (1 - x)
    x_bar = 1.0
    for k in range(steps - 1, -1, -1):
        x_bar = x_bar * r * (1 - 2 * tape[k])
    return x_bar


def logsumexp(x: Array) -> float:
    top = np.max(x)
    return top + np.log(np.sum(np.exp(x - top)))


@njit(error_model="numpy")
def logsumexp_by_hand(x):
    top = -np.inf
    for i in range(x.shape[0]):
        if x[i] > top:
            top = x[i]
    e = np.empty(x.shape[0])
    total = 0.0
    for i in range(x.shape[0]):
        e[i] = np.exp(x[i] - top)
        total += e[i]
    for i in range(x.shape[0]):
        e[i] /= total
    return e


def jacobi(A: Array, B: Array, steps: int) -> float:
    for _ in range(steps):
        B[1:-1, 1:-1] = 0.2 * (
            A[1:-1, 1:-1] + A[1:-1, :-2] + A[1:-1, 2:] + A[2:, 1:-1] + A[:-2, 1:-1]
        )
        A[1:-1, 1:-1] = 0.2 * (
            B[1:-1, 1:-1] + B[1:-1, :-2] + B[1:-1, 2:] + B[2:, 1:-1] + B[:-2, 1:-1]
        )
    return np.sum(A**2)


@njit(error_model="numpy")
def spread(here, there):
    n, m = here.shape
    for i in range(1, n - 1):
        for j in range(1, m - 1):
            t = 0.2 * here[i, j]
            here[i, j] = 0.0
            there[i, j] += t
            there[i, j - 1] += t
            there[i, j + 1] += t
            there[i + 1, j] += t
            there[i - 1, j] += t


@njit(error_model="numpy")
def sweep(here, there):
    n, m = here.shape
    for i in range(1, n - 1):
        for j in range(1, m - 1):
            there[i, j] = 0.2 * (
                here[i, j] + here[i, j - 1] + here[i, j + 1] + here[i + 1, j] + here[i - 1, j]
            )


@njit(error_model="numpy")
def jacobi_by_hand(A, B, steps):
    A, B = A.copy(), B.copy()
    for _ in range(steps):
        sweep(A, B)
        sweep(B, A)
    A_bar = 2.0 * A
    B_bar = np.zeros_like(B)
    for _ in range(steps):
        spread(A_bar, B_bar)
        spread(B_bar, A_bar)
    return A_bar


def seidel(rhs: Array, h: float, sweeps: int) -> float:
    n, m = rhs.shape
    u = np.zeros((n + 2, m + 2))
    for _ in range(sweeps):
        for i in range(1, n + 1):
            for j in range(1, m + 1):
                u[i, j] = 0.25 * (
                    u[i - 1, j] + u[i + 1, j] + u[i, j - 1] + u[i, j + 1] - h**2 * rhs[i - 1, j - 1]
                )
    return 0.5 * np.sum(u * u)


@njit(error_model="numpy")
def seidel_by_hand(rhs, h, sweeps):
    n, m = rhs.shape
    u = np.zeros((n + 2, m + 2))
    for _ in range(sweeps):
        for i in range(1, n + 1):
            for j in range(1, m + 1):
                u[i, j] = 0.25 * (
                    u[i - 1, j] + u[i + 1, j] + u[i, j - 1] + u[i, j + 1] - h**2 * rhs[i - 1, j - 1]
                )
    rhs_bar = np.zeros_like(rhs)
    for _ in range(sweeps):
        for i in range(n, 0, -1):
            for j in range(m, 0, -1):
                t = 0.25 * u[i, j]
                u[i, j] = 0.0
                u[i - 1, j] += t
                u[i + 1, j] += t
                u[i, j - 1] += t
                u[i, j + 1] += t
                rhs_bar[i - 1, j - 1] -= h**2 * t
    return rhs_bar


def heat(u: Array, kappa: Array, steps: int) -> float:
    u = u.copy()
    for _ in range(steps):
        u[1:-1] = u[1:-1] + kappa[1:-1] * (u[2:] - 2 * u[1:-1] + u[:-2])
    return np.sum(u**2)


@njit(error_model="numpy")
def heat_by_hand(u, kappa, steps):
    n = u.shape[0]
    states = np.empty((steps + 1, n))
    states[0] = u
    for t in range(steps):
        u, v = states[t], states[t + 1]
        v[0], v[n - 1] = u[0], u[n - 1]
        for i in range(1, n - 1):
            v[i] = u[i] + kappa[i] * (u[i + 1] - 2 * u[i] + u[i - 1])
    bar = 2.0 * states[steps]
    kappa_bar = np.zeros(n)
    back = np.empty(n)
    for t in range(steps - 1, -1, -1):
        u = states[t]
        back[:] = bar
        for i in range(1, n - 1):
            g = bar[i]
            kappa_bar[i] += g * (u[i + 1] - 2 * u[i] + u[i - 1])
            g *= kappa[i]
            back[i] -= 2 * g
            back[i + 1] += g
            back[i - 1] += g
        bar, back = back, bar
    return bar, kappa_bar


def softmax(x: Array, w: Array) -> float:
    e = np.exp(x - np.max(x, axis=1, keepdims=True))
    return np.sum(w * (e / np.sum(e, axis=1, keepdims=True)))


@njit(error_model="numpy")
def softmax_by_hand(x, w):
    n, m = x.shape
    x_bar = np.empty_like(x)
    for i in range(n):
        top = -np.inf
        for j in range(m):
            top = max(top, x[i, j])
        total = 0.0
        for j in range(m):
            x_bar[i, j] = np.exp(x[i, j] - top)
            total += x_bar[i, j]
        mean = 0.0
        for j in range(m):
            x_bar[i, j] /= total
            mean += w[i, j] * x_bar[i, j]
        for j in range(m):
            x_bar[i, j] *= w[i, j] - mean
    return x_bar


def cholesky(A: Array) -> float:
    n = A.shape[0]
    L = np.zeros((n, n))
    for i in range(n):
        for j in range(i):
            s = A[i, j]
            for k in range(j):
                s -= L[i, k] * L[j, k]
            L[i, j] = s / L[j, j]
        s = A[i, i]
        for k in range(i):
            s -= L[i, k] * L[i, k]
        L[i, i] = np.sqrt(s)
    return np.sum(L)


@njit(error_model="numpy")
def cholesky_by_hand(A):
    n = A.shape[0]
    L = np.zeros((n, n))
    for i in range(n):
        for j in range(i):
            s = A[i, j]
            for k in range(j):
                s -= L[i, k] * L[j, k]
            L[i, j] = s / L[j, j]
        s = A[i, i]
        for k in range(i):
            s -= L[i, k] * L[i, k]
        L[i, i] = np.sqrt(s)
    L_bar = np.ones((n, n))
    A_bar = np.zeros((n, n))
    for i in range(n - 1, -1, -1):
        g = L_bar[i, i] / (2 * L[i, i])
        A_bar[i, i] = g
        for k in range(i):
            L_bar[i, k] -= 2 * g * L[i, k]
        for j in range(i - 1, -1, -1):
            g = L_bar[i, j] / L[j, j]
            A_bar[i, j] = g
            L_bar[j, j] -= g * L[i, j]
            for k in range(j):
                L_bar[i, k] -= g * L[j, k]
                L_bar[j, k] -= g * L[i, k]
    return A_bar


def network(W: Array, b: Array, X: Array, Y: Array) -> float:
    h = np.tanh(X @ W + b)
    return np.mean((h - Y) ** 2)


@njit(error_model="numpy")
def network_by_hand(W, b, X, Y):
    z = X @ W
    n, m = z.shape
    b_bar = np.zeros(m)
    for i in range(n):
        for j in range(m):
            h = np.tanh(z[i, j] + b[j])
            z[i, j] = 2 * (h - Y[i, j]) / (n * m) * (1 - h * h)
            b_bar[j] += z[i, j]
    return X.T @ z, b_bar
