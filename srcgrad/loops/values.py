"""What a variable stands for while loops are written: elements by index, numbers, parts of indices.

A view is never made: its elements are those of the memory below it, at other indices.
"""

from __future__ import annotations

import ast
from dataclasses import replace
from typing import Any, TypeAlias

from srcgrad.ir.classes import dataclass
from srcgrad.ir.kinds import Dtype, Kind, Length, Shape
from srcgrad.loops.tree import add, attribute, constant, index, name, subtract


@dataclass(frozen=True, slots=True)
class Term:
    """Where an axis of the memory stands: `start + step * i`, `i` the index along an axis of the
    value; fixed at `start` where `axis` is None."""

    axis: int | None
    start: ast.expr | None = None  # None: 0
    step: int = 1


@dataclass(frozen=True, slots=True, eq=False)
class Array:
    """An array by the elements of its memory, the variable `base`.

    `lengths` are expressions, one for each axis of the value. `shape`: what is known of them.
    """

    base: str
    terms: tuple[Term, ...]
    shape: Shape
    lengths: tuple[ast.expr, ...]
    dtype: Dtype
    group: str  # stands for all names that may share the memory
    let: bool = False  # made in the nest of loops that is still open
    cut: bool = False  # lengths are not those of the memory
    every: ast.expr | None = None  # what each element is, where there is no memory

    @property
    def rank(self) -> int:
        return len(self.shape)

    @property
    def is_whole(self) -> bool:
        """True if it is the memory itself, not a part of it."""
        return (
            not self.cut
            and len(self.terms) == self.rank
            and all(
                t.axis == place and t.start is None and t.step == 1
                for place, t in enumerate(self.terms)
            )
        )

    @property
    def is_turned(self) -> bool:
        """True for the transposed whole of a matrix."""
        return (
            not self.cut
            and self.rank == 2
            and len(self.terms) == 2
            and [t.axis for t in self.terms] == [1, 0]
            and all(t.start is None and t.step == 1 for t in self.terms)
        )

    def element(self, indices: list[ast.expr]) -> ast.expr:
        """The element at these indices, one for each axis of the value."""
        if self.every is not None:
            return self.every
        places = []
        for term in self.terms:
            start = term.start if term.start is not None else constant(0)
            if term.axis is None or self.shape[term.axis] == 1:
                places.append(start)
                continue
            place = indices[term.axis]
            if abs(term.step) != 1:
                place = ast.BinOp(place, ast.Mult(), constant(abs(term.step)))
            if term.step < 0:
                places.append(subtract(start, place))
                continue
            places.append(place if term.start is None else add(place, start))
        return index(self.base, places)


def whole(base: str, shape: Shape, dtype: Dtype, group: str) -> Array:
    """The array that a variable holds."""
    lengths = tuple(length_of(base, axis) for axis in range(len(shape)))
    terms = tuple(Term(axis) for axis in range(len(shape)))
    return Array(base, terms, shape, lengths, dtype, group)


def uniform(number: ast.expr, dtype: Dtype, shape: Shape, lengths: tuple[ast.expr, ...]) -> Array:
    """An array whose elements are all one number; it is not made."""
    return Array("", (), shape, lengths, dtype, "", every=number)


def length_of(base: str, axis: int) -> ast.expr:
    return ast.Subscript(attribute(name(base), "shape"), constant(axis), ast.Load())


def in_axes(array: Array, axes: tuple[int | None, ...]) -> Array:
    """The value with axes in another order; None stands for a new axis of length 1."""
    places = {old: new for new, old in enumerate(axes) if old is not None}
    terms = tuple(
        t
        if t.axis is None
        else replace(t, axis=places[t.axis])
        if t.axis in places
        else replace(t, axis=None)
        for t in array.terms
    )
    shape = tuple(1 if old is None else array.shape[old] for old in axes)
    lengths = tuple(constant(1) if old is None else array.lengths[old] for old in axes)
    return replace(array, terms=terms, shape=shape, lengths=lengths)


def stretched(array: Array, shape: Shape, lengths: tuple[ast.expr, ...]) -> Array:
    """The value repeated to a larger shape: axes that are new or of length 1 count for nothing."""
    shift = len(shape) - array.rank
    terms = []
    for term in array.terms:
        if term.axis is None:
            terms.append(term)
        elif array.shape[term.axis] == 1:
            terms.append(Term(None, term.start))
        else:
            terms.append(replace(term, axis=term.axis + shift))
    longer = any(n == 1 for n in array.shape)
    return replace(array, terms=tuple(terms), shape=shape, lengths=lengths, cut=array.cut or longer)


@dataclass(frozen=True, slots=True, eq=False)
class Number:
    """A scalar, as an expression without effect. `low` and `high`: what an integer lies between."""

    expr: ast.expr
    dtype: Dtype
    value: Length | None = None
    low: Length | None = None
    high: Length | None = None

    @property
    def bounds(self) -> tuple[Length | None, Length | None]:
        """The least and the greatest value, where they are known."""
        if self.value is not None and (self.low is None or self.high is None):
            return self.value, self.value
        return self.low, self.high


@dataclass(frozen=True, slots=True, eq=False)
class Parts:
    """A tuple whose items are known: an index, a shape, results."""

    items: tuple[Value, ...]
    keys: tuple[object, ...] | None = None  # of a dict
    tag: str = "tuple"


@dataclass(frozen=True, slots=True, eq=False)
class Slice:
    """`start:stop:step`; a bound is None where it is left out."""

    start: Number | None
    stop: Number | None
    step: Number | None


@dataclass(frozen=True, slots=True, eq=False)
class Other:
    """None, Ellipsis, a text: a constant that is no number."""

    value: object


@dataclass(frozen=True, slots=True, eq=False)
class Items:
    """A list of any length, in the variable `base`: numbers, or arrays of one rank and type."""

    base: str
    element: Kind
    group: str  # stands for all names that may share memory with an item
    count: Length | None = None  # where it is known


Value: TypeAlias = Array | Number | Parts | Slice | Other | Items
Env: TypeAlias = dict[str, Value]

# None for a number or an array; else the keys of a dict (or None), the type, the items.
Structure: TypeAlias = tuple[tuple[object, ...] | None, str, tuple[Any, ...]] | None


def structure_of(value: Value) -> Structure:
    if not isinstance(value, Parts):
        return None
    return value.keys, value.tag, tuple(map(structure_of, value.items))
