"""Variables that have no value: compiled loops leave the error to NumPy's version."""

from __future__ import annotations

import numpy as np
import pytest

from srcgrad import value_and_grad


def in_one_branch(x, n):
    if n > 2:
        y = x[0] * 2
    return y + x[1]


def of_a_loop(x, n):
    for i in range(n):
        s = x[0] * i
    return s * i + x[1]


def of_a_while_loop(x, n):
    k = 0
    while k < n:
        y = x[0] * x[1]
        k += 1
    return y * y


def an_array(x, n):
    if n > 2:
        z = x * 2
    return np.sum(z * z)


def in_a_loop(x, n):
    s = 0.0
    for i in range(3):
        if i >= 3 - n:
            last = x[0] * i
        if i > 0:
            s += last * x[1]
    return s


def called(x, n):
    return in_one_branch(x, n) * x[0]


FUNCTIONS = [in_one_branch, of_a_loop, of_a_while_loop, an_array, in_a_loop, called]


@pytest.mark.parametrize("f", FUNCTIONS, ids=lambda f: f.__name__)
def test_a_variable_without_a_value_is_not_read(f) -> None:
    pytest.importorskip("numba")
    x = np.array([1.5, 2.0])
    compiled = value_and_grad(f, backend="numba")
    alone = compiled.lower(x, 3).function.compiled
    value, gradient = value_and_grad(f)(x, 3)
    found, own = alone(x, 3)
    assert found == pytest.approx(value)
    np.testing.assert_allclose(own, gradient)
    with pytest.raises(AssertionError):
        alone(x, 0)
    with pytest.raises((UnboundLocalError, TypeError)):  # as NumPy's version does
        compiled(x, 0)


def bound_in_both(x, n):
    if n > 2:
        y = x[0]
        n -= 1
    else:
        y = x[1]
    for _ in range(3):
        z = y * x[0]
    while True:
        w = z * z
        n -= 1
        if n < 0:
            break
    return w * z


def test_no_check_where_all_have_a_value() -> None:
    pytest.importorskip("numba")
    x = np.array([1.5, 2.0])
    lowered = value_and_grad(bound_in_both, backend="numba").lower(x, 3)
    assert lowered.fallback is not None and "is_bound" not in lowered.source
