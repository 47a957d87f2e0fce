"""Arrays of index sets: for each element of a value, the inputs that it depends on.

A set is a frozenset of positions of inputs, so that equal sets are shared where they pass on
unchanged. `VARIES` in a set says that the value changes with the inputs, if only in steps: the
result of a comparison has no derivative, but a branch on it makes a pattern hold nearby only.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, TypeAlias

import numpy as np

Set: TypeAlias = frozenset[int]
VARIES = -1
EMPTY: Set = frozenset()
STEPS: Set = frozenset({VARIES})


def _join(a: Set, b: Set) -> Set:
    if a is b or not b:
        return a
    if len(a) < len(b):
        a, b = b, a
    return a if b <= a else a | b


join: Any = np.frompyfunc(_join, 2, 1)  # the union of sets, element by element


def union(sets: Iterable[Set]) -> Set:
    """The union of many sets; shared ones are visited once."""
    different = {id(s): s for s in sets if s}
    if len(different) <= 1:
        return next(iter(different.values()), EMPTY)
    return EMPTY.union(*different.values())


def filled(shape: Sequence[int], value: Set = EMPTY) -> Any:
    """An array with the same set everywhere."""
    made = np.empty(shape, dtype=object)
    made.fill(value)
    return made


def as_array(sets: Any) -> Any:
    """An array of sets; a single set is one without axes."""
    if isinstance(sets, frozenset):
        return filled((), sets)
    return np.asarray(sets, dtype=object)


def only_sets(sets: Any) -> Any:
    """The array with the empty set in place of what is none, as the zeros of `np.triu`."""
    flat = [s if isinstance(s, frozenset) else EMPTY for s in sets.flat]
    return from_list(flat, sets.shape)


def from_list(sets: Sequence[Set], shape: Sequence[int]) -> Any:
    """An array of this shape from its elements in order."""
    made = np.empty(len(sets), dtype=object)
    made[:] = sets
    return made.reshape(shape)


def gathered(sets: Any, axis: int | tuple[int, ...] | None) -> Any:
    """The union of sets along axes, which stay with length 1; None: along all."""
    sets = as_array(sets)
    axes = tuple(range(sets.ndim)) if axis is None else np.atleast_1d(axis)
    axes = tuple(sorted({int(k) % sets.ndim for k in axes})) if sets.ndim else ()
    rest = [k for k in range(sets.ndim) if k not in axes]
    kept = [sets.shape[k] for k in rest]
    size = int(np.prod([sets.shape[k] for k in axes], dtype=int))
    lines = sets.transpose(*rest, *axes).reshape(int(np.prod(kept, dtype=int)), size)
    shape = [1 if k in axes else sets.shape[k] for k in range(sets.ndim)]
    return from_list([union(line) for line in lines], shape)


def is_empty(sets: Any) -> bool:
    """True if no set of an array has anything in it."""
    return not any(sets.flat)
