"""Values of a run whose sources are known: arrays by their memory, everything else by a tag.

An array is a plain NumPy array. For the memory that it lies in there is a shadow, an array of sets
with one for each element; a view of the memory sees the same part of the shadow, so that whatever
shares memory shares what is known of it, exactly.
"""

from __future__ import annotations

import weakref
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from numpy.lib.array_utils import byte_bounds

from srcgrad.errors import SrcgradError
from srcgrad.ir.classes import dataclass
from srcgrad.sparsity.sets import EMPTY, Set, as_array, filled, is_empty, union


@dataclass(frozen=True, slots=True)
class Tagged:
    """A number, or an object of which nothing else is known, that depends on inputs."""

    value: Any
    sets: Set


def tagged(value: Any, sets: Set) -> Any:
    """The value with its sources; a value that has none stays as it is."""
    return Tagged(value, sets) if sets else value


def plain(value: Any) -> Any:
    """The value alone, containers included. What holds no tag is returned as it is."""
    if isinstance(value, Tagged):
        return value.value
    if isinstance(value, dict) and any(plain(item) is not item for item in value.values()):
        return {key: plain(item) for key, item in value.items()}
    if type(value) in (list, tuple) and any(plain(item) is not item for item in value):
        return type(value)([plain(item) for item in value])
    if isinstance(value, slice):
        return slice(plain(value.start), plain(value.stop), plain(value.step))
    return value


def leaves(value: Any) -> Iterator[Any]:
    """What is inside containers: arrays, tagged values, and others."""
    if isinstance(value, dict):
        for item in value.values():
            yield from leaves(item)
    elif isinstance(value, (list, tuple)):
        for item in value:
            yield from leaves(item)
    elif isinstance(value, slice):
        yield from (value.start, value.stop, value.step)
    else:
        yield value


def owner(array: Any) -> Any:
    """The array that holds the memory."""
    found, at = array, array.base
    while at is not None:
        if isinstance(at, np.ndarray):
            found = at
        at = getattr(at, "base", None)  # of what `as_strided` puts in between, too
    return found


class Shadow:
    """What is known of all memory of a run."""

    def __init__(self) -> None:
        self._known: dict[int, _Memory] = {}  # by the identity of what holds it

    def of(self, array: Any) -> Any | None:
        """The sets of an array's elements, as a view of the shadow; None if nothing is known."""
        memory = self._known.get(id(owner(array)))
        return None if memory is None else memory.seen_by(array)

    def begun(self, array: Any) -> Any:
        """The sets of an array's elements, to be written."""
        base = owner(array)
        if id(base) not in self._known:
            if base.dtype.kind == "O":
                raise SrcgradError("sparsity: an array of objects depends on the inputs")
            key = id(base)
            self._known[key] = _Memory(base, lambda _: self._known.pop(key, None))
        return self._known[id(base)].seen_by(array)

    def mark(self, array: Any, sets: Any) -> None:
        """Say what an array's elements depend on."""
        if not self._skips(array, sets):
            self.begun(array)[...] = as_array(sets)

    def _skips(self, array: Any, sets: Any) -> bool:
        nothing = not sets if isinstance(sets, frozenset) else is_empty(as_array(sets))
        return nothing and id(owner(array)) not in self._known

    def all_of(self, value: Any) -> Set:
        """The union over all of a value."""
        return union(found for leaf in leaves(value) for found in self._sets(leaf))

    def touches(self, value: Any) -> bool:
        """Whether a value depends on any input."""
        return any(found for leaf in leaves(value) for found in self._sets(leaf))

    def _sets(self, leaf: Any) -> Iterator[Set]:
        if isinstance(leaf, Tagged):
            yield leaf.sets
        elif isinstance(leaf, np.ndarray):
            sets = self.of(leaf)
            if sets is not None:
                yield from sets.flat

    def like(self, value: Any) -> Any:
        """Sets in the place of numbers and arrays, in the same containers."""
        if isinstance(value, (list, tuple)):
            return [self.like(item) for item in value]
        if isinstance(value, Tagged):
            return value.sets
        if isinstance(value, np.ndarray):
            sets = self.of(value)
            return filled(value.shape) if sets is None else sets
        return EMPTY


class _Memory:
    """The memory of one array, and a set for each unit of it."""

    def __init__(self, base: Any, forget: Callable[[Any], Any]) -> None:
        low, high = map(int, byte_bounds(base))
        self.base, self.low, self.size = weakref.ref(base, forget), low, base.itemsize
        self.sets = filled(((high - low) // max(base.itemsize, 1),))
        self.whole = self._part(base)

    def seen_by(self, array: Any) -> Any:
        """The part of the sets that belongs to an array in this memory."""
        return self.whole if array is self.base() else self._part(array)

    def _part(self, array: Any) -> Any:
        if array.size == 0:
            return np.empty(array.shape, dtype=object)
        steps = zip(array.strides, array.shape, strict=True)
        if any(step % self.size for step, length in steps if length > 1):
            raise SrcgradError("sparsity: an array sees the memory of another one in other units")
        offset = (array.__array_interface__["data"][0] - self.low) // self.size
        strides = [step // self.size * self.sets.itemsize for step in array.strides]
        return np.lib.stride_tricks.as_strided(self.sets[offset:], array.shape, strides)
