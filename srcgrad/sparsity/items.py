"""What a function reads of its arguments first, as arguments of their own.

    camera = cameras[seen[:, 0]]

Many numbers of the value depend on one camera, so they need as many products for rows; by what is
read, each view has a camera of its own, and the views need two together. The Jacobian by the
arguments adds the columns of what was read from one place.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from srcgrad import trees
from srcgrad.api import _compiler
from srcgrad.backends.lowered import Lowered
from srcgrad.derivative import Derivative, signature_of
from srcgrad.errors import SrcgradError
from srcgrad.ir.classes import dataclass
from srcgrad.manydirections import ManyDirections, last_parameters, paired
from srcgrad.sparsity.colouring import columns
from srcgrad.sparsity.pattern import Pattern
from srcgrad.sparsity.recover import Plan, Section
from srcgrad.sparsity.vectors import Layout

DEARER = 2  # a row at a time costs as much as so many columns


@dataclass(frozen=True, slots=True)
class Items:
    """`positions`: for each variable read, which numbers of the arguments it has. `sizes`: how many
    numbers each argument has.

    `pattern` has columns for the arguments, then for each variable. `parts`: what the value is
    joined from, how many rows each has and how many statements it takes; all take `weight`.
    """

    positions: Mapping[str, Any]
    sizes: tuple[int, ...]
    pattern: Pattern
    parts: tuple[tuple[int, int], ...] = ()
    weight: int = 0

    @property
    def count(self) -> int:
        """How many numbers the arguments have."""
        return sum(self.sizes)

    def outer(self) -> tuple[Pattern, Any]:
        """The pattern by the arguments alone, and where in it each element of `pattern` is."""
        read = [places.ravel() for places in self.positions.values()]
        source = np.concatenate([np.arange(self.count), *read])
        rows, width = self.pattern.shape[0], max(self.count, 1)
        keys = self.pattern.rows * width + source[self.pattern.indices]
        kept, slots = np.unique(keys, return_inverse=True)
        counts = np.bincount(kept // width, minlength=rows)
        indptr = np.concatenate([[0], np.cumsum(counts)])
        shape = rows, self.count
        return Pattern(shape, indptr, kept % width, self.pattern.hangs_on), slots

    def plan(self) -> Plan | None:
        """A plan by rows, if it is cheaper than any by columns or by rows of the arguments'."""
        pattern, slots = self.outer()
        across = self.pattern.transposed()
        most = min(pattern.longest_row, pattern.transposed().longest_row)
        if across.longest_row * DEARER > most:
            return None
        colours, counts = self.coloured(across)
        if (int(colours.max(initial=-1)) + 1) * DEARER > most:
            return None
        order = np.argsort(slots, kind="stable")
        starts = np.flatnonzero(np.diff(slots[order], prepend=-1))
        group, line = colours[self.pattern.rows], self.pattern.indices
        added = None if len(starts) == len(order) else starts
        more = self.pattern.shape[1], self.positions, added, self.sections(group, line, counts)
        return Plan(pattern, "items", colours, group[order], line[order], *more)

    def sections(self, group: Any, line: Any, counts: Sequence[int]) -> tuple[Section, ...]:
        """What is differentiated by itself, `counts` colours of each, and what it takes."""
        ends = np.cumsum([*self.sizes, *(np.size(places) for places in self.positions.values())])
        rows = [size for size, _ in self.parts] if len(counts) > 1 else [self.pattern.shape[0]]
        found, first = [], 0
        for height, count in zip(rows, counts, strict=True):
            own = line[(group >= first) & (group < first + count)]
            used = np.unique(np.searchsorted(ends, own, side="right"))
            found.append(Section(height, count, tuple(used.tolist())))
            first += count
        return tuple(found)

    def coloured(self, across: Pattern) -> tuple[Any, list[int]]:
        """Colours of the rows, and how many each part of the value has: each has its own, where it
        takes less work to differentiate them one by one."""
        colours = columns(across)
        together = colours, [int(colours.max(initial=-1)) + 1]
        own = [int(part.max(initial=-1)) + 1 for part in self.cut(colours)]
        if len(own) < 2 or 0 in own:
            return together
        apart = [columns(part.transposed()) for part in self.cut_pattern()]
        counts = [int(part.max(initial=-1)) + 1 for part in apart]
        work = sum(w * (1 + DEARER * n) for (_, w), n in zip(self.parts, counts, strict=True))
        if work >= self.weight * (1 + DEARER * together[1][0]):
            return together
        firsts = np.cumsum([0, *counts[:-1]])
        found = [part + first for part, first in zip(apart, firsts, strict=True)]
        return np.concatenate(found), counts

    def cut(self, rows: Any) -> list[Any]:
        """What there is for each row, by parts."""
        return np.split(rows, np.cumsum([size for size, _ in self.parts])[:-1])

    def cut_pattern(self) -> list[Pattern]:
        """The pattern of each part."""
        pattern, found, start = self.pattern, [], 0
        for size, _ in self.parts:
            ends = pattern.indptr[start : start + size + 1]
            indices = pattern.indices[ends[0] : ends[-1]]
            found.append(Pattern((size, pattern.shape[1]), ends - ends[0], indices))
            start += size
        return found


@dataclass(frozen=True, slots=True)
class Point:
    """The arguments of a call, those that are differentiated, and what is read of these."""

    args: Sequence[Any]
    kwargs: Mapping[str, Any]
    given: Sequence[Any]
    items: Sequence[Any]

    def blocks(self) -> list[tuple[Any, int, int]]:
        """Arguments differentiated and what is read of them, each with its part of a product."""
        found, start = [], 0
        for value in (*self.given, *self.items):
            stop = start + Layout([value]).size
            found.append((value, start, stop))
            start = stop
        return found


class Reading:
    """A function of its arguments and of what it reads of them first, some variables; or a part of
    its value. `used`: which of the arguments differentiated and of the variables that takes."""

    def __init__(
        self,
        f: Callable[..., Any],
        wrt: tuple[str, ...],
        names: tuple[str, ...],
        part: int | None,
        used: Sequence[int],
    ) -> None:
        compiler = _compiler(f, "given", (*wrt, *names), False, late=False, part=part)
        self.made: Derivative[..., Any] = Derivative(
            f, compiler, label="given", signature=signature_of(f)
        )
        self.wrt, self.names, self.used = wrt, names, used
        self._pulls: dict[Lowered, ManyDirections] = {}

    def lower(self, args: Sequence[Any], kwargs: Mapping[str, Any]) -> tuple[list[str], Any]:
        """How it calls the variables, and what makes its pullbacks of many cotangents."""
        lowered = self.made.lower(*args, **kwargs)
        own = last_parameters(lowered.plain, len(self.names))
        if lowered not in self._pulls:
            every = (*self.wrt, *own)
            known = ManyDirections(lowered.function, tuple(every[k] for k in self.used), "vjps")
            self._pulls = {lowered: known}
        return own, self._pulls[lowered]

    def rows(self, seeds: Any, point: Point, into: Any) -> None:
        """Put products with the seeds where they belong, those that are not zero."""
        own, pulls = self.lower(point.args, point.kwargs)
        kwargs = {**point.kwargs, **dict(zip(own, point.items, strict=True))}
        lowered = pulls.lower(point.args, kwargs)
        if isinstance(lowered, str):
            raise SrcgradError(lowered)
        value, pull = lowered.function(*point.args, **kwargs)
        layout, (count, rows) = Layout([value]), seeds.shape
        if layout.size != rows:
            raise SrcgradError(f"the plan has {rows} rows, and the value {layout.size} numbers")
        (bars,) = layout.trees_of(seeds, lambda leaf: np.zeros((count, *np.shape(leaf))))
        blocks = point.blocks()
        for number, part in zip(self.used, pull(bars), strict=True):
            arg, place, _ = blocks[number]
            for leaf, bar in paired(arg, part):
                if trees.is_float_leaf(leaf):
                    size = np.size(leaf)
                    into[:, place : place + size] = np.reshape(bar, (count, size))
                    place += size


class Readings:
    """What products of a plan are made with: one function, or one for each part of the value."""

    def __init__(self, f: Callable[..., Any], wrt: tuple[str, ...], plan: Plan) -> None:
        names, split = tuple(plan.positions), len(plan.sections) > 1
        self.parts = [
            Reading(f, wrt, names, number if split else None, section.used)
            for number, section in enumerate(plan.sections)
        ]

    def rows(
        self, plan: Plan, given: Sequence[Any], args: Sequence[Any], kwargs: Mapping[str, Any]
    ) -> Any:
        """The products of a plan, by the arguments `given` and what is read of them."""
        point = Point(args, kwargs, given, read_again(plan.positions, given))
        found = np.zeros((plan.count, plan.width), Layout(given).dtype)
        seeds, row, colour = plan.seeds(), 0, 0
        for part, section in zip(self.parts, plan.sections, strict=True):
            own = slice(colour, colour + section.colours)
            part.rows(seeds[own, row : row + section.rows], point, found[own])
            row, colour = row + section.rows, colour + section.colours
        return found


def read_again(positions: Mapping[str, Any], given: Sequence[Any]) -> list[Any]:
    """What variables read of arguments, from the places where it stands in them."""
    leaves = [leaf for tree in given for leaf in trees.flatten(tree)[0]]
    leaves = [leaf for leaf in leaves if trees.is_float_leaf(leaf)]
    ends = np.cumsum([np.size(leaf) for leaf in leaves])
    found = []
    for places in positions.values():
        number = int(np.searchsorted(ends, places.flat[0], side="right"))
        start = ends[number] - np.size(leaves[number])
        found.append(np.take(leaves[number], places - start))
    return found
