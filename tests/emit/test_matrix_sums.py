"""Weighted sums of matrix products along many directions: as one product, and right."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from srcgrad import jacfwd
from srcgrad.backends.lowered import Lowered
from srcgrad.manydirections import many_directions

RNG = np.random.default_rng(21)
A, B = RNG.normal(size=(9, 8, 10, 4)), RNG.normal(size=(9, 10, 4))
W, V = RNG.normal(size=(9, 10)), RNG.normal(size=10)
X = RNG.normal(size=(9, 4, 3))


def turned(x: Any) -> Any:
    return np.sin(x) * x[0]


def skin(x: Any, b: Any, w: Any) -> Any:
    t = turned(x)
    return np.sum((b @ t + t[:, :1, :] * 2.0) * w[:, :, None], axis=0)


def without_shift(x: Any, b: Any, w: Any) -> Any:
    return np.sum(w[:, :, None] * (b @ turned(x)), axis=0)


def subtracted(x: Any, b: Any, w: Any) -> Any:
    t = turned(x)
    return np.sum(w[:, :, None] * (t[:, 1:2, :] - b @ t), axis=0)


def two_products(x: Any, b: Any, w: Any) -> Any:
    return np.sum((b @ turned(x) - (2.0 * b) @ x) * w[:, :, None], axis=0)


def full_shift(x: Any, b: Any, w: Any) -> Any:
    t = turned(x)
    shift = np.repeat(t[:, :1, :], 10, axis=1)
    return np.sum((b @ t + shift) * w[:, :, None], axis=0)


def stacks(x: Any, a: Any, w: Any) -> Any:
    return np.sum((a @ turned(x)[:, None]) * w[:, None, :, None], axis=0)


def second_axis(x: Any, a: Any, w: Any) -> Any:
    return np.sum((a @ turned(x)[:, None]) * w[:, None, :, None], axis=1)


def row_of_weights(x: Any, b: Any, v: Any) -> Any:
    return np.sum((b @ turned(x)) * v[:, None], axis=0)


def weights_with_columns(x: Any, b: Any, c: Any) -> Any:
    return np.sum((b @ turned(x)) * c, axis=0)


def sum_of_rows(x: Any, b: Any, w: Any) -> Any:
    return np.sum((b @ turned(x)) * w[:, :, None], axis=1)


def from_the_right(x: Any, b: Any, w: Any) -> Any:
    return np.sum((turned(x).swapaxes(1, 2) @ b.swapaxes(1, 2)) * w[:, None, :], axis=0)


def listed(x: Any, b: Any, w: Any, count: int) -> Any:
    """The list may have one item, which is stretched then."""
    items = [np.sin(x[0])]
    for k in range(1, count):
        items.append(items[k - 1] * x[k])
    stack = np.stack(items)
    return np.sum((b @ stack + stack[:, :1]) * w[:, :, None], axis=0)


def written_between(x: Any, b: Any, w: Any) -> Any:
    t = turned(x)
    p = b @ t
    t[:] = 0.0
    return np.sum(p * w[:, :, None], axis=0) + t[0, 0]


def read_twice(x: Any, b: Any, w: Any) -> Any:
    p = b @ turned(x)
    return np.sum(p * w[:, :, None], axis=0) * p[0]


C = RNG.normal(size=(9, 10, 3))
ONE = [
    (skin, (X, B, W)),
    (without_shift, (X, B, W)),
    (subtracted, (X, B, W)),
    (two_products, (X, B, W)),
    (full_shift, (X, B, W)),
    (stacks, (X, A, W)),
    (second_axis, (X, A, W)),
    (listed, (X, B, W, 9)),
]
OTHERS = [
    (row_of_weights, (X, B, V)),
    (weights_with_columns, (X, B, C)),
    (sum_of_rows, (X, B, W)),
    (from_the_right, (X, B, W)),
    (listed, (X, B, W, 1)),
    (listed, (X, B[:1], W[:1], 9)),
    (listed, (X, B[:1], W, 9)),
    (listed, (X, B[:1], W, 1)),
    (listed, (X, B, W[:1], 9)),
    (listed, (X, B[:1], W[:1], 1)),
    (skin, (X[:, :, :1], B, W)),
    (skin, (X, B[:1], W)),
    (skin, (X, B, W[:1])),
    (skin, (X[:1], B, W)),
    (skin, (X[:1], B[:1], W)),
    (written_between, (X, B, W)),
    (read_twice, (X, B, W)),
]


@pytest.mark.parametrize(("f", "args"), [*ONE, *OTHERS])
def test_values(f: Callable[..., Any], args: tuple[Any, ...]) -> None:
    x, *rest = args
    found = jacfwd(f)(*args)
    for index in np.ndindex(x.shape):
        step = np.zeros_like(x)
        step[index] = 1e-6
        slope = (f(x + step, *rest) - f(x - step, *rest)) / 2e-6
        np.testing.assert_allclose(found[(..., *index)], slope, rtol=1e-6, atol=1e-7)


@pytest.mark.parametrize(("f", "args"), ONE)
def test_they_are_one_product(f: Callable[..., Any], args: tuple[Any, ...]) -> None:
    lowered = many_directions(f, ("x",)).lower(args, {})
    assert isinstance(lowered, Lowered)
    assert "optimize=True" in lowered.source or "np.tensordot" in lowered.source


def two_shifts(x: Any, b: Any, w: Any) -> Any:
    t = turned(x)
    return np.sum((t[:, 1:2] - b @ t - t[:, :1]) * w[:, :, None], axis=0)


def first_minus(x: Any, b: Any, w: Any) -> Any:
    t = turned(x)
    return np.sum((-3.0 * t[:, 1:2] - b @ t) * w[:, :, None], axis=0)


def wide_shift(x: Any, b: Any, w: Any) -> Any:
    """The product has one column, and the shift has three."""
    return np.sum((b @ turned(x[:, :, :1]) + turned(x)[:, :1]) * w[:, :, None], axis=0)


def shift_of_rows(x: Any, a: Any, w: Any) -> Any:
    t = turned(x)
    return np.sum((a @ t[:, None] + t[:, None, :1]) * w[:, None, :, None], axis=0)


def bound_anew(x: Any, b: Any, w: Any) -> Any:
    v = w[:, :, None]
    t = turned(x)
    s = t[:, :1]
    r = s[:, 0]
    shift = r[:, None, :]
    w = w * 2.0
    r = r * w[0, 0]
    return np.sum((b @ t + shift) * v, axis=0) * w[0, 0] + r[0]


def views_of_axes(x: Any, b: Any, w: Any) -> Any:
    t = turned(x)
    r = t[:, 0]
    return np.sum((r[:, None, :] - b @ t) * w[..., None], axis=0)


AFFINE = [
    (skin, (X, B, W)),
    (subtracted, (X, B, W)),
    (listed, (X, B, W, 9)),
    (listed, (X, B, W, 1)),
    (two_shifts, (X, B, W)),
    (first_minus, (X, B, W)),
    (shift_of_rows, (X, A, W)),
    (bound_anew, (X, B, W)),
    (views_of_axes, (X, B, W)),
]


@pytest.mark.parametrize(("f", "args"), [*AFFINE[4:], (wide_shift, (X, B, W))])
def test_values_of_shifts(f: Callable[..., Any], args: tuple[Any, ...]) -> None:
    test_values(f, args)


@pytest.mark.parametrize(("f", "args"), AFFINE)
def test_a_shift_is_one_row_more(f: Callable[..., Any], args: tuple[Any, ...]) -> None:
    """One product, which is that of two matrices where there is one axis of stacks."""
    lowered = many_directions(f, ("x",)).lower(args, {})
    assert isinstance(lowered, Lowered)
    assert "[:, -1] = 1.0" in lowered.source or "[:, :, -1] = 1.0" in lowered.source
    only = "np.einsum" if f is shift_of_rows else "np.tensordot"
    assert lowered.source.count(only) == 1


def test_a_jacobian_is_not_copied() -> None:
    """Its columns are last in memory as they are computed, and no number of it is in another
    array."""
    for f, args in AFFINE[:4]:
        lowered = many_directions(f, ("x",)).lower(args, {})
        assert isinstance(lowered, Lowered)
        seeds = np.eye(X.size).reshape(X.size, *X.shape)
        assert np.moveaxis(lowered.function(*args, seeds), 0, -1).flags.c_contiguous
        found = jacfwd(f)(*args)
        assert found.flags.c_contiguous and found.flags.writeable


def test_a_part_of_a_sum_is_not_added_in_its_memory() -> None:
    """What is added to it may be larger."""
    lowered = many_directions(wide_shift, ("x",)).lower((X, B, W), {})
    assert isinstance(lowered, Lowered)
    assert "+=" not in lowered.source and "[:, -1] = 1.0" not in lowered.source
