"""Carried helpers for tangents along many directions, which have these along an axis in front.

As in `srcgrad.support`: plain NumPy, their source goes into the files that use them.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from srcgrad.support import accumulate


def in_array(x_dot: Any) -> Any:
    """Tangents along many directions, which must be in one array: a list of them has no axis of
    directions in front. Raises `TypeError`."""
    if not isinstance(x_dot, np.ndarray):
        raise TypeError(f"tangents along many directions are a {type(x_dot).__name__}, no array")
    return x_dot


def to_rank(x_dot: Any, rank: int) -> Any:
    """Tangents along many directions, with axes of length 1 behind these up to a rank."""
    in_array(x_dot)
    missing = rank + 1 - x_dot.ndim
    return np.expand_dims(x_dot, tuple(range(1, missing + 1))) if missing > 0 else x_dot


def sum_along(a: Any, b: Any) -> Any:
    """Sum of two nests of tangents along many directions; those of a number stretch, and where they
    are zero they stand for zeros of any structure."""
    if isinstance(a, dict):
        return {key: sum_along(item, b[key]) for key, item in a.items()}
    for one, other in ((a, b), (b, a)):
        if isinstance(one, (list, tuple)) and isinstance(other, np.ndarray) and not np.any(other):
            return one
    if isinstance(a, (list, tuple)) or isinstance(b, (list, tuple)):
        parts = [np.moveaxis(x, 1, 0) if isinstance(x, np.ndarray) else x for x in (a, b)]
        return [sum_along(item, other) for item, other in zip(*parts, strict=True)]
    if a is None or isinstance(a, str):
        return a
    rank = max(np.ndim(a), np.ndim(b)) - 1
    return to_rank(a, rank) + to_rank(b, rank)


def spread_along(g: Any, items: Any) -> Any:
    """Cotangents of `sum(items)` along many directions, in the shapes of the items."""
    return type(items)([unbroadcast_along(g, item) for item in items])


def turned_along(x_dot: Any) -> Any:
    """`x.T`, along many directions."""
    return np.transpose(in_array(x_dot), (0, *range(np.ndim(x_dot) - 1, 0, -1)))


def no_view_of_number(found: Any, x_dot: Any) -> Any:
    """What was made of tangents of `x`, in memory of its own if `x` is a number."""
    return found.copy() if np.ndim(x_dot) == 1 else found


def broadcast_along(x_dot: Any, shape: Any) -> Any:
    """`np.broadcast_to(x, shape)`, along many directions."""
    shape = shape if isinstance(shape, tuple) else (shape,)
    return np.broadcast_to(to_rank(x_dot, len(shape)), (len(x_dot), *shape))


def diagonal_along(v_dot: Any, k: Any) -> Any:
    """`np.diag(v, k)` of vectors, along many directions."""
    count = np.shape(v_dot)[1]
    size, places = count + abs(k), np.arange(count)
    made = np.zeros((len(v_dot), size, size), dtype=v_dot.dtype)
    made[:, places + max(-k, 0), places + max(k, 0)] = v_dot
    return made


def directions_of(x_dot: Any) -> Any:
    """How many directions there are in a nest of tangents."""
    if isinstance(x_dot, dict):
        x_dot = list(x_dot.values())
    if not isinstance(x_dot, (list, tuple)):
        return len(x_dot) if isinstance(x_dot, np.ndarray) else 0
    return max([directions_of(item) for item in x_dot], default=0)


def stretched_along(x_dot: Any, y: Any) -> Any:
    """Tangents along many directions at the shape of the value `y`, in memory of their own."""
    if isinstance(y, dict):
        return {key: stretched_along(x_dot[key], item) for key, item in y.items()}
    if isinstance(y, (list, tuple)):
        items = [stretched_along(dot, item) for dot, item in zip(x_dot, y, strict=True)]
        return tuple(items) if isinstance(y, tuple) else items
    shape = (len(x_dot), *np.shape(y))
    return np.array(np.broadcast_to(to_rank(x_dot, np.ndim(y)), shape))


def split_along(g: Any, arrays: Any, axis: Any) -> Any:
    """Cotangents of arrays that were joined along `axis`, along many directions."""
    if np.size(in_array(g)) == 0:
        return [np.zeros((len(g), *np.shape(x)), dtype=g.dtype) for x in arrays]
    place = (0 if axis is None else axis) % (np.ndim(g) - 1) + 1
    cross = np.size(g) // (len(g) * np.shape(g)[place])
    before = (slice(None),) * place
    parts, start = [], 0
    for x in arrays:
        stop = start + np.size(x) // cross
        part = g[(*before, slice(start, stop))]
        parts.append(np.reshape(part, (len(g), *np.shape(x))))
        start = stop
    return parts


def unbroadcast_along(g: Any, x: Any) -> Any:
    """Sum `g` down to the shape of `x`, along many directions."""
    shape = np.shape(x)
    if np.shape(in_array(g))[1:] == shape:
        return g
    if np.ndim(g) - 1 > len(shape):
        g = np.sum(g, axis=tuple(range(1, np.ndim(g) - len(shape))))
    axes = tuple(i + 1 for i, n in enumerate(shape) if n == 1 and np.shape(g)[i + 1] != 1)
    if axes == (np.ndim(g) - 1,) and np.shape(g)[-1] < 16:  # short rows are slow to sum
        return (g @ np.ones(np.shape(g)[-1], g.dtype))[..., np.newaxis]
    return np.sum(g, axis=axes, keepdims=True) if axes else g


def product_along(a: Any, b: Any, first: bool, dot: bool) -> Any:
    """`a @ b`, or `np.dot(a, b)`, where `a` (`first`) or `b` holds tangents along many
    directions."""
    in_array(a if first else b)
    ranks = np.ndim(a) - first, np.ndim(b) - (not first)
    stacks = max(ranks) > 2 and (dot or ranks[0] != ranks[1])
    if 0 in ranks or stacks:
        raise TypeError("such a product cannot be done for many directions at once")
    if first or ranks[1] > 1:
        return a @ b
    return b @ np.transpose(a)


def along_one(x_dot: Any, direction: Any) -> Any:
    """Tangents along one of many directions, in the same containers."""
    if isinstance(x_dot, dict):
        return {key: along_one(item, direction) for key, item in x_dot.items()}
    if isinstance(x_dot, (list, tuple)):
        items = [along_one(item, direction) for item in x_dot]
        return tuple(items) if isinstance(x_dot, tuple) else items
    return x_dot[direction] if isinstance(x_dot, np.ndarray) else x_dot


def together(found: Any) -> Any:
    """What was found along each direction, in the same containers: directions are in front."""
    first = found[0]
    if isinstance(first, dict):
        return {key: together([item[key] for item in found]) for key in first}
    if isinstance(first, (list, tuple)):
        items = [together(list(parts)) for parts in zip(*found, strict=True)]
        return tuple(items) if isinstance(first, tuple) else items
    return np.stack(found)


def rearranged_along(x_dot: Any, x: Any, y: Any, axis: Any) -> Any:
    """Tangents along many directions of a rearrangement of `x` into `y` along `axis`."""
    if axis is None:
        x_dot, x, axis = np.reshape(in_array(x_dot), (len(x_dot), -1)), np.ravel(x), 0
    order = np.argsort(x, axis=axis, kind="stable")
    ranks = np.argsort(np.argsort(y, axis=axis, kind="stable"), axis=axis)
    places = np.take_along_axis(order, ranks, axis)[np.newaxis]
    return np.take_along_axis(in_array(x_dot), places, axis + 1 if axis >= 0 else axis)


def once_each(x: Any, directions: Any) -> Any:
    """What is the same along every direction, once for each."""
    if isinstance(x, dict):
        return {key: once_each(item, directions) for key, item in x.items()}
    if isinstance(x, (list, tuple)):
        items = [once_each(item, directions) for item in x]
        return tuple(items) if isinstance(x, tuple) else items
    if x is None or isinstance(x, str):
        return x
    return np.repeat(np.asarray(x)[np.newaxis], directions, axis=0)


def behind(index: Any) -> Any:
    """An index into what has one more axis at the end."""
    parts = index if isinstance(index, tuple) else (index,)
    return (*parts, slice(None)) if any(part is Ellipsis for part in parts) else index


def item_along(x_dot: Any, index: Any) -> Any:
    """Tangents of `x[index]`, along many directions; a number is no view."""
    if not isinstance(x_dot, np.ndarray):
        return x_dot[index]
    found = np.moveaxis(np.moveaxis(x_dot, 0, -1)[behind(index)], -1, 0)
    return found.copy() if found.ndim == 1 else found


def store_along(x_dot: Any, index: Any, value: Any) -> None:
    """`x[index] = value`, along many directions."""
    if isinstance(x_dot, np.ndarray):
        np.moveaxis(x_dot, 0, -1)[behind(index)] = np.moveaxis(in_array(value), 0, -1)
    else:
        x_dot[index] = value


def add_along(x_dot: Any, index: Any, value: Any) -> None:
    """`x[index] += value`, along many directions."""
    if isinstance(x_dot, np.ndarray):
        np.moveaxis(x_dot, 0, -1)[behind(index)] += np.moveaxis(in_array(value), 0, -1)
    else:
        x_dot[index] = sum_along(x_dot[index], value)


def accumulate_along(x_dot: Any, index: Any, value: Any) -> None:
    """`x[index] += value`, along many directions; an element named twice gets both."""
    if isinstance(x_dot, np.ndarray):
        accumulate(np.moveaxis(x_dot, 0, -1), behind(index), np.moveaxis(in_array(value), 0, -1))
    elif isinstance(x_dot, list) and isinstance(index, slice):
        for i, item in zip(range(len(x_dot))[index], value, strict=True):
            x_dot[i] = sum_along(x_dot[i], item)
    else:
        x_dot[index] = sum_along(x_dot[index], value)
