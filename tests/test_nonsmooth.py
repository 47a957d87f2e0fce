"""The table of docs/nonsmooth.md, row by row, through generated source."""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from srcgrad import grad

INF, NAN = math.inf, math.nan
FLOOR = 0.0


def slopes(f: Callable[..., Any], *args: Any) -> list[Any]:
    """Gradients of the sum of `f` with respect to all arguments."""
    found = grad(f, tuple(range(len(args))))(*args)
    for gradient, arg in zip(found, args, strict=True):
        assert np.shape(gradient) == np.shape(arg)
    return [np.asarray(gradient).tolist() for gradient in found]


# --- programs of one number, which an array of one serves as well


def abs_numpy(x):
    return np.sum(np.abs(x))


def abs_builtin(x):
    return np.sum(abs(x))


def abs_absolute(x):
    return np.sum(np.absolute(x) * 3.0)


def relu(x):
    return np.sum(np.maximum(x, 0))


def relu_float(x):
    return np.sum(np.maximum(0.0, x))


def floor_at_zero(x):
    return np.sum(np.minimum(x, 0))


def relu_chain(x):
    return np.sum(np.maximum(x * x - x, 0.0) + 2 * x)


def clip_low(x):
    return np.sum(np.clip(x, 0, 1))


def clip_high(x):
    return np.sum(np.clip(x, -1, 0))


def clip_low_only(x):
    return np.sum(np.clip(x, 0, None))


def clip_inverted(x):
    return np.sum(np.clip(x, -2.0, -1.0))


def where_relu(x):
    return np.sum(np.where(x > 0, x, 0))


def where_relu_closed(x):
    return np.sum(np.where(x >= 0, x, 0))


def masked_log(x):
    return np.sum(np.where(x > 0, np.log(np.where(x > 0, x, 1.0)), 0))


def prevented_division(x):
    return np.sum(np.where(x == 0, 2.0 * x, np.sin(x) / np.where(x == 0, 1.0, x)))


def power_zero(x):
    return np.sum(x**0)


def power_zero_float(x):
    return np.sum(x**0.0)


def power_one(x):
    return np.sum(x**1)


def power_two(x):
    return np.sum(x**2)


def power_two_float(x):
    return np.sum(np.power(x, 2.0))


def sinc(x):
    return np.sum(np.sinc(x))


def floors(x):
    return np.sum(x // 1 + np.floor(x) + np.ceil(x) + np.trunc(x) + np.round(x) + np.sign(x))


def remainder(x):
    return np.sum(x % 1.5)


def softplus(x):
    return np.sum(np.log1p(np.exp(x)))


ROWS: list[tuple[Callable[..., Any], float]] = [
    (abs_numpy, 0),
    (abs_builtin, 0),
    (abs_absolute, 0),
    (relu, 0),
    (relu_float, 0),
    (floor_at_zero, 0),
    (relu_chain, 2),
    (clip_low, 1),
    (clip_high, 1),
    (clip_low_only, 1),
    (clip_inverted, 0),
    (where_relu, 0),
    (where_relu_closed, 1),
    (masked_log, 0),
    (prevented_division, 2),
    (power_zero, 0),
    (power_zero_float, 0),
    (power_one, 1),
    (power_two, 0),
    (power_two_float, 0),
    (sinc, 0),
    (floors, 0),
    (remainder, 1),
    (softplus, 0.5),
]


@pytest.mark.parametrize("form", [float, np.float64, np.array, lambda x: np.array([x, 5.5])[:1]])
@pytest.mark.parametrize(("f", "expected"), ROWS, ids=[f.__name__ for f, _ in ROWS])
def test_at_zero_without_a_warning(f: Callable[..., Any], expected: float, form: Any) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        (found,) = slopes(f, form(0.0))
    assert np.ravel(found).tolist() == [expected]


# --- infinite and undefined slopes: NumPy's warning says so


def sqrt(x):
    return np.sum(np.sqrt(x))


def half_power(x):
    return np.sum(x**0.5)


def root_of_square(x):
    return np.sum(np.sqrt(x * x))


@pytest.mark.parametrize("form", [float, np.array, lambda x: np.array([x])])
@pytest.mark.parametrize("f", [sqrt, half_power])
def test_an_infinite_slope_warns(f: Callable[..., Any], form: Any) -> None:
    with pytest.warns(RuntimeWarning, match=r"divide by zero"):
        (found,) = slopes(f, form(0.0))
    assert np.ravel(found).tolist() == [INF]


@pytest.mark.parametrize("form", [float, lambda x: np.array([x])])
def test_the_chain_rule_gives_nan_at_the_root_of_a_square(form: Any) -> None:
    with pytest.warns(RuntimeWarning):
        (found,) = slopes(root_of_square, form(0.0))
    assert math.isnan(np.ravel(found)[0])


# --- ties


def larger(a, b):
    return np.sum(np.maximum(a, b))


def smaller(a, b):
    return np.sum(np.minimum(a, b))


def python_larger(a, b):
    return max(a, b)


def python_smaller(a, b):
    return min(a, b, 7.0)


def against_a_global(a):
    return np.sum(np.maximum(a, FLOOR))


def test_ties_of_two_values_are_halved() -> None:
    assert slopes(larger, 1.0, 1.0) == [0.5, 0.5]
    assert slopes(smaller, 1.0, 1.0) == [0.5, 0.5]
    ties = np.array([1.0, 2.0, 3.0]), np.array([1.0, 5.0, 2.0])
    assert slopes(larger, *ties) == [[0.5, 0, 1], [0.5, 1, 0]]
    assert slopes(smaller, *ties) == [[0.5, 1, 0], [0.5, 0, 1]]
    assert slopes(larger, np.array([1.0, 2.0]), 1.0) == [[0.5, 1], 0.5]


def test_builtin_extrema_are_branches() -> None:
    assert slopes(python_larger, 1.0, 1.0) == [1, 0]
    assert slopes(python_smaller, 1.0, 1.0) == [1, 0]
    assert slopes(python_larger, 1.0, 2.0) == [0, 1]
    assert slopes(python_smaller, 8.0, 9.0) == [0, 0]


def top(x):
    return np.max(x)


def tops(x):
    return np.sum(x.max(axis=1) * np.array([1.0, 10.0]))


def bottoms(x):
    return np.sum(np.min(x, axis=0, keepdims=True) * np.array([[1.0, 10.0, 100.0]]))


def running_top(x):
    best = x[0]
    for i in range(1, len(x)):
        if x[i] > best:
            best = x[i]
    return best


def test_ties_of_a_reduction_are_shared_evenly() -> None:
    assert slopes(top, np.array([2.0, 1.0, 2.0, 2.0, 2.0])) == [[0.25, 0, 0.25, 0.25, 0.25]]
    x = np.array([[3.0, 1.0, 3.0], [3.0, 4.0, 0.0]])
    assert slopes(tops, x) == [[[0.5, 0, 0.5], [0, 10, 0]]]
    assert slopes(bottoms, x) == [[[0.5, 10, 0], [0.5, 0, 100]]]
    assert slopes(running_top, np.array([2.0, 1.0, 2.0])) == [[1, 0, 0]]


# --- norms, deviations, products


def norm(x):
    return np.linalg.norm(x)


def norms(x):
    return np.sum(np.linalg.norm(x, axis=1))


def std(x):
    return np.std(x)


def stds(x):
    return np.sum(x.std(axis=0))


def prod(x):
    return np.prod(x)


def prods(x):
    return np.sum(np.prod(x, axis=1))


@pytest.mark.parametrize(
    ("f", "x", "expected"),
    [
        (norm, [0.0, 0.0], [0, 0]),
        (norms, [[0.0, 0.0], [3.0, 4.0]], [[0, 0], [0.6, 0.8]]),
        (std, [2.0, 2.0, 2.0], [0, 0, 0]),
        (std, [0.1, 0.1, 0.1], [0, 0, 0]),
        (stds, [[1.0, 0.0], [1.0, 2.0]], [[0, -0.5], [0, 0.5]]),
        (prod, [2.0, 3.0, 4.0], [12, 8, 6]),
        (prod, [0.0, 3.0, 4.0], [12, 0, 0]),
        (prod, [0.0, 0.0, 4.0], [0, 0, 0]),
        (prods, [[0.0, 3.0], [0.0, 0.0], [1.0, 2.0]], [[3, 0], [0, 0], [2, 1]]),
    ],
)
def test_norms_deviations_and_products(f: Callable[..., Any], x: Any, expected: Any) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        (found,) = slopes(f, np.array(x))
    np.testing.assert_allclose(found, expected, atol=1e-15)


# --- powers


def power(x, y):
    return np.sum(x**y)


def self_power(x):
    return np.sum(x**x)


@pytest.mark.parametrize(
    ("x", "y", "dx", "dy"),
    [(0.0, 0.0, 0, 0), (0.0, 2.0, 0, 0), (0.0, 1.0, 1, 0), (2.0, 0.0, 0, math.log(2))],
)
def test_a_variable_exponent(x: float, y: float, dx: float, dy: float) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert slopes(power, x, y) == [dx, dy]
        assert slopes(power, np.array([x, 1.0]), np.array([y, 1.0])) == [[dx, 1], [dy, 0]]
        assert slopes(power, np.array([x, 1.0]), y) == [[dx, y], dy]
        assert slopes(power, x, np.array([y, y])) == [2 * dx, [dy, dy]]


def test_a_negative_base_has_no_slope_in_the_exponent() -> None:
    with pytest.warns(RuntimeWarning, match="invalid value"):
        dx, dy = slopes(power, np.array([-2.0]), np.array([3.0]))
    assert dx == [12]
    assert math.isnan(dy[0])
    assert grad(power)(-2.0, 3.0) == 12
    assert grad(power)(-2.0, 3) == 12


def test_a_number_to_itself() -> None:
    assert slopes(self_power, 1.0) == [1]
    np.testing.assert_allclose(slopes(self_power, np.array([2.0])), [[4 * (1 + math.log(2))]])


def angle(y, x):
    return np.sum(np.arctan2(y, x) + np.hypot(x, y))


def test_the_angle_at_the_origin() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert slopes(angle, 0.0, 0.0) == [0, 0]
        assert slopes(angle, np.zeros(2), np.array([0.0, 2.0])) == [[0, 0.5], [0, 1]]


def test_a_global_is_no_literal() -> None:
    """A bound that may change is a value like any other: the tie is halved."""
    assert slopes(against_a_global, np.array([0.0, 1.0, -1.0])) == [[0.5, 1, 0]]


def square(x):
    return np.sum(x * x)


def constant(x, y):
    return np.sum(y * 2.0)


def test_integers_and_unused_arguments() -> None:
    assert slopes(square, 3) == [6]
    assert slopes(constant, np.ones((2, 1), np.float32), 3.0) == [[[0], [0]], 2]
