"""Programs of every statement kind, as a user would write them: arrays, loops and algorithms."""

from __future__ import annotations

import math

import numpy as np


def views_of_a_product(A, B, x):
    h = A @ B
    h = h.T
    g = h.reshape(-1)[::2]
    return np.sum(g**3) + h[0, 1] * np.sum(x)


def transpose_rows_and_reversal(A):
    B = A.T
    B = B * 2
    v = B[1]
    w = v[::-1]
    return np.sum(w * v[0]) + np.trace(A[:, :3])


def gauss_seidel_sweep(x):
    n = len(x)
    y = np.empty(n)
    y[:] = x
    for i in range(1, n - 1):
        y[i] = (y[i - 1] + y[i] + y[i + 1]) / 3
    return np.sum(y**2)


def cholesky_by_loops(A):
    L = np.zeros((3, 3))
    S = A @ A.T + np.eye(3)
    for i in range(3):
        for j in range(i + 1):
            t = S[i, j]
            for k in range(j):
                t -= L[i, k] * L[j, k]
            if i == j:
                L[i, j] = np.sqrt(t)
            else:
                L[i, j] = t / L[j, j]
    return np.sum(np.log(np.diag(L))) + L[2, 0]


def scatter_by_elements(x, I):
    y = x[I]
    z = np.zeros(3)
    for k in range(len(I)):
        z[I[k]] += y[k] * x[k]
    return np.sum(z * z)


def mask_reassigned_after_use(x):
    m = x > 1.0
    y = np.where(m, x * x, np.sin(x))
    y[m] += 1.0
    y[~m] = y[~m] * x[~m]
    m = x < 0.8
    y[m] = 0.5
    return np.sum(y * x)


def endless_loop_left_by_break(x):
    i = 0
    acc = 0.0
    while True:
        i += 1
        if i >= 5:
            break
        if x[i] < 0.9:
            continue
        acc += x[i] * acc + x[i - 1]
    i = 2
    return acc * x[i]


def branches_in_a_loop(s, n):
    a = s
    for i in range(n):
        b = a * a
        if b > 1.0:
            a = b / 2
        elif b < 0.1:
            a = a + 0.3
        else:
            for j in range(i):
                a = a * 1.1 + b * 0.1
    return a * b


def overwritten_after_exp(x):
    y = x.copy()
    t = 0.0
    for k in range(3):
        t += np.sum(np.exp(y))
        y *= 0.5
        y[0] = t * 0.01
    return t


def tuple_of_list_items(x):
    a = x[0]
    b = x[1]
    c = [a, b, a * b]
    c2 = c
    d = (c2[0], c[2])
    e, f = d
    return e * f + c[1] ** 2


def rebinding_keeps_the_old_array(x):
    z = x
    z = z + 1
    w = z
    z = z * w
    return np.sum(z * w * x)


def time_steps_in_rows(x):
    r = np.zeros((4, 5))
    r[0] = x
    for t in range(1, 4):
        r[t] = r[t - 1] * np.roll(r[t - 1], 1) + 0.1 * r[t - 1]
    return np.sum(r[-1] * r[1])


def bound_changed_in_the_body(x, s):
    k = 3
    tot = 0.0
    for i in range(k):
        k = k + 1
        tot += x[i] * k * s
    return tot * k


def returns_at_several_depths(x):
    if x[0] > 0.9:
        if x[1] > 0.9:
            return x[0] * x[1]
        y = x[2] * 2
    else:
        y = x[3] ** 2
        for i in range(3):
            y = y * x[i]
            if y > 5:
                return y
    return y * y


def joined_and_reduced(A):
    u, v = (A[0], A[1])
    w = np.concatenate([u * 2, v[:2], A[2]])
    q = np.stack([w[:3], w[3:6]])
    return np.sum(q[0] * q[1]) + np.max(w) * np.min(w) + np.std(w) + np.var(A)


def reversed_range_and_zip(x):
    p = 1.0
    for i in reversed(range(len(x))):
        p = p * x[i] + i
    for a, b in zip(x[1:], reversed(x)):
        p += a * b * p
    return p


def overlapping_augmented_stores(x):
    y = x * 1.0
    y[1:] += y[:-1]
    y[:-1] -= 0.5 * y[1:]
    y[::2] *= y[1]
    return np.sum(y**2)


def two_states_at_once(x, s):
    t = s
    for i in range(3):
        t, x = (t * np.sum(x), x + t * 0.1)
    return t


def none_then_number(s):
    q = None
    for i in range(3):
        if q is None:
            q = s * s
        else:
            q = q * s + 1
    return q


def list_filled_in_branches(x):
    out = []
    for i in range(len(x)):
        if i % 2:
            out.append(x[i] * 2)
        else:
            out.append(math.sin(x[i]))
    v = np.array(out)
    return np.sum(v * v)


def sorted_and_accumulated(x):
    y = np.sort(x)[::-1]
    c = np.cumsum(y)
    return np.sum(c * np.arange(5)) + np.linalg.norm(y) + np.prod(y)


def linear_algebra(A):
    M = A[:, :3] + 3 * np.eye(3)
    return np.linalg.det(M) + np.sum(np.linalg.inv(M)) + np.sum(np.linalg.solve(M, A[:, 3]))


def einsum_and_tensordot(A, B):
    return np.einsum("ij,jk->", A, B) * np.tensordot(A, B, 1)[0, 1] + np.sum(
        np.outer(A[0], B[:, 0])
    )


def standardised(x):
    y = x
    y = y - np.mean(y)
    y /= np.std(y) + 1.0
    n = y.shape[0]
    return np.sum(np.abs(y) ** 1.5) / n


def rows_chosen_with_repeats(A, I):
    return np.sum(np.sin(A[I]) * np.arange(4.0))


def nearest_of_each_row(A, B):
    squares = np.sum(B**2, axis=0) - 2.0 * (A @ B)
    return np.sum(np.min(squares, axis=1) * np.arange(3.0))


def many_layers(A, B):
    a = np.tanh(A @ B)
    b = np.tanh(a @ B.T + A)
    c = np.exp(-(b**2)) * A
    d = c @ B + a
    e = np.sin(d) * d
    f = e @ B.T - b
    g = np.maximum(f, 0.1 * f) + c
    return np.sum(g * b) + np.sum(e * d)


def product_in_an_array(x):
    """Where kinds are not known, its adjoint comes from an array without axes."""
    t = np.prod(np.cos(x)) / 2.0
    y = np.log(2.0 + np.array([t, x[0]]))
    d = t - x[1]
    return np.sum(d) * 0.46 + y[0]
