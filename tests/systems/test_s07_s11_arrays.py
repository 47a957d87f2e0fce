"""S7-S11: layers on arrays, against their textbook formulas, live and from the generated files."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import affine
import affine_grad
import jacobians
import jacobians_grad
import matmul
import matmul_grad
import numpy as np
import pytest
import relu
import relu_grad
import softmax
import softmax_grad
from numpy.testing import assert_allclose, assert_array_equal
from run_jacobians import full_jacobians

from srcgrad import grad, vjp


def both(module: Any, generated: Any, name: str) -> list[Callable[..., Any]]:
    """`vjp` of a function, live and from the generated file: each gives (value, pullback)."""
    primal = getattr(module, name)
    return [lambda *args: vjp(primal, *args), getattr(generated, f"{name}_vjp")]


@pytest.mark.parametrize("name", ["relu_maximum", "relu_where", "relu_masked"])
def test_s7_relu(name: str, rng: np.random.Generator) -> None:
    x = rng.normal(size=(4, 5))
    x[1, :3] = 0.0
    x[2, 2] = -0.0
    upstream = rng.normal(size=x.shape)
    kept = x.copy()
    for take in both(relu, relu_grad, name):
        value, pullback = take(x)
        assert_array_equal(value, np.where(x > 0, x, 0))
        assert_array_equal(pullback(upstream)[0], np.where(x > 0, upstream, 0))
        assert_array_equal(x, kept)


def test_s8_affine(rng: np.random.Generator) -> None:
    x, W, b = rng.normal(size=(6, 4)), rng.normal(size=(4, 3)), rng.normal(size=3)
    upstream = rng.normal(size=(6, 3))
    for take in both(affine, affine_grad, "affine"):
        value, pullback = take(x, W, b)
        dx, dW, db = pullback(upstream)
        assert_allclose(value, x @ W + b, rtol=1e-14)
        assert_allclose(dx, upstream @ W.T, rtol=1e-13)
        assert_allclose(dW, x.T @ upstream, rtol=1e-13)
        assert_allclose(db, upstream.sum(axis=0), rtol=1e-13)


@pytest.mark.parametrize("rows", [1, 2])
def test_s8_bias_of_a_batch_of_one_keeps_its_shape(rows: int, rng: np.random.Generator) -> None:
    x, W, b = rng.normal(size=(rows, 4)), rng.normal(size=(4, 1)), rng.normal(size=1)
    for take in both(affine, affine_grad, "affine"):
        dx, dW, db = take(x, W, b)[1](np.ones((rows, 1)))
        assert (dx.shape, dW.shape, db.shape) == (x.shape, W.shape, b.shape)
        assert_allclose(db, [rows])


@pytest.mark.parametrize("name", ["matmul", "matmul_loops"])
def test_s9_matrix_product(name: str, rng: np.random.Generator) -> None:
    X, W, upstream = rng.normal(size=(3, 4)), rng.normal(size=(4, 5)), rng.normal(size=(3, 5))
    for take in both(matmul, matmul_grad, name):
        value, pullback = take(X, W)
        dX, dW = pullback(upstream)
        assert_allclose(value, X @ W, rtol=1e-12, atol=1e-14)
        assert_allclose(dX, upstream @ W.T, rtol=1e-12, atol=1e-14)
        assert_allclose(dW, X.T @ upstream, rtol=1e-12, atol=1e-14)


def test_s9_empty_inner_dimension() -> None:
    X, W = np.zeros((2, 0)), np.zeros((0, 3))
    for name in ("matmul", "matmul_loops"):
        for take in both(matmul, matmul_grad, name):
            value, pullback = take(X, W)
            dX, dW = pullback(np.ones((2, 3)))
            assert_array_equal(value, np.zeros((2, 3)))
            assert (dX.shape, dW.shape) == ((2, 0), (0, 3))


def test_s10_scalar_and_vector(rng: np.random.Generator) -> None:
    w, x = rng.normal(size=(2, 3))
    for take in both(jacobians, jacobians_grad, "scalar"):
        assert take(2.0, 3.0)[1](1.0) == (3.0, 2.0)
    for take in both(jacobians, jacobians_grad, "vector"):
        dw, dx = full_jacobians(take, w, x)
        assert_array_equal(dw, x)
        assert_array_equal(dx, w)


def test_s10_matrix(rng: np.random.Generator) -> None:
    W, x = rng.normal(size=(2, 3)), rng.normal(size=3)
    for take in both(jacobians, jacobians_grad, "matrix"):
        dW, dx = full_jacobians(take, W, x)
        assert_allclose(dW, np.einsum("ij,k->ijk", np.eye(2), x), rtol=1e-14)
        assert_allclose(dx, W, rtol=1e-14)


def test_s10_batch_has_four_index_jacobians(rng: np.random.Generator) -> None:
    W, X = rng.normal(size=(2, 3)), rng.normal(size=(3, 4))
    for take in both(jacobians, jacobians_grad, "batch"):
        dW, dX = full_jacobians(take, W, X)
        assert dW.shape == (2, 4, 2, 3)
        assert dX.shape == (2, 4, 3, 4)
        assert_allclose(dW, np.einsum("ij,kb->ibjk", np.eye(2), X), rtol=1e-14)
        assert_allclose(dX, np.einsum("bc,ik->ibkc", np.eye(4), W), rtol=1e-14)


@pytest.mark.parametrize("name", ["relu_maximum", "relu_where", "relu_masked"])
def test_s10_relu_is_diagonal(name: str) -> None:
    x = np.array([-1.0, 0.0, 2.0, 3.0])
    for take in both(relu, relu_grad, name):
        (jacobian,) = full_jacobians(take, x)
        assert_array_equal(jacobian, np.diag([0.0, 0.0, 1.0, 1.0]))


@pytest.mark.parametrize("shift", [0.0, 1000.0])
def test_s11_softmax_cross_entropy(shift: float, rng: np.random.Generator) -> None:
    scores = rng.normal(size=(5, 4)) + shift
    labels = rng.integers(0, 4, 5)
    onehot = np.eye(4)[labels]
    z = np.exp(scores - scores.max(axis=1, keepdims=True))
    expected = (z / z.sum(axis=1, keepdims=True) - onehot) / 5
    for gradient in (
        grad(softmax.loss_onehot)(scores, onehot),
        grad(softmax.loss_labels)(scores, labels),
        softmax_grad.loss_onehot_grad(scores, onehot),
        softmax_grad.loss_labels_grad(scores, labels),
    ):
        assert_allclose(gradient, expected, rtol=1e-10, atol=1e-14)


def test_s11_row_maximum_shared_by_two_classes() -> None:
    scores = np.array([[1.0, 1.0, 0.0], [2.0, 2.0, 2.0]])
    labels = np.array([0, 2])
    z = np.exp(scores)
    expected = (z / z.sum(axis=1, keepdims=True) - np.eye(3)[labels]) / 2
    assert_allclose(grad(softmax.loss_labels)(scores, labels), expected, atol=1e-15)
    assert_allclose(softmax_grad.loss_labels_grad(scores, labels), expected, atol=1e-15)
