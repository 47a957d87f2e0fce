"""Whether two places of an array may be the same element, in the iterations of loops.

A place is a range of each axis, `A[i, :j]` the ranges `i <= p < i + 1` and `q < j`. What is known
of the indices of loops are differences as well, `0 <= j < i`; so a system of inequalities
`x - y <= c` tells: it has no solution if its graph has a cycle of negative length. Source: Cormen
et al., Introduction to Algorithms, "Difference constraints and shortest paths".
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import field

from srcgrad.analysis.indexing import parts_of
from srcgrad.analysis.kinds import KindFacts
from srcgrad.ir.classes import dataclass
from srcgrad.ir.core import For
from srcgrad.ir.kinds import Dim, Kind, Length

Range = tuple[Length | None, Length | None]  # from, to (not included); None where nothing is known
Term = tuple[str, int]  # a variable and an offset
ANY: Range = (None, None)
ORIGIN = ""  # the variable that is 0


@dataclass(frozen=True, slots=True)
class Place:
    """A part of an array: ranges of its first axes, those left out being whole.

    `loops`: around it, the outermost first. `order`: where it stands among the statements.
    """

    axes: tuple[Range, ...]
    loops: tuple[For, ...]
    order: float


def ranges_of(index: Kind) -> tuple[Range, ...]:
    """The ranges of the axes that an index selects from, as far as they are told."""
    found: list[Range] = []
    for part in parts_of(index):
        if part.is_scalar and part.dtype != "b":
            found.append(_element(part.value))
        elif part.tag == "slice":
            found.append(_slice(part))
        else:
            break
    return tuple(found)


def _element(value: Length | None) -> Range:
    if isinstance(value, int) and value >= 0:
        return value, value + 1
    if isinstance(value, Dim) and value.floor >= 0:
        return value, value.shifted(1)
    return ANY  # from the end, maybe


def _slice(part: Kind) -> Range:
    bounds = dict(part.items or ())
    step = bounds.get("step")
    if step is None or step.tag != "none" and step.value != 1:
        return ANY
    start, stop = (_element(bounds[name].value)[0] for name in ("start", "stop"))
    return start, stop


@dataclass(slots=True)
class Inequalities:
    """`x - y <= c` for pairs of variables."""

    bounds: dict[tuple[str, str], int] = field(default_factory=dict)

    def add(self, x: str, y: str, c: int) -> None:
        known = self.bounds.get((x, y))
        self.bounds[x, y] = c if known is None else min(known, c)

    def less(self, x: Term | None, y: Term | None, by: int = 0) -> None:
        """`x + by <= y`, where both are known."""
        if x is not None and y is not None:
            self.add(x[0], y[0], y[1] - x[1] - by)

    def has_solution(self) -> bool:
        """By Bellman and Ford: no shorter path is found for ever."""
        distance = dict.fromkeys({name for pair in self.bounds for name in pair}, 0)
        for _ in range(len(distance) + 1):
            changed = False
            for (x, y), c in self.bounds.items():
                if distance[y] + c < distance[x]:
                    distance[x] = distance[y] + c
                    changed = True
            if not changed:
                return True
        return False


class Regions:
    """Compares places of arrays. `fixed`: symbols of lengths that are the same everywhere."""

    def __init__(self, kinds: KindFacts, fixed: Collection[str]) -> None:
        self.kinds = kinds
        self.fixed = fixed

    def meets_later(self, first: Place, second: Place) -> bool:
        """Whether `second` may name an element of `first`, in an iteration not before that of
        `first`."""
        common = 0
        for a, b in zip(first.loops, second.loops, strict=False):
            if a is not b:
                break
            common += 1
        depths = range(common + (first.order <= second.order))
        return any(self.meets(first, second, common, depth) for depth in depths)

    def meets(self, first: Place, second: Place, common: int, depth: int) -> bool:
        """... where the first `depth` of the common loops are in the same iteration, and the next
        one is further in that of `second`."""
        system = Inequalities()
        here = self.indices(system, first, depth, "first ")
        there = self.indices(system, second, depth, "second ")
        if depth < common:
            loop = first.loops[depth]
            before, after = (names.get(self.symbol(loop)) for names in (here, there))
            step = self.value(loop, "step")
            if before is None or after is None or not isinstance(step, int):
                return True
            early, late = (before, after) if step > 0 else (after, before)
            system.less((early, 0), (late, 0), 1)
        for axis, pair in enumerate(zip(first.axes, second.axes, strict=False)):
            element = f"axis {axis}", 0
            for (low, high), names in zip(pair, (here, there), strict=True):
                system.less(term(low, names), element)
                system.less(element, term(high, names), 1)
        return system.has_solution()

    def indices(self, system: Inequalities, place: Place, same: int, own: str) -> dict[str, str]:
        """Variables for the symbols at a place, with what the loops tell of them."""
        names = {symbol: symbol for symbol in self.fixed}
        for depth, loop in enumerate(place.loops):
            symbol, step = self.symbol(loop), self.value(loop, "step")
            if not symbol or not isinstance(step, int) or step == 0:
                continue
            index = (symbol if depth < same else own + symbol), 0
            start, stop = (term(self.value(loop, part), names) for part in ("start", "stop"))
            if step > 0:
                system.less(start, index)
                system.less(index, stop, 1)
            else:
                system.less(index, start)
                system.less(stop, index, 1)
            names[symbol] = index[0]
        return names

    def symbol(self, loop: For) -> str:
        value = self.kinds.after(loop, loop.index).value
        return value.symbol if isinstance(value, Dim) else ""

    def value(self, loop: For, part: str) -> Length | None:
        return self.kinds.before(loop, getattr(loop, part)).value


def term(length: Length | None, names: dict[str, str]) -> Term | None:
    """A length as a variable and an offset; None where it is not known."""
    if isinstance(length, int):
        return ORIGIN, length
    if isinstance(length, Dim) and length.symbol in names:
        return names[length.symbol], length.offset
    return None
