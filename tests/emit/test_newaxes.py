"""`x[:, None]` and its like: their adjoint needs no zeros."""

import numpy as np
import pytest

from srcgrad import grad
from srcgrad.check import check_grads

RNG = np.random.default_rng()


def columns(x, A):
    return np.sum(x[:, None] * A)


def rows(x, A):
    return np.sum(np.exp(x[None, :] * A.T) ** 2)


def pairs(x, A):
    d = x[None, :] - x[:, None]
    return np.sum(d**2 * np.sin(d))


def last(x, A):
    return np.sum((A[..., None] * x[:, None, None]) ** 2)


def several(x, A):
    B = A[None, :, None, :, None]
    return np.sum(B * B[:, ::-1]) * np.sum(x[None, :, None][0] ** 3)


def only_new(x, A):
    return np.sum(A[None] ** 2 * x[None, :, None])


def whole_sum(x, A):
    return np.sum(x[:, None]) + np.sum(A[:, None, :]) * x[0]


def in_a_loop(x, A):
    for i in range(3):
        x = np.sum(x[:, None] * A, axis=1) + x * A[:, i]
    return np.sum(x**2)


def stored_before(x, A):
    y = x * 1.0
    y[1] = y[0] * y[2]
    B = y[:, None] * A
    y[0] = B[0, 1]
    return np.sum(B) * y[0] + np.sum(y[:, None] * B)


def written_through(x, A):
    y = x * 2.0
    view = y[:, None]
    view[1:] *= A[1:, :1]
    return np.sum(y * x) + np.sum(view * A)


def read_twice(x, A):
    B = x[:, None]
    return np.sum(B * A + B[0] * B)


def kept_sum(x, A):
    s = np.sum(A * x[:, None], axis=1, keepdims=True)
    return np.sum(A / (1 + s**2)) + np.sum(s[:, 0] * x)


def masked(x, A):
    return np.sum(np.where(A > 0, x[:, None] * A, x[:, None] ** 2))


PROGRAMS = [
    columns, rows, pairs, last, several, only_new, whole_sum, in_a_loop, stored_before,
    written_through, read_twice, kept_sum, masked,
]  # fmt: skip


@pytest.mark.parametrize("program", PROGRAMS, ids=lambda program: program.__name__)
def test_gradients(program):
    check_grads(program, (RNG.normal(size=3), RNG.normal(size=(3, 4))))
    check_grads(program, (RNG.normal(size=3), RNG.normal(size=(3, 3))))


def test_complex_numbers():
    def f(x):
        z = (x + 1j * x**2)[:, None] * np.array([1j, 2.0])
        return np.sum(np.abs(z) ** 2)

    check_grads(f, (RNG.normal(size=3),), order=1)


def test_text():
    x = RNG.normal(size=3)
    text = grad(pairs).lower(x, np.ones((3, 3))).source
    assert "x_bar = -np.sum(d_bar, axis=1)\n" in text
    assert "zeros" not in text and "keepdims" not in text
