"""Views whose place is made of names that change: made again where they stand for the same alone.

`v = y[k:]` is `y[k:]` as long as `k` is what it was.
"""

from __future__ import annotations

import numpy as np
import pytest

from srcgrad import UnsupportedError
from srcgrad.check import check_grads


def counted_on(x, s):
    y = x[np.newaxis] * 1.0
    k = 1
    v = y[..., k]
    k = k + 1
    y[0] *= s
    return v[0] * x[0]


def a_slice(x, s):
    y = x * 1.0
    k = 1
    v = y[k:]
    k = k + 1
    y[:] = y * s
    return np.sum(v * v)


def by_a_loop(x, s):
    y = x * 1.0
    k = 1
    v = y[k:]
    for k in range(3):
        y *= s
    return np.sum(v * v)


def in_a_loop(x, s):
    y = np.outer(x, x)
    k = 1
    for t in range(2):
        v = y[k]
        k = k + 1
        y *= s
    return np.sum(v * v)


def written_through(x, s):
    y = np.outer(x, x)
    k = 1
    v = y[k, k:]
    k = 3
    v *= s
    return np.sum(y * y)


def in_two_places(x, s):
    y = np.outer(x, x)
    k = 1
    v = y[k, k:]
    k = 3
    y[1] = y[2] * s
    return np.sum(v * y[k, 0])


def its_own_index(x, n):
    y2 = x[np.newaxis]
    n = y2[..., n]
    y2[0] *= 3.0
    return n[0]


def of_a_transpose(x, s):
    y = np.outer(x, x)
    i = 0
    v = y.T[i]
    i = 2
    y[i] = v * s
    i = 1
    return np.sum(v * y[i])


def from_the_step_before(x, s):
    A = np.outer(x, x)
    v = A[0, 1:]
    t = 0.0
    for i in range(3):
        A *= s
        t = t + np.sum(v * v)
        v = A[i, 1:]
    return t


def of_each_step(x, s):
    A = np.outer(x, x)
    t = 0.0
    for i in range(3):
        v = A[i, 1:]
        A[i] *= s
        t = t + np.sum(v * v)
    return t


def read_from_an_array(x, s):
    A = np.outer(x, x)
    idx = np.array([0, 1, 2])
    v = A[idx[1], 1:]
    idx[1] = 0
    A *= s
    return np.sum(v * v)


def read_from_a_list(x, s):
    A = np.outer(x, x)
    idx = [0, 1, 2]
    v = A[idx[1], 1:]
    idx[1] = 0
    A *= s
    return np.sum(v * v)


def by_a_length(x, s):
    A = np.outer(x, x)
    n = x.shape[0]
    v = A[n - 2, : n - 1]
    A *= s
    x = np.concatenate([x, x])
    return np.sum(v * v) * x[5]


def by_a_length_that_changes(x, s):
    A = np.outer(x, x)
    v = A[1, : x.shape[0] - 1]
    x = np.concatenate([x, x])
    A *= s
    return np.sum(v * v) * x[5]


def two_halves(x, s):
    A = np.outer(x, x)
    h = len(x) // 2
    top, bottom = A[:h], A[h:]
    for _ in range(2):
        top *= bottom
        A[h, 0] += s
        bottom[0] += top[1] * 0.1
    return np.sum(A * A)


def in_a_list(x, s):
    A = np.outer(x, x)
    views = []
    for i in range(3):
        views.append(A[i, i:])
    A *= s
    return np.sum(views[1] * views[1])


def steps_of_while(x, s):
    A = np.outer(x, x)
    i = 0
    while i < 3:
        row = A[i, i:]
        row *= s
        i += 1
    return np.sum(A * A)


def counted_before_it_is_written(x, s):
    A = np.outer(x, x)
    i = 0
    while i < 3:
        row = A[i, i:]
        i += 1
        row *= s
    return np.sum(A * A)


def by_a_callee(x, s):
    y = x * 1.0
    k = 0

    def cut(k):
        return y[k:]

    v = cut(1)
    y *= s
    k = 2
    return np.sum(v * v) * y[k]


def windows(x, s):
    y = x * 1.0
    lo = 0
    for hi in (2, 3, 4):
        part = y[lo:hi]
        part *= s
        lo = hi - 1
        part[0] = part[0] * x[0]
    return np.sum(y * y)


RIGHT = [of_each_step, by_a_length, two_halves, steps_of_while, by_a_callee]
REFUSED = [
    counted_on,
    a_slice,
    by_a_loop,
    in_a_loop,
    written_through,
    in_two_places,
    its_own_index,
    of_a_transpose,
    from_the_step_before,
    read_from_an_array,
    read_from_a_list,
    by_a_length_that_changes,
    in_a_list,
    counted_before_it_is_written,
    windows,
]
X = np.random.default_rng().normal(size=4)


@pytest.mark.parametrize("function", RIGHT, ids=lambda f: f.__name__)
def test_right(function):
    check_grads(function, (X, 1.3), argnums=0, modes=["reverse", "forward"])


@pytest.mark.parametrize("mode", ["reverse", "forward"])
@pytest.mark.parametrize("function", REFUSED, ids=lambda f: f.__name__)
def test_refused(function, mode):
    """Or right, one day."""
    with pytest.raises(UnsupportedError, match="memory it may share was written"):
        check_grads(function, (X, 2 if function is its_own_index else 1.3), argnums=0, modes=[mode])
