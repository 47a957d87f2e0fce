"""Gradients compiled by Numba against those of the NumPy backend."""

from __future__ import annotations

import numpy as np
import pytest

pytest.importorskip("numba", reason="numba is not installed: pip install srcgrad[numba]")

from srcgrad import grad, value_and_grad


def logistic(x, r, steps):
    for _ in range(steps):
        x = r * x * (1 - x)
    return x


def logsumexp(x):
    top = np.max(x)
    return top + np.log(np.sum(np.exp(x - top)))


def jacobi(A, B, steps):
    for _ in range(1, steps):
        B[1:-1] = (A[:-2] + A[1:-1] + A[2:]) / 3
        A[1:-1] = (B[:-2] + B[1:-1] + B[2:]) / 3
    return np.sum(A * A)


def test_scalar_loop():
    expected = grad(logistic)(0.3, 3.7, 20)
    np.testing.assert_allclose(grad(logistic, backend="numba")(0.3, 3.7, 20), expected, rtol=1e-12)


def test_chain_and_reductions():
    x = np.random.default_rng(1).standard_normal(50)
    value, gradient = value_and_grad(logsumexp, backend="numba")(x)
    expected, wanted = value_and_grad(logsumexp)(x)
    np.testing.assert_allclose(value, expected, rtol=1e-13)
    np.testing.assert_allclose(gradient, wanted, rtol=1e-12)


def test_slices_stored_in_a_loop():
    rng = np.random.default_rng(2)
    A, B = rng.random(9), rng.random(9)
    before = A.copy(), B.copy()
    found = grad(jacobi, (0, 1), backend="numba")(A, B, 4)
    for ours, theirs in zip(found, grad(jacobi, (0, 1))(A, B, 4), strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=1e-12)
    np.testing.assert_array_equal(A, before[0])
    np.testing.assert_array_equal(B, before[1])


def test_lengths_that_differ_are_left_to_numpy():
    rng = np.random.default_rng(3)
    derivative = grad(lambda x, y: np.sum(x[1:] * y), backend="numba")
    for n, m in ((5, 4), (5, 1), (2, 4)):
        x, y = rng.random(n), rng.random(m)
        expected = grad(lambda x, y: np.sum(x[1:] * y))(x, y)
        np.testing.assert_allclose(derivative(x, y), expected, rtol=1e-12)


def smoothed(x):
    x[1:-1] = x[:-2] + x[2:]
    return np.sum(x**2)


def test_lengths_that_never_fit_are_left_to_numpy():
    for n in (1, 2, 5):
        x = np.random.default_rng(n).random(n)
        expected = grad(smoothed)(x)
        np.testing.assert_allclose(grad(smoothed, backend="numba")(x), expected, rtol=1e-12)
