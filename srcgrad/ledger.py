"""How many bytes a derivative would keep: counted in a run that keeps none of them."""

from __future__ import annotations

import weakref
from collections.abc import Callable
from dataclasses import field
from typing import Any

import numpy as np

from srcgrad.ir.classes import dataclass

NUMBER = 32  # bytes of a number in a list
ARRAY = 100  # of an array beside its elements


@dataclass(slots=True)
class Told:
    """What a run told of a loop; see `budget.Loop`. `around`: the loop that it is inside of."""

    around: str
    runs: int = 0
    steps: int = 0
    state: int = 0
    parts: int = 0
    kept: int = 0


@dataclass(slots=True)
class Weighed:
    """What a run told of a value. `kept`: bytes that are recorded for it, by the loop they count
    for, empty for none. `shapes`: its own and those of what it was made of, the last time."""

    runs: int = 0
    size: int = 0
    shapes: tuple[tuple[int, ...], ...] = ()
    kept: dict[str, int] = field(default_factory=dict)
    like: set[str] = field(default_factory=set)  # other values that were the same memory

    def keep(self, place: str, size: int) -> None:
        self.kept[place] = self.kept.get(place, 0) + size


@dataclass(slots=True)
class Ledger:
    """Counts what is recorded, each array once for as long as it lives."""

    kept: int = 0  # outside loops
    given: frozenset[int] = frozenset()  # the arguments' arrays, by identity
    loops: dict[str, Told] = field(default_factory=dict)
    inside: list[str] = field(default_factory=list)
    counted: dict[int, tuple[Callable[[], Any], str]] = field(default_factory=dict)
    values: dict[str, Weighed] = field(default_factory=dict)
    named: dict[int, tuple[Callable[[], Any], str]] = field(default_factory=dict)

    def weigh(self, value: Any, loop: str, what: str) -> None:
        """`what`: "kept" is recorded now; "state" and "parts" stand where a step of `loop` begins,
        which is entered ("enter") and left ("leave"). A "value" that may be recorded comes with
        what it is made of."""
        if what == "value":
            self.note(loop, *value)
        elif what == "enter":
            around = self.inside[-1] if self.inside else ""
            self.inside.append(loop)
            self.loops.setdefault(loop, Told(around)).runs += 1
        elif what == "leave":
            self.inside.pop()
        elif what == "kept":
            size = sum(map(self.new_bytes, leaves(value)))
            if self.inside:
                self.loops[self.inside[-1]].kept += size
            else:
                self.kept += size
        else:
            told = self.loops[loop]
            size = sum(map(_bytes, leaves(value)))
            if what == "state":
                told.steps += 1
                told.state = max(told.state, size)
            else:
                told.parts = max(told.parts, size)

    def note(self, name: str, value: Any, *operands: Any) -> None:
        """A value was computed."""
        told = self.values.setdefault(name, Weighed())
        told.runs += 1
        if _is_display(value):  # which holds the memory of its items
            held = (self.name_of(base_of(leaf)) for leaf in leaves(value))
            for other in {other for other in held if other is not None}:
                self.link(name, other)
        if not isinstance(value, np.ndarray):
            return
        array = base_of(value)
        if id(array) not in self.given:
            told.size = max(told.size, _bytes(array))
        arrays = (part for part in (value, *operands) if isinstance(part, np.ndarray))
        told.shapes = tuple(part.shape for part in arrays)
        first = self.name_of(array)
        if first is None:
            self.named[id(array)] = weakref.ref(array), name
        elif first != name:
            self.link(name, first)

    def link(self, name: str, other: str) -> None:
        """Two values were the same memory."""
        self.values[name].like.add(other)
        self.values[other].like.add(name)

    def name_of(self, array: Any) -> str | None:
        """The value that an array was first."""
        known = self.named.get(id(array))
        return known[1] if known is not None and known[0]() is array else None

    def attribute(self, array: Any, place: str, size: int) -> None:
        """Bytes that are recorded are those of a value, if it is one."""
        name = self.name_of(array)
        if name is not None:
            self.values[name].keep(place, size)

    def new_bytes(self, leaf: Any) -> int:
        """Bytes of a value that are not counted yet; a view keeps all of its array."""
        array = base_of(leaf)
        if not isinstance(array, np.ndarray):
            return _bytes(array)
        if self.place_of(array) is not None:
            return NUMBER
        place = self.inside[-1] if self.inside else ""
        self.counted[id(array)] = weakref.ref(array), place
        self.attribute(array, place, _bytes(array))
        return _bytes(array)

    def place_of(self, array: Any) -> str | None:
        """The loop that an array was counted for, empty for none; None if it is not counted."""
        known = self.counted.get(id(array))
        return known[1] if known is not None and known[0]() is array else None

    def stay(self, value: Any) -> None:
        """What is there whatever a loop keeps: it counts as outside loops."""
        for leaf in leaves(value):
            place = self.place_of(base_of(leaf))
            array = base_of(leaf)
            if place:
                self.loops[place].kept -= _bytes(array)
                self.attribute(array, place, -_bytes(array))
            if place != "":
                self.counted[id(array)] = weakref.ref(array), ""
                self.kept += _bytes(array)
                self.attribute(array, "", _bytes(array))


def base_of(leaf: Any) -> Any:
    """The array that a view is of."""
    while isinstance(leaf, np.ndarray) and isinstance(leaf.base, np.ndarray):
        leaf = leaf.base
    return leaf


def _is_display(value: Any) -> bool:
    return isinstance(value, (tuple, list, dict))


def _bytes(leaf: Any) -> int:
    return leaf.nbytes + ARRAY if isinstance(leaf, np.ndarray) else NUMBER


def leaves(value: Any) -> list[Any]:
    """The values in a nest of tuples, lists and dicts."""
    found, parts = [], [value]
    while parts:
        part = parts.pop()
        if isinstance(part, (tuple, list)):
            parts += part
        elif isinstance(part, dict):
            parts += part.values()
        else:
            found.append(part)
    return found
