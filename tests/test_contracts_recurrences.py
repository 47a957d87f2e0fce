"""Adjoints that change places: recurrences in which each value becomes another."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from srcgrad import check_grads, grad
from srcgrad.differences import central_differences
from tests.agreement import assert_near


def sums(x):
    a, b = x, x
    for _ in range(4):
        a, b = b, a + b
    return np.sum(a * x)


def sums_by_three_statements(x):
    a = x * 1.0
    b = x * 2.0
    for _ in range(4):
        c = a + b
        a = b
        b = c
    return np.sum(a * b)


def products(x):
    a, b = x, x + 1
    for _ in range(3):
        a, b = b, a * b
    return np.sum(a + b)


def rotated(x):
    a, b, c = x, 2 * x, 3 * x
    for _ in range(4):
        a, b, c = b, c, a
    return np.sum(a * x + b * b + c)


def rotated_by_hand(x):
    a, b, c = x, 2 * x, 3 * x
    for _ in range(5):
        t = a
        a = b
        b = c
        c = t - a
    return np.sum(a * b * c)


def exchanged_at_times(x):
    a, b = x * x, x
    for i in range(5):
        if i % 2:
            a, b = b, a
        else:
            a = a + b
    return np.sum(a * a * b)


def window(x):
    a, b, c = x, x, x
    for i in range(3):
        a, b, c = b, c, a + b * c
        if i == 1:
            continue
        a = a - c
    return np.sum(a + b + c)


def swapped_once(x):
    a, b = x * 2, x * x
    a, b = b, a
    a, b = b - a, a
    return np.sum(a * a + b)


def with_while(x):
    a, b, n = x, x * x, 0
    while n < 4:
        a, b, n = a + b, a - b, n + 1
    return np.sum(a * b)


def momentum(x):
    v = np.zeros_like(x)
    for _ in range(3):
        v = 0.5 * v - 0.1 * x
        x = x + v
    return np.sum(x * x)


def two_step_history(x):
    before = x
    now = x * 1.5
    for k in range(4):
        after = 2 * now - before + 0.1 * np.sin(now) * k
        before = now
        now = after
    return np.sum(now * before)


PROGRAMS = [
    f for name, f in list(globals().items()) if inspect.isfunction(f) and f.__module__ == __name__
]


@pytest.mark.parametrize("f", PROGRAMS, ids=lambda f: f.__name__)
@pytest.mark.parametrize("point", [0.7, np.float32(0.7), np.array(0.7), np.array([0.7, -0.3])])
def test_values_that_change_places(f: Callable[..., Any], point: Any) -> None:
    if f is momentum and np.ndim(point) == 0 and not isinstance(point, np.ndarray):
        point = np.array([float(point)])
    found = grad(f)(point)
    (expected,) = central_differences(f, [np.asarray(point, float) * 1.0], (0,))
    narrow = isinstance(point, np.float32)
    assert_near(found, expected, rtol=1e-3 if narrow else 1e-5, atol=1e-6)
    check_grads(f, (point,))
