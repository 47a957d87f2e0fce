"""The adjoint of `x @ W.T` with respect to `W` is `g.T @ x`: new memory, not a view."""

import numpy as np
import pytest

from srcgrad import grad
from srcgrad.check import check_grads

RNG = np.random.default_rng()


def layer(x, W):
    return np.sum(np.tanh(x @ W.T) ** 2)


def first_turned(x, W):
    return np.sum((x.T @ x @ W.T) ** 2)


def both_turned(x, W):
    return np.sum((W[:, :3].T @ x[:, :2].T) ** 3)


def named(x, W):
    V = W.T
    y = np.sin(x)
    z = y @ V
    y = y * 2.0
    return np.sum(z**2) + np.sum(y)


def rebound(x, W):
    y = x * 1.0
    z = (y := y * 2.0) @ W.T
    return np.sum(z**2 * 3.0) + np.sum(y)


def written(x, W):
    y = x * 1.0
    z = y @ W.T
    y[0] = z[0, 0]
    return np.sum(z**2) + np.sum(y @ W.T)


def in_a_loop(x, W):
    for _ in range(3):
        x = np.tanh(x @ W.T) @ W
    return np.sum(x**2)


def rank_three(x, W):
    return np.sum((np.stack([x, x**2]) @ W.T) ** 2)


def vector(x, W):
    return np.sum((x[0] @ W.T) ** 2)


PROGRAMS = [
    layer, first_turned, both_turned, named, rebound, written, in_a_loop, rank_three, vector,
]  # fmt: skip


@pytest.mark.parametrize("program", PROGRAMS, ids=lambda program: program.__name__)
def test_gradients(program):
    check_grads(program, (RNG.normal(size=(3, 4)), RNG.normal(size=(2, 4))))


def test_text():
    text = grad(layer, (0, 1)).lower(RNG.normal(size=(3, 4)), RNG.normal(size=(2, 4))).source
    assert ".T @ x\n" in text and ".T).T" not in text and "copy" not in text
