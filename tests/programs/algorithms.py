"""Algorithms with calls, nested loops and early exits."""

from __future__ import annotations

import numpy as np


def two_ways(v, k):
    if k > 1:
        return v * k
    w = v
    for i in range(3):
        w = w * 0.5 + np.sin(v)
    return w


def callee_with_loop_and_early_return(x, s):
    y = two_ways(x, s)
    z = two_ways(y, 2.0 * s)
    return np.sum(y * z)


def previous_and_current_element(x):
    acc = 0.0
    prev = x[0]
    for i in range(1, len(x)):
        cur = x[i]
        d = cur - prev
        if d > 0:
            acc += d * d
        elif d < -0.2:
            acc -= d
        else:
            pass
        prev = cur
    return acc * prev


def covariance_by_loops(A):
    n, m = A.shape
    C = np.zeros((m, m))
    mu = np.mean(A, axis=0)
    for i in range(m):
        for j in range(i, m):
            c = np.sum((A[:, i] - mu[i]) * (A[:, j] - mu[j])) / (n - 1)
            C[i, j] = c
            C[j, i] = c
    return np.sum(C**2) + C[0, 1]


def damped_oscillator(x, s):
    p = x[:3]
    v = x[3:]
    dt = 0.1
    for t in range(5):
        a = -s * p - 0.1 * v * np.abs(v)
        v = v + dt * a
        p = p + dt * v
        if np.sum(p * p) < 0.01:
            break
    return np.sum(p * v)


def list_of_slices(x):
    tot = 0.0
    for i, row in enumerate([x[:2], x[2:4], x[4:]]):
        tot += np.sum(row) * i
        tot *= 1.1
    return tot


def endless_loop_with_else(s):
    def_ = 1.0
    k = 0
    while True:
        def_ = def_ * s
        k += 1
        if def_ < 0.2:
            break
        if k > 10:
            return def_ * 2
    else:
        def_ = 0.0
    return def_ * k


def triple_loop_with_else(A):
    s = 0.0
    for i in range(A.shape[0]):
        for j in range(A.shape[1]):
            if A[i, j] > 0.9:
                continue
            for k in range(j):
                if A[i, k] < 0.3:
                    break
                s += A[i, j] * A[i, k]
            else:
                s += A[i, j] ** 2
    return s


def dict_items(x):
    d = {"a": x[:2], "b": x[2:]}
    t = 0.0
    for k, v in d.items():
        t += np.sum(v * v)
    return t * d["a"][0]


def statistics_of_a_vector(x):
    m = np.max(x)
    i = np.argmax(x)
    e = np.exp(x - m)
    p = e / e.sum()
    return -np.log(p[i]) * x.mean() + np.clip(x, 0.7, 1.2).sum() + np.minimum(x, 1.0).sum()


def padding_windows_repeats(A):
    B = np.pad(A, 1)
    W = np.lib.stride_tricks.sliding_window_view(B, (2, 2))
    return np.sum(np.max(W, axis=(2, 3)) ** 2) + np.sum(np.repeat(A, 2, axis=0) ** 3)


def broadcast_and_squeeze(x):
    y = np.broadcast_to(x, (2, 6))
    z = np.expand_dims(x, 0) * y
    q = np.squeeze(z[:1])
    return np.sum(q.reshape(2, 3) @ np.ones((3, 2))) + np.linalg.norm(q)


def default_none(x, flag=None):
    if flag is None:
        flag = x[0]
    y = x * flag
    return np.sum(y) if flag > 0.5 else np.sum(y * y)


def work_array_copied_back(x):
    a = x.copy()
    b = np.empty_like(a)
    for t in range(3):
        for i in range(len(a)):
            b[i] = a[i] * a[(i + 1) % len(a)]
        a[:] = b
    return np.sum(a)


def while_inside_while(x):
    i = 0
    s = 0.0
    while i < len(x) and x[i] > 0.1:
        j = i
        while j < len(x):
            s += x[j] * x[i]
            j += 2
        i += 1
    return s * i


def list_to_tuple(s):
    r = [s, s * s]
    r[0] * r[1]
    t = tuple(r)
    (a, b), c = (t, 3)
    return a * b**c


def reshaped_rows_unpacked(x):
    y = x
    y = y.reshape(2, 3)
    y = y.T
    y = y * 2
    u, v, w = y
    return np.sum(u * v) + w[0] * u[1]
