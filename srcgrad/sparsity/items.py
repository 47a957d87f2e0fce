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

    `pattern` has columns for the arguments, then for each variable.
    """

    positions: Mapping[str, Any]
    count: int
    pattern: Pattern

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
        colours = columns(across)
        if (int(colours.max(initial=-1)) + 1) * DEARER > most:
            return None
        order = np.argsort(slots, kind="stable")
        starts = np.flatnonzero(np.diff(slots[order], prepend=-1))
        group, line = colours[self.pattern.rows][order], self.pattern.indices[order]
        added = None if len(starts) == len(order) else starts
        width = self.pattern.shape[1]
        return Plan(pattern, "items", colours, group, line, width, self.positions, added)


class Reading:
    """A function of its arguments and of what it reads of them first, some variables."""

    def __init__(self, f: Callable[..., Any], wrt: tuple[str, ...], names: tuple[str, ...]) -> None:
        compiler = _compiler(f, "given", (*wrt, *names), False, late=False)
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

    def rows(
        self, plan: Plan, given: Sequence[Any], args: Sequence[Any], kwargs: Mapping[str, Any]
    ) -> Any:
        """The products of a plan, by the arguments `given` and what is read of them."""
        own, pulls = self.lower(args, kwargs)
        items = read_again(plan.positions, given)
        kwargs = {**kwargs, **dict(zip(own, items, strict=True))}
        lowered = pulls.lower(args, kwargs)
        if isinstance(lowered, str):
            raise SrcgradError(lowered)
        value, pull = lowered.function(*args, **kwargs)
        layout = Layout([value])
        if layout.size != plan.pattern.shape[0]:
            rows = plan.pattern.shape[0]
            raise SrcgradError(f"the plan has {rows} rows, and the value {layout.size} numbers")
        count = plan.count
        (seeds,) = layout.trees_of(plan.seeds(), lambda leaf: np.zeros((count, *np.shape(leaf))))
        found = []
        for arg, part in zip([*given, *items], pull(seeds), strict=True):
            for leaf, bar in paired(arg, part):
                if trees.is_float_leaf(leaf):
                    found.append(np.reshape(bar, (count, np.size(leaf))))
        return np.concatenate(found, axis=1)


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
