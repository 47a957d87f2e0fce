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


def likelihood(q, zs):
    total, P = 0.0, 1.0
    for z in zs:
        P = P + q
        total -= 0.5 * (np.log(P) + z * z / P)
    return total


def in_a_branch(x, y):
    total = 0.0
    for i in range(3):
        if x[i] > 0:
            total += x[i] * y
        else:
            total = total - np.sum(x * y)
    return total


def of_arrays_in_a_loop(x, y):
    total = 0.0
    for i in range(3):
        total += np.sum(x * y[i])
    return 3.0 - total


def used_before(x, y):
    total = x[0] * y[0]
    for i in range(3):
        total = total + total * x[i]
    return total


def test_adjoints_that_are_one_number():
    rng = np.random.default_rng()
    x, y = rng.normal(size=(2, 3))
    zs = list(rng.normal(size=4))
    text = grad(likelihood).lower(0.3, zs).source
    assert "total_bar" not in text and "0.5 / P" in text
    assert "- -" not in text and "+ -" not in text
    assert "total_bar" in grad(likelihood, optimize="2 -fold_numbers").lower(0.3, zs).source
    check_grads(lambda q: likelihood(q, zs), (0.3,))
    for program in (of_arrays_in_a_loop, used_before):
        check_grads(program, (x, y))
    check_grads(in_a_branch, (x, 0.7))
