"""What a function reads of its arguments first, as arguments of their own.

    camera = cameras[seen[:, 0]]

Many numbers of the value depend on one camera, so they need as many products for rows; by what is
read, each view has a camera of its own, and the views need two together. The Jacobian by the
arguments adds the columns of what was read from one place.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from srcgrad import trees
from srcgrad.api import _compiler
from srcgrad.backends.lowered import Lowered
from srcgrad.derivative import Derivative, signature_of
from srcgrad.errors import SrcgradError
from srcgrad.manydirections import ManyDirections, last_parameters, paired
from srcgrad.sparsity.colouring import columns
from srcgrad.sparsity.pattern import Pattern
from srcgrad.sparsity.recover import Plan
from srcgrad.sparsity.vectors import Layout

DEARER = 2  # a row at a time costs as much as so many columns


@dataclass(frozen=True, slots=True)
class Items:
    """`positions`: for each variable read, which numbers of the arguments it has, of `count`.

    `pattern` has columns for the arguments, then for each variable. `parts`: what the value is
    joined from, how many rows each has and how many statements it takes; all take `weight`.
    """

    positions: Mapping[str, Any]
    count: int
    pattern: Pattern
    parts: tuple[tuple[int, int], ...] = ()
    weight: int = 0

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
        colours, sections = self.coloured(across)
        if (int(colours.max(initial=-1)) + 1) * DEARER > most:
            return None
        order = np.argsort(slots, kind="stable")
        starts = np.flatnonzero(np.diff(slots[order], prepend=-1))
        group, line = colours[self.pattern.rows][order], self.pattern.indices[order]
        added = None if len(starts) == len(order) else starts
        width = self.pattern.shape[1]
        more = self.positions, added, sections
        return Plan(pattern, "items", colours, group, line, width, *more)

    def coloured(self, across: Pattern) -> tuple[Any, tuple[tuple[int, int], ...]]:
        """Colours of the rows. Each part has its own, where it takes less work to differentiate
        them one by one; then how many rows and colours they have."""
        colours = columns(across)
        own = [int(part.max(initial=-1)) + 1 for part in self.cut(colours)]
        if len(own) < 2 or 0 in own:
            return colours, ()
        apart = [columns(part.transposed()) for part in self.cut_pattern()]
        counts = [int(part.max(initial=-1)) + 1 for part in apart]
        work = sum(w * (1 + DEARER * n) for (_, w), n in zip(self.parts, counts, strict=True))
        if work >= self.weight * (1 + DEARER * (int(colours.max()) + 1)):
            return colours, ()
        firsts = np.cumsum([0, *counts[:-1]])
        found = np.concatenate([part + first for part, first in zip(apart, firsts, strict=True)])
        return found, tuple((len(part), n) for part, n in zip(apart, counts, strict=True))

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


class Reading:
    """A function of its arguments and of what it reads of them first, some variables; or a part of
    its value."""

    def __init__(
        self, f: Callable[..., Any], wrt: tuple[str, ...], names: tuple[str, ...], part: int | None
    ) -> None:
        compiler = _compiler(f, "given", (*wrt, *names), False, late=False, part=part)
        self.made: Derivative[..., Any] = Derivative(
            f, compiler, label="given", signature=signature_of(f)
        )
        self.wrt, self.names = wrt, names
        self._pulls: dict[Lowered, ManyDirections] = {}

    def lower(self, args: Sequence[Any], kwargs: Mapping[str, Any]) -> tuple[list[str], Any]:
        """How it calls the variables, and what makes its pullbacks of many cotangents."""
        lowered = self.made.lower(*args, **kwargs)
        own = last_parameters(lowered.plain, len(self.names))
        if lowered not in self._pulls:
            known = ManyDirections(lowered.function, (*self.wrt, *own), "vjps")
            self._pulls = {lowered: known}
        return own, self._pulls[lowered]

    def rows(self, seeds: Any, point: Point) -> Any:
        """Products with the seeds, for each one after another what belongs to the arguments and to
        the variables."""
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
        found = []
        for arg, part in zip([*point.given, *point.items], pull(bars), strict=True):
            for leaf, bar in paired(arg, part):
                if trees.is_float_leaf(leaf):
                    found.append(np.reshape(bar, (count, np.size(leaf))))
        return np.concatenate(found, axis=1)


@dataclass(frozen=True, slots=True)
class Point:
    """The arguments of a call, those that are differentiated, and what is read of these."""

    args: Sequence[Any]
    kwargs: Mapping[str, Any]
    given: Sequence[Any]
    items: Sequence[Any]


class Readings:
    """What products of a plan are made with: one function, or one for each part of the value."""

    def __init__(self, f: Callable[..., Any], wrt: tuple[str, ...], plan: Plan) -> None:
        numbers = range(len(plan.sections)) if plan.sections else [None]
        names = tuple(plan.positions)
        self.parts = [Reading(f, wrt, names, number) for number in numbers]

    def rows(
        self, plan: Plan, given: Sequence[Any], args: Sequence[Any], kwargs: Mapping[str, Any]
    ) -> Any:
        """The products of a plan, by the arguments `given` and what is read of them."""
        point = Point(args, kwargs, given, read_again(plan.positions, given))
        seeds, found, row, colour = plan.seeds(), [], 0, 0
        sections = plan.sections or ((seeds.shape[1], seeds.shape[0]),)
        for part, (height, count) in zip(self.parts, sections, strict=True):
            own = seeds[colour : colour + count, row : row + height]
            found.append(part.rows(own, point))
            row, colour = row + height, colour + count
        return np.concatenate(found)


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
