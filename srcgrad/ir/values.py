"""From a value to what is known of it: its kind for the compiler, its key for the cache.

Two values with equal keys have equal kinds, so a derivative written for one serves the other. Keys
are made on every call and must be cheap; kinds are made once for each version.
"""

from __future__ import annotations

import dataclasses
import math
import random
from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias

import numpy as np

from srcgrad.errors import SrcgradError
from srcgrad.ir.core import Function
from srcgrad.ir.kinds import (
    BOOL,
    ELLIPSIS,
    FLOAT,
    GENERATOR,
    INT,
    NONE,
    OBJECT,
    SLICE,
    STR,
    Dim,
    Dtype,
    Kind,
    Length,
    array,
    scalar,
)

Key: TypeAlias = type[Any] | tuple[Any, ...]  # hashable

# Sequences longer than this, of values with one key, are known by their element alone: a list of
# 10^5 arrays must not cost 10^5 kinds, nor a new version for each length.
LONG = 32
LEAST = 8  # of an axis that is called long
ROW = 16  # numbers in a short row
LARGE = 1 << 12  # elements of an array whose size is told more closely

_CLASSES: dict[str, Dtype] = {
    "?": "b",
    "e": "f2",
    "f": "f4",
    "d": "f8",
    "g": "f16",
    "F": "c8",
    "D": "c16",
}
_CLASSES |= dict.fromkeys("bBhHiIlLqQpP", "i")

GENERATORS = (np.random.Generator, np.random.RandomState, random.Random)
_NUMPY_SCALARS = (np.float64, np.float32, np.float16, np.longdouble, np.complex64, np.complex128)
_NUMPY_INTS = (
    np.bool_,
    np.int8,
    np.int16,
    np.int32,
    np.int64,
    np.uint8,
    np.uint16,
    np.uint32,
    np.uint64,
)
# Types that say everything about their values' kind.
ATOMIC: frozenset[type] = frozenset(
    {float, int, bool, complex, str, bytes, type(None), slice, type(Ellipsis), range}
    | {*_NUMPY_SCALARS, *_NUMPY_INTS}
)

_ARRAY = np.ndarray  # read in every call


def dtype_class(dtype: np.dtype[Any]) -> Dtype:
    """The class of a NumPy dtype; `"?"` where there is none."""
    return _CLASSES.get(dtype.char, "?")


def is_narrow(dtype: np.dtype[Any]) -> bool:
    """Whether it is one of integers other than int64: their arithmetic wraps elsewhere."""
    return dtype.kind in "iu" and dtype != np.int64


def is_duck_array(value: Any) -> bool:
    """True for arrays of other libraries that answer to NumPy's functions (Dask, CuPy)."""
    cls = type(value)
    return (
        not isinstance(value, np.ndarray | np.generic)
        and hasattr(cls, "__array_function__")
        and all(hasattr(value, name) for name in ("dtype", "ndim", "shape"))
    )


# --- keys


def exact_keys(args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> Key:
    """The exact key of the arguments of a call."""
    key: Key = tuple(map(exact_key, args))
    if kwargs:
        return key, tuple(kwargs), tuple(map(exact_key, kwargs.values()))
    return key


def exact_key(value: Any) -> Key:
    """As `key_of_value`, but lengths of arrays are kept: cheaper to make, and stands for fewer
    values. Made of every argument that no inline cache knows, so types are told apart the quickest
    way."""
    cls = type(value)
    if cls is _ARRAY:
        return value.dtype, value.shape  # quicker than its `char`
    if cls in ATOMIC:
        return cls
    if cls is dict and len(value) <= LONG:
        return cls, *value, *map(exact_key, value.values())
    if (cls is list or cls is tuple) and len(value) <= LONG:
        return cls, *map(exact_key, value)
    return key_of_value(value)


def key_of_value(value: Any) -> Key:
    """A hashable that stands for the value's kind. Never raises."""
    cls: type[Any] = type(value)
    if cls in ATOMIC:
        return cls
    if cls is np.ndarray:
        char, shape = value.dtype.char, value.shape
        if char in _CLASSES:
            return char, told_of_array(shape)
    return _composite_key(value, cls)


def _composite_key(value: Any, cls: type[Any]) -> Key:
    if isinstance(value, np.generic):
        return cls
    if isinstance(value, (tuple, list)):  # a union would be made anew in every call
        keys = tuple([key_of_value(item) for item in value])
        if len(keys) > LONG and keys.count(keys[0]) == len(keys):
            return (cls, "*", keys[0], _same_shapes(value))
        return (cls, keys)
    if isinstance(value, dict):
        return (cls, tuple(value), tuple([key_of_value(item) for item in value.values()]))
    if _is_dataclass(value):
        return (cls, tuple([(name, key_of_value(item)) for name, item in _fields(value)]))
    if isinstance(value, np.ndarray):
        return (cls, value.dtype.char, told_of_array(value.shape))
    if is_duck_array(value):
        return (cls, value.dtype.char, told(value.shape))
    return cls


def told(shape: tuple[int, ...]) -> tuple[int, ...]:
    """What a kind tells of lengths: what they are at least.

    The rows of a table are of one length whatever their number, points, angles, pairs of indices
    or parameters of a camera: that of short ones is told.
    """
    floors = tuple([floor(n) for n in shape])
    if len(shape) < 2 or LEAST not in floors[:-1] or floors[-1] < 2:
        return floors
    return (*floors[:-1], min(shape[-1], ROW + 1))


def told_of_array(shape: tuple[int, ...]) -> tuple[int, ...]:
    """As `told`, of an array of NumPy's; of a large one, to which of a few classes of lengths.

    They are eight times as long each; of three axes or more, four times: these are shorter.
    """
    known = told(shape)
    if math.prod(shape) < LARGE:
        return known
    step = 4 if len(shape) > 2 else 8
    return tuple([max(m, _class(n, step)) for m, n in zip(known, shape, strict=True)])


def _class(size: int, step: int) -> int:
    """The largest of 8 * step, 8 * step**2, ... that a length has reached; 0 for none."""
    found = LEAST
    while found * step <= size:
        found *= step
    return found if found > LEAST else 0


def floor(size: int) -> int:
    """What a kind tells of a length: that it is 0 or 1, or 2 or 8 at least.

    What a stencil leaves of an axis of 8 is not of length 1, which would be stretched.
    """
    if size >= LEAST:
        return LEAST
    return 2 if size >= 2 else int(size == 1)  # Dask's unknown length is NaN


def _same_shapes(values: Sequence[Any]) -> bool:
    """Whether the lengths of one element are those of every element, containers' items included."""
    first = values[0]
    if isinstance(first, np.ndarray) or is_duck_array(first):
        return all(item.shape == first.shape for item in values)
    return not (isinstance(first, tuple | list | dict) or _is_dataclass(first))


# --- kinds


def kind_of_value(value: Any, name: str) -> Kind:
    """What is known of a value; `name` is how errors and symbolic lengths call it.

    Lengths other than 1 become symbols `name.axis`. Raises `SrcgradError` for array types whose
    arithmetic is not that of plain arrays (matrix, masked), and for structured and object dtypes.
    """
    simple = _kind_of_atom(value)
    if simple is not None:
        return simple
    if isinstance(value, np.ndarray) or is_duck_array(value):
        return _kind_of_array(value, name)
    if isinstance(value, tuple | list):
        return _kind_of_sequence(value, name)
    if isinstance(value, dict):
        items = tuple((k, kind_of_value(v, f"{name}[{k!r}]")) for k, v in value.items())
        return Kind("dict", items=items)
    if _is_dataclass(value):
        # Not OBJECT: its fields may carry derivatives.
        fields = tuple((k, kind_of_value(v, f"{name}.{k}")) for k, v in _fields(value))
        named = tuple(k for k, _ in fields)
        return Kind("dict", items=fields, fields=named, cls=type(value))
    _refuse_foreign_array(value, name)
    if is_told_apart(value):
        return Kind("object", cls=type(value))
    computes = callable(value) and type(value).__module__.startswith("scipy.")
    return GENERATOR if computes or isinstance(value, GENERATORS) else OBJECT


def globals_of(fn: Function) -> dict[str, Kind]:
    """Kinds of what a function reads of its surroundings, by name."""
    kinds: dict[str, Kind] = {}
    for name, known in fn.globals.items():
        kinds[name] = OBJECT
        plain = known.kind == "value" and known.value is not None
        plain = plain or isinstance(known.value, GENERATORS)
        if plain or is_told_apart(known.value):
            kinds[name] = kind_of_value(known.value, name)
    return kinds


def is_told_apart(value: Any) -> bool:
    """True for objects of which the class matters: of sparse matrices some have another `*`, and
    what a logger of the standard library is told is only shown."""
    return type(value).__module__.startswith("scipy.sparse.") or type(value).__module__ == "logging"


def _kind_of_atom(value: Any) -> Kind | None:
    if value is None:
        return NONE
    if isinstance(value, str):
        return STR
    if isinstance(value, np.generic):  # before float: np.float64 is a float
        known = _CLASSES.get(value.dtype.char)
        if known is None and value.dtype.kind not in "fc":
            return OBJECT
        kind = scalar(known or "?")
        return dataclasses.replace(kind, narrow=True) if is_narrow(value.dtype) else kind
    for cls, kind in ((bool, BOOL), (int, INT), (float, FLOAT), (complex, scalar("pc"))):
        if isinstance(value, cls):
            return kind
    if isinstance(value, slice):
        return SLICE
    return ELLIPSIS if value is Ellipsis else None


def _kind_of_array(value: Any, name: str) -> Kind:
    cls, dtype = type(value), value.dtype
    if isinstance(value, np.ndarray) and cls not in (np.ndarray, np.memmap):
        raise SrcgradError(
            f"`{name}` is a {cls.__module__}.{cls.__name__}, whose arithmetic is not that of a "
            f"plain array; pass `np.asarray({name})`"
        )
    if getattr(dtype, "names", None) is not None:
        raise SrcgradError(
            f"`{name}` is a structured array ({dtype}); pass its fields as plain arrays"
        )
    if dtype.kind == "O":
        raise SrcgradError(
            f"`{name}` is an array of Python objects; pass an array of floats, or a list"
        )
    if dtype.char not in _CLASSES and dtype.kind not in "fc":
        return OBJECT  # strings and dates
    known = (told_of_array if isinstance(value, np.ndarray) else told)(value.shape)
    lengths: list[Length] = [
        1 if size == 1 else Dim(f"{name}.{axis}", 0, size, seen=value.shape[axis])
        for axis, size in enumerate(known)
    ]
    if len(known) > 1 and max(known[:-1]) >= LEAST and 2 <= known[-1] <= ROW:
        lengths[-1] = known[-1]
    kind = array(dtype_class(dtype), tuple(lengths))
    return dataclasses.replace(kind, narrow=True) if is_narrow(dtype) else kind


def _kind_of_sequence(value: Sequence[Any], name: str) -> Kind:
    tag: Any = "tuple" if isinstance(value, tuple) else "list"
    if len(value) > LONG:
        keys = [key_of_value(item) for item in value]
        if keys.count(keys[0]) == len(keys):
            element = kind_of_value(value[0], f"{name}[]")
            return Kind(tag, element=element if _same_shapes(value) else _without_lengths(element))
    items = tuple((i, kind_of_value(v, f"{name}[{i}]")) for i, v in enumerate(value))
    return Kind(tag, items=items, fields=getattr(value, "_fields", None))


def _without_lengths(kind: Kind) -> Kind:
    """What holds for every element when their lengths differ."""
    items = kind.items and tuple((key, _without_lengths(item)) for key, item in kind.items)
    element = kind.element and _without_lengths(kind.element)
    shape = kind.shape if kind.is_scalar else None
    return dataclasses.replace(kind, shape=shape, items=items, element=element)


def _is_dataclass(value: Any) -> bool:
    return dataclasses.is_dataclass(value) and not isinstance(value, type)


def _fields(value: Any) -> list[tuple[str, Any]]:
    return [(f.name, getattr(value, f.name)) for f in dataclasses.fields(value)]


def _refuse_foreign_array(value: Any, name: str) -> None:
    """Refuse what NumPy would convert: as an opaque object, its derivative would be lost."""
    if isinstance(value, type) or not hasattr(type(value), "__array__"):
        return
    cls = type(value)
    raise SrcgradError(
        f"`{name}` is a {cls.__module__}.{cls.__name__}, which srcgrad does not differentiate; "
        f"pass a NumPy array (`np.asarray` or `.to_numpy()`)"
    )
