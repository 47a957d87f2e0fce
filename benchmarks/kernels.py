"""Kernels as their authors write them, each with the adjoint that an expert writes by hand.

The adjoints record no more than they need: nothing for linear kernels, and what is cheap is
computed again.
"""

from __future__ import annotations

import math

import numpy as np

Array = np.ndarray


def ten_operations(x: float, y: float) -> float:
    a = x * y
    b = math.sin(a)
    c = b + x
    d = c * c
    e = math.exp(-d)
    f = e * y
    g = f + a
    h = math.sqrt(1.0 + g * g)
    i = math.log(h)
    return i * b


def ten_operations_by_hand(x: float, y: float) -> tuple[float, float]:
    a = x * y
    b = math.sin(a)
    c = b + x
    e = math.exp(-c * c)
    g = e * y + a
    h2 = 1.0 + g * g
    g_bar = b * g / h2
    c_bar = -2.0 * c * g_bar * y * e
    a_bar = g_bar + (0.5 * math.log(h2) + c_bar) * math.cos(a)
    return c_bar + a_bar * y, g_bar * e + a_bar * x


def softmax_regression(W: Array, b: Array, X: Array, labels: Array, reg: float) -> float:
    scores = X @ W + b
    scores -= np.max(scores, axis=1, keepdims=True)
    probs = np.exp(scores)
    probs /= probs.sum(axis=1, keepdims=True)
    n = X.shape[0]
    loss = -np.log(probs[np.arange(n), labels]).mean()
    return loss + 0.5 * reg * np.sum(W * W)


def softmax_regression_by_hand(
    W: Array, b: Array, X: Array, labels: Array, reg: float
) -> tuple[Array, Array]:
    scores = X @ W + b
    probs = np.exp(scores - np.max(scores, axis=1, keepdims=True))
    probs /= probs.sum(axis=1, keepdims=True)
    n = X.shape[0]
    probs[np.arange(n), labels] -= 1.0
    probs /= n
    return X.T @ probs + reg * W, probs.sum(axis=0)


def jacobi(A: Array, B: Array, steps: int) -> float:
    for _ in range(steps):
        B[1:-1, 1:-1] = 0.2 * (
            A[1:-1, 1:-1] + A[1:-1, :-2] + A[1:-1, 2:] + A[2:, 1:-1] + A[:-2, 1:-1]
        )
        A[1:-1, 1:-1] = 0.2 * (
            B[1:-1, 1:-1] + B[1:-1, :-2] + B[1:-1, 2:] + B[2:, 1:-1] + B[:-2, 1:-1]
        )
    return np.sum(A**2)


def jacobi_by_hand(A: Array, B: Array, steps: int) -> Array:
    A, B = A.copy(), B.copy()
    jacobi(A, B, steps)
    A_bar = 2.0 * A
    B_bar = np.zeros_like(B)
    for _ in range(steps):
        for here, there in ((A_bar, B_bar), (B_bar, A_bar)):
            t = 0.2 * here[1:-1, 1:-1]
            here[1:-1, 1:-1] = 0.0
            there[1:-1, 1:-1] += t
            there[1:-1, :-2] += t
            there[1:-1, 2:] += t
            there[2:, 1:-1] += t
            there[:-2, 1:-1] += t
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


def seidel_by_hand(rhs: Array, h: float, sweeps: int) -> Array:
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


def advection(u: Array, velocity: Array, c: float, steps: int) -> float:
    q = np.array(u)
    vp = np.maximum(velocity, 0.0)
    vm = np.minimum(velocity, 0.0)
    for _ in range(steps):
        back = q - np.roll(q, 1)
        ahead = np.roll(q, -1) - q
        q -= c * (vp * back + vm * ahead)
        q[0] = 0.5 * q[1]
    return np.sum(q * np.arange(q.size))


def advection_by_hand(u: Array, velocity: Array, c: float, steps: int) -> Array:
    vp = np.maximum(velocity, 0.0)
    vm = np.minimum(velocity, 0.0)
    q_bar = np.arange(u.size) * 1.0
    for _ in range(steps):
        q_bar[1] += 0.5 * q_bar[0]
        q_bar[0] = 0.0
        s = c * q_bar
        back = s * vp
        ahead = s * vm
        q_bar = q_bar - back + np.roll(back, -1) - np.roll(ahead, 1) + ahead
    return q_bar


def lorenz(state: Array, sigma: float, rho: float, beta: float) -> Array:
    x, y, z = state
    return np.array([sigma * (y - x), x * (rho - z) - y, x * y - beta * z])


def rk4(y0: Array, sigma: float, rho: float, beta: float, dt: float, steps: int) -> float:
    y = y0
    for _ in range(steps):
        k1 = lorenz(y, sigma, rho, beta)
        k2 = lorenz(y + dt / 2 * k1, sigma, rho, beta)
        k3 = lorenz(y + dt / 2 * k2, sigma, rho, beta)
        k4 = lorenz(y + dt * k3, sigma, rho, beta)
        y = y + dt / 6 * (k1 + 2 * k2 + 2 * k3 + k4)
    return np.sum(y * y)


def rk4_by_hand(y0: Array, sigma: float, rho: float, beta: float, dt: float, steps: int) -> Array:
    def back(state: Array, k_bar: Array) -> Array:
        x, y, z = state
        a, b, c = k_bar
        return np.array(
            [(rho - z) * b - sigma * a + y * c, sigma * a - b + x * c, -x * b - beta * c]
        )

    y = y0
    tape = []
    for _ in range(steps):
        k1 = lorenz(y, sigma, rho, beta)
        y2 = y + dt / 2 * k1
        k2 = lorenz(y2, sigma, rho, beta)
        y3 = y + dt / 2 * k2
        k3 = lorenz(y3, sigma, rho, beta)
        y4 = y + dt * k3
        tape.append((y, y2, y3, y4))
        y = y + dt / 6 * (k1 + 2 * k2 + 2 * k3 + lorenz(y4, sigma, rho, beta))
    y_bar = 2.0 * y
    while tape:
        y, y2, y3, y4 = tape.pop()
        k_bar = dt / 6 * y_bar
        b4 = back(y4, k_bar)
        b3 = back(y3, 2 * k_bar + dt * b4)
        b2 = back(y2, 2 * k_bar + dt / 2 * b3)
        y_bar = y_bar + b4 + b3 + b2 + back(y, k_bar + dt / 2 * b2)
    return y_bar


def acceleration(pos: Array, mass: Array, soft: float) -> Array:
    d = pos[None, :, :] - pos[:, None, :]
    r2 = (d**2).sum(-1) + soft**2
    return np.einsum("ij,ijk->ik", r2**-1.5 * mass, d)


def bodies(pos: Array, vel: Array, mass: Array, dt: float, steps: int) -> float:
    x = pos.copy()
    v = vel.copy()
    for _ in range(steps):
        v += dt * acceleration(x, mass, 0.1)
        x += dt * v
    return 0.5 * np.sum(mass[:, None] * v**2)


def bodies_by_hand(pos: Array, vel: Array, mass: Array, dt: float, steps: int) -> Array:
    x = pos
    v = vel
    tape = []
    for _ in range(steps):
        d = x[None, :, :] - x[:, None, :]
        r2 = (d**2).sum(-1) + 0.1**2
        w = r2**-1.5 * mass
        tape.append((d, r2, w))
        v = v + dt * np.einsum("ij,ijk->ik", w, d)
        x = x + dt * v
    v_bar = mass[:, None] * v
    x_bar = np.zeros_like(x)
    for _ in range(steps):
        d, r2, w = tape.pop()
        v_bar = v_bar + dt * x_bar
        a_bar = dt * v_bar
        w_bar = np.einsum("ik,ijk->ij", a_bar, d)
        d_bar = w[:, :, None] * a_bar[:, None, :]
        d_bar += (-3.0 * w_bar * w / r2)[:, :, None] * d
        x_bar = x_bar + d_bar.sum(0) - d_bar.sum(1)
    return x_bar


def convolution(image: Array, weights: Array) -> float:
    K = weights.shape[0]
    N, H, W, _ = image.shape
    out = np.empty((N, H - K + 1, W - K + 1, weights.shape[3]))
    for i in range(out.shape[1]):
        for j in range(out.shape[2]):
            window = image[:, i : i + K, j : j + K, :]
            out[:, i, j, :] = np.tensordot(window, weights, axes=3)
    return np.sum(np.tanh(out))


def convolution_by_hand(image: Array, weights: Array) -> tuple[Array, Array]:
    K = weights.shape[0]
    N, H, W, _ = image.shape
    out = np.empty((N, H - K + 1, W - K + 1, weights.shape[3]))
    for i in range(out.shape[1]):
        for j in range(out.shape[2]):
            window = image[:, i : i + K, j : j + K, :]
            out[:, i, j, :] = np.tensordot(window, weights, axes=3)
    out_bar = 1.0 - np.tanh(out) ** 2
    image_bar, weights_bar = np.zeros_like(image), np.zeros_like(weights)
    for i in range(out.shape[1]):
        for j in range(out.shape[2]):
            g = out_bar[:, i, j, :]
            window = image[:, i : i + K, j : j + K, :]
            weights_bar += np.tensordot(window, g, axes=((0,), (0,)))
            image_bar[:, i : i + K, j : j + K, :] += np.tensordot(g, weights, axes=((1,), (3,)))
    return image_bar, weights_bar


def thomas(a: Array, b: Array, c: Array, d: Array) -> float:
    n = len(d)
    cp = c.copy()
    dp = d.copy()
    cp[0] = c[0] / b[0]
    dp[0] = d[0] / b[0]
    for i in range(1, n):
        m = b[i] - a[i] * cp[i - 1]
        cp[i] = c[i] / m
        dp[i] = (d[i] - a[i] * dp[i - 1]) / m
    for i in range(n - 2, -1, -1):
        dp[i] = dp[i] - cp[i] * dp[i + 1]
    return np.sum(dp**2)


def thomas_by_hand(a: Array, b: Array, c: Array, d: Array) -> Array:
    n = len(d)
    cp = c.copy()
    dp = d.copy()
    m_tape = [b[0]]
    cp[0] = c[0] / b[0]
    dp[0] = d[0] / b[0]
    for i in range(1, n):
        m = b[i] - a[i] * cp[i - 1]
        m_tape.append(m)
        cp[i] = c[i] / m
        dp[i] = (d[i] - a[i] * dp[i - 1]) / m
    for i in range(n - 2, -1, -1):
        dp[i] = dp[i] - cp[i] * dp[i + 1]
    d_bar = 2.0 * dp
    for i in range(n - 1):
        d_bar[i + 1] -= cp[i] * d_bar[i]
    for i in range(n - 1, 0, -1):
        t = d_bar[i] / m_tape.pop()
        d_bar[i] = t
        d_bar[i - 1] -= a[i] * t
    d_bar[0] /= b[0]
    return d_bar


def kalman(q: float, r: float, zs: list[float]) -> float:
    x = 0.0
    P = 1.0
    loglik = 0.0
    for z in zs:
        P = P + q
        S = P + r
        K = P / S
        y = z - x
        x = x + K * y
        P = (1.0 - K) * P
        loglik -= 0.5 * (math.log(S) + y * y / S)
    return loglik


def kalman_by_hand(q: float, r: float, zs: list[float]) -> tuple[float, float]:
    x = 0.0
    P = 1.0
    tape = []
    for z in zs:
        P = P + q
        S = P + r
        K = P / S
        y = z - x
        tape.append((P, S, K, y))
        x = x + K * y
        P = (1.0 - K) * P
    q_bar = r_bar = x_bar = P_bar = 0.0
    for _ in zs:
        P, S, K, y = tape.pop()
        K_bar = x_bar * y - P_bar * P
        S_bar = 0.5 * (y * y / S - 1.0) / S - K_bar * K / S
        x_bar = x_bar - (x_bar * K - y / S)
        P_bar = P_bar * (1.0 - K) + K_bar / S + S_bar
        q_bar += P_bar
        r_bar += S_bar
    return q_bar, r_bar


def k_means(centres: np.ndarray, points: np.ndarray) -> float:
    squares = np.sum(points**2, axis=1)[:, None] + np.sum(centres**2, axis=1)
    return np.sum(np.min(squares - 2.0 * (points @ centres.T), axis=1))


def k_means_by_hand(centres: np.ndarray, points: np.ndarray) -> np.ndarray:
    """In the roundings of the program, with equal shares for centres that are as near."""
    squares = np.sum(points**2, axis=1)[:, None] + np.sum(centres**2, axis=1)
    distances = np.subtract(squares, 2.0 * (points @ centres.T), out=squares)
    nearest = np.argmin(distances, axis=1)
    is_least = distances == np.take_along_axis(distances, nearest[:, None], axis=1)
    if np.count_nonzero(is_least) > len(points):
        shares = is_least / np.sum(is_least, axis=1, keepdims=True)
        return 2.0 * (np.sum(shares, axis=0)[:, None] * centres - shares.T @ points)
    sums = np.empty_like(centres)
    for j in range(points.shape[1]):
        sums[:, j] = np.bincount(nearest, points[:, j], len(centres))
    counts = np.bincount(nearest, minlength=len(centres))
    return 2.0 * (counts[:, None] * centres - sums)
