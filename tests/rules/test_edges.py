"""Arguments at the edge of what a function takes: orders of 0, one row, nan, numbers for arrays."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from scipy import special

from srcgrad import check_grads, grad


def order_zero(x):
    return np.sum(special.expn(0, x))


def orders(x):
    return np.sum(special.expn(np.array([0, 1, 2]), x))


def condition(A):
    return np.linalg.cond(A) + np.linalg.cond(A, -2)


def chosen(x):
    return np.sum(np.sin(np.where(np.array([0.0, 2.0, 1.0]), x**2, np.log(x))))


def chosen_by_argument(x, w):
    y = np.where(w, x, 2 * x)
    return np.sum(y**2)


def convolved_with_a_number(x):
    return np.sum(np.convolve(x, 2.0) ** 2)


def convolved_by_a_number(x):
    return np.sum(np.convolve([1.0, 2.0, 3.0], x[0]) ** 2)


def rest_of_rows(x):
    first, *rest = x.reshape(-1, 3)
    return first.sum() + sum(np.sum(t) for t in rest)


def all_but_the_last(X):
    *init, last = X
    return last.sum() * 2 + sum(np.sum(t**2) for t in init)


V = np.array([0.5, 1.0, 2.0])


@pytest.mark.parametrize(
    ("fn", "args"),
    [
        (order_zero, (V,)),
        (orders, (V,)),
        (condition, (np.array([[3.0]]),)),
        (condition, (np.array([[3.0, 1.0], [2.0, 5.0]]),)),
        (chosen, (V,)),
        (chosen_by_argument, (V, np.array([0.0, 2.0, 1.0]))),
        (convolved_with_a_number, (V,)),
        (convolved_by_a_number, (V,)),
        (rest_of_rows, (V,)),
        (rest_of_rows, (np.arange(6.0),)),
        (all_but_the_last, (V.reshape(1, 3),)),
        (all_but_the_last, (np.arange(6.0).reshape(2, 3),)),
    ],
)
def test_gradients_at_the_edges(fn: Callable[..., Any], args: tuple[Any, ...]) -> None:
    check_grads(lambda x: fn(x, *args[1:]), args[:1], order=1)


def largest(x):
    return max(x)


def smallest(x):
    return min(x)


@pytest.mark.parametrize("fn", [largest, smallest])
def test_nan_is_chosen_where_it_is_first(fn: Callable[..., Any]) -> None:
    np.testing.assert_array_equal(grad(fn)(np.array([np.nan, 1.0])), [1.0, 0.0])
