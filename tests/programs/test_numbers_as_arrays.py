"""What NumPy does with arrays is done with numbers and lists, too: turned, read whole."""

import numpy as np
import pytest

from srcgrad import grad, hessian, jacfwd
from srcgrad.check import check_grads
from srcgrad.differences import central_differences
from tests.programs.weights import weighed

RNG = np.random.default_rng()


def turned(x):
    return weighed(np.transpose(x) ** 2)


def turned_list(x):
    return np.sum(np.transpose([[x, 2.0], [x * x, 1.0]])[0] ** 2)


def interpolated(x):
    return weighed(np.interp(x, [0.0, 1.0, 2.0], [1.0, 3.0, 2.0]) * x)


def read_whole(x):
    y = np.asarray(x) * 2.0
    z = y[()]
    return np.sum(z * z) * np.sum(y)


def written_as_a_whole(x):
    y = np.atleast_1d(x) * 2.0
    z = y[()]
    z[0] = np.sum(x) ** 2
    return np.sum(z * z) * np.sum(y)


@pytest.mark.parametrize(
    "f",
    [turned, turned_list, interpolated, read_whole, written_as_a_whole],
    ids=lambda f: f.__name__,
)
@pytest.mark.parametrize("form", [float, np.float64, np.array], ids=["float", "float64", "0-d"])
def test_numbers(f, form):
    x = form(RNG.uniform(0.2, 0.8))
    check_grads(f, (x,), order=2)
    for options in {}, {"optimize": 0}:
        np.testing.assert_allclose(
            grad(f, **options)(x), central_differences(f, (x,), 0), rtol=1e-6, atol=1e-8
        )
    np.testing.assert_allclose(jacfwd(f)(x), grad(f)(x), rtol=1e-10)
    np.testing.assert_allclose(
        hessian(f)(x),
        central_differences(lambda t: float(grad(f)(t)), (x,), 0),
        rtol=1e-5,
        atol=1e-6,
    )


def squared_einsum(x):
    y = np.array(list(x))
    return np.square(np.einsum("i,i->", y, np.sin(x))) * 0.3


def einsum_of_all(x):
    return np.asarray(np.einsum("i,j->", x, x * x)) ** 2


@pytest.mark.parametrize("f", [squared_einsum, einsum_of_all], ids=lambda f: f.__name__)
def test_numbers_from_einsum(f):
    x = RNG.uniform(0.2, 0.8, 3)
    check_grads(f, (x,), order=2)
    slopes = np.array(
        [central_differences(lambda t, k=k: grad(f)(t)[k], (x,), 0) for k in range(3)]
    )
    np.testing.assert_allclose(hessian(f)(x), slopes, rtol=1e-5, atol=1e-6)
