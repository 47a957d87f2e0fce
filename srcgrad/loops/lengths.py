"""Which symbolic lengths are the same: what the kinds prove, and what a run is to find.

A function for loops takes lengths that meet in an elementwise operation to be equal. Lengths of
parameters are compared where the function begins; then they are one length everywhere.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import field

from srcgrad.ir.classes import dataclass
from srcgrad.ir.kinds import Dim, Kind, Length, floor_of

# The symbol of a length, `x.0+0[2:5:]`, by which kinds know a part between two numbers.
CONSTANT_PART = re.compile(r"(.+?)([+-]\d+)\[(\d*):(\d+):1?\]")
Root = tuple[str, int]  # a symbol and an offset; the symbol "" stands for 0


@dataclass(slots=True)
class Lengths:
    """A union of symbols that differ by known offsets. `fixed`: symbols that mean one length."""

    fixed: Collection[str]
    parents: dict[str, Root] = field(default_factory=dict)
    # what the function has to check where it begins
    equations: list[tuple[Dim, Length]] = field(default_factory=list)
    parts: set[tuple[Dim, int]] = field(default_factory=set)  # axes, and how long they are at least

    def root(self, length: Length) -> Root:
        """The symbol that stands for all lengths which differ from it by an offset."""
        if isinstance(length, int):
            return "", length
        symbol, offset = length.symbol, length.offset
        while symbol in self.parents:
            symbol, more = self.parents[symbol]
            offset += more
        part = CONSTANT_PART.fullmatch(symbol) if symbol.endswith("]") else None
        if part is not None:
            return self.part(symbol, offset, *part.groups())
        return symbol, offset

    def part(self, symbol: str, offset: int, base: str, more: str, start: str, stop: str) -> Root:
        """The length of `x[2:5]`, where an axis of a parameter is to be as long."""
        inner, before = self.root(Dim(base, int(more)))
        if inner not in self.fixed:
            return symbol, offset
        self.parts.add((Dim(inner, before), int(stop)))
        return "", max(int(stop) - int(start or 0), 0) + offset

    def same(self, a: Length, b: Length) -> bool:
        return self.root(a) == self.root(b)

    def canonical(self, length: Length) -> Length:
        symbol, offset = self.root(length)
        if not symbol:
            return offset
        return Dim(symbol, offset, floor_of(length))

    def kind(self, kind: Kind) -> Kind:
        """The kind with each length in the one form that equal lengths have."""
        if kind.tag not in ("array", "scalar", "tuple", "list", "slice"):
            return kind
        shape = None if kind.shape is None else tuple(map(self.canonical, kind.shape))
        items = None
        if kind.items is not None:
            items = tuple((key, self.kind(item)) for key, item in kind.items)
        value = None if kind.value is None else self.canonical(kind.value)
        known = kind.element, value, kind.fields, kind.cls, kind.narrow
        return Kind(kind.tag, kind.dtype, shape, items, *known)

    def unite(self, a: Length, b: Length) -> bool:
        """Take two lengths of parameters to be equal; False if they are not of parameters."""
        (one, more), (other, less) = self.root(a), self.root(b)
        if one == other:
            return more == less
        if not all(symbol in self.fixed or not symbol for symbol in (one, other)):
            return False
        if not one:
            (one, more), (other, less), a, b = (other, less), (one, more), b, a
        if not other and less - more == 1:
            return False  # a length that may be 1 is stretched
        self.parents[one] = (other, less - more)
        offset = less - more
        self.equations.append((Dim(one), Dim(other, offset) if other else offset))
        return True
