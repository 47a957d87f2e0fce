"""The contributions of one statement to the adjoint of a number are one sum in the text."""

import numpy as np

from srcgrad import grad
from srcgrad.check import check_grads


def logistic(x, r, steps):
    for _ in range(steps):
        x = r * x * (1 - x)
    return x


def squares(x, y):
    a = x * x
    b = a * y + a * x
    return a * b - b * b


def of_arrays(x, y):
    z = x * y
    return np.sum(z * y - z * z * x)


def test_one_statement_per_adjoint():
    text = grad(logistic).lower(0.3, 3.7, 5).source
    assert "x_bar = x_bar * (1 - x) * r - x_bar * (r * x)\n" in text
    check_grads(logistic, (0.3, 3.7, 5))


def test_a_product_with_itself_is_a_square():
    text = grad(squares, (0, 1)).lower(0.3, 3.7).source
    assert "b_bar = -2.0 * b + a\n" in text
    check_grads(squares, (0.3, 3.7))


def test_arrays_are_added_to_in_place():
    x, y = np.random.default_rng().normal(size=(2, 4))
    assert "+=" in grad(of_arrays, (0, 1)).lower(x, y).source
    check_grads(of_arrays, (x, y))
