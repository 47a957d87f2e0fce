"""Programs whose values are hard to compute again: they share memory, are written, or come and go.

All take an array of 8 numbers and a number.
"""

from __future__ import annotations

import numpy as np

from srcgrad import checkpointed, stop_gradient

SCALE = np.linspace(0.5, 1.5, 8)


def chained(x, k):
    a = np.sin(x) * k
    b = np.exp(-a * a)
    c = np.cos(b) * a
    c = np.sin(c) * b
    c = np.sin(c) * b
    return np.sum(np.sqrt(1 + c * c) / b)


def views(x, k):
    a = np.sin(x)
    w = a[::2] * k
    t = a.reshape(2, 4).T
    b = np.exp(-t * t)
    c = b @ t.T
    return np.sum(c * c) + np.sum(w * w)


def stored_through_a_name(x, k):
    a = np.sin(x)
    b = a
    d = np.exp(a * k)
    b[0] = 2.0
    e = np.cos(a) * d
    return np.sum(e * e)


def augmented_later(x, k):
    a = np.sin(x)
    b = np.exp(a)
    a += k
    c = a * b
    a *= b
    return np.sum(np.sin(a) * c)


def augmented_through_a_view(x, k):
    a = np.sin(x) * 1.0
    v = a[1:4]
    b = np.exp(a)
    v += k
    c = np.cos(a) * b
    return np.sum(c * np.sum(v * v))


def stored_between(x, k):
    y = np.zeros(8)
    y[2:5] = x[:3]
    a = np.exp(y)
    y[1] = k
    b = np.sin(y) * a
    y[:] = b * 2
    return np.sum(np.cos(y) * b * a)


def masks(x, k):
    a = np.sin(x)
    b = np.where(a > 0.2, a * a, np.exp(a))
    c = b[a > 0.2]
    a = np.maximum(a * b, b * k)
    b[a > 0.5] = 0.5
    return np.sum(c * c) + np.sum(np.cos(a) * a * b)


def branches(x, k):
    if k > 0:
        a = np.sin(x)
        b = np.exp(a) * a
        c = np.sqrt(1 + b * b)
    else:
        c = np.cos(x)
        b = c
    d = np.tanh(c * b)
    if np.sum(d) > 0:
        e = np.exp(d)
        d = e * d * np.sin(e)
    return np.sum(d * d)


def left(x, k):
    u, s = x, 0.0
    for i in range(9):
        a = np.sin(u)
        b = np.exp(-a) * a
        if i == 2:
            continue
        s = s + np.sum(b * b * a)
        if s > 3.0 or i == 6:
            u = u * b
            break
        c = np.cos(b) * b
        u = u * c * k + a * np.tanh(c)
    return np.sum(u * u) + s


def returned(x, k):
    u = x
    for i in range(5):
        a = np.sin(u)
        b = np.exp(a) * a
        if i == 3:
            return np.sum(b * b * a)
        u = u + np.cos(b) * b
    return np.sum(u)


def until(x, k):
    u, i = x, 0
    while np.sum(np.exp(u) * u) < 1e3 and i < 5:
        a = np.sin(u)
        b = np.exp(-a) * a
        u = u + b * np.cos(b)
        i += 1
    return np.sum(u * b)


def nested(x, k):
    u = x
    for _ in range(3):
        a = np.sin(u)
        b = a * a * np.cos(a)
        for j in range(3):
            c = np.exp(-b * u) * (j + 1)
            u = u + np.sin(c) * a * c * k
            b = b * 1.1
        e = np.tanh(b) * a
        u = u * np.cos(e) * e
    return np.sum(u)


def stored_in_a_loop(x, k):
    u = x.copy()
    for _ in range(4):
        a = np.sin(u)
        b = np.exp(-a) * a
        u[1:-1] += k * b[2:] * a[:-2]
        c = np.cos(u) * b
        u[0] = np.sum(c * c)
    return np.sum(u * u)


def read_after_a_loop(x, k):
    u = x
    for _ in range(3):
        a = np.sin(u)
        b = np.exp(-a) * a
        u = u + b * k
    return np.sum(u * b * np.cos(a))


def tried(x, k):
    a = np.sin(x)
    try:
        b = np.exp(a) * a
        b = b * b[100]
    except IndexError:
        b = np.cos(a) * a * k
    return np.sum(b * b * np.sin(b))


def of_the_surroundings(x, k):
    a = np.sin(x) * SCALE
    b = np.exp(-a * a) * SCALE * k
    return np.sum(np.cos(b) * b * a)


def closed_over(x, k):
    a = np.sin(x)

    def f(y):
        return y * a * np.exp(-y * a)

    b = f(a * k)
    a = np.cos(a) * a
    return np.sum(f(b) * b)


def in_containers(x, k):
    parts = [np.sin(x), np.cos(x)]
    t = np.exp(-(np.stack(parts) ** 2))
    parts.append(x * k)
    u = np.concatenate(parts)
    d = {"a": np.sin(x)}
    d["b"] = np.exp(d["a"])
    c = d["a"] * d["b"]
    d["a"] = c * k
    return np.sum(t * t) + np.sum(np.tanh(u) * u) + np.sum(np.cos(d["a"]) * c * d["b"])


def twice(y, z):
    for _ in range(2):
        y = np.sin(y) * z
    return y, y * z


def called(x, k):
    a = np.sin(x)
    p, q = twice(a, x)
    b = np.exp(-p) * q
    c = b * a * k
    r, s = twice(b, c)
    return np.sum(r * s * c)


def swapped(x, k):
    a, b = np.sin(x), np.cos(x) * k
    a, b = b * a, a
    c = np.exp(a) * b
    a, b = b, a
    return np.sum(np.sin(a) * b * c)


def drawn(x, k):
    rng = np.random.default_rng(3)
    a = np.sin(x) * rng.normal(size=8)
    b = np.exp(-a) * rng.normal(size=8) * k
    return np.sum(b * np.cos(b) * a)


def checkpoints(x, k):
    u = x
    for _ in checkpointed(range(6), snapshots=2):
        a = np.sin(u)
        u = u + np.exp(-a) * a * k
    v = np.cos(u) * u
    w = np.exp(-v) * v
    return np.sum(w * np.sin(w))


def stopped(x, k):
    a = np.sin(x)
    b = stop_gradient(np.exp(a) * a)
    c = np.cos(a * b) * b * k
    return np.sum(c * c * a)


def parameter_redefined(x, k):
    x = np.sin(x) * k
    y = np.exp(x) * x
    x = x * y
    z = np.cos(x) * x
    x = z * x
    return np.sum(x * z)


def block(h, w):
    a = np.sin(h) * w
    b = np.exp(-a * a)
    for _ in range(2):
        b = b * np.cos(a) + a
    c = np.tanh(b) * a
    d = np.sqrt(1 + c * c)
    return d * c + h


def in_blocks(x, k):
    h = block(x, k)
    h = block(h, x)
    for _ in range(2):
        h = block(h, k) * 0.5
    return np.sum(block(h, k) * h)


def recurrence(x, n):
    a = np.sin(x) * x
    b = np.exp(-a) * a
    if n <= 0:
        return b * np.cos(b)
    c = recurrence(b * 0.9, n - 1)
    return np.tanh(c) * b * a + c


def recursive(x, k):
    return np.sum(recurrence(x * k, 3) ** 2)


def changed(y, z):
    for i in range(2):
        y[i] = np.sin(y[i + 1]) * z[i]
    t = np.exp(-z * z)
    y[3:5] += t[:2] * y[:2]
    return t * z


def changed_by_functions(x, k):
    y = np.sin(x) * k
    a = np.exp(y)
    b = changed(y, a)
    c = np.cos(y) * b * a
    return np.sum(y * changed(y, c) * c)


PROGRAMS = (
    in_blocks,
    recursive,
    changed_by_functions,
    chained,
    views,
    stored_through_a_name,
    augmented_later,
    augmented_through_a_view,
    stored_between,
    masks,
    branches,
    left,
    returned,
    until,
    nested,
    stored_in_a_loop,
    read_after_a_loop,
    tried,
    of_the_surroundings,
    closed_over,
    in_containers,
    called,
    swapped,
    drawn,
    checkpoints,
    stopped,
    parameter_redefined,
)
