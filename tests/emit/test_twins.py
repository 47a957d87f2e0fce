"""Halves of calls that came out alike are printed once; others are not."""

import re

import numpy as np

from srcgrad import grad
from srcgrad.check import check_grads

RNG = np.random.default_rng()


def power(x, n):
    y = x
    for _ in range(n):
        y = y * x
        if n > 7:
            y = y + 1.0
    return y


def minors(A):
    if A.shape[0] == 1:
        return A[0]
    total = 0.0
    for j in range(A.shape[0]):
        rest = np.concatenate([A[1:, :j], A[1:, j + 1 :]], axis=1)
        total = total + (-1.0) ** j * A[0, j] * minors(rest)[0]
    return np.array([total])


def determinant(A):
    return minors(A)[0]


def even(x, n):
    return x if n == 0 else x * odd(x, n - 1)


def odd(x, n):
    return x * x if n == 0 else x + even(x, n - 1)


def both(x):
    return np.sum(power(x[:2], 3) * power(x[::2][:2] * 1.0, 2)) + np.sum(power(x[1:], 2))


def of_two_kinds(x):
    return np.sum(power(x, 2)) * power(x[0], 3)


def mutual(x):
    return np.sum(even(x, 4)) * odd(x[0], 3)


def halves(f, *args):
    return re.findall(r"^def (\w+_(?:forward|backward)\w*)\(", grad(f).lower(*args).source, re.M)


def test_one_pair_for_equal_texts():
    x = RNG.normal(size=4)
    assert halves(both, x) == ["power_forward", "power_backward"]
    check_grads(both, (x,))


def test_the_first_call_of_a_recursion():
    A = RNG.normal(size=(4, 4))
    assert halves(determinant, A) == ["minors_forward", "minors_backward"]
    check_grads(determinant, (A,))
    np.testing.assert_allclose(grad(determinant)(A), np.linalg.det(A) * np.linalg.inv(A).T)


def test_pairs_that_differ():
    x = RNG.normal(size=3)
    check_grads(of_two_kinds, (x,))
    check_grads(mutual, (x,))
    assert len(set(halves(mutual, x))) == len(halves(mutual, x)) >= 4
