"""Variances, running products, `divmod` and `raise` in loops."""

from __future__ import annotations

import numpy as np
import pytest

pytest.importorskip("numba", reason="numba is not installed: pip install srcgrad[numba]")

from srcgrad import grad, jvp
from tests.loops.survey import Outcome, Program, survey_text

RNG = np.random.default_rng(11)
X, A, C = RNG.standard_normal(7), RNG.standard_normal((4, 5)), RNG.standard_normal((2, 3, 4))
ZEROS = np.array([0.5, 0.0, -1.2, 0.0, 2.0])


def layer_norm(x, gain, shift):
    mean, width = np.mean(x, axis=-1, keepdims=True), np.std(x, axis=-1, keepdims=True)
    return np.sum(np.sin(gain * (x - mean) / (width + 1e-5) + shift))


def batch_norm(x):
    return np.sum(np.sin((x - x.mean(axis=0)) / np.sqrt(np.var(x, axis=0) + 1e-3)))


def sample_variance(x):
    return np.var(x, ddof=1) * np.std(x[1:], ddof=1) + x.std()


def sample_variance_of_rows(x):
    return np.sum(np.var(x, axis=1, ddof=1) ** 2) + np.sum(np.std(x, axis=0, ddof=2, keepdims=True))


def variances_of_blocks(x):
    return np.sum(np.sin(np.var(x, axis=(0, 2)))) + np.sum(np.std(x, axis=1) * x[:, 0])


def windows(x, n):
    total = 0.0
    for i in range(len(x) - n + 1):
        total += np.std(x[i : i + n]) * i
    return total


def equal_values(x):
    return np.std(x[:2] * 0 + x[0]) + np.var(x)


def transmittance(sigma, color, step):
    alpha = 1 - np.exp(-sigma * step)
    through = np.cumprod(1 - alpha)
    weights = alpha * np.concatenate([np.ones(1), through[:-1]])
    return np.sum(weights * color)


def running_products(x):
    return np.sum(np.sin(np.cumprod(x, axis=1))) + np.sum(np.cumprod(x, axis=0)[1:] ** 2)


def running_products_3d(x):
    return np.sum(np.sin(np.cumprod(x, axis=-2)) * x)


def zeros_among_them(x):
    return np.sum(np.cumprod(x) * np.arange(1.0, 6.0))


def running_sums(x):
    return np.sum(np.sin(np.cumsum(x, axis=0))) + np.sum(np.cumsum(x, axis=-1) ** 3)


def running_sum(x):
    return np.sum(np.cumsum(x, axis=0) ** 2)


def on_a_grid(x, width):
    total = 0.0
    for k in range(x.size):
        i, j = divmod(k - 3, width)
        total += x[k] ** 2 * (i + 2 * j)
    return total


def wrapped(x):
    turns, rest = divmod(x, 0.75)
    return rest**2 + turns * x


def swapped(x, a, b):
    while b:
        a, b = b, divmod(a, b)[1]
    return x**a


CASES = [
    (layer_norm, (A, X[:5], X[:5])),
    (batch_norm, (A,)),
    (sample_variance, (X,)),
    (sample_variance_of_rows, (A,)),
    (variances_of_blocks, (C,)),
    (windows, (X, 3)),
    (equal_values, (X,)),
    (transmittance, (np.abs(X), X, 0.3)),
    (running_products, (A,)),
    (running_products_3d, (C,)),
    (zeros_among_them, (ZEROS,)),
    (running_sums, (A,)),
    (running_sum, (X,)),
    (on_a_grid, (X, 3)),
    (wrapped, (2.3,)),
    (wrapped, (-2.3,)),
    (swapped, (1.1, 12, 18)),
]


@pytest.mark.parametrize(("function", "args"), CASES)
def test_agrees_with_numpy(function, args):
    gradient = grad(function, backend="numba")
    expected = grad(function)(*args)
    np.testing.assert_allclose(gradient(*args), expected, rtol=1e-10, atol=1e-12)
    compiled = gradient.lower(*args).function.compiled
    np.testing.assert_allclose(compiled(*args), expected, rtol=1e-10, atol=1e-12)


@pytest.mark.parametrize(("function", "args"), CASES)
def test_text_runs_without_numba(function, args):
    assert survey_text(Program("", function, lambda n: args, (0,))) == Outcome("right")


@pytest.mark.parametrize(
    ("function", "args"), [case for case in CASES if isinstance(case[1][0], np.ndarray)]
)
def test_forward_agrees_with_reverse(function, args):
    tangent = np.cos(np.arange(args[0].size)).reshape(args[0].shape)
    _, slope = jvp(function, args, (tangent, *[None] * (len(args) - 1)), backend="numba")
    expected = np.sum(grad(function)(*args) * tangent)
    np.testing.assert_allclose(slope, expected, rtol=1e-9)
