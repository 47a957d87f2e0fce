"""Tangents along many directions, or pullbacks of many cotangents, by one generated function.

Where the generated code cannot have an axis of directions, the reason is kept with the function,
and callers take one direction at a time.
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Literal
from weakref import WeakKeyDictionary

import numpy as np

from srcgrad import trees
from srcgrad.api import _compiler
from srcgrad.backends.lowered import Lowered
from srcgrad.derivative import Derivative
from srcgrad.errors import InternalError, UnsupportedError
from srcgrad.ir.values import key_of_value
from srcgrad.signatures import signature_of

# Directions in one run. Memory grows with them: an array inside of as many rows and columns as the
# argument has numbers should not need more than half a gigabyte.
MOST, LEAST, ROOM = 64, 8, 1 << 26
_KNOWN: WeakKeyDictionary[Any, dict[tuple[str, ...], ManyDirections]] = WeakKeyDictionary()
Mode = Literal["jvps", "tangents", "vjps"]


class ManyDirections:
    """Functions for many directions, with respect to some parameters: tangents, or pullbacks."""

    def __init__(self, f: Callable[..., Any], wrt: tuple[str, ...], mode: Mode) -> None:
        compiler = _compiler(f, mode, wrt, False, late=mode != "vjps")
        self.made: Derivative[..., Any] = Derivative(
            f, compiler, wrt=wrt, label=mode, signature=signature_of(f)
        )
        self.refused: dict[Any, str] = {}

    def lower(self, args: Sequence[Any], kwargs: Mapping[str, Any]) -> Lowered | str:
        """The function for arguments of these kinds; a text that says why there is none."""
        known = self.refused.get(_kinds_of(args, kwargs)) if self.refused else None
        if known is not None:
            return known
        try:
            return self.made.lower(*args, **kwargs)
        except UnsupportedError as error:
            message = self.refused[_kinds_of(args, kwargs)] = error.problems[0].message
            return message


def _kinds_of(args: Sequence[Any], kwargs: Mapping[str, Any]) -> tuple[Any, ...]:
    return (*map(key_of_value, args), *((k, key_of_value(v)) for k, v in kwargs.items()))


def many_directions(f: Callable[..., Any], wrt: tuple[str, ...]) -> ManyDirections:
    """What makes tangent functions of `f`, kept with it."""
    try:
        known = _KNOWN.setdefault(f, {})
    except TypeError:  # it cannot be referred to weakly, or has no hash
        known = {}
    if wrt not in known:
        known[wrt] = ManyDirections(f, wrt, "tangents")
    return known[wrt]


def along(
    lowered: Lowered,
    args: Sequence[Any],
    kwargs: Mapping[str, Any],
    tangents: Sequence[Any],
    count: int,
) -> tuple[Any, list[Any]]:
    """The value, and the tangents of its floats in order, each with `count` directions in front.

    `tangents` are trees like the arguments differentiated, their leaves with directions in front.
    Where the tangents come alone, what stands for the value has its shape and dtype.
    """
    own = last_parameters(lowered.plain, len(tangents))
    named = dict(zip(own, tangents, strict=True))
    found = lowered.function(*args, **kwargs, **named)
    if isinstance(found, tuple):
        value, found = found
    else:  # of one number or array of doubles
        value = found[0] if count else np.empty(found.shape[1:])
    return value, [
        _fitted(tangent, leaf, count)
        for leaf, tangent in paired(value, found)
        if trees.is_float_leaf(leaf)
    ]


def all_rows(value: Any, pull: Callable[[Any], Any], given: Sequence[Any]) -> list[list[Any]]:
    """The Jacobian of a value, from few runs of a pullback of many cotangents: for each leaf of the
    value what stands in its place, for each argument given. What is no float stays itself."""
    leaves = trees.flatten(value)[0]
    forms = [trees.flatten(arg) for arg in given]
    size = sum(np.size(leaf) for own, _ in forms for leaf in own if trees.is_float_leaf(leaf))
    chunks = []
    for seeds, count in units(value, size):
        found = [paired(arg, part) for arg, part in zip(given, pull(seeds), strict=True)]
        chunks.append([[_row(part, leaf, count) for leaf, part in pairs] for pairs in found])
    whole = [
        [_joined(parts) for parts in zip(*args, strict=True)] for args in zip(*chunks, strict=True)
    ]
    place, made = 0, []
    for leaf in leaves:
        if not trees.is_float_leaf(leaf):
            made.append([leaf] * len(given))
            continue
        rows = slice(place, place + np.size(leaf))
        place += np.size(leaf)
        made.append(
            [
                trees.unflatten(
                    form,
                    [_block(part, rows, leaf, one) for part, one in zip(parts, own, strict=True)],
                )
                for parts, (own, form) in zip(whole, forms, strict=True)
            ]
        )
    return made


def _row(part: Any, leaf: Any, count: int) -> Any:
    """Cotangents of one leaf of an argument; itself, if it is no float."""
    return _fitted(part, leaf, count) if trees.is_float_leaf(leaf) else leaf


def _joined(parts: Sequence[Any]) -> Any:
    return np.concatenate(parts) if isinstance(parts[0], np.ndarray) else parts[0]


def _block(part: Any, rows: slice, of: Any, leaf: Any) -> Any:
    """The derivatives of one leaf of the value by one leaf of an argument."""
    if not trees.is_float_leaf(leaf):
        return leaf
    block = part[rows].reshape(np.shape(of) + np.shape(leaf))
    return block.copy() if block.ndim else block[()]


def paired(value: Any, tangent: Any) -> list[tuple[Any, Any]]:
    """Leaves of a value, each with its own part of a tangent."""
    parts = trees.children(value)
    if parts is None:
        return [(value, tangent)]
    found = []
    for place, (key, child) in enumerate(parts):
        if isinstance(tangent, (list, tuple)):
            part = tangent[place]
        elif isinstance(tangent, dict):
            part = tangent[key]
        else:
            part = getattr(tangent, key) if trees.is_dataclass(tangent) else 0.0
        found += paired(child, part)
    return found


def _fitted(tangent: Any, value: Any, count: int) -> Any:
    shape = (count, *np.shape(value))
    if np.shape(tangent) != shape:
        raise InternalError(
            f"tangents of a value of shape {np.shape(value)} came out as {np.shape(tangent)}"
        )
    return np.asarray(tangent, dtype=np.asarray(value).dtype)


@functools.lru_cache(maxsize=1024)
def last_parameters(function: Callable[..., Any], count: int) -> list[str]:
    """How a generated function calls the tangents that it takes."""
    params = inspect.signature(function).parameters.values()
    return [p.name for p in params if p.kind is not inspect.Parameter.VAR_KEYWORD][-count:]


def units(argument: Any, beside: int = 0) -> list[tuple[Any, int]]:
    """Trees like an argument that hold every direction of one number in it, by chunks.

    Each comes with how many directions it has. `beside`: how many numbers there are elsewhere.
    """
    leaves, structure = trees.flatten(argument)
    total = sum(np.size(leaf) for leaf in leaves if trees.is_float_leaf(leaf))
    step = min(MOST, max(LEAST, ROOM // max(total, beside, 1) ** 2))
    chunks = []
    for start in range(0, max(total, 1), step):
        count = min(step, total - start)
        place, made = 0, []
        for leaf in leaves:
            if not trees.is_float_leaf(leaf):
                made.append(np.zeros((count, *np.shape(leaf))))
                continue
            size = np.size(leaf)
            seeds = np.eye(count, size, start - place, dtype=np.asarray(leaf).dtype)
            made.append(seeds.reshape(count, *np.shape(leaf)))
            place += size
        chunks.append((trees.unflatten(structure, made), count))
    return chunks
