"""Small arrays of known shape as numbers: what is taken apart, and what stays in memory."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from srcgrad.compiled import write_loops
from srcgrad.frontend import read_live
from srcgrad.ir.values import kind_of_value
from srcgrad.options import Request
from tests.loops.survey import Outcome, Program, survey_text

RNG = np.random.default_rng()
Function = Callable[..., Any]


def spiral(a: Any, b: Any) -> Any:
    turn = np.array([[np.cos(b), -np.sin(b)], [np.sin(b), np.cos(b)]])
    x, v = np.array([a, 1.0]), np.array([0.5, b])
    for _ in range(5):
        x, v = x + 0.1 * v, turn @ v - 0.1 * x
    return np.sum(x * v)


def swapped(a: Any, b: Any) -> Any:
    x, m = np.array([a, b * b]), np.array([[a, 2.0], [b, a * b]])
    for _ in range(3):
        x = np.array([x[1] * 1.5, x[0]])
        m = m.T * 0.5 + x
    return np.sum(np.sin(x)) + np.sum(m[0] * m[1])


def stored(a: Any, b: Any) -> Any:
    x = np.zeros(3)
    x[0] = a
    x[1:] = np.array([b, a * b])
    y = x.copy()
    y[-1] += np.exp(a)
    y *= b
    return np.sum(np.where(y > 0.0, y, 0.5 * y)) + np.min(x)


def walked(a: Any, b: Any) -> Any:
    x, steps = np.array([a, b]), 0
    while np.sum(x**2) < 50.0:
        x = np.sqrt(x * x + 0.5) * np.array([1.7, 1.1]) + np.array([0.1, b])
        steps += 1
    return np.sum(x * x) * steps


def reshaped(a: Any, b: Any) -> Any:
    x = np.reshape(np.array([a, b, 1.0, a * b]), (2, 2))
    y = x[:, 0] / (2.0 + np.expand_dims(x[1], 1) ** 2)
    return np.sum(y) + np.mean(np.abs(x) + 0.5) + np.max(x)


def seen_through(a: Any, b: Any) -> Any:
    x = np.array([a, b])
    y = x
    z = np.array([[a, b], [b, a]])
    row = z[1]
    y[0] = b * b
    row[1] = a * x[0]
    return np.sum(np.sin(x) * y) + np.sum(z * z)


def of_many(a: Any, b: Any) -> Any:
    x = np.array([a, b])
    y = 0.1 * np.arange(20)
    return np.sum(np.sin(x[:, None] * y)) + np.sum(y * x[0])


APART = [spiral, swapped, walked]
OTHERS = [stored, reshaped, seen_through, of_many]


def text_of(f: Function, *args: Any) -> str:
    names = inspect.signature(f).parameters
    kinds = {n: kind_of_value(a, n) for n, a in zip(names, args, strict=True)}
    live = read_live(f, None, {})
    (loops,) = write_loops(live, [(live.root, Request("value_and_grad", ("a", "b"), False, kinds))])
    return loops.written.text


@pytest.mark.parametrize("f", [*APART, *OTHERS], ids=lambda f: f.__name__)
def test_the_same_gradient(f: Function) -> None:
    a, b = RNG.uniform(0.5, 1.5, 2)
    found = survey_text(Program(f.__name__, f, lambda n: (float(a), float(b)), (0, 1)))
    assert found == Outcome("right")


@pytest.mark.parametrize("f", APART, ids=lambda f: f.__name__)
def test_no_array_is_made(f: Function) -> None:
    text = text_of(f, 0.7, 1.2)
    assert "np.empty(2" not in text and "np.zeros(2" not in text  # one of five is a tape


def test_memory_that_is_seen_through_other_names_stays() -> None:
    assert "np.empty" in text_of(seen_through, 0.7, 1.2)
