"""Memory budgets: which values are kept, which are computed again, which loops keep snapshots."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import field
from typing import Protocol

from srcgrad.ir.classes import dataclass
from srcgrad.options import Remakes, Snapshots

SMALL = 200  # values of less than this part of everything are not shown
WASTE = 8  # what a step handles for a part of it, by what it records


@dataclass(slots=True)
class Loop:
    """What a run told of a loop. Bytes are those of all its runs together; those of `state` are of
    one state. `kept` does not count what the loops inside keep.
    """

    key: str  # of the function
    unit: int
    line: int
    text: str
    runs: int = 0
    steps: int = 0
    state: int = 0
    parts: int = 0  # of arrays and containers that a step uses parts of, at most
    kept: int = 0
    reason: str = ""  # why it cannot be checkpointed
    least: int = 1  # snapshots that it needs
    inner: list[Loop] = field(default_factory=list)
    snapshots: int | None = None  # chosen; None keeps everything
    saved: int = 0  # of `kept`, by values that are computed again

    @property
    def name(self) -> str:
        return f"{self.key}:{self.unit}"

    @property
    def everything(self) -> int:
        """Bytes that are recorded where nothing is checkpointed."""
        return self.kept + sum(loop.everything for loop in self.inner)

    @property
    def longest(self) -> int:
        """Steps of a run."""
        return math.ceil(self.steps / max(self.runs, 1))

    def need(self, factor: int = 1) -> int:
        """Bytes at once, as chosen. `factor`: a pullback that may be called again keeps copies."""
        inside = self.kept - self.saved + sum(loop.need(factor) for loop in self.inner)
        if self.snapshots is None:
            return inside
        states = min(self.snapshots + 1, self.longest) * factor
        return self.runs * states * self.state + math.ceil(inside / max(self.steps, 1))

    @property
    def repeats(self) -> float:
        """How often a step is taken for a derivative."""
        n, s = self.longest, self.snapshots
        if s is None or n < 1:
            return 1.0
        r = 0
        while math.comb(s + r, s) < n:
            r += 1
        again = r * n - math.comb(s + r, r - 1) if r else 0
        return (again + 1 + n) / n


@dataclass(frozen=True, slots=True)
class Held:
    """What becomes of a value: an array, by its name in the derivative's text. `size`: bytes that
    are recorded for it, or would be. `share`: of the work of the forward sweep, what it costs to
    compute it again; None if it is kept.
    """

    name: str
    line: int
    text: str
    size: int
    loop: str = ""  # the name of the innermost loop that it is in
    share: float | None = None

    def __str__(self) -> str:
        what = "kept" if self.share is None else f"computed again, {self.share:.1%} of the work"
        return f"line {self.line}, {self.name} of `{self.text}`: {shown(self.size)}, {what}"


class Chooser(Protocol):
    """Values of a function, some of which are computed again (`keeping.Values`)."""

    def choose(
        self, budget: int, kept: int, loops: Sequence[Loop], factor: int, thorough: bool = False
    ) -> None:
        """Choose those that are, for what the loops keep; a budget that is not met is tried to
        be come close to in several ways."""

    def need(self, kept: int, loops: Sequence[Loop], factor: int) -> int:
        """Bytes at once, as chosen."""

    def held(self, least: int) -> tuple[Held, ...]:
        """What becomes of values of so many bytes."""

    def remakes(self) -> Remakes:
        """The choice, for the compiler."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What a derivative keeps for its backward sweep, at arguments like those it was asked for.

    All numbers are bytes, as a run of the function told them. `kept` is what stands outside loops
    and has to stay. `str` of a plan is a table.
    """

    name: str
    budget: int
    kept: int
    everything: int  # if nothing were computed again
    need: int  # as planned
    loops: tuple[Loop, ...]
    values: tuple[Held, ...] = ()
    again: Remakes = ()  # for the compiler, as `snapshots`

    @property
    def met(self) -> bool:
        return self.need <= self.budget

    @property
    def snapshots(self) -> Snapshots:
        """The choice, for the compiler."""
        found = (loop for loop in flat(self.loops) if loop.snapshots is not None)
        return tuple((loop.key, loop.unit, int(loop.snapshots or 0)) for loop in found)

    def __str__(self) -> str:
        word = "of at most" if self.met else "where no more were wanted than"
        lines = [
            f"{self.name}: {shown(self.need)} kept, {word} {shown(self.budget)}"
            f" ({shown(self.everything)} if everything were)",
            f"  outside loops: {shown(self.kept)}",
        ]
        lines += [f"    {held}" for held in self.values if not held.loop]
        for loop in flat(self.loops):
            lines.append(f"  line {loop.line}, {loop.text}: {_choice(loop)}")
            inside = (held for held in self.values if held.loop == loop.name)
            lines += [f"    {held}" for held in inside if loop.snapshots is None]
        return "\n".join(lines)


def _choice(loop: Loop) -> str:
    steps = f"{loop.longest} steps" + (f", {loop.runs} times" if loop.runs > 1 else "")
    if loop.snapshots is None:
        reason = f"; not to be checkpointed: {loop.reason}" if loop.reason else ""
        if loop.saved:
            return f"{shown(loop.kept - loop.saved)} in {steps}{reason}"
        return f"everything, {shown(loop.kept)} in {steps}{reason}"
    states = f"{min(loop.snapshots, loop.longest)} states of {shown(loop.state)}"
    return f"{states} in {steps}, each taken {loop.repeats:.2g} times"


def shown(size: int) -> str:
    """A number of bytes for people."""
    for unit, name in ((2**30, "GiB"), (2**20, "MiB"), (2**10, "KiB")):
        if size >= unit:
            return f"{size / unit:.3g} {name}"
    return f"{size} bytes"


def flat(loops: Sequence[Loop]) -> list[Loop]:
    """The loops, those inside behind each."""
    return [found for loop in loops for found in (loop, *flat(loop.inner))]


def nested(loops: Mapping[str, Loop], around: Mapping[str, str]) -> tuple[Loop, ...]:
    """The outermost loops, with those inside them; of loops that were not run nothing is known."""
    for name, loop in loops.items():
        if around.get(name):
            loops[around[name]].inner.append(loop)
    return tuple(loop for name, loop in loops.items() if around.get(name) == "")


def choose(
    name: str,
    budget: int,
    kept: int,
    loops: tuple[Loop, ...],
    factor: int = 1,
    values: Chooser | None = None,
) -> Plan:
    """Values are computed again, each once more at most. Where that is not enough, as few loops as
    will do keep snapshots, the largest first, and as many as there is room for.

    A step is taken again the less often the more snapshots there are, so no room is left.
    """

    def need() -> int:
        if values is not None:
            return values.need(kept, loops, factor)
        return kept + sum(loop.need(factor) for loop in loops)

    if values is not None:
        values.choose(budget, kept, loops, factor, thorough=True)
    chosen: list[Loop] = []
    pending = sorted(loops, key=lambda loop: -loop.everything)
    while need() > budget and pending:
        loop = pending.pop(0)
        for inner in flat([loop]):
            inner.saved = 0  # steps are run again as they are
        before = loop.need(factor)
        if not loop.reason and loop.parts * loop.steps > WASTE * loop.everything:
            loop.reason = "a step uses small parts of what it would copy, or make a gradient of"
        if not loop.reason:
            loop.snapshots = loop.least
            if loop.need(factor) < before:
                chosen.append(loop)
            else:
                loop.snapshots, loop.reason = None, "one state is as large as all that it records"
        if values is not None:
            values.choose(budget, kept, loops, factor)
        # What is inside counts once, where steps are taken again; so it comes after.
        pending += sorted(loop.inner, key=lambda inner: -inner.everything)
    for position, loop in enumerate(chosen):  # an equal share of the room for each
        assert loop.snapshots is not None
        before, least = need(), loop.snapshots
        loop.snapshots = least + 1
        each = max(1, need() - before)
        more = max(0, budget - before) // (len(chosen) - position) // each
        loop.snapshots = max(least, min(least + more, loop.longest))
    everything = kept + sum(loop.everything for loop in loops)
    if values is not None and need() > budget:
        values.choose(budget, kept, loops, factor, thorough=True)
    most = need()
    if values is None:
        return Plan(name, budget, kept, everything, most, loops)
    held = values.held(everything // SMALL)
    return Plan(name, budget, kept, everything, most, loops, held, values.remakes())
