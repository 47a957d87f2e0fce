"""Rows that an index array chooses: their adjoint is made at once where nothing came before."""

import numpy as np
import pytest

from srcgrad import grad
from srcgrad.check import check_grads

RNG = np.random.default_rng()
TABLE = RNG.normal(size=(5, 3))
PLACES = np.array([4, -1, 0, 0, 2, 4])


def rows(x, i):
    return np.sum(np.sin(x[i]) * np.arange(3.0))


def after_a_row(x, i):
    return np.sum(np.sin(x[i]) * x[0])


def two_tables(x, i):
    a, b = x[i], np.exp(x)[i[::-1]]
    return np.sum(a * b)


def rows_of_rows(x, i):
    return np.sum(x[i.reshape(2, 3)] ** 2 * np.arange(3.0))


def columns(x, i):
    return np.sum(np.stack([x, x * x])[:, i % 5] ** 3)


def last_axis(x, i):
    return np.sum(x[:, i % 3] * np.arange(6.0))


def in_a_loop(x, i):
    total = 0.0
    for step in range(3):
        y = x * step
        total = total + np.sum(y[i] ** 2)
    return total


def counted(x, i):
    return np.sum(np.array([1.0, 2.0]) @ x[i[:2]])


def summed(x, i):
    return np.sum(x[i])


def elements(x, i):
    return np.sum(x[:, 0][i] ** 2)


ROWS = [rows, two_tables, rows_of_rows, columns, last_axis, in_a_loop, counted]


@pytest.mark.parametrize(
    "program", [*ROWS, after_a_row, summed, elements], ids=lambda f: f.__name__
)
@pytest.mark.parametrize("dtype", [np.int64, np.int8])
def test_gradients(program, dtype):
    args = TABLE, PLACES.astype(dtype)
    check_grads(program, args)
    assert ("scatter_take" in grad(program).lower(*args).source) == (program in ROWS)
    assert "scatter_take" not in grad(program, optimize="2 -scatter_rows").lower(*args).source


def test_memory_in_another_order():
    x = np.asfortranarray(TABLE)
    np.testing.assert_array_equal(grad(rows)(x, PLACES), grad(rows)(TABLE, PLACES))


@pytest.mark.parametrize("dtype", [np.uint8, np.int8, np.uint64])
def test_places_of_few_bits(dtype):
    x, i = RNG.normal(size=(200, 64)), np.array([3, 100, 3, 7], dtype)
    expected = np.zeros_like(x)
    np.add.at(expected, i, 2 * x[i])
    np.testing.assert_allclose(grad(lambda x: np.sum(x[i] ** 2))(x), expected)
    np.testing.assert_allclose(grad(lambda x: np.sum(np.take(x, i, 0) ** 2))(x), expected)
