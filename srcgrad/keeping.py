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
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import field

import numpy as np

from srcgrad.budget import Held, Loop, flat, shown
from srcgrad.intervals import Group, Intervals, Steps, grouped
from srcgrad.ir.classes import dataclass
from srcgrad.ledger import Weighed
from srcgrad.options import Remakes
from srcgrad.remaking import Path, Places, Value
from srcgrad.work import work

OTHERS = (0.95, 0.8, 0.5, 0.2, 1.2, 1.5)  # budgets that are tried where one is not met
MOST = 10_000  # after so many choices no other is tried
MANY = 100  # moves that are told apart; in longer functions neighbours go together
FINE = 5000  # values of less than this part of all that is kept are not worth a line


@dataclass(frozen=True, slots=True)
class Profile:
    """What a choice comes to. `live`: bytes, by the statement whose adjoint is being run."""

    live: Steps
    cost: float
    places: Mapping[str, int]

    @property
    def most(self) -> int:
        return int(self.live.max())

    def above(self, budget: int) -> int:
        return int(np.maximum(self.live - budget, 0).sum())


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
    group_of: dict[str, Group] = field(init=False)
    groups: list[Group] = field(init=False)
    places: Places = field(init=False)
    intervals: Intervals = field(init=False)
    cost: dict[str, float] = field(init=False)  # of computing all that a run did once more
    asked: int = 0  # how often, what a choice comes to

    def __post_init__(self) -> None:
        self.group_of = grouped(self.told)
        self.groups = list({id(group): group for group in self.group_of.values()}.values())
        self.places = Places(self.values)
        self.cost = {
            name: told.runs * work(self.values[name].fn, told.shapes)
            for name, told in self.told.items()
        }
        given = (self.values, self.told, self.group_of, self.tops, self.lasting)
        self.intervals = Intervals(*given)

    def is_needed(self, name: str) -> bool:
        return bool(self.values[name].readers)

    # what a choice comes to
    def profile(
        self, chosen: Iterable[str], kept: int, loops: Sequence[Loop], factor: int
    ) -> Profile | None:
        """None if some of the chosen values cannot be computed again together."""
        found = self.places.of(chosen)
        if found is None:
            return None
        live = self.intervals.live(found, kept, loops, factor)
        self.asked += 1
        return Profile(live, sum(self.cost.get(name, 0.0) for name in found), found)

    # choosing
    def choose(
        self, budget: int, kept: int, loops: Sequence[Loop], factor: int, thorough: bool = False
    ) -> None:
        """Choose what is computed again, so that as little as can be is above the budget. Where it
        is not met, others are tried, for what is best for one is not for another."""
        self.chosen = self.greedy(budget, kept, loops, factor)
        least = self.need(kept, loops, factor)
        asked = self.asked
        for share in OTHERS if thorough else ():
            if least <= budget or self.asked - asked > MOST:
                break
            before, self.chosen = self.chosen, self.greedy(int(share * budget), kept, loops, factor)
            found = self.need(kept, loops, factor)
            least, self.chosen = min((least, before), (found, self.chosen), key=_first)

    def greedy(self, budget: int, kept: int, loops: Sequence[Loop], factor: int) -> frozenset[str]:
        best = self.profile((), kept, loops, factor)
        assert best is not None
        chosen: frozenset[str] = frozenset()
        pending: list[tuple[float, int, frozenset[str]]] = []
        if best.above(budget):
            moves = bundled(self.moves(loops, max(1, best.most // FINE)))
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
        moves = [move for move in bundled(self.moves(loops, 1)) if move <= chosen]
        for move in sorted(moves, key=lambda m: -sum(self.cost.get(name, 0.0) for name in m)):
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
                whole = sum(self.cost.values()) or 1.0
                share = sum(self.cost.get(name, 0.0) for name in chain) / whole
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
            held = any(self.values[name].held for name in group.names)
            if group.size < least or not needed or held:
                continue
            if any(self.values[name].reason for name in needed):
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


def bundled(moves: list[frozenset[str]]) -> list[frozenset[str]]:
    """Not too many moves, in the order of the program."""
    each = -(-len(moves) // MANY)
    starts = range(0, len(moves), max(each, 1))
    return [frozenset().union(*moves[start : start + each]) for start in starts]


def _first(pair: tuple[int, frozenset[str]]) -> int:
    return pair[0]


def _shown_first(value: Value) -> tuple[bool, bool, Path]:
    """Names that the program gives before those of parts of statements, and those of parameters."""
    return value.line == 0, "@" in value.name, value.path
