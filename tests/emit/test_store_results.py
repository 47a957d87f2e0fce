"""Large results are computed where they are stored, and nowhere else where that is not the same."""

import numpy as np
import pytest

from srcgrad import grad
from srcgrad.check import check_grads

RNG = np.random.default_rng()
WITHOUT = "2 -store_results"

pytestmark = pytest.mark.usefixtures("small_arrays_too")


def differences(x, w):
    step = x[1:] - x[:-1]
    return np.sum(step * step) + np.sum(w * w)


def differences_of_columns(x, w):
    return np.sum((x[:, 1:] - x[:, :-1]) ** 2) + np.sum(w**3)


def one_row(x, w):
    first = x[0] - x[1]
    return np.sum(first * first * w)


def negated_parts(x, w):
    y = x * 2.0
    return np.sum((y[:2] - y[1:3]) ** 3) - np.sum(y[2:] ** 2) + np.sum(w**2)


def spread_rows(x, w):
    row = x[:1] * w[0]
    return np.sum((w - row) ** 2) + np.sum(row[0] * x)


def in_a_loop(x, w):
    total = 0.0
    for k in range(1, 3):
        step = x[k:] - x[:-k]
        total = total + np.sum(step * step * w[k:])
    return total


def what_is_stored_is_read_again(x, w):
    y = x * 1.0
    y[1:] = -(w[1:] * x[:-1])
    z = y[1:] - y[:-1]
    return np.sum(z * z) + np.sum(y)


WRITTEN = [differences, differences_of_columns]
ALL = [*WRITTEN, negated_parts, one_row, spread_rows, in_a_loop, what_is_stored_is_read_again]


@pytest.mark.parametrize("program", ALL)
def test_gradients(program):
    args = RNG.normal(size=(5, 4)), RNG.normal(size=(5, 4))
    check_grads(program, args, argnums=(0, 1), order=2)
    expected = grad(program, (0, 1), optimize=WITHOUT)(*args)
    for a, b in zip(grad(program, (0, 1))(*args), expected, strict=True):
        np.testing.assert_array_equal(a, b)


@pytest.mark.parametrize("program", WRITTEN)
def test_results_are_computed_in_their_place(program):
    args = RNG.normal(size=(5, 4)), RNG.normal(size=(5, 4))
    assert "np.negative(" in grad(program, (0, 1)).lower(*args).source
    assert "np.negative(" not in grad(program, (0, 1), optimize=WITHOUT).lower(*args).source


def test_small_results_are_stored(monkeypatch):
    def second_differences(x, w):
        step = x[2:] - x[:-2]
        return np.sum(step * step)

    monkeypatch.undo()
    args = RNG.normal(size=(5, 4)), RNG.normal(size=(5, 4))
    assert "np.negative(" not in grad(second_differences, (0, 1)).lower(*args).source
