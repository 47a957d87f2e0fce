"""Tables of short rows: points, angles, pairs of indices. The length of a row is told."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from srcgrad import grad
from srcgrad.differences import central_differences
from srcgrad.ir.values import key_of_value, kind_of_value


def turned(X, w):
    axis = X[:, :3] / np.sqrt(np.sum(X[:, :3] ** 2, axis=1, keepdims=True))
    p = X[:, :3] * np.cos(w[:3]) + np.cross(axis, np.sin(X[:, :3]))
    return np.sum((p[:, :2] / p[:, 2:]) ** 2)


def ends_of_rows(X, w):
    last = X[:, 9:10] * X[:, 10:]
    return np.sum(last**2) + np.sum(np.sin(X[:, 1:2] * w))


def kept_axis_of_a_new_one(X, w):
    s = np.sum(w[:, None], axis=1, keepdims=True)
    return np.sum(np.sin(s)) + np.sum(np.cos(np.sum(X[None], axis=-1, keepdims=True)))


def new_axis_before_a_sum(X, w):
    return np.sum(np.sin(np.sum(X[:, :, None], axis=1) * w[:1]))


def sums_of_chosen_columns(X, w):
    columns = np.array([0, 1, 1])
    return np.sum(np.sin(np.sum(X[:, columns], axis=0) * w[:3]))


def sums_of_chosen_rows(X, w):
    rows = np.array([0, 5, 5, 2])
    return np.sum(np.sin(np.sum(X[rows], axis=1, keepdims=True) * w[0]))


def stored_without_its_first_axes(X, w):
    y = X * 1.0
    y[1:3] = w[None, None] ** 2
    y[np.array([5, 4])] = np.sin(X[None, :2])
    return np.sum(y**3)


PROGRAMS = [
    stored_without_its_first_axes,
    turned,
    ends_of_rows,
    kept_axis_of_a_new_one,
    new_axis_before_a_sum,
    sums_of_chosen_columns,
    sums_of_chosen_rows,
]


@pytest.mark.parametrize("width", [3, 4, 11, 16, 17, 20])
@pytest.mark.parametrize("program", PROGRAMS, ids=lambda f: f.__name__)
def test_gradients(program: Callable[..., Any], width: int) -> None:
    r = np.random.default_rng(width)
    args = [r.uniform(0.4, 0.9, (9, width)), r.uniform(0.4, 0.9, width)]
    expected = central_differences(program, args, (0, 1))
    for found, right in zip(grad(program, (0, 1))(*args), expected, strict=True):
        assert found.shape == right.shape
        np.testing.assert_allclose(found, right, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("program", PROGRAMS, ids=lambda f: f.__name__)
def test_one_derivative_for_all_widths(program: Callable[..., Any]) -> None:
    derivative = grad(program, (0, 1))
    for width in (3, 17, 5, 11, 16, 40, 3):
        r = np.random.default_rng(width)
        args = [r.uniform(0.4, 0.9, (9, width)), r.uniform(0.4, 0.9, width)]
        expected = central_differences(program, args, (0, 1))
        for found, right in zip(derivative(*args), expected, strict=True):
            np.testing.assert_allclose(found, right, rtol=1e-5, atol=1e-6)


def test_no_sums_that_the_run_decides() -> None:
    source = grad(turned, (0, 1)).lower(np.ones((9, 11)), np.ones(11)).source
    assert "unbroadcast" not in source


@pytest.mark.parametrize("shape", [(9, 2), (9, 8), (9, 16), (9, 17), (9, 50), (3, 3), (3, 9), (9,)])
def test_keys_tell_what_kinds_do(shape: tuple[int, ...]) -> None:
    """Arrays of one key have one kind."""
    for other in [(9, 2), (9, 8), (9, 16), (9, 17), (9, 50), (3, 3), (3, 9), (9,)]:
        a, b = np.zeros(shape), np.zeros(other)
        same = repr(kind_of_value(a, "x")) == repr(kind_of_value(b, "x"))
        assert (key_of_value(a) == key_of_value(b)) == same
