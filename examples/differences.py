"""Gradients by central differences: slow, approximate, and needing nothing but function values.

The examples set the generated gradients beside these.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TypeAlias

import numpy as np

Tree: TypeAlias = "np.ndarray | dict[str, np.ndarray]"


def entries(x: Tree) -> Iterator[np.ndarray]:
    """The arrays of `x`: itself, or the values of the dict."""
    yield from x.values() if isinstance(x, dict) else [x]


def central_differences(f: Callable[[], float], x: Tree, h: float = 1e-5) -> Tree:
    """Gradient of `f()` with respect to the arrays in `x`, which `f` reads.

    Each element is moved by h to either side in place and put back; the result has the structure
    of `x`. Costs two calls of `f` for each element; the error is of the order h^2.
    """

    def gradient(array: np.ndarray) -> np.ndarray:
        out = np.zeros_like(array)
        flat, flat_out = array.reshape(-1), out.reshape(-1)
        for i in range(flat.size):
            kept = flat[i]
            flat[i] = kept + h
            above = f()
            flat[i] = kept - h
            below = f()
            flat[i] = kept
            flat_out[i] = (above - below) / (2 * h)
        return out

    if isinstance(x, dict):
        return {name: gradient(array) for name, array in x.items()}
    return gradient(x)


def largest_difference(a: Tree, b: Tree) -> float:
    """Largest absolute difference between two gradients of the same structure."""
    pairs = zip(entries(a), entries(b), strict=True)
    return max(float(np.max(np.abs(p - q))) for p, q in pairs)


def mean_difference(a: Tree, b: Tree) -> float:
    """Mean absolute difference over all elements of two gradients of the same structure."""
    pairs = zip(entries(a), entries(b), strict=True)
    return float(np.mean(np.concatenate([np.abs(p - q).ravel() for p, q in pairs])))
