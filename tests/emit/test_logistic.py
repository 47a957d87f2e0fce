"""The logistic function, however it is written: one value is kept, and nothing overflows."""

import math
import warnings

import numpy as np
import pytest

from srcgrad import grad, transform
from srcgrad.check import check_grads

RNG = np.random.default_rng()


def sigmoid(x):
    return 1.0 / (1.0 + np.exp(-x))


def called(x, w):
    return np.sum(sigmoid(x * w) ** 2)


def in_place(x, w):
    for i in range(3):
        x = 1 / (np.exp(x * w[i]) + 1)
    return np.sum(x)


def own_name(x, w):
    x = x * 2
    x = 1 / (1 + np.exp(x))
    return np.sum(x * w)


def summed(x, w):
    return np.sum(1.0 / (1.0 + np.exp(-x - w)))


def numbers(x, w):
    total = 0.0
    for a, b in zip(x, w, strict=True):
        total = total + 1.0 / (1.0 + math.exp(-a * b))
    return total


def stretched(x, w):
    return np.sum(np.divide(1, np.add(np.exp(x[:, None] * w), 1)) * w)


def exponential_kept(x, w):
    e = np.exp(-x)
    return np.sum(1.0 / (1.0 + e) * w + e)


def chosen(x, w):
    return np.sum(np.where(x > 0, 1.0 / (1.0 + np.exp(-x)), w * x))


def two(x, w):
    return np.sum(2.0 / (1.0 + np.exp(-x)) * w)


def rebound(x, w):
    y = 1.0 / (1.0 + np.exp(-(x := x * w)))
    return np.sum(y * x)


KEPT_ALONE = [called, in_place, own_name, summed, numbers, stretched, rebound]
OTHERS = [exponential_kept, chosen, two]


@pytest.mark.parametrize("program", [*KEPT_ALONE, *OTHERS], ids=lambda program: program.__name__)
def test_gradients(program):
    args = RNG.normal(size=3), RNG.normal(size=3)
    check_grads(program, args)
    text = grad(program, (0, 1)).lower(*args).source
    assert ("(1 - " in text) == (program in KEPT_ALONE)


def test_an_exponential_that_overflows():
    x = np.array([-800.0, -30.0, 0.0, 30.0, 800.0])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of the program itself
        found = grad(lambda x: np.sum(1.0 / (1.0 + np.exp(-x))))(x)
    exact = 1.0 / (2.0 + 2.0 * np.cosh(np.minimum(np.abs(x), 700.0)))
    np.testing.assert_allclose(found, exact, atol=1e-16)


def test_where_no_kind_is_known():
    text = "import numpy as np\ndef f(x):\n    y = 1 / (1 + np.exp(-x))\n    return np.sum(y * y)\n"
    names = {}
    exec(transform(text), names)
    for x in (RNG.normal(size=(2, 3)), 0.3, np.float32(0.3)):
        y = 1 / (1 + np.exp(-x))
        np.testing.assert_allclose(names["f_grad"](x), 2 * y * y * (1 - y), rtol=1e-6)


def test_complex_numbers():
    def f(x):
        z = 1.0 / (1.0 + np.exp(-(x + 1j * x**2)))
        return np.sum(z.real * z.imag)

    check_grads(f, (RNG.normal(size=3),), modes=("reverse",), order=1)
