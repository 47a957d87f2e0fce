"""Powers, shifts and conversions of integers in loops, and floats where integers belong."""

from __future__ import annotations

import math

import numpy as np
import pytest

from srcgrad import UnsupportedError, value_and_grad
from tests.loops.test_differences import TWO, agrees, refused

# --- powers, shifts and conversions of integers


def power_of_two(x, k):
    return np.sum(x * 2.0 ** (2**k))


def reciprocals(x, k):
    return np.sum(x * k**-1)


def power_by_name(x, k):
    return np.sum(x * np.power(k, k))


def power_of_element(x, k):
    return x[0] * k[0] ** k[1]


POWERS = [power_of_two, reciprocals, power_by_name, power_of_element]


@pytest.mark.parametrize("f", POWERS, ids=lambda f: f.__name__)
def test_integers_have_no_negative_powers(f) -> None:
    pytest.importorskip("numba")
    if f is not reciprocals:
        agrees(f, TWO, np.array([3, 2]))
    with pytest.raises(ValueError, match="negative integer powers"):
        value_and_grad(f, backend="numba")(TWO, np.array([1, -2]))


def float_power(x, k):
    return np.sum(x * np.float_power(k, -1))


def test_a_power_of_floats_may_be_negative() -> None:
    agrees(float_power, TWO, np.array([1, 2]))


def shifts(x, n, k):
    return x[0] * (n << k) + x[1] * (n >> k)


def test_shifts_beyond_64_bits_are_left_to_python() -> None:
    agrees(shifts, TWO, -5, 3)
    agrees(shifts, TWO, 1, 62)
    for n, k in ((1, 63), (1, 70), (-3, 65), (3, 62)):
        assert value_and_grad(shifts, backend="numba")(TWO, n, k)[0] == shifts(TWO, n, k)
    with pytest.raises(ValueError, match="negative shift"):
        value_and_grad(shifts, backend="numba")(TWO, 1, -1)


def scaled_again_and_again(x, n):
    k = 1
    for _ in range(n):
        k = k * 3 + 1
    return np.sum(x) * float(k)


def congruential(x, n):
    k = 42
    for _ in range(n):
        k = (k * 6364136223846793005 + 1442695040888963407) % 9223372036854775783
        x = x * (1.0 + k / 1e19)
    return np.sum(x)


def stepped_far(x, n):
    k = 1
    for _ in range(n):
        k = k + 2305843009213693952
    return np.sum(x) * float(k)


@pytest.mark.parametrize("f", [scaled_again_and_again, congruential, stepped_far])
def test_integers_that_a_literal_takes_beyond_64_bits_are_left_to_python(f) -> None:
    pytest.importorskip("numba")
    if f is not congruential:
        agrees(f, TWO, 1)
    compiled, by_numpy = value_and_grad(f, backend="numba"), value_and_grad(f)
    for n in (1, 5, 42, 60):
        for found, right in zip(compiled(TWO, n), by_numpy(TWO, n), strict=True):
            np.testing.assert_allclose(found, right, rtol=1e-12)


def mean_of_integers(x, k):
    return np.sum(x) * np.mean(k) + np.sum(x * np.mean(k, axis=0)) + x[0] * np.std(k)


def test_means_of_integers_are_those_of_floats() -> None:
    agrees(mean_of_integers, TWO, np.array([[3, 2], [7, 1]]))
    agrees(mean_of_integers, TWO, np.full((6, 2), 1 << 62) + np.arange(6)[:, None] * (1 << 40))


def truncated(x, y):
    return x[0] * int(y[0]) + x[1] * math.floor(y[1])


@pytest.mark.parametrize("other", [np.nan, np.inf, -np.inf, 1e30])
def test_integers_of_what_has_none(other) -> None:
    pytest.importorskip("numba")
    agrees(truncated, TWO, np.array([-2.5, -2.5]))
    compiled = value_and_grad(truncated, backend="numba")
    for y in (np.array([other, 1.0]), np.array([1.0, other])):
        if other == 1e30:
            assert compiled(TWO, y)[0] == truncated(TWO, y)
            continue
        with pytest.raises((ValueError, OverflowError), match="cannot convert"):
            compiled(TWO, y)


def by_float(x, n):
    s = 0.0
    for _ in range(n):
        s += x[0]
    return s


def at_a_float(x, n):
    return x[n / 2] * x[1]


def part_to_a_float(x, n):
    return np.sum(x[: n / 2])


def remainder(x, n):
    return math.fmod(x[0], 3.0) * x[1]


def test_floats_are_no_integers() -> None:
    refused(at_a_float, TWO, 2, says="an index that is a float")
    refused(part_to_a_float, TWO, 2, says="an index that is a float")
    refused(remainder, TWO, 2, says="math.fmod has no loop form")


def test_a_range_of_floats() -> None:
    pytest.importorskip("numba")
    with pytest.raises((TypeError, UnsupportedError)):
        value_and_grad(by_float, backend="numba")(TWO, 2.0)


def chosen(x, c):
    return np.sum(np.where(c, x * x, x)) + np.where(c[0], x[0], x[1])


@pytest.mark.parametrize("c", [np.array([0.0, 1.0]), np.array([np.nan, -0.0]), np.array([2, 0])])
def test_conditions_that_are_numbers(c) -> None:
    agrees(chosen, TWO, c)
