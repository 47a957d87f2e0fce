"""What is recorded of memory is read from there, and put back where something else reads it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from srcgrad import grad, value_and_grad, vjp
from srcgrad.differences import central_differences
from tests.agreement import assert_near


def growing(x):
    y = x * 1.0
    for k in range(1, 6):
        y[:k] += np.dot(x[:k], y[:k]) * y[:k][::-1]
        y[k] = x[k]
    return np.sum(y)


def through_a_view(x):
    y = x * 1.0
    v = y[1:4]
    s = 0.0
    for k in range(3):
        s += np.sum(v * y[:3])
        y[1:4] = np.sin(v) * x[k]
        s += y[0] * np.sum(v**2)
    return s


def two_names(x):
    y = x * 1.0
    z = y
    for k in range(1, 6):
        z[:k] = z[:k] * y[k]
        y[k] = z[0] * y[k - 1]
    return np.sum(y**2)


def behind_a_test(x):
    y = x * 1.0
    s = 0.0
    for k in range(1, 6):
        y[:k] *= np.cos(y[:k])
        if y[0] > 0.1:
            y[:k] *= y[:k]
        s += np.sum(y[:k] ** 3)
    return s


def parts_that_meet(x):
    y = np.outer(x, x)
    for k in range(3):
        y[k] = y[k] * y[k + 1]
        y[:, k] = y[:, k] * y[k]
        y[k, :2] *= y[k, 1:3]
    return np.sum(y)


def looked_up(x):
    y = x * 1.0
    i = np.array([0, 2, 2])
    for k in range(3):
        y[i] = y[i] * y[k]
        y[k] = y[k] * np.sum(y[i])
    return np.sum(y)


def exchanged(x):
    y = x * 1.0
    z = x * 2.0
    for k in range(1, 5):
        y[:k] = y[:k] * z[:k]
        y, z = z, y
        z[:k] *= y[:k]
    return np.sum(y) + np.sum(z**2)


def held(x):
    y = x * 1.0
    parts = [y, y * 2.0]
    s = np.sum(parts[0] ** 2)
    y[:3] = x[3:6] * np.sin(x[:3])
    s += np.sum(parts[0] ** 3) * np.sum(parts[1])
    pair = (y, x)
    y[2:5] *= x[1:4]
    return s + np.sum(pair[0] * pair[1])


def layer(y, w):
    h = np.tanh(y * w)
    for k in range(3):
        h = h * np.cos(y + k * h) + 0.1 * np.mean(y * h) * y
    return h * np.sin(y) * y


def kept_by_a_call(x):
    y = x.copy()
    z = layer(y, x[0])
    y[0] = 0.5
    z = z * layer(y, x[1])
    return np.sum(z) + np.sum(y)


def under_its_own_name(x):
    y = x * 1.0
    t = np.arctan(y[4])
    y = np.asarray(y)
    y[::1] = 0.5 * x[0]
    return t + np.sum(y)


def cut_down(x):
    y = x * 1.0
    t = np.sum(np.sin(y))
    y = y[2:]
    y[1:] = y[:-1] * x[:5]
    y = y.reshape(2, 3)
    y[0] *= y[1]
    return t * np.sum(y)


def cut_down_in_a_loop(x):
    y = x * 1.0
    t = 0.0
    for k in range(3):
        t = t + np.sum(np.sin(y) * y[0])
        y = y[1:]
        y[:-1] = y[1:] * x[k]
    return t * np.sum(y)


def a_parameter(x):
    t = np.arctan(x[4])
    x = x
    x[:] = 0.5 * t
    return t * np.sum(x)


PROGRAMS = [
    under_its_own_name,
    cut_down,
    cut_down_in_a_loop,
    a_parameter,
    held,
    kept_by_a_call,
    growing,
    through_a_view,
    two_names,
    behind_a_test,
    parts_that_meet,
    looked_up,
    exchanged,
]


@pytest.mark.parametrize("program", PROGRAMS, ids=lambda f: f.__name__)
def test_gradients(program: Callable[..., Any]) -> None:
    x = np.random.default_rng(3).uniform(0.4, 0.9, 8)
    (expected,) = central_differences(program, [x], (0,))
    assert_near(grad(program)(x), expected, rtol=1e-5, atol=1e-6)
    assert_near(value_and_grad(program)(x)[1], expected, rtol=1e-5, atol=1e-6)
    _, pullback = vjp(program, x)
    for _ in range(2):
        assert_near(pullback(1.0)[0], expected, rtol=1e-5, atol=1e-6)


def test_nothing_is_put_back_that_is_not_read() -> None:
    backward = grad(growing).lower(np.ones(8)).source.split("# backward")[1]
    assert "y_old_tape.pop()" in backward
    assert "y[:k] =" not in backward
