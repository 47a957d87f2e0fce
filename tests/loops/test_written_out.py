"""Variances, running products, `divmod` and `raise` in loops."""

from __future__ import annotations

import numpy as np
import pytest

pytest.importorskip("numba", reason="numba is not installed: pip install srcgrad[numba]")

from srcgrad import UnsupportedError, custom_vjp, grad, jvp
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


def by_powers(x, n):
    power, base = np.eye(2), np.array([[1.0, x], [x, 0.0]])
    while n > 0:
        if n & 1:
            power = power @ base
        base = base @ base
        n >>= 1
    return power[0, 1]


def in_a_box(x, box):
    total = 0.0
    for i in range(len(x)):
        for j in range(i):
            d = x[i] - x[j]
            d -= box * round(d / box)
            total += d * d
    return total


def simpson(x, n):
    total = 0.0
    for i in range(n + 1):
        weight = 1 if i in (0, n) else (4 if i % 2 == 1 else 2)
        total += weight * np.exp(x * i / n)
    return total


def products(x):
    return np.prod(x[0]) ** 2 + np.sum(np.prod(x, axis=1) ** 2)


def diagonals(x, y):
    d = np.diag(x)
    return np.trace(x @ x) + np.sum((y - x @ y + d * y) / d)


def leapfrog(q, p, n):
    for _ in range(n):
        p = p - 0.1 * np.sin(q)
        q = q + 0.1 * p
    return np.sum(p * p) + np.sum(q)


CASES = [
    (by_powers, (0.7, 11)),
    (in_a_box, (X, 1.5)),
    (simpson, (0.7, 6)),
    (products, (A,)),
    (products, (np.array([[1.0, 0.0, 2.0], [3.0, -1.0, 0.5]]),)),
    (diagonals, (A[:, :4] + 2 * np.eye(4), X[:4])),
    (leapfrog, (X, X[::-1].copy(), 3)),  # the cotangent of `q` is a number before the loop
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


@pytest.mark.parametrize(("function", "args"), CASES)
def test_forward_agrees_with_reverse(function, args):
    tangent = 0.7
    if isinstance(args[0], np.ndarray):
        tangent = np.cos(np.arange(args[0].size)).reshape(args[0].shape)
    _, slope = jvp(function, args, (tangent, *[None] * (len(args) - 1)), backend="numba")
    expected = np.sum(grad(function)(*args) * tangent)
    np.testing.assert_allclose(slope, expected, rtol=1e-9)


# --- raise


def chosen(x, mode):
    if mode == 0:
        y = x * 2
    elif mode == 1:
        y = np.sin(x)
    else:
        raise ValueError(f"no mode {mode}")
    return np.sum(y * y)


def diverging(x, most):
    x[0] *= 2
    for i in range(1, len(x)):
        x[i] += x[i - 1] * 0.5
        if x[i] > most:
            raise OverflowError("diverged") from None
    return np.sum(x)


def settled(x):
    turns = 0
    while abs(x - np.cos(x)) > 1e-12:
        x = x - (x - np.cos(x)) / (1 + np.sin(x))
        turns += 1
        if turns > 50:
            raise RuntimeError
    return x


class OwnError(Exception):
    pass


def with_own_error(x):
    if x < 0:
        raise OwnError("negative")
    return x * x


@pytest.mark.parametrize(
    ("function", "args", "wrong", "error"),
    [
        (chosen, (X, 1), (X, 7), "no mode 7"),
        (diverging, (X, 9.0), (np.ones(5), 1.2), "diverged"),
    ],
)
def test_raises_what_the_program_raises(function, args, wrong, error):
    gradient = grad(function, backend="numba")
    expected = grad(function)(*args)
    np.testing.assert_allclose(gradient(*args), expected, rtol=1e-12)
    np.testing.assert_allclose(gradient.lower(*args).function.compiled(*args), expected, rtol=1e-12)
    assert survey_text(Program("", function, lambda n: args, (0,))) == Outcome("right")
    before = wrong[0].copy()
    with pytest.raises((ValueError, OverflowError), match=f"^{error}"):
        gradient(*wrong)
    np.testing.assert_array_equal(wrong[0], before)


def test_raises_by_name_in_the_text():
    text = grad(chosen, backend="numba").lower(X, 1).source
    assert 'raise ValueError("no mode ...")' in text
    np.testing.assert_allclose(grad(settled, backend="numba")(0.3), grad(settled)(0.3), atol=1e-14)


def test_an_exception_of_ones_own_is_refused():
    with pytest.raises(UnsupportedError, match="an exception that is not one of Python's own") as e:
        grad(with_own_error, backend="numba").lower(1.0)
    assert "raise one of Python's own, as ValueError" in str(e.value)


# --- float32 beside float64


def regression(weights, data, target):
    rest = data @ weights - target
    return np.sum(rest**2) / len(target) + np.sum(np.tanh(weights @ data.T))


def converted(weights, data):
    total = 0.0
    for i in range(len(weights)):
        total += (
            weights[i] * np.sin(float(data[0, i])) + np.cos(np.float64(data[1, i])) * weights[i]
        )
    chosen = np.where(weights > 0, data[2], weights)
    doubles = data[0].astype(np.float64), np.asarray(data[1], dtype=float)
    return total + np.sum(np.sin(chosen) * weights * np.sin(doubles[0]) * np.sin(doubles[1]))


@pytest.mark.parametrize(
    ("function", "args", "wrt"),
    [
        (regression, (X[:5], A.astype(np.float32), X[:4]), 0),
        (regression, (X[:5], A.astype(np.float32), X[:4]), 1),
        (converted, (X[:5], A.astype(np.float32)), 0),
    ],
)
def test_float32_beside_float64(function, args, wrt):
    gradient, expected = grad(function, wrt, backend="numba"), grad(function, wrt)(*args)
    found = gradient(*args)
    rtol = 1e-14 if expected.dtype == np.float64 else 1e-6
    assert found.dtype == expected.dtype
    np.testing.assert_allclose(found, expected, rtol=50 * rtol)
    np.testing.assert_allclose(gradient.lower(*args).function.compiled(*args), found, rtol=rtol)
    assert survey_text(Program("", function, lambda n: args, (wrt,))) == Outcome("right")


@custom_vjp(lambda g, y, x: g / (1 + np.exp(-x)))
def softplus(x):
    return np.log1p(np.exp(x))


def with_own_rule(x):
    total = 0.0
    for i in range(len(x)):
        total += softplus(x[i]) * i
    return total


def test_a_rule_of_ones_own_is_refused():
    with pytest.raises(UnsupportedError, match="`softplus` has a derivative of its own"):
        grad(with_own_rule, backend="numba").lower(X)


# --- dicts that calls spread


def affine(x, w, b):
    return np.sum(np.sin(x * w) * b)


def spread(x, p):
    return affine(x, **p)


def test_dicts_that_are_spread():
    p = {"b": 1.5, "w": X}
    expected = grad(spread, (0, 1))(X, p)
    found = grad(spread, (0, 1), backend="numba")(X, p)
    np.testing.assert_allclose(found[0], expected[0], rtol=1e-12)
    assert found[1].keys() == p.keys()
    for key, slope in found[1].items():
        np.testing.assert_allclose(slope, expected[1][key], rtol=1e-12)
    with pytest.raises(UnsupportedError, match="keywords"):
        grad(spread, backend="numba")(X, {**p, "z": 1.0})
