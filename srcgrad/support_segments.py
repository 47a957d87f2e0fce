"""Carried helpers for `reduceat`, which reduces segments of an axis.

As in `srcgrad.support`: plain NumPy, their source goes into the files that use them.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from srcgrad.support_arrays import product_of_others, share_extremum


def segments(indices: Any, n: Any) -> Any:
    """The slices that `reduceat` reduces: to the next index, or one element if that is no later."""
    ends = [*indices[1:], n]
    return [slice(i, j if j > i else i + 1) for i, j in zip(indices, ends, strict=True)]


def add_reduceat_adjoint(g: Any, a: Any, indices: Any, axis: Any) -> Any:
    """Cotangent of `a` in `np.add.reduceat(a, indices, axis)`."""
    g, rows = np.moveaxis(g, axis, 0), np.moveaxis(a, axis, 0)
    rows_bar = np.zeros_like(rows)
    for part, segment in zip(g, segments(indices, len(rows)), strict=True):
        rows_bar[segment] += part
    return np.moveaxis(rows_bar, 0, axis)


def multiply_reduceat_adjoint(g: Any, a: Any, indices: Any, axis: Any) -> Any:
    """Cotangent of `a` in `np.multiply.reduceat(a, indices, axis)`."""
    g, rows = np.moveaxis(g, axis, 0), np.moveaxis(a, axis, 0)
    rows_bar = np.zeros_like(rows)
    for part, segment in zip(g, segments(indices, len(rows)), strict=True):
        rows_bar[segment] += part * product_of_others(rows[segment], 0)
    return np.moveaxis(rows_bar, 0, axis)


def extremum_reduceat_adjoint(g: Any, a: Any, y: Any, indices: Any, axis: Any) -> Any:
    """Cotangent of `a` in `np.maximum.reduceat(a, indices, axis)`, and of minima; ties share."""
    g, y, rows = (np.moveaxis(part, axis, 0) for part in (g, y, a))
    rows_bar = np.zeros_like(rows)
    for part, end, segment in zip(g, y, segments(indices, len(rows)), strict=True):
        rows_bar[segment] += share_extremum(part, rows[segment], end, 0)
    return np.moveaxis(rows_bar, 0, axis)
