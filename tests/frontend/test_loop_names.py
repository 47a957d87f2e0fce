# ruff: noqa: B007, B020
"""Names of loops that had a value before: a loop of no steps leaves them that."""

from __future__ import annotations

import numpy as np
import pytest

from srcgrad import grad
from srcgrad.check import check_grads

X = np.array([1.0, 2.0, 3.0])


def used_before(x, n):
    i = 2
    y = x[i]
    i = 1
    for i in range(n):
        y = y * 2.0
    return x[i] * y


def differentiated_before(x, n):
    s = x[0] * 2.0
    for s in range(n):
        x = x * 3.0
    return s * 1.5 * x[1]


def of_another_loop(x, n):
    for i in range(3):
        x[i] = x[i] * x[1]
    for i in range(n):
        x[i] = x[i] ** 2
    x[i] = x[i] * 3.0
    return x[i] ** 2 * x[0]


def of_the_step_before(x, n):
    k = 1
    for _ in range(3):
        for k in range(k, n):
            x[k] = x[k] * x[k - 1]
        x[k] = x[k] * 2.0
    return np.sum(x) * x[k]


def counted(x, n):
    k = 2
    for k, v in enumerate(x[:n]):
        x = x * v
    return x[k] * np.sum(x)


def items(x, n):
    y = x[0] * x[1]
    for y in x[:n]:
        pass
    return y * y


def in_a_callee(x, n):
    def last(m, j):
        for j in range(m):
            pass
        return j

    return x[last(n, 1)] * x[last(2, 0)]


def in_an_else(x, n):
    i = 1
    for i in range(n):
        x = x * 2.0
    else:
        x = x * x[i]
    return np.sum(x)


@pytest.mark.parametrize(
    "function",
    [used_before, differentiated_before, of_another_loop, of_the_step_before, counted, items,
     in_a_callee, in_an_else],
    ids=lambda f: f.__name__,
)  # fmt: skip
@pytest.mark.parametrize("count", [0, 1, 3])
def test_gradients(function, count):
    check_grads(function, (X.copy(), count), argnums=0)
    expected = grad(function, optimize=0)(X.copy(), count)
    np.testing.assert_allclose(grad(function)(X.copy(), count), expected, rtol=1e-12)


@pytest.mark.parametrize("count", [0, 2])
def test_compiled(count):
    pytest.importorskip("numba", reason="numba is not installed: pip install srcgrad[numba]")
    for function in used_before, of_another_loop, of_the_step_before:
        expected = grad(function, optimize=0)(X.copy(), count)
        found = grad(function, backend="numba")(X.copy(), count)
        np.testing.assert_allclose(found, expected, rtol=1e-12)


def test_names_of_loops_alone_stay():
    def plain(x, n):
        for i in range(n):
            x[i] = np.sin(x[i])
        for i in range(n):
            x[i] = x[i] * x[0]
        return np.sum(x)

    text = grad(plain).lower(X, 2).source
    assert "i_1" not in text and text.count("for i in range(n):") == 2
