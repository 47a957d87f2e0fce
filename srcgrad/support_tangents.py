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


def stretched(x_dot: Any, value: Any) -> Any:
    """A tangent at the full shape of the value it belongs to, which broadcasting gave it."""
    if np.shape(x_dot) == np.shape(value):
        return x_dot
    return np.broadcast_to(x_dot, np.shape(value))


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
