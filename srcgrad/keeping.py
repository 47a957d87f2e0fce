"""Which values are kept for the backward sweep, and which are computed again in it.

All that is known of a derivative's memory here are intervals: a value that is kept is there from
the end of the forward sweep until the last adjoint that reads it; one that is computed again, from
the first adjoint to the last. Where their sum is above the budget, values are taken out one by one:
the one that takes most off the area above the budget, for the work that it costs. That is the
rule of Kirisame et al., Dynamic tensor rematerialization, ICLR 2021 (size times the time that a
value is not needed, by cost), for a program that is known beforehand; the sum over time is that of
Jain et al., Checkmate, MLSys 2020. No value is computed more than once more.
"""

from __future__ import annotations

import heapq
import itertools
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from srcgrad.budget import Held, Loop, flat, shown
from srcgrad.ledger import Weighed
from srcgrad.options import Remakes
from srcgrad.remaking import Path, Value, places
from srcgrad.work import work

FINE = 500  # values of less than this part of all that is kept are not worth a line


@dataclass(slots=True)
class Group:
    """Values that are the same memory: all of them are kept, or none. `kept`: bytes, by loop."""

    names: set[str]
    kept: dict[str, int]

    @property
    def size(self) -> int:
        return sum(self.kept.values())


@dataclass(frozen=True, slots=True)
class Profile:
    """What a choice comes to. `live`: bytes, by the statement whose adjoint is being run."""

    live: tuple[int, ...]
    cost: float
    places: Mapping[str, int]

    @property
    def most(self) -> int:
        return max(self.live)

    def above(self, budget: int) -> int:
        return sum(max(0, size - budget) for size in self.live)


@dataclass(slots=True)
class Values:
    """What a run told of the values of a function. `tops`: of each loop, by its name among the
    loops, the position in the function. `lasting`: what is kept stays to the end, for it may be
    asked for once more.
    """

    values: Mapping[str, Value]
    told: Mapping[str, Weighed]
    tops: Mapping[str, int]
    lasting: bool = False
    chosen: frozenset[str] = frozenset()
    groups: list[Group] = field(init=False)
    group_of: dict[str, Group] = field(init=False)

    def __post_init__(self) -> None:
        self.group_of = {}
        for name, told in self.told.items():
            mine = Group({name}, dict(told.kept))
            for other in {id(g): g for n in told.like if (g := self.group_of.get(n))}.values():
                mine.names |= other.names
                for place, size in other.kept.items():
                    mine.kept[place] = mine.kept.get(place, 0) + size
            self.group_of.update(dict.fromkeys(mine.names, mine))
        self.groups = list({id(group): group for group in self.group_of.values()}.values())

    @property
    def end(self) -> int:
        own = (v for v in self.values.values() if v.path[0] == 0)
        tops = [path[1] for v in own for path in (v.path, *v.readers)]
        return 1 + max([*tops, *self.tops.values()], default=0)

    def is_needed(self, name: str) -> bool:
        return bool(self.values[name].readers)

    # what a choice comes to
    def profile(
        self, chosen: Iterable[str], kept: int, loops: Sequence[Loop], factor: int
    ) -> Profile | None:
        """None if some of the chosen values cannot be computed again together."""
        chosen = frozenset(chosen)
        found = places(self.values, chosen)
        if found is None:
            return None
        run = _Sum(self, found, [0] * (self.end + 2), kept)
        run.values()
        saved = run.saved
        for loop in flat(loops):
            loop.saved = saved.get(loop.name, 0)
        for loop in loops:
            run.add(loop.need(factor), 0 if self.lasting else self.tops.get(loop.name, 0))
        cost = sum(self.work(name) * self.told[name].runs for name in found if name in self.told)
        return Profile(tuple(itertools.accumulate(run.steps[:-1])), cost, found)

    def work(self, name: str) -> float:
        """Of computing it once."""
        return work(self.values[name].fn, self.told[name].shapes) if name in self.told else 0.0

    def whole_work(self) -> float:
        return sum(self.work(name) * told.runs for name, told in self.told.items()) or 1.0

    # choosing
    def choose(
        self, budget: int, kept: int, loops: Sequence[Loop], factor: int, tries: int = 0
    ) -> None:
        """Choose what is computed again, so that as little as can be is above the budget. Where it
        is not met, looser ones are tried, for what is best for one is not for another."""
        self.chosen = frozenset()
        whole = self.need(kept, loops, factor)
        self.chosen = self.greedy(budget, kept, loops, factor)
        least = self.need(kept, loops, factor)
        for share in range(1, tries):
            if least <= budget:
                break
            target = budget + (whole - budget) * share // tries
            before, self.chosen = self.chosen, self.greedy(target, kept, loops, factor)
            found = self.need(kept, loops, factor)
            if found < least:
                least = found
            else:
                self.chosen = before

    def greedy(self, budget: int, kept: int, loops: Sequence[Loop], factor: int) -> frozenset[str]:
        best = self.profile((), kept, loops, factor)
        assert best is not None
        chosen: frozenset[str] = frozenset()
        pending: list[tuple[float, int, frozenset[str]]] = []
        if best.above(budget):
            moves = self.moves(loops, max(1, best.most // FINE))
            pending = [(-math.inf, k, move) for k, move in enumerate(moves)]
        while pending and best.above(budget):
            _, number, move = heapq.heappop(pending)
            found = self.profile(chosen | move, kept, loops, factor)
            gain = best.above(budget) - found.above(budget) if found is not None else 0
            if found is None or gain <= 0:
                continue
            score = -gain / max(found.cost - best.cost, 1.0)
            if pending and score > pending[0][0]:  # it was better before others were chosen
                heapq.heappush(pending, (score, number, move))
                continue
            chosen, best = chosen | move, found
        return self.without_waste(chosen, budget, kept, loops, factor)

    def without_waste(
        self, chosen: frozenset[str], budget: int, kept: int, loops: Sequence[Loop], factor: int
    ) -> frozenset[str]:
        """Values that may be kept after all, since others were chosen later."""
        best = self.profile(chosen, kept, loops, factor)
        assert best is not None
        moves = [m for m in self.moves(loops, 1) if m <= chosen]
        for move in sorted(moves, key=lambda m: -sum(map(self.work, m))):
            fewer = chosen - {name for name in move if self.is_needed(name)}
            found = self.profile(fewer, kept, loops, factor)
            if found is not None and found.above(budget) <= best.above(budget):
                chosen, best = fewer, found
        return frozenset(best.places)

    # what was chosen
    def need(self, kept: int, loops: Sequence[Loop], factor: int) -> int:
        found = self.profile(self.chosen, kept, loops, factor)
        assert found is not None
        return found.most

    def held(self, least: int) -> tuple[Held, ...]:
        found = []
        for group in self.groups:
            if group.size <= least:
                continue
            again = sorted(group.names & self.chosen)
            share = None
            if again:
                chain = self.with_operands(frozenset(again)) & self.chosen
                whole = sum(self.work(name) * self.told[name].runs for name in chain)
                share = whole / self.whole_work()
            value = min((self.values[name] for name in group.names), key=_shown_first)
            loop = max(group.kept, key=lambda place: group.kept[place])
            plain = "@" not in value.name or "@v" in value.name
            own = value.name.partition("|")[2]
            name = own.partition("@")[0] if plain else f"{value.fn.rpartition('.')[2]}(...)"
            found.append((value.path, Held(name, value.line, value.text, group.size, loop, share)))
        return tuple(held for _, held in sorted(found, key=lambda pair: pair[0]))

    def remakes(self) -> Remakes:
        notes = dict.fromkeys(self.chosen, "computed again")
        for group in self.groups:
            size = sum(group.kept.values())
            for name in group.names & self.chosen if size else ():
                each = self.told[name].size
                notes[name] = f"computed again instead of kept: {shown(each)}"
        triples = ((*name.split("|", 1), note) for name, note in notes.items())
        return tuple(sorted((key, name, note) for key, name, note in triples))

    def moves(self, loops: Sequence[Loop], least: int) -> list[frozenset[str]]:
        """For each group of values that need not be kept: it, and what it takes to compute it."""
        blocked = {
            inner.name
            for loop in flat(loops)
            if loop.snapshots is not None
            for inner in flat([loop])
        }
        found = []
        for group in self.groups:
            needed = frozenset(name for name in group.names if self.is_needed(name))
            if group.size < least or not needed or any(self.values[n].reason for n in needed):
                continue
            if not blocked & {loop for name in needed for loop in self.values[name].around}:
                found.append(self.with_operands(needed))
        return found

    def with_operands(self, names: frozenset[str]) -> frozenset[str]:
        """With what these are made of, as far as that is not kept anyway."""
        found, pending = set(names), list(names)
        while pending:
            for operand in self.values[pending.pop()].operands:
                value = self.values.get(operand)
                if value is None or operand in found or self.is_needed(operand) or value.reason:
                    continue
                found.add(operand)
                pending.append(operand)
        return frozenset(found)


def _shown_first(value: Value) -> tuple[bool, bool, Path]:
    """Names that the program gives before those of parts of statements, and those of parameters."""
    return value.line == 0, "@" in value.name, value.path


@dataclass(slots=True)
class _Sum:
    """Adds up what is there while each adjoint is being run."""

    of: Values
    places: Mapping[str, int]
    steps: list[int]  # by how much it grows from each adjoint to the one after
    kept: int
    saved: dict[str, int] = field(default_factory=dict)
    first: dict[str, int] = field(default_factory=dict)  # the last adjoint that reads it
    counted: set[str] = field(default_factory=set)  # of what only those read

    def add(self, size: int, start: int, end: int | None = None) -> None:
        self.steps[start] += size
        self.steps[-1 if end is None else end + 1] -= size

    def top_of(self, name: str) -> int:
        """The adjoint before which a value is computed again. Of a function that is called, any."""
        home, top, *inside = self.of.values[name].path
        if home:
            return self.of.end
        return top if inside else self.places[name]

    def values(self) -> None:
        values = self.of.values
        for name, value in values.items():
            home, top, *_ = value.path
            tops = [path[1] for path in value.readers]
            self.first[name] = 0 if home else min(tops, default=max(top, 0))
        for name in self.places:
            for operand in values[name].operands:
                if operand in values:
                    self.first[operand] = min(self.first[operand], self.top_of(name))
        outside = sum(group.kept.get("", 0) for group in self.of.groups)
        self.add(self.kept - outside, 0)
        for group in self.of.groups:
            self.group(group)
        for name in self.places:
            for operand in values[name].operands:
                self.operand(operand, name)

    def group(self, group: Group) -> None:
        again = [name for name in group.names if name in self.places]
        size = group.kept.get("", 0)
        if not again:
            first = 0 if self.of.lasting else min(self.first[name] for name in group.names)
            self.add(size, first)
            return
        size = max(self.of.told[name].size for name in again)
        start = min(self.first[name] for name in again)
        self.add(size, start, max(map(self.top_of, again)))
        for place, inside in group.kept.items():
            if place:
                self.saved[place] = self.saved.get(place, 0) + inside

    def operand(self, name: str, reader: str) -> None:
        """What a value is computed again from, and nobody else would have kept."""
        told = self.of.told.get(name)
        if told is None or name in self.places or self.of.is_needed(name):
            return
        if self.of.group_of[name].size or name in self.counted:
            return
        self.counted.add(name)
        loops = self.of.values[name].around
        if not loops:
            self.add(told.size * told.runs, min(self.first[name], self.top_of(reader)))
        for place in sorted(loops)[:1]:
            self.saved[place] = self.saved.get(place, 0) - told.size * told.runs
