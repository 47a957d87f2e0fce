"""Carried helpers for rows and elements that are chosen: where they are, adjoints, sums.

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
    parts = np.take(b, columns, axis=0)
    parts *= weights[:, None]
    return scatter_take(parts, np.empty((count, b.shape[1])), rows, 0)


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


def scatter_take(g: Any, x: Any, indices: Any, axis: Any) -> Any:
    """Cotangent of `np.take`: elements taken twice get both contributions.

    They are added one by one, or by columns: `np.add.at` is many times slower with rows.
    """
    if axis is None:
        x_bar = np.zeros_like(x, order="C")
        np.add.at(np.reshape(x_bar, -1), indices, g)
        return x_bar
    axis, count = axis % np.ndim(x), np.ndim(indices)
    if axis:
        g = np.moveaxis(g, range(axis, axis + count), range(count))
        x = np.moveaxis(x, axis, 0)
    x_bar = np.zeros_like(x, order="C")
    length, width = len(x_bar), np.size(x_bar) // max(len(x_bar), 1)
    rows = np.ravel(np.asarray(indices, dtype=np.intp))
    if width <= 16:
        columns, parts = np.reshape(x_bar, (length, width)), np.reshape(g, (len(rows), width))
        for j in range(width):
            np.add.at(columns[:, j], rows, parts[:, j])
    else:
        places = np.expand_dims(rows % max(length, 1) * width, -1) + np.arange(width)
        np.add.at(np.reshape(x_bar, -1), np.reshape(places, -1), np.reshape(g, -1))
    return np.moveaxis(x_bar, 0, axis) if axis else x_bar


def scatter_along_axis(g: Any, x: Any, indices: Any, axis: Any) -> Any:
    """Cotangent of `np.take_along_axis`."""
    if axis is None:
        return scatter_take(g, x, indices, None)
    x_bar = np.zeros_like(x)
    # Where `x` was broadcast, every index along that axis stands for its only element.
    sizes = np.shape(x)
    place = [i * (n != 1) for i, n in zip(np.indices(np.shape(g), sparse=True), sizes, strict=True)]
    place[axis] = indices
    np.add.at(x_bar, tuple(place), g)
    return x_bar
