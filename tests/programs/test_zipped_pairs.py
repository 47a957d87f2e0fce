"""Loops over zipped sequences whose items are unpacked in the header."""

import numpy as np
import pytest

from srcgrad import grad, value_and_grad
from srcgrad.check import check_grads
from srcgrad.differences import central_differences
from tests.programs.weights import weighed

RNG = np.random.default_rng()


def first_of_pair(q, a):
    s = 0.5
    for th, (b, _c) in zip(q, a):
        s = s + weighed(th * b)
    return s


def both_of_pair(q, a):
    s = 0.5
    for (b, c), th in zip(a, q):
        s = s * b + weighed(th * c)
    return s


def two_pairs(q, a):
    s = 0.5
    for (th, w), (b, c) in zip(q, a):
        s = s + weighed(w * th) * b + c * c
    return s


def counted(q, a):
    s = 0.5
    for k, (th, (b, c)) in enumerate(zip(q, a)):
        s = s + weighed(th * b) * c * k
    return s


def collected(q, a):
    out = []
    for th, [b, c] in zip(q, a):
        out.append(th * b * c)
    return weighed(np.array(out))


def rest_of_row(q, a):
    s = 0.5
    for th, (b, *rest) in zip(q, a):
        s = s + weighed(th) * b * rest[0]
    return s


def twice(q, a):
    s = 0.5
    for th, (b, c) in zip(q, a):
        s = s + weighed(th * b) * c
    for th, (b, c) in zip(reversed(q), a):
        s = s + weighed(th * c) * b
    return s


def in_a_loop(q, a):
    s = 0.5
    for _ in range(2):
        for th, (b, c) in zip(q, a):
            s = np.tanh(s + weighed(th * b) * c)
    return s


PROGRAMS = [first_of_pair, both_of_pair, two_pairs, counted, collected, rest_of_row, twice]


@pytest.mark.parametrize("options", [{}, {"optimize": 0}], ids=["improved", "plain"])
@pytest.mark.parametrize("f", [*PROGRAMS, in_a_loop], ids=lambda f: f.__name__)
def test_pairs(f, options):
    derivative = value_and_grad(f, (0, 1), **options)
    for rows in 2, 3:
        args = RNG.uniform(0.3, 1.2, (2, rows, 2))
        value, found = derivative(*args)
        np.testing.assert_allclose(value, f(*args), rtol=1e-12)
        for ours, theirs in zip(found, central_differences(f, args, (0, 1)), strict=True):
            np.testing.assert_allclose(ours, theirs, rtol=1e-6, atol=1e-7)


@pytest.mark.parametrize("f", PROGRAMS, ids=lambda f: f.__name__)
def test_forward_and_twice(f):
    check_grads(f, tuple(RNG.uniform(0.3, 1.2, (2, 3, 2))), order=2)


def test_no_rows():
    """Nothing is unpacked, and nothing of it is read."""
    empty = np.zeros((0, 2))
    for gradient in grad(first_of_pair, (0, 1))(empty, empty):
        np.testing.assert_array_equal(gradient, empty)
