"""Where Numba computes otherwise than NumPy: results are NumPy's, or the function is refused."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from srcgrad import UnsupportedError, grad, value_and_grad

TWO = np.array([2.0, 0.5])
BYTES = np.array([200, 1], np.uint8)


def agrees(f: Callable[..., Any], *args: Any, compiled: bool = True) -> None:
    """Compiled, it has the value and gradient of the NumPy backend, and is not left to that."""
    pytest.importorskip("numba")
    value, gradient = value_and_grad(f)(*args)
    found = value_and_grad(f, backend="numba")
    lowered = found.lower(*args)
    assert lowered.fallback is not None
    alone = lowered.function.compiled if compiled else lowered.function
    own, own_gradient = alone(*args)
    assert float(own) == pytest.approx(float(value), rel=1e-12)
    np.testing.assert_allclose(own_gradient, gradient, rtol=1e-12)


# Which line of a function is refused, where it is not the first.
LINES = {"added_up": 2, "made_like": 2, "of_either": 4, "stored_here": 2, "sum_of_singles": 2}


def refused(f: Callable[..., Any], *args: Any, says: str) -> None:
    """It is refused in our own words, with a place and something to do instead."""
    pytest.importorskip("numba")
    with pytest.raises(UnsupportedError) as caught:
        value_and_grad(f, backend="numba")(*args)
    (problem,) = caught.value.problems
    assert says in problem.message and "Numba does not compile" not in problem.message
    assert problem.remedy
    assert problem.line == f.__code__.co_firstlineno + LINES.get(f.__name__, 1)


# --- sums of truth values


def two_masks(x):
    return np.sum(((x > 0) + (x > 1)) * x)


def masks_in_place(x):
    m = x > 0
    m += x > 1
    return np.sum(m * x)


def masks_by_name(x):
    return np.sum(np.add(x > 0, x > 1) * x)


def mask_and_mask(x):
    a, b = x > 0, x > 1
    return np.sum(((a == b) + a) * x)


def elements(x):
    c = (x[0] > 0) + (x[1] > 0)
    return c * np.sum(x)


def element_in_place(x):
    c = x[0] > 0
    c += x[1] > 0
    return c * np.sum(x)


def reductions(x):
    return (np.any(x > 0) + np.all(x > 0)) * np.sum(x)


def product(x):
    return np.sum(((x > 0) * (x > 1)) * x)


def turned_round(x):
    return np.sum(~((x > 0) + (x > 1)) * x) + (~(x[0] > 3)) * x[1]


TRUTHS = [two_masks, masks_in_place, masks_by_name, mask_and_mask, elements, element_in_place,
          reductions, product, turned_round]  # fmt: skip


@pytest.mark.parametrize("f", TRUTHS, ids=lambda f: f.__name__)
def test_truth_values_of_numpy_are_joined(f) -> None:
    agrees(f, TWO)
    agrees(f, -TWO)


def of_python(x, n):
    return ((n > 2) + (n > 1)) * np.sum(x)


def of_either(x, n):
    s = 0.0
    for i in range(n):
        s += x[i]
    return ((s > 0) + (s > -1)) * np.sum(x)


def difference(x, n):
    return np.sum(((x > 0) - (x > 1)) * x)


def opposite(x, n):
    return np.sum(-(x > 0) * x)


def opposite_of_python(x, n):
    return ~(n > 1) * np.sum(x)


def roots(x, n):
    return np.sum(np.sqrt(x > 0) * x)


@pytest.mark.parametrize("f", [of_python, difference, opposite, opposite_of_python, roots])
def test_other_sums_of_truth_values_are_refused(f) -> None:
    refused(f, TWO, 2, says="truth value")


def test_a_truth_value_of_whom_is_not_known() -> None:
    refused(of_either, TWO, 2, says="which may be NumPy's or Python's")


def counted(x, n):
    return (int(n > 2) + int(x[0] > 1)) * np.sum(x)


def test_truth_values_that_are_made_integers_are_added() -> None:
    agrees(counted, TWO, 3)


# --- integers of fewer than 64 bits


def doubled(x, k):
    return np.sum(x * (k + k))


def differences(x, k):
    return np.sum(x) * (k[1] - k[0])


def negative(x, k):
    return np.sum(x * -k)


def inverted(x, k):
    return np.sum(x * ~k)


def absolute(x, k):
    return np.sum(x * np.abs(k))


def summed(x, k):
    return np.sum(x) * np.sum(k)


def with_itself(x, k):
    return np.sum(x) * np.dot(k, k)


def added_up(x, k):
    s = 0
    s += k[0]
    s += k[1]
    return np.sum(x) * s


def place_before(x, k):
    return x[k[1] - 1]


def exponential(x, k):
    return np.sum(x * np.exp(k))


def power(x, k):
    return np.sum(x * k**2)


def made_here(x, k):
    return np.sum(x * (np.ones(2, dtype=np.uint8) + 255))


def stored_here(x, k):
    c = np.zeros(2, dtype=np.uint8)
    c[0] = k[0]
    return np.sum(x * c)


def cast_here(x, k):
    return np.sum(x * k.astype(np.int8))


def cast_like(x, k):
    return np.sum(x * np.array([300, 1]).astype(k.dtype))


def made_like(x, k):
    c = np.zeros_like(k)
    c += 255
    c += 1
    return np.sum(x * c)


NARROW = [cast_like, made_like, doubled, differences, negative, inverted, absolute, summed,
          with_itself, added_up,
          place_before, exponential, power, made_here, stored_here, cast_here]  # fmt: skip


@pytest.mark.parametrize("f", NARROW, ids=lambda f: f.__name__)
def test_arithmetic_of_narrow_integers_is_refused(f) -> None:
    refused(f, TWO, BYTES, says="narrow integers")


@pytest.mark.parametrize("dtype", [np.int8, np.int16, np.int32, np.uint16, np.uint32, np.uint64])
def test_all_other_integers_are_narrow(dtype) -> None:
    refused(doubled, TWO, np.array([1, 2], dtype), says="narrow integers")
    refused(scalars, TWO, dtype(3), says="narrow integers")
    agrees(factor, TWO, np.array([1, 0], dtype), compiled=dtype is not np.uint64)


def scalars(x, n):
    return np.sum(x) * (n + n)


def factor(x, k):
    return np.sum(x * k) + x[k[1]] * (k[0] > 3) + np.sum(x[k[1:]] / k[0] + 2.0 * k[1])


def widened(x, k):
    k = k.astype(np.int64)
    return np.sum(x * (k + k)) * (int(k[0]) - 1)


def by_item(x, k):
    s = 0.0
    for i in range(len(k)):
        if k[i] == 1:
            s += x[i] * k[i]
    return s + x[int(k[1]) - 2]


@pytest.mark.parametrize("f", [factor, widened, by_item])
def test_narrow_integers_may_be_factors_and_indices(f) -> None:
    agrees(f, np.array([2.0, 3.0]), np.array([7, 1], np.uint8))


TABLE = np.array([200, 1], np.uint8)


def of_a_table(x):
    return np.sum(x * (TABLE + TABLE))


def factor_of_a_table(x):
    return np.sum(x * TABLE)


def of_a_list(x, ks):
    return np.sum(x) * (ks[0] + ks[1])


def test_narrow_integers_from_elsewhere() -> None:
    refused(of_a_table, TWO, says="narrow integers")
    agrees(factor_of_a_table, TWO)
    refused(of_a_list, TWO, [np.uint8(200), np.uint8(100)], says="narrow integers")


def test_integers_of_64_bits_are_computed_with() -> None:
    for f in (doubled, differences, negative, summed, added_up, widened):
        agrees(f, TWO, np.array([200, 1]))


# --- float32


def sum_of_singles(x, w):
    s = 0.0
    s += w[0]
    return s * np.sum(x)


def squares(x, w):
    return np.sum(x) * np.sum(w**2)


def compared(x, w):
    return np.sum(x) * (w[0] > 0.1)


@pytest.mark.parametrize("f", [sum_of_singles, squares, compared])
def test_arithmetic_of_float32_is_refused(f) -> None:
    refused(f, TWO, np.float32([0.1, 0.2]), says="float32")


def weighted(x, w):
    s = 0.0
    for i in range(x.shape[0]):
        if w[i] > 0.5:
            s += x[i] * w[i]
    return s + np.sum(x * w)


def test_float32_may_be_factors_of_float64() -> None:
    agrees(weighted, TWO, np.float32([0.1, 0.7]))


def residual(x, w):
    return np.sum((x - w) ** 2) + np.sum(x.astype(w.dtype).astype(float) * x)


def test_gradients_of_float32() -> None:
    for wrt in (0, 1):
        found = grad(residual, wrt, backend="numba")
        w = np.float32([0.1, 0.2])
        alone = found.lower(TWO, w).function.compiled(TWO, w)
        expected = grad(residual, wrt)(TWO, w)
        np.testing.assert_allclose(alone, expected, rtol=1e-6)
        assert alone.dtype == expected.dtype


# --- axes of length 1 that a turn stretches


def doubled_and_stretched(x):
    w = x[:1] + 1.0
    for _ in range(2):
        w = w + x
        w *= 2.0
    return np.sum(w**2)


def test_an_axis_that_is_stretched_is_left_to_numpy() -> None:
    pytest.importorskip("numba")
    agrees(doubled_and_stretched, TWO[:1])
    for found, right in zip(
        value_and_grad(doubled_and_stretched, backend="numba")(TWO),
        value_and_grad(doubled_and_stretched)(TWO),
        strict=True,
    ):
        np.testing.assert_allclose(found, right)
