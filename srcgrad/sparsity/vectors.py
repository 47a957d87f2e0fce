"""The numbers of nested arguments and values as one vector, and back."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from srcgrad import trees
from srcgrad.errors import SrcgradError


class Layout:
    """Where the numbers of some trees stand in a vector: their float leaves, in order."""

    def __init__(self, given: Sequence[Any]) -> None:
        self.given = list(given)
        leaves = [leaf for tree in self.given for leaf in trees.flatten(tree)[0]]
        floats = [leaf for leaf in leaves if trees.is_float_leaf(leaf)]
        if any(map(np.iscomplexobj, floats)):
            raise SrcgradError("sparse derivatives are of real numbers")
        self.size = sum(map(np.size, floats))
        self.dtype = np.result_type(*floats) if floats else np.dtype(float)
        # how exact the least exact of them are
        kinds = {np.result_type(np.asarray(leaf).dtype, np.float16) for leaf in floats}
        self.eps = max((float(np.finfo(kind).eps) for kind in kinds), default=0.0)

    def trees_of(self, vector: Any, rest: Callable[[Any], Any]) -> list[Any]:
        """The trees with the numbers of a vector, and `rest(leaf)` for what is no float.

        Of several vectors, the rows of a matrix, all leaves get an axis for them in front.
        """
        place = 0

        def leaf(found: Any) -> Any:
            nonlocal place
            if not trees.is_float_leaf(found):
                return rest(found)
            size = np.size(found)
            part = vector[..., place : place + size]
            place += size
            if vector.ndim > 1:
                dtype = np.asarray(found).dtype
                return part.reshape(len(vector), *np.shape(found)).astype(dtype)
            if isinstance(found, np.ndarray):
                return part.reshape(found.shape).astype(found.dtype)
            return type(found)(part[0])

        return [trees.map_leaves(leaf, tree) for tree in self.given]

    def vector_of(self, found: Sequence[Any]) -> Any:
        """The numbers of trees of this structure as a vector."""
        parts = [np.zeros(0, self.dtype)]
        for tree, value in zip(self.given, found, strict=True):
            shapes, _ = trees.flatten(tree)
            leaves, _ = trees.flatten(value)
            for like, leaf in zip(shapes, leaves, strict=True):
                if trees.is_float_leaf(like):
                    parts.append(np.broadcast_to(leaf, np.shape(like)).reshape(-1))
        return np.concatenate(parts)
