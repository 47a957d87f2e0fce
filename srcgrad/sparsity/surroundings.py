"""What else a pattern was found for, and whether it is the same in another call."""

from __future__ import annotations

import functools
from types import FunctionType, MethodType, ModuleType
from typing import Any

import numpy as np

from srcgrad import trees


def held_by(f: Any) -> list[Any]:
    """What a callable holds beside its code: the arguments of a partial, the object of a method."""
    if isinstance(f, functools.partial):
        return [*held_by(f.func), *f.args, *f.keywords.values()]
    if isinstance(f, MethodType):
        return [f.__self__, *held_by(f.__func__)]
    return [] if isinstance(f, FunctionType) else [f]


def trees_equal(one: Any, other: Any) -> bool:
    """Whether two nests hold the same: arrays of equal elements, and equal values."""
    first, structure = trees.flatten(one)
    second, other_structure = trees.flatten(other)
    return structure == other_structure and all(map(_same, first, second))


def _same(one: Any, other: Any) -> bool:
    """Whether two values are equal. Objects that may have changed are taken to be others."""
    if isinstance(one, np.ndarray) or isinstance(other, np.ndarray):
        if type(one) is not type(other) or one.dtype != other.dtype:
            return False
        return np.array_equal(one, other, equal_nan=one.dtype.kind in "fc")
    if type(one) is not type(other):
        return False
    if isinstance(one, (int, float, complex, str, bytes, np.generic, type(None), slice)):
        return bool(one == other or one != one and other != other)
    if hasattr(one, "tocsr"):
        return one.shape == other.shape and _same_matrix(one.tocsr(), other.tocsr())
    return one is other and isinstance(one, (type, FunctionType, ModuleType, np.ufunc))


def _same_matrix(one: Any, other: Any) -> bool:
    parts = ("indptr", "indices", "data")
    return all(np.array_equal(getattr(one, part), getattr(other, part)) for part in parts)


def copied(leaf: Any) -> Any:
    copies = isinstance(leaf, np.ndarray) or hasattr(leaf, "tocsr")
    return leaf.copy() if copies else leaf
