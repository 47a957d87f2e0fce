"""NumPy's functions that call a function they are given, as NumPy programs.

They are read, not called: each is written out where a program calls it, with the function it gives.
"""

from __future__ import annotations

from typing import Any

import numpy as np


def apply_along_axis(func1d: Any, axis: Any, arr: Any, *args: Any, **kwargs: Any) -> Any:
    rows = np.moveaxis(arr, axis, -1)
    flat = np.reshape(rows, (-1, np.shape(rows)[-1]))
    out = np.array([func1d(row, *args, **kwargs) for row in flat])
    out = np.reshape(out, np.shape(rows)[:-1] + np.shape(out)[1:])
    inner = np.ndim(out) - np.ndim(rows) + 1  # axes of one result: they go where the old one was
    first = axis % np.ndim(rows)
    ends = np.arange(np.ndim(out) - inner, np.ndim(out))
    return np.moveaxis(out, ends, np.arange(first, first + inner))


def apply_over_axes(func: Any, a: Any, axes: Any) -> Any:
    a = np.asarray(a)
    for axis in np.ravel(axes) % np.ndim(a):
        out = func(a, axis)
        a = out if np.ndim(out) == np.ndim(a) else np.expand_dims(out, axis)
    return a


def vectorize(pyfunc: Any, x: Any) -> Any:
    return np.reshape(np.array([pyfunc(item) for item in np.ravel(x)]), np.shape(x))
