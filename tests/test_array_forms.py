"""Layout, length and content of arrays: strides, empty axes, axes of one, not a number."""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from srcgrad import check_grads, grad
from srcgrad.differences import central_differences
from srcgrad.errors import SrcgradError
from tests.agreement import assert_near


def affine(x: Any, k: Any) -> Any:
    return np.sum(x * x * k)


def mixed(x: Any, y: Any) -> Any:
    return np.sum(x * y + x)


# --- forms of arrays


def smooth(x: Any) -> Any:
    y = np.tanh(x) * 2 + x.T.T
    return np.sum(y * y) + np.sum(x[1:] * x[:-1])


def overwriting(x: Any) -> Any:
    y = x * 2
    y[0] = y[1] * y[0]
    y[1:] *= x[1:]
    return np.sum(y)


def _read_only(x: Any) -> Any:
    x.flags.writeable = False
    return x


BASE = np.linspace(-1, 1, 12).reshape(3, 4)
FORMS: dict[str, Callable[[], Any]] = {
    "Fortran order": lambda: np.asfortranarray(BASE),
    "transposed": lambda: BASE.copy().T,
    "negative strides": lambda: BASE.copy()[::-1, ::-1],
    "every second": lambda: np.linspace(-1, 1, 24).reshape(6, 4)[::2],
    "read-only": lambda: _read_only(BASE.copy()),
    "broadcast": lambda: np.broadcast_to(BASE[:, :1], (3, 4)),
    "one row": lambda: BASE[:, :1].copy(),
    "one column": lambda: BASE[:2, :].T.copy(),
    "float32 big endian": lambda: BASE.astype(">f4"),
}


@pytest.mark.parametrize("f", [smooth, overwriting])
@pytest.mark.parametrize("form", FORMS)
def test_any_layout_of_memory(f: Callable[..., Any], form: str) -> None:
    x = FORMS[form]()
    before = x.copy()
    found = grad(f)(x)
    assert found.shape == x.shape
    assert found.dtype.newbyteorder("=") == x.dtype.newbyteorder("=")
    (expected,) = central_differences(f, [np.array(x, np.float64)], (0,))
    assert_near(found, expected, rtol=1e-4, atol=1e-5)
    np.testing.assert_array_equal(x, before)
    assert not np.shares_memory(found, x)
    assert found.flags.writeable


@pytest.mark.parametrize("shape", [(0,), (0, 3), (3, 0), (1, 0, 2)])
def test_empty_arrays_have_empty_gradients(shape: tuple[int, ...]) -> None:
    def f(x: Any) -> Any:
        return np.sum(np.exp(x) * x + 1.0) + np.sum(x * np.ones(shape))

    found = grad(f)(np.ones(shape))
    assert (found.shape, found.dtype) == (shape, float)
    found = grad(f)(np.ones(shape, np.float32))
    assert (found.shape, found.dtype) == (shape, np.float32)


def broadcasting(x: Any, y: Any) -> Any:
    z = x * y + x
    z = z / (1.0 + y * y)
    return np.sum(z * z)


LENGTHS = [(), (1,), (3,), (1, 1), (1, 3), (2, 1), (2, 3), (4, 1, 1), (0,), (0, 3), (0, 1)]


def test_broadcasting_is_undone_for_every_pair_of_shapes() -> None:
    df = grad(broadcasting, (0, 1))
    rng = np.random.default_rng(3)
    for first in LENGTHS:
        for second in LENGTHS:
            try:
                np.broadcast_shapes(first, second)
            except ValueError:
                continue
            args = [rng.standard_normal(first), rng.standard_normal(second)]
            args = [np.asarray(arg) for arg in args]
            found = df(*args)
            expected = central_differences(broadcasting, args, (0, 1))
            for a, b, arg in zip(found, expected, args, strict=True):
                assert a.shape == arg.shape, (first, second)
                np.testing.assert_allclose(a, b, rtol=1e-5, atol=1e-7)


@pytest.mark.parametrize("bad", [math.nan, math.inf, -math.inf])
def test_nan_and_inf_stay_where_they_are(bad: float) -> None:
    def f(x: Any) -> Any:
        return np.sum(x * x + np.maximum(x, 0)) + np.sum(np.where(np.isfinite(x), x, 0.0))

    x = np.array([bad, 1.0, -2.0])
    np.testing.assert_array_equal(grad(f)(x), [2 * bad + (bad > 0), 4, -3])


@pytest.mark.parametrize("size", [1000.0, -1000.0, 0.0])
def test_no_overflow_and_no_warning_where_the_function_has_none(size: float) -> None:
    def logsumexp(x: Any) -> Any:
        top = np.max(x)
        return top + np.log(np.sum(np.exp(x - top)))

    def soft_plus(x: Any) -> Any:
        return np.sum(np.logaddexp(x, 0.0))

    def others(x: Any) -> Any:
        return np.sum(np.tanh(x) + np.arctan(x) + np.sinc(x / 1000.0) + np.hypot(x, 1.0))

    x = np.array([size, size / 2, 0.0])
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for f in (logsumexp, soft_plus, others):
            found = grad(f)(x)
            (expected,) = central_differences(f, [x], (0,), eps=1e-3)
            assert_near(found, expected, rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("dtype", [np.complex64, np.complex128])
def test_complex_arrays_are_refused(dtype: Any) -> None:
    with pytest.raises(SrcgradError, match="complex"):
        grad(affine)(np.ones(3, dtype), 2.0)


@pytest.mark.parametrize(
    "value", [np.ma.masked_array([1.0, 2.0], [0, 1]), np.zeros(2, [("a", float)])], ids=repr
)
def test_arrays_of_other_semantics_are_refused(value: Any) -> None:
    with pytest.raises(SrcgradError):
        grad(affine)(value, 2.0)


def test_a_memory_map_is_an_array(tmp_path: Any) -> None:
    x = np.memmap(tmp_path / "x", float, "w+", shape=(3,))
    x[:] = [1, 2, 3]
    found = grad(affine)(x, 2.0)
    np.testing.assert_array_equal(found, [4, 8, 12])
    np.testing.assert_array_equal(x, [1, 2, 3])


def test_differences_agree_with_the_check() -> None:
    check_grads(affine, (np.ones((2, 3), np.float32), 2.0))
    check_grads(mixed, (np.ones(3), np.ones((2, 1), np.float32)))
