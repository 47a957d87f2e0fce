"""One memory under several names, one name for several memories, and names that are deleted."""

from __future__ import annotations

import numpy as np


def one_of_two_written(x):
    a, b = x * 1.0, x * 2.0
    v = a if x[0] > 0.5 else b
    v[0] = x[1] ** 2
    return np.sum(a * a) + np.sum(b * v)


def part_of_one_of_two(x):
    a, b = x * 1.0, x * 2.0
    v = a[1:] if x[0] > 0.5 else b[:2]
    v[0] = x[1] ** 2
    return np.sum(a * a) + np.sum(b * b)


def one_of_two_in_a_loop(x):
    a, b = x * 1.0, x * 2.0
    for i in range(3):
        v = a if i % 2 else b
        v[i] = x[0] * x[i] * (i + 1)
        b[0] = b[0] * a[1]
    return np.sum(a * a) + np.sum(b * b)


def knowledge_through_a_choice(x):
    b, c = x * 2.0, np.sin(x)
    w = c
    v = b[1:] if x[0] > 0.5 else c
    for _ in range(2):
        w = b
    b[-1] = b[1] * x[1]
    return np.sum(v) + np.sum(w)


def rows_filled_in_a_loop(x):
    n = len(x)
    history = np.zeros((n, 3))
    c = x * 1.0
    for i in range(n):
        row = history[i]
        for r in range(3):
            row[r] = x[r] * c[r]
            if r:
                row[r] *= x[0]
        c = c + row
    return np.sum(history * history) + np.sum(c)


def list_read_while_it_grows(x):
    xs = [x[0]]
    t = 0.0
    for i in range(4):
        xs.append(xs[-1] * xs[i] * 0.3 + x[1])
        a = xs[-1]
        if len(xs) > 2:
            b = xs.pop()
            xs.append(b * a)
        t = t + a * xs[-1]
    return sum(xs) * len(xs) + t


def items_written_and_appended(x):
    h = np.zeros(3)
    out = []
    for i in range(3):
        h = h * x + i
        h[1] = x[0] * h[0]
        out.append(h)
    s = 0.0
    for o in out:
        s = s + np.sum(o**2)
    return s


def number_of_an_array(x):
    y = x * 1.0
    s = y[0]
    s -= x[1] * y[2]
    y[1] = s * s
    old = y[1]
    y[1] = old * s
    return np.sum(y * y) + old


def deleted_and_bound_again(x):
    y = x * 2
    z = y
    del y
    z[0] = 5.0
    for i in range(2):
        t = z * i
        z = z + t
        del t
    y = x * 3
    return np.sum(z * x) + np.sum(y)


def read_after_del(x):
    y = x * 2
    del y
    return np.sum(y)  # noqa: F821


def perhaps_read_after_del(x):
    y = x * 2
    for i in range(2):
        if i:
            del y
        x = x * y
    return np.sum(x)


def items_of_a_copied_list(x):
    xs = [x * 1.0, x * 2]
    zs = xs * 2
    zs[0][0] = 5.0
    return np.sum(xs[0] * x)


def one_list_of_two(x):
    a, b = [x * 1.0], [x * 2.0]
    v = a if x[0] > 0.5 else b
    v[0][0] = 5.0
    return np.sum(a[0] * x) + np.sum(b[0])


def written_argument(a, b):
    a[0] = b[1] ** 2
    return np.sum(a * b)


def written_item_of_an_argument(a, b):
    a[0][0] = b[1] ** 2
    return np.sum(a[0] * b)


def written_item_of_two(a):
    a[0][0] = a[1][1] ** 2
    return np.sum(a[0] * a[1])


def stored_before_a_branch(x):
    """One arm ends with a zero adjoint, and the sum over what was stored into comes after both."""
    s = np.sum(x)
    y = x * 2.0
    y[0] = x[1] * 3.0
    t = s + np.sum(y)
    if s < -100.0:
        t = s
    else:
        t = t - 1.0
    return t + s
