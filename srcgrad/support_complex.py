"""Carried helpers for complex numbers and Fourier transforms.

As in `srcgrad.support`: plain NumPy, their source goes into the files that use them.
"""

from __future__ import annotations

from typing import Any

import numpy as np


def real_only(x: Any) -> Any:
    """`x`, which must not be complex: the derivative was written for real numbers."""
    items = x.values() if isinstance(x, dict) else x if isinstance(x, (list, tuple)) else None
    for item in () if items is None else items:
        real_only(item)
    if items is None and np.iscomplexobj(x):
        raise TypeError("a complex number, where the derivative was written for real ones")
    return x


def like_argument(x_bar: Any, x: Any) -> Any:
    """The gradient as real or complex as the argument `x`, item by item."""
    if isinstance(x, dict):
        return {key: like_argument(x_bar[key], item) for key, item in x.items()}
    if isinstance(x, (list, tuple)):
        items = [like_argument(g, item) for g, item in zip(x_bar, x, strict=True)]
        return tuple(items) if isinstance(x, tuple) else items
    if np.iscomplexobj(x) == np.iscomplexobj(x_bar):
        return x_bar
    return x_bar + 0j if np.iscomplexobj(x) else x_bar.real + 0.0


def like_memory(g: Any, x_bar: Any) -> Any:
    """What of a contribution `g` goes to a number or array: its real part if that is real."""
    if isinstance(x_bar, (np.ndarray, np.generic, float)) and not np.iscomplexobj(x_bar):
        return np.real(g)
    return g


def resized(g: Any, x: Any, axis: Any) -> Any:
    """`g` cut off or filled up with zeros to the length of `x` along `axis`."""
    rows, wanted = np.moveaxis(g, axis, 0), np.shape(x)[axis]
    if len(rows) < wanted:
        rows = np.concatenate(
            (rows, np.zeros_like(rows, shape=(wanted - len(rows), *rows.shape[1:])))
        )
    return np.moveaxis(rows[:wanted], 0, axis)


def length_along(a: Any, n: Any, axis: Any) -> Any:
    """The length of a Fourier transform: as asked, or that of the array."""
    return np.shape(a)[axis] if n is None else n


def fitted(g: Any, x: Any) -> Any:
    """`g` cut off or filled up with zeros to the shape of `x`."""
    for axis in range(np.ndim(x)):
        g = resized(g, x, axis)
    return g


def each_once(axes: Any, a: Any) -> Any:
    """Axes of a Fourier transform to other lengths: each may be transformed once only."""
    if len({axis % np.ndim(a) for axis in axes}) < len(axes):
        raise ValueError("an axis is transformed twice, to another length")
    return axes


def rfftn_adjoint(g: Any, a: Any, s: Any, axes: Any, norm: Any) -> Any:
    """Cotangent of `np.fft.rfftn(a, s, axes, norm)`: of its half, filled up with zeros."""
    if axes is None:
        axes = range(-(np.ndim(a) if s is None else len(s)), 0)
    sizes = [np.shape(a)[axis] for axis in axes]
    if s is not None:
        sizes = [n if asked == -1 else asked for n, asked in zip(sizes, s, strict=True)]
    return fitted(np.real(np.fft.fftn(g, sizes, each_once(axes, a), norm)), a)


def half_weights(g: Any, axis: Any) -> Any:
    """How often each frequency of a real signal counts: twice, but for those without a mirror
    image; 0 beyond the half that is given."""
    n = np.shape(g)[axis]
    weights = np.zeros(n, dtype=g.real.dtype)
    weights[: n // 2 + 1] = 2
    weights[0] = 1
    if n % 2 == 0:
        weights[n // 2] = 1
    return np.reshape(weights, [-1 if i == axis % np.ndim(g) else 1 for i in range(np.ndim(g))])
