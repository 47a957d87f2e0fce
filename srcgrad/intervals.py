"""What is in memory while each adjoint is run, for a choice of values that are computed again.

A value that is kept is there from the end of the forward sweep to the last adjoint that reads it;
one that is computed again from the first adjoint to the last. Positions are those of statements of
the function that is asked for; the backward sweep goes from the last to the first. A choice is
told by how it differs from keeping everything, for many are asked about.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import field
from typing import Any, TypeAlias

import numpy as np

from srcgrad.budget import Loop, flat
from srcgrad.ir.classes import dataclass
from srcgrad.ledger import Weighed
from srcgrad.remaking import Value

Steps: TypeAlias = "np.ndarray[Any, np.dtype[np.int64]]"


@dataclass(slots=True, eq=False)
class Group:
    """Values that are the same memory: all of them are kept, or none. `kept`: bytes, by loop."""

    names: set[str]
    kept: dict[str, int]

    @property
    def size(self) -> int:
        return sum(self.kept.values())


def grouped(all_told: Mapping[str, Weighed]) -> dict[str, Group]:
    """The group of each value that was there in a run."""
    found: dict[str, Group] = {}
    for name, told in all_told.items():
        mine = Group({name}, dict(told.kept))
        for other in {id(g): g for n in told.like if (g := found.get(n))}.values():
            mine.names |= other.names
            for place, size in other.kept.items():
                mine.kept[place] = mine.kept.get(place, 0) + size
        found.update(dict.fromkeys(mine.names, mine))
    return found


@dataclass(slots=True)
class Intervals:
    """`tops`: of each loop by its name, the position in the function. `lasting`: what is kept stays
    to the end."""

    values: Mapping[str, Value]
    told: Mapping[str, Weighed]
    groups: Mapping[str, Group]
    tops: Mapping[str, int]
    lasting: bool
    end: int = field(init=False)
    first: dict[str, int] = field(init=False)  # the last adjoint that reads a value
    whole: Steps = field(init=False)  # where everything is kept

    def __post_init__(self) -> None:
        own = (v for v in self.values.values() if v.path[0] == 0)
        tops = [path[1] for v in own for path in (v.path, *v.readers)]
        self.end = 1 + max([*tops, *self.tops.values()], default=0)
        self.first = {name: self.first_of(value) for name, value in self.values.items()}
        self.whole = np.zeros(self.end + 2, dtype=np.int64)
        for group in {id(group): group for group in self.groups.values()}.values():
            size = group.kept.get("", 0)
            add(self.whole, -size, 0)
            add(self.whole, size, self.start(group, {}))

    def first_of(self, value: Value) -> int:
        """Of a function that is called, values may be there at any time."""
        home, top, *_ = value.path
        return 0 if home else min((path[1] for path in value.readers), default=max(top, 0))

    def start(self, group: Group, first: Mapping[str, int], again: bool = False) -> int:
        """The last adjoint that reads a group. `first`: of values that are read by others, too."""
        if self.lasting and not again:
            return 0
        return min(first.get(name, self.first[name]) for name in group.names)

    def top_of(self, name: str, place: int) -> int:
        """The adjoint before which a value is computed again."""
        home, top, *inside = self.values[name].path
        return self.end if home else top if inside else place

    def live(
        self, places: Mapping[str, int], kept: int, loops: Sequence[Loop], factor: int
    ) -> Steps:
        """Bytes, by the adjoint that is being run. Notes in the loops what they need not keep."""
        steps = self.whole.copy()
        add(steps, kept, 0)
        tops = {name: self.top_of(name, place) for name, place in places.items()}
        first: dict[str, int] = {}
        read = [(n, top) for name, top in tops.items() for n in self.values[name].operands]
        for name, top in read:
            if name in self.first:
                first[name] = min(first.get(name, self.first[name]), top)
        touched = (self.groups.get(name) for name in (*places, *first))
        saved: dict[str, int] = {}
        for group in {id(group): group for group in touched if group is not None}.values():
            self.change(group, tops, first, steps, saved)
        for name in first:
            self.only_read(name, places, first, steps, saved)
        for loop in flat(loops):
            loop.saved = saved.get(loop.name, 0)
        for loop in loops:
            add(steps, loop.need(factor), 0 if self.lasting else self.tops.get(loop.name, 0))
        return np.cumsum(steps[:-1])

    def change(
        self,
        group: Group,
        tops: Mapping[str, int],
        first: Mapping[str, int],
        steps: Steps,
        saved: dict[str, int],
    ) -> None:
        """A group that is computed again, or that is read by values which are."""
        again = [name for name in group.names if name in tops]
        size = group.kept.get("", 0)
        add(steps, -size, self.start(group, {}))
        if not again:
            add(steps, size, self.start(group, first))
            return
        size = max(self.told[name].size for name in again)
        start = min(first.get(name, self.first[name]) for name in again)
        add(steps, size, start, max(tops[name] for name in again))
        for place, inside in group.kept.items():
            if place:
                saved[place] = saved.get(place, 0) + inside

    def only_read(
        self,
        name: str,
        places: Mapping[str, int],
        first: Mapping[str, int],
        steps: Steps,
        saved: dict[str, int],
    ) -> None:
        """What a value is computed again from, and nobody else would have kept."""
        told, value = self.told.get(name), self.values[name]
        if told is None or name in places or value.readers or self.groups[name].size:
            return
        size = told.size * told.runs
        if not value.loops:
            add(steps, size, first[name])
        for place in sorted(value.around)[:1]:
            saved[place] = saved.get(place, 0) - size


def add(steps: Steps, size: int, start: int, end: int | None = None) -> None:
    """Bytes that are there from one adjoint to another, or to the beginning of the sweep."""
    steps[start] += size
    steps[-1 if end is None else end + 1] -= size
