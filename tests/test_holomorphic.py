"""`holomorphic=True`: complex derivatives of complex functions."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from srcgrad import SrcgradError, UnsupportedError, grad, value_and_grad


def waves(z: Any) -> Any:
    y = z**2 * np.exp(z)
    for _ in range(2):
        y = np.sin(0.1 * y) / (3.0 + z)
    return y


def total(z: Any, w: Any) -> Any:
    y = z * 1.0
    y[1:] = y[1:] * y[:-1] + w
    return np.sum(y @ y) * 1j


def test_a_number_and_differences() -> None:
    rng = np.random.default_rng(3)
    for _ in range(5):
        z = complex(*0.5 * rng.normal(size=2))
        step = 1e-6 * np.exp(1j * rng.normal())  # in any direction: the function is analytic
        expected = (waves(z + step) - waves(z - step)) / (2 * step)
        np.testing.assert_allclose(grad(waves, holomorphic=True)(z), expected, rtol=1e-7)


def test_arrays_and_several_arguments() -> None:
    rng = np.random.default_rng(4)
    z, w = (rng.normal(size=4) + 1j * rng.normal(size=4) for _ in range(2))
    w = w[:3]
    value, (z_bar, w_bar) = value_and_grad(total, (0, 1), holomorphic=True)(z, w)
    assert value == total(z, w)
    dz, dw = (rng.normal(size=n) + 1j * rng.normal(size=n) for n in (4, 3))
    step = 1e-6
    change = total(z + step * dz, w + step * dw) - total(z - step * dz, w - step * dw)
    np.testing.assert_allclose(z_bar @ dz + w_bar @ dw, change / (2 * step), rtol=1e-7)


def test_refused() -> None:
    with pytest.raises(UnsupportedError, match="holomorphic needs complex arguments; `w` is none"):
        grad(total, 1, holomorphic=True)(np.ones(4) * 1j, np.ones(3))
    with pytest.raises(UnsupportedError, match="holomorphic=True"):
        grad(waves)(1 + 2j)
    with pytest.raises(SrcgradError, match=r"holomorphic|numba"):
        grad(waves, holomorphic=True, backend="numba")


@grad(holomorphic=True)
def decorated(z: Any) -> Any:
    return z**3


def test_as_a_decorator() -> None:
    assert abs(decorated(2j) - 3 * (2j) ** 2) < 1e-12
