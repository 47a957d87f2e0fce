"""Slices in loops: with negative steps, with bounds that cross, and of arrays that change names."""

from __future__ import annotations

import numpy as np
import pytest

pytest.importorskip("numba", reason="numba is not installed: pip install srcgrad[numba]")

from srcgrad import grad
from tests.loops.survey import Outcome, Program, survey_text

X = np.random.default_rng(5).standard_normal(8)


def every_other_back(x):
    y = x[::-2]
    total = 0.0
    for i in range(len(y)):
        total += y[i] ** 2 * i
    return total


def bounds_back(x):
    return np.sum(x[5:0:-1] * x[:5]) + np.sum(x[:2:-1] ** 3) + np.sum(np.sin(x[-2::-3]))


def stored_back(x):
    y = np.zeros_like(x)
    y[::-2] = x[1::2] ** 2
    y[-1:0:-3] *= x[1:4]
    return np.sum(y * np.arange(8.0))


def turned_twice(x):
    return np.sum(x[::-1][1::2] * x[::-2][::-1] * np.arange(4.0))


def to_place(x, n):
    total = 0.0
    for i in range(1, n):
        total += np.sum(x[i::-1] * x[: i + 1]) + np.sum(x[i:0:-2] ** 2)
    return total


def between(x, i, j):
    part = x[i:j]
    return part.size * x[0] ** 2 + len(x[j:i]) * x[1] ** 2 + np.sum(part**2) + len(x[i:j:-1]) * x[3]


def between_places(x, n):
    total = 0.0
    for i in range(n):
        first, last = (i * 3) % 7, (i * 5) % 7
        part = x[first:last]  # it may end before it starts
        total += (len(part) + 1) * x[0] ** 2 + np.sum(part**2) + part.size * x[i]
    return total


def rotated(x, n):
    a, b, c = x.copy(), x * 2, np.zeros_like(x)
    for _ in range(n):
        c[1:-1] = a[1:-1] + 0.5 * (b[2:] - b[:-2])
        a, b, c = b, c, a
    return np.sum(a * b) + c[1]


def exchanged(x, n):
    a, b = x.copy(), np.zeros_like(x)
    for _ in range(n):
        b[1:-1] = 0.5 * (a[2:] + a[:-2])
        a, b = b, a
    return np.sum(a * a) + b[1]


CASES = [
    (every_other_back, (X,)),
    (every_other_back, (X[:7],)),
    (bounds_back, (X,)),
    (stored_back, (X,)),
    (turned_twice, (X,)),
    (to_place, (X, 8)),
    (between_places, (X, 6)),
    (rotated, (X, 4)),
    (exchanged, (X, 3)),  # what `b` was is read after its other name is written
    (exchanged, (X, 1)),
]


@pytest.mark.parametrize(("function", "args"), CASES)
def test_agrees_with_numpy(function, args):
    gradient = grad(function, backend="numba")
    expected = grad(function)(*args)
    np.testing.assert_allclose(gradient(*args), expected, rtol=1e-12, atol=1e-14)
    compiled = gradient.lower(*args).function.compiled
    np.testing.assert_allclose(compiled(*args), expected, rtol=1e-12, atol=1e-14)


@pytest.mark.parametrize(("function", "args"), CASES)
def test_text_runs_without_numba(function, args):
    assert survey_text(Program("", function, lambda n: args, (0,))) == Outcome("right")


@pytest.mark.parametrize("bounds", [(6, 2), (7, 0), (2, 6), (3, 3)])
def test_bounds_that_cross_are_left_to_numpy(bounds):
    np.testing.assert_allclose(
        grad(between, backend="numba")(X, *bounds), grad(between)(X, *bounds), rtol=1e-12
    )


def substituted_back(x):
    y = np.zeros(len(x))
    for i in range(len(x) - 2, -1, -1):
        y[i] = x[i] - 0.5 * y[i + 1] * x[i]
    return np.sum(y)


def test_a_loop_downward_is_mirrored_upward():
    gradient = grad(substituted_back, backend="numba")
    np.testing.assert_allclose(gradient(X), grad(substituted_back)(X), rtol=1e-12)
    text = gradient.lower(X).source
    assert text.count("for i in range(x_n0 - 2, -1, -1):") == 1
    assert text.count("for i in range(x_n0 - 1):") == 1
