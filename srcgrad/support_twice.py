"""Carried helpers of second derivatives: cotangents of what other helpers were given.

As in `srcgrad.support`: plain NumPy, their source goes into the files that use them.
"""

from __future__ import annotations

from typing import Any

import numpy as np


def joined_like(parts: Any, g: Any, axis: Any) -> Any:
    """Cotangent of `g` in `split_like(g, arrays, axis)`: its parts, joined again."""
    shape = list(np.shape(g))
    if np.size(g) == 0:
        return np.zeros_like(g)
    shape[0 if axis is None else axis] = -1
    return np.concatenate([np.reshape(part, shape) for part in parts], 0 if axis is None else axis)


def sum_to(parts: Any, g: Any) -> Any:
    """Cotangent of `g` in `spread(g, items)`, from those of the items."""
    return sum(np.broadcast_to(part, np.shape(g)) for part in parts)


def tiled_to(x_bar: Any, g: Any) -> Any:
    """Cotangent of `g` in `fold_tiles(g, x)`."""
    if np.size(x_bar) == 0:
        return np.zeros_like(g)
    shape = (1,) * (np.ndim(g) - np.ndim(x_bar)) + np.shape(x_bar)
    return np.tile(x_bar, [n // m for n, m in zip(np.shape(g), shape, strict=True)])
