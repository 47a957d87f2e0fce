"""Carried helpers of forward mode.

As in `srcgrad.support`: plain NumPy, their source goes into the files that use them.
"""

from __future__ import annotations

from typing import Any

import numpy as np


def zero_tangent(x: Any) -> Any:
    """The tangent of a constant: zeros in the structure and shapes of `x`.

    What carries no derivative (integers, strings, None) has the tangent 0.0.
    """
    if isinstance(x, np.ndarray):
        return np.zeros_like(x) if x.dtype.kind in "fc" else np.zeros(x.shape)
    if isinstance(x, dict):
        zeros = {key: zero_tangent(item) for key, item in x.items()}
        return zeros if getattr(x, "default_factory", None) is None else like_default(zeros, x)
    if isinstance(x, list):
        return [zero_tangent(item) for item in x]
    if isinstance(x, tuple):
        items = [zero_tangent(item) for item in x]
        return type(x)(*items) if hasattr(x, "_fields") else tuple(items)
    if hasattr(x, "__dataclass_fields__"):
        zeros = object.__new__(type(x))
        for name in x.__dataclass_fields__:
            object.__setattr__(zeros, name, zero_tangent(getattr(x, name)))
        return zeros
    return type(x)(0) if isinstance(x, (float, complex, np.inexact)) else 0.0


def like_default(zeros: Any, x: Any) -> Any:
    """Tangents of the items of a dict with a default, which has a tangent, too."""
    made = x.copy()
    made.update(zeros)
    made.default_factory = lambda: zero_tangent(x.default_factory())
    return made


def stretched(x_dot: Any, y: Any) -> Any:
    """A tangent at the full shape of the value `y`, which broadcasting gave it."""
    if np.shape(x_dot) == np.shape(y):
        return x_dot
    return np.broadcast_to(x_dot, np.shape(y))


def tangent_memory(x_dot: Any, x: Any) -> Any:
    """A tangent in memory of its own, of the shape and dtype of `x`, which will be written."""
    if isinstance(x, np.ndarray):
        dtype = x.dtype if x.dtype.kind in "fc" else float
        return np.array(np.broadcast_to(x_dot, x.shape), dtype=dtype)
    if isinstance(x, dict):
        return {key: tangent_memory(x_dot[key], item) for key, item in x.items()}
    if isinstance(x, (list, tuple)):
        items = [tangent_memory(d, item) for d, item in zip(x_dot, x, strict=True)]
        if hasattr(x, "_fields"):
            return type(x)(*items)
        return tuple(items) if isinstance(x, tuple) else items
    return x_dot


def with_item(items: Any, index: Any, item: Any) -> Any:
    """The tuple with another item."""
    changed = list(items)
    changed[index] = item
    return type(items)(*changed) if hasattr(items, "_fields") else tuple(changed)


def to_rank(x_dot: Any, rank: int) -> Any:
    """Tangents along many directions, with axes of length 1 behind these up to a rank."""
    if not isinstance(x_dot, np.ndarray):
        raise TypeError(f"tangents along many directions are a {type(x_dot).__name__}, no array")
    missing = rank + 1 - x_dot.ndim
    return np.expand_dims(x_dot, tuple(range(1, missing + 1))) if missing > 0 else x_dot


def product_along(a: Any, b: Any, first: bool, dot: bool) -> Any:
    """`a @ b`, or `np.dot(a, b)`, where `a` (`first`) or `b` holds tangents along many
    directions."""
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
        x_dot, x, axis = np.reshape(x_dot, (len(x_dot), -1)), np.ravel(x), 0
    order = np.argsort(x, axis=axis, kind="stable")
    ranks = np.argsort(np.argsort(y, axis=axis, kind="stable"), axis=axis)
    places = np.take_along_axis(order, ranks, axis)[np.newaxis]
    return np.take_along_axis(x_dot, places, axis + 1 if axis >= 0 else axis)
