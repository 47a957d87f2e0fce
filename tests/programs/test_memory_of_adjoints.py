"""An adjoint may take the memory of a value and be added to, after its negative was used."""

import numpy as np
import pytest

from srcgrad.check import check_grads

RNG = np.random.default_rng()


def distance_beside_a_norm(x, y):
    z = np.tanh(x)
    w = np.sum(z**2)
    return w - np.sum((x - z) ** 2) + np.sum(y)


def weighted_bump(x, y):
    z = x * y
    w = z**2
    return np.sum(w * np.exp(-((x - z) ** 2)))


def density(x, y):
    mu = np.sin(x)
    size = np.sum(np.abs(mu) ** 1.5)
    return size * np.sum(np.exp(-((x - mu) ** 2) / 2 * y))


def negated_difference(x, y):
    z = np.sin(x)
    e = -((x - z) * 3.0)
    return np.sum(np.exp(z) * y) + np.sum(e * e)


def taken_from_a_number(x, y):
    b = 2 * x
    return np.sum(np.sin(b) * y) + np.sum(2 - (x - b) ** 2)


def remainders(x, y):
    z = np.fmod(x, y)
    return np.sum(z * z)


def several_differences(x, y):
    a = x * y
    b = a - x
    c = a * b - (y - a) ** 2
    return np.sum(c) - np.sum((b - c) ** 2 * a)


def transposed(x, y):
    m = np.outer(x, y)
    n = m.T
    d = -(m - n)
    e = np.sin(m)
    return np.sum(e) + np.sum(d * d * e) - np.sum((n - e) ** 2)


PROGRAMS = [
    distance_beside_a_norm, weighted_bump, density, negated_difference, taken_from_a_number,
    remainders, several_differences, transposed,
]  # fmt: skip


@pytest.mark.parametrize("program", PROGRAMS, ids=lambda f: f.__name__)
def test_gradients(program):
    args = RNG.uniform(0.3, 0.9, size=4), RNG.uniform(1.0, 1.3, size=4)
    check_grads(program, args, argnums=(0, 1), order=2)


def two_taken_away(x, y):
    z, q = np.tanh(x), np.sin(x)
    w = np.sum(q**2) + np.sum(z**3 * y)
    return w - np.sum((x - z - q) ** 2)


def three_taken_away(x, y):
    z, q, r = np.tanh(x), np.sin(x), np.cos(y)
    w = np.sum(q**2) + np.sum(z**3) * 2 + np.sum(r**2)
    return w - np.sum((x * 2 - z - q - r) ** 3) + np.sum(2 - (z - q - r) ** 2)


def products_taken_away(x, y):
    z, q = np.tanh(x), np.sin(x)
    z2, q2 = z * z, q * q
    return np.sum(z2 * q2 * y) - np.sum(np.exp(-((x - z2 - q2 - z) ** 2)))


def one_sum_for_two(x, y):
    """The adjoints of `e` and of `y` are the same sum for a while."""
    b = y**2
    a = 2.0 - (x - y) ** 2
    c = np.exp(-(b**2))
    e = -(np.sin(b) - a)
    d = (e - c) ** 2
    r = e + y
    return np.sum(np.sin(r)) - np.sum(y) + np.sum(-e) - np.sum(-d)


TAKEN = [two_taken_away, three_taken_away, products_taken_away, one_sum_for_two]


@pytest.mark.parametrize("program", TAKEN, ids=lambda f: f.__name__)
def test_memory_is_taken_once(program):
    args = RNG.uniform(0.3, 0.9, size=4), RNG.uniform(1.0, 1.3, size=4)
    check_grads(program, args, argnums=(0, 1), order=2)
