"""Carried helpers for rows: adjoints that are zero but for an element of each, and sums.

As in `srcgrad.support`: plain NumPy, each alone or with others, their source goes into the files
that use them.
"""

from __future__ import annotations

from typing import Any

import numpy as np


def extremum_places(x: Any, extremum: Any) -> tuple[Any, Any, Any]:
    """Rows and columns of what is the extremum of its row, and its part of it where it is tied."""
    rows, columns = np.divmod(np.flatnonzero(x == extremum[:, None]), max(x.shape[1], 1))
    return rows, columns, 1.0 / np.bincount(rows)[rows]


def first_places(x: Any, first: Any) -> tuple[Any, Any, Any]:
    """Rows and columns of what is the extremum of its row, and its part of it where it is tied;
    `first`: the columns where they come first."""
    rows = np.arange(len(x))
    extremum = x[rows, first]
    if np.count_nonzero(x == extremum[:, None]) == len(x) and not np.isnan(extremum).any():
        return rows, first, np.ones(len(x))  # there is no tie
    return extremum_places(x, extremum)


def sparse_product(rows: Any, columns: Any, weights: Any, count: Any, b: Any) -> Any:
    """`a @ b` for the matrix of `count` rows that holds `weights` at `rows` and `columns`."""
    if count * len(b) <= 20 * len(weights):  # few zeros: faster as a matrix
        a = np.zeros((count, len(b)))
        a[rows, columns] = weights
        return a @ b
    width = b.shape[1]
    cells = (rows * width)[:, None] + np.arange(width)
    sums = np.bincount(cells.ravel(), (b[columns] * weights[:, None]).ravel(), count * width)
    return sums.reshape(count, width)


def kept_where(keep: Any, g: Any, out: Any = None) -> Any:
    """`np.where(keep, g, 0.0)` of doubles: their bits times 1 or 0, infinite ones included."""
    bits = None if out is None else out.view(np.int64)
    return np.multiply(g.view(np.int64), keep, out=bits).view(np.float64)


def row_sums(x: Any, keepdims: bool = False) -> Any:
    """`np.sum(x, axis=1)` of many short rows, in the same order, but column by column."""
    y = 0.0 + x[:, 0]
    for j in range(1, x.shape[1]):
        y += x[:, j]
    return y[:, None] if keepdims else y
