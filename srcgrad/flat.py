"""Nested parameters as one vector, for solvers that know vectors only."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from srcgrad import trees
from srcgrad.errors import SrcgradError


def flatten(tree: Any) -> tuple[NDArray[np.float64], Callable[[Any], Any]]:
    """The floating-point numbers of a nest as a vector in float64, and the way back.

    The second result takes a vector of that length to a nest of the same containers, shapes and
    dtypes; leaves that are not float come from the nest given. Raises `SrcgradError` for complex
    numbers, and for a vector of another length.
    """
    leaves, structure = trees.flatten(tree)
    held = [np.asarray(leaf) for leaf in leaves if trees.is_float_leaf(leaf)]
    if any(map(np.iscomplexobj, held)):
        raise SrcgradError("flatten takes real numbers: give real and imaginary parts apart")
    parts = [np.ravel(leaf).astype(np.float64) for leaf in held]
    vector = np.concatenate(parts) if parts else np.zeros(0)

    def restore(values: Any) -> Any:
        values = np.asarray(values)
        if values.shape != vector.shape:
            raise SrcgradError(f"a vector of {vector.size} numbers is needed, not {values.shape}")
        out, start = [], 0
        for leaf in leaves:
            if trees.is_float_leaf(leaf):
                part = values[start : start + np.size(leaf)]
                start += np.size(leaf)
                leaf = _like(part, leaf)
            out.append(leaf)
        return trees.unflatten(structure, out)

    return vector, restore


def _like(part: Any, leaf: Any) -> Any:
    if isinstance(leaf, float):
        return type(leaf)(part[0])
    array = part.reshape(np.shape(leaf)).astype(leaf.dtype)
    return array if isinstance(leaf, np.ndarray) else array[()]
