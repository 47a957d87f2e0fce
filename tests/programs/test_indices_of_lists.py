"""Lists of lists as indices: they have as many axes as they are deep."""

import numpy as np
import pytest

from srcgrad import grad, jacfwd
from srcgrad.check import check_grads
from srcgrad.differences import central_differences

RNG = np.random.default_rng()
WEIGHTS = np.array([[1.0, 2.0], [3.0, 4.0]])


def products(x):
    z = x[[[0, 1], [2, 0]], 0]
    return np.sum(z @ z)


def means(x):
    z = x[[(0, 1), (2, 0)], 1]
    return np.sum((np.mean(z) * z) ** 2)


def rows(x):
    return np.sum(x[[[0, 1], [2, 0]]] ** 2) + np.sum(x[[[0, 1]]] ** 3)


def columns(x):
    return np.sum(x[[[0], [1]], 1] ** 2) + np.sum(x.T[:, [[0, 1], [2, 1]]] ** 2)


def under_a_name(x):
    places = [[0, 1], [2, 0]]
    return np.sum(x[places] ** 2 * x[[0], [[1], [0]]][:, :, None])


def of_arrays(x):
    z = x[[np.array([0, 1]), np.array([2, 0])]]
    return np.sum(z[:, :, 0] @ z[:, :, 1])


def of_ranges(x):
    z = x[[range(2), range(1, 3)], 0]
    return np.sum(z @ z)


def twice_beside_a_range(x):
    i = np.arange(2)
    return np.sum(x[[[0], [0]], i] ** 2 * WEIGHTS) + np.sum(x[i, [(0,), (0,)]] ** 3 * WEIGHTS)


def masks(x):
    chosen = [[True, False], [False, True], [True, True]]
    y = x * 1.0
    y[chosen] = 0.0
    return np.sum(y * x) + np.sum(x[chosen] ** 2) + np.sum(x[[True, False, True]] ** 3)


def stored(x):
    y = x * 1.0
    i = np.arange(2)
    y[i, [[0], [1]]] = 2 * x[:2]
    y[[[0, 1], [1, 0]], [[0, 1], [0, 1]]] *= x[:2]
    return np.sum(y**2)


PROGRAMS = [
    products, means, rows, columns, under_a_name, of_arrays, of_ranges, twice_beside_a_range, masks,
    stored,
]  # fmt: skip


@pytest.mark.parametrize("program", PROGRAMS, ids=lambda f: f.__name__)
def test_gradients(program):
    x = RNG.uniform(0.3, 1.3, size=(3, 2))
    check_grads(program, (x,), order=2)
    (expected,) = central_differences(program, (x,), (0,))
    assert grad(program)(x).shape == jacfwd(program)(x).shape == x.shape
    np.testing.assert_allclose(jacfwd(program)(x), expected, rtol=1e-5, atol=1e-7)


def test_rows_times_a_number():
    def scaled(s, x):
        return np.sum((s * x[[[0, 1], [2, 0]]]) ** 2)

    assert grad(scaled)(0.5, np.array([1.0, 2.0, 5.0])) == 31.0
