"""Variables that are None on one path and a differentiated value on another."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from srcgrad import grad, jvp
from srcgrad.differences import central_differences
from tests.agreement import assert_near

RNG = np.random.default_rng()


def given_up(x):
    w = x[0] ** 2
    if x[1] > 10:
        w = None
    s = 0.0
    if w is not None:
        s = s + w * 3
    return s


def begun_anew(x):
    prev = None
    s = 0.0
    for i in range(4):
        if prev is not None:
            s = s + x[i] * prev
        prev = x[i] ** 2
        if i == 2:
            prev = None
    return s


def arrays_begun_anew(x):
    w = None
    s = 0.0
    for i in range(5):
        if w is None:
            w = x * 0.5
        else:
            w = w * x
        s = s + np.sum(w * x)
        if i % 3 == 1:
            w = None
    return s


def best_of_each_half(x):
    best, place = None, None
    s = 0.0
    for i in range(4):
        v = x[i] ** 2
        if best is None or v > best:
            best, place = v, i
        if i == 1:
            s = s + best * x[place]
            best, place = None, None
    return s * best


def a_text_instead(x):
    w = x * 2
    if x[0] > 0:
        w = "none"
    if isinstance(w, str):
        return np.sum(x)
    return np.sum(w * x)


@pytest.mark.parametrize(
    "f", [given_up, begun_anew, arrays_begun_anew, best_of_each_half, a_text_instead]
)
@pytest.mark.parametrize("mode", ["reverse", "forward"])
def test_what_it_was_has_its_derivative(f: Callable[..., Any], mode: str) -> None:
    for _ in range(4):
        x, x_dot = RNG.normal(size=4), RNG.normal(size=4)
        expected = central_differences(f, (x,), 0)
        if mode == "reverse":
            assert_near(grad(f)(x), expected, 1e-5, 1e-7)
        else:
            assert_near(jvp(f, (x,), (x_dot,))[1], expected @ x_dot, 1e-5, 1e-7)


# --- arguments that are left out


def weighted(x, w=None):
    if w is None:
        w = np.ones(len(x))
    s = 0.0
    for i in range(len(x)):
        s += w[i] * x[i] ** 3
    return s


def scaled(x, k=None):
    factor = 2.0 if k is None else k
    return np.sum(np.sin(x) * factor)


def returned(x, w=None):
    if w is None:
        return np.sum(x**2)
    return np.sum(w * x)


def in_a_loop(x, start=None):
    s = 0.0
    for i in range(4):
        if start is None:
            start = x[i]
        else:
            s = s + (x[i] - start) ** 2
            start = x[i]
    return s


CALLS = [
    (weighted, ()), (weighted, (RNG.normal(size=4),)), (scaled, ()), (scaled, (0.5,)),
    (returned, ()), (returned, (RNG.normal(size=4),)), (in_a_loop, ()), (in_a_loop, (0.5,)),
]  # fmt: skip


@pytest.mark.parametrize(("f", "given"), CALLS)
def test_arguments_left_out(f: Callable[..., Any], given: tuple[Any, ...]) -> None:
    df = grad(f)
    for args in (given, (), given):
        x = RNG.normal(size=4)
        expected = central_differences(f, (x, *args), 0)
        assert_near(df(x, *args), expected, 1e-6, 1e-8)


@pytest.mark.parametrize("f", [weighted, scaled, returned])
def test_what_is_left_out_is_no_branch(f: Callable[..., Any]) -> None:
    assert " is None" not in grad(f).lower(RNG.normal(size=4)).source


@pytest.mark.parametrize("f", [weighted, scaled, returned])
def test_compiled_loops_of_arguments_left_out(f: Callable[..., Any]) -> None:
    pytest.importorskip("numba")
    x = RNG.normal(size=4)
    df = grad(f, backend="numba")
    assert_near(df(x), central_differences(f, (x,), 0), 1e-6, 1e-8)
