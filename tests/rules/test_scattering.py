"""Helpers that put cotangents back where elements came from, against `np.add.at` and `np.split`."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pytest

from srcgrad.support_arrays import share_extremum, split_like
from srcgrad.support_selection import scatter_take

SHAPES = [(4,), (4, 3), (3, 4, 2), (2, 3, 0), (0, 3), (5, 20), (3, 5, 7)]
INDICES = [(), (5,), (2, 3), (0,)]


@pytest.mark.parametrize("dtype", [np.float64, np.float32, np.complex128])
@pytest.mark.parametrize("shape", SHAPES)
def test_rows_that_were_taken(shape: tuple[int, ...], dtype: Any) -> None:
    rng = np.random.default_rng()
    for axis, form in itertools.product(range(-len(shape), len(shape)), INDICES):
        n = shape[axis]
        if n == 0:
            continue
        indices = rng.integers(-n, n, form)
        x = np.zeros(shape, dtype)
        g = rng.normal(size=np.take(x, indices, axis).shape).astype(dtype)
        expected = np.zeros_like(x)
        place = (slice(None),) * (axis % len(shape)) + (indices,)
        np.add.at(expected, place, g)
        found = scatter_take(g, x, indices, axis)
        assert found.dtype == dtype
        np.testing.assert_allclose(found, expected, rtol=1e-6, strict=True)


@pytest.mark.parametrize("axis", [0, 1, -1, None])
def test_parts_of_what_was_joined(axis: int | None) -> None:
    rng = np.random.default_rng()
    parts = [rng.normal(size=(3, 3)) for _ in range(3)]
    if axis is not None:
        parts[1] = np.take(parts[1], [0], axis)
        parts[2] = np.take(parts[2], np.arange(0), axis)
    found = split_like(np.concatenate(parts, axis), parts, axis)
    for part, expected in zip(found, parts, strict=True):
        np.testing.assert_array_equal(part, expected, strict=True)


@pytest.mark.parametrize("axis", [None, 0, -1, (0, 2)])
@pytest.mark.parametrize("keepdims", [False, True])
def test_shares_of_an_extremum(axis: Any, keepdims: bool) -> None:
    """All of a cotangent is given away, to the greatest elements alone, in equal parts."""
    rng = np.random.default_rng()
    x = rng.integers(0, 3, (3, 4, 5)).astype(float)  # many are equal
    y = np.max(x, axis=axis, keepdims=keepdims)
    g = rng.normal(size=np.shape(y))
    found = share_extremum(g, x, y, axis)
    assert found.shape == x.shape
    np.testing.assert_allclose(np.sum(found, axis=axis, keepdims=keepdims), g)
    top = np.max(x, axis=axis, keepdims=True)
    assert not found[x != top].any()
    whole = np.sum(x == top, axis=axis, keepdims=True)
    each = np.reshape(g, np.shape(top)) / whole
    np.testing.assert_allclose(found[x == top], np.broadcast_to(each, x.shape)[x == top])
