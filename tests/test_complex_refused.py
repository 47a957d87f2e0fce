"""Complex constants beside differentiated values are refused, however little is known of those."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from srcgrad import UnsupportedError, grad, transform

TEXT = """
import numpy as np

def stores(x):
    w = np.empty(2, dtype=complex)
    w[0] = 1j * x
    w[1] = x
    return abs(w[0] + 2 * w[1]) ** 2

def constructor(x):
    return ((x + complex(0.0, 1.0)) ** 3).real

def scalar_type(x):
    return ((x + np.complex128(1)) ** 3).real

def product(x):
    W = np.exp(-2j * np.pi * np.outer(np.arange(3), np.arange(3)) / 3)
    return np.sum(np.abs(W @ x) ** 4)
"""


@pytest.mark.parametrize("name", ["stores", "constructor", "scalar_type", "product"])
def test_refused_where_nothing_is_known(name: str) -> None:
    with pytest.raises(UnsupportedError, match="complex numbers are not differentiated yet"):
        transform(TEXT, functions=[name])


def through_a_constructor(x: Any) -> Any:
    return ((x + complex(0.0, 1.0)) ** 3).real


def with_a_constant_beside(x: Any) -> Any:
    weights = np.abs(np.exp(-0.5j * np.arange(3.0)) - 1)
    return np.sum(weights * x)


def test_refused_where_all_is_known() -> None:
    with pytest.raises(UnsupportedError, match="complex numbers are not differentiated yet"):
        grad(through_a_constructor)(0.7)


def test_complex_values_that_no_argument_reaches_are_free() -> None:
    expected = np.abs(np.exp(-0.5j * np.arange(3.0)) - 1)
    np.testing.assert_allclose(grad(with_a_constant_beside)(np.ones(3)), expected)
