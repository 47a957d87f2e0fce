"""Seeds that tell several columns or rows at once, and the elements from what they give."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from typing import Any, Literal, NamedTuple

import numpy as np

from srcgrad.errors import InternalError
from srcgrad.ir.classes import dataclass
from srcgrad.sparsity.colouring import alone, columns, star
from srcgrad.sparsity.pattern import Pattern

Way = Literal["columns", "rows", "symmetric", "items"]


class Section(NamedTuple):
    """A part of the value, or all of it: how many rows and colours it has, and which arguments and
    variables read of them it takes, by their numbers."""

    rows: int
    colours: int
    used: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Plan:
    """How a matrix of a known pattern is found: one product for each colour.

    `colours` are those of the columns, or of the rows where `way` is "rows" or "items". Element `k`
    of the pattern stands in line `line[k]` of the product of its colour, `group[k]`.

    By "items", rows are those of the Jacobian by the arguments and by what is read of them first
    (`items.py`): `positions` says what that is. Elements are added from each of the places `added`
    to the next, unless that is None. `width`: how many numbers a product has. `sections`: the
    parts of the value that are differentiated by themselves, each with colours of its own.
    """

    pattern: Pattern
    way: Way
    colours: Any
    group: Any
    line: Any
    width: int
    positions: Mapping[str, Any] = field(default_factory=dict)
    added: Any = None
    sections: tuple[Section, ...] = ()
    place: Any = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "place", self.group * self.width + self.line)

    @property
    def by_rows(self) -> bool:
        """Whether the products are with rows."""
        return self.way in ("rows", "items")

    @property
    def count(self) -> int:
        """How many products there are."""
        return int(self.colours.max(initial=-1)) + 1

    def seeds(self, dtype: Any = float) -> Any:
        """One row for each product: ones in the columns, or rows, of its colour."""
        made = np.zeros((self.count, len(self.colours)), dtype=dtype)
        made[self.colours, np.arange(len(self.colours))] = 1
        return made

    def elements(self, products: Any) -> Any:
        """The elements of the pattern, in order, from the products."""
        found = np.take(products, self.place)
        return found if self.added is None else np.add.reduceat(found, self.added)


def planned(pattern: Pattern, forward: bool = True, backward: bool = True) -> Plan:
    """By columns or by rows, whichever needs fewer colours."""
    across = pattern.transposed()
    by_row = backward and (not forward or across.longest_row < pattern.longest_row)
    first = _by_rows(pattern, across) if by_row else _by_columns(pattern)
    if not (forward and backward):
        return first
    least = pattern.longest_row if by_row else across.longest_row
    if least >= first.count:
        return first
    other = _by_columns(pattern) if by_row else _by_rows(pattern, across)
    return min(first, other, key=lambda plan: plan.count)


def _by_columns(pattern: Pattern) -> Plan:
    colours = columns(pattern)
    height = pattern.shape[0]
    return Plan(pattern, "columns", colours, colours[pattern.indices], pattern.rows, height)


def _by_rows(pattern: Pattern, across: Pattern) -> Plan:
    colours = columns(across)
    width = pattern.shape[1]
    return Plan(pattern, "rows", colours, colours[pattern.rows], pattern.indices, width)


def planned_symmetric(pattern: Pattern) -> Plan:
    """By a star colouring: each element is read where it stands alone, here or mirrored."""
    colours = star(pattern)
    rows, indices = pattern.rows, pattern.indices
    here = alone(pattern, colours)
    mirrored = pattern.transposed()  # element (i, j) stands there as (j, i)
    there = np.empty_like(here)
    there[np.lexsort((rows, indices))] = alone(mirrored, colours)
    if not np.all(here | there):
        raise InternalError("a star colouring leaves elements that do not stand alone")
    return Plan(
        pattern,
        "symmetric",
        colours,
        np.where(here, colours[indices], colours[rows]),
        np.where(here, rows, indices),
        pattern.shape[0],
    )
