"""Values of a traced run: a plain value with its node, or a container of such values."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from srcgrad.ir.classes import dataclass
from srcgrad.ir.kinds import ELLIPSIS, NONE, OBJECT, SLICE, STR, Dtype, Kind
from srcgrad.ir.values import dtype_class

_PYTHON: dict[type, Dtype] = {bool: "b", int: "pi", float: "pf", complex: "pc"}


@dataclass(frozen=True, slots=True)
class Ref:
    """A value in a traced run. `node` is the position of its node, None where it needs none.

    A tuple, list or dict that the program built, or was given, holds Refs itself. `label` is how a
    value without a node is called when it becomes a constant of the graph; "" for plain numbers.
    """

    value: Any
    node: int | None = None
    label: str = ""


def leaves(ref: Ref, path: tuple[Any, ...] = ()) -> Iterator[tuple[tuple[Any, ...], Ref]]:
    """The Refs inside containers, each with its path."""
    if isinstance(ref.value, dict):
        for key, item in ref.value.items():
            yield from leaves(item, (*path, key)) if isinstance(item, Ref) else ()
    elif isinstance(ref.value, (tuple, list)) and ref.node is None:
        for position, item in enumerate(ref.value):
            yield from leaves(item, (*path, position)) if isinstance(item, Ref) else ()
    else:
        yield path, ref


def is_open(ref: Ref) -> bool:
    """True for a container whose items are tracked one by one."""
    return ref.node is None and isinstance(ref.value, (tuple, list, dict))


def plain(ref: Ref) -> Any:
    """The value alone, containers included."""
    return strip(ref.value)


def strip(value: Any) -> Any:
    """A value freed of Refs at every depth."""
    if isinstance(value, Ref):
        return strip(value.value)
    if isinstance(value, dict):
        return {key: strip(item) for key, item in value.items()}
    if type(value) in (tuple, list):
        return type(value)(strip(item) for item in value)
    return value


def wrap(value: Any, leaf: Callable[[Any, str], Ref], name: str) -> Ref:
    """A Ref for an argument: `leaf(value, name)` for each leaf, names like `params["W1"]`."""
    if isinstance(value, dict):
        return Ref({k: wrap(v, leaf, f"{name}[{_quoted(k)}]") for k, v in value.items()})
    if type(value) in (tuple, list):
        return Ref(type(value)(wrap(v, leaf, f"{name}[{i}]") for i, v in enumerate(value)))
    return leaf(value, name)


def _quoted(key: Any) -> str:
    return f'"{key}"' if isinstance(key, str) else repr(key)


def is_number(value: Any) -> bool:
    """True for numbers and numeric arrays: what a node may hold."""
    if isinstance(value, (bool, np.bool_)):
        return False
    if isinstance(value, np.ndarray):
        return value.dtype.kind in "iufc"
    return isinstance(value, (int, float, complex, np.number))


def as_arrays(value: Any) -> Any:
    """Lists of a literal as arrays, at every depth. Raises ValueError for ragged ones."""
    if isinstance(value, list):
        return np.array(value)
    if isinstance(value, tuple):
        return tuple(as_arrays(item) for item in value)
    if isinstance(value, dict):
        return {key: as_arrays(item) for key, item in value.items()}
    return value


def as_floats(value: Any) -> Any:
    """Ints of an argument that is differentiated, as floats, at every depth."""
    if isinstance(value, np.ndarray):
        return value.astype(float) if value.dtype.kind in "iu" else value
    if isinstance(value, np.integer) or type(value) is int:
        return float(value)
    if type(value) in (tuple, list):
        return type(value)(as_floats(item) for item in value)
    if isinstance(value, dict):
        return {key: as_floats(item) for key, item in value.items()}
    return value


def kind_of(value: Any) -> Kind:
    """The kind of a value at hand: every length is known, so that rules choose their exact form."""
    if isinstance(value, np.ndarray):
        return Kind("array", dtype_class(value.dtype), value.shape)
    if type(value) in _PYTHON:
        number = value if type(value) is int else None
        return Kind("scalar", _PYTHON[type(value)], (), value=number)
    if isinstance(value, np.generic) and value.dtype.kind in "biufc":
        number = int(value) if value.dtype.kind in "iu" else None
        return Kind("scalar", dtype_class(value.dtype), (), value=number)
    if isinstance(value, dict):
        return Kind("dict", items=tuple((k, kind_of(v)) for k, v in value.items()))
    if isinstance(value, tuple):
        return Kind("tuple", items=tuple((i, kind_of(v)) for i, v in enumerate(value)))
    if isinstance(value, list):
        return Kind("list", items=tuple((i, kind_of(v)) for i, v in enumerate(value)))
    if value is None:
        return NONE
    if value is Ellipsis:
        return ELLIPSIS
    return STR if isinstance(value, str) else SLICE if isinstance(value, slice) else OBJECT
