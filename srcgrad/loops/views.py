"""Parts of arrays by their places in memory, and whether an index lies within its axis."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from srcgrad.ir.kinds import Dim, Length
from srcgrad.loops.tree import (
    add,
    constant,
    index,
    integer,
    name,
    number_in,
    raising,
    subtract,
    when,
)
from srcgrad.loops.values import Array, Number, Other, Slice, Term, Value

if TYPE_CHECKING:
    from srcgrad.loops.nesting import Nesting


def places(low: Nesting, base: Array, items: Sequence[Number]) -> list[ast.expr]:
    return [
        place(low, base.lengths[axis], base.shape[axis], item) for axis, item in enumerate(items)
    ]


def place(low: Nesting, size: ast.expr, length: Length, item: Number) -> ast.expr:
    """An integer index that is known to lie within its axis, or is checked to do so."""
    known = number_in(item.expr)
    if known is not None:
        if isinstance(length, int) and -length <= known < length:
            return integer(known if known >= 0 else known + length)
        low.demand(
            subtract(size, constant(known + 1 if known >= 0 else -known)),
            length,
            -(known + 1) if known >= 0 else known,
        )
        return item.expr if known >= 0 else add(size, integer(known))
    least, most = item.bounds
    if not low.is_within(least, most, length):
        outside = ast.UnaryOp(
            ast.Not(),
            ast.Compare(ast.UnaryOp(ast.USub(), size), [ast.LtE(), ast.Lt()], [item.expr, size]),
        )
        low.place([when(outside, raising("IndexError", "index out of range"))])
        return from_start(item.expr, size)
    return item.expr


def from_start(at: ast.expr, size: ast.expr) -> ast.expr:
    """An index counted from the start of a part, which need not be that of the memory."""
    after = ast.Compare(at, [ast.GtE()], [constant(0)])
    return ast.IfExp(after, at, ast.BinOp(at, ast.Add(), size))


def part(low: Nesting, array: Array, items: Sequence[Value]) -> Array:
    """The part that integers, slices and new axes select, as a view."""
    if array.let:
        low.close()
        array = low.fresh(array)
    used = sum(not isinstance(item, Other) for item in items)
    items = [*items, *[Slice(None, None, None)] * (array.rank - used)]
    starts: list[ast.expr | None] = []
    steps: list[int] = []
    news: list[int | None] = []
    shape: list[Length] = []
    lengths: list[ast.expr] = []
    axis = 0
    for item in items:
        if isinstance(item, Other):
            shape.append(1)
            lengths.append(constant(1))
            continue
        size, length = array.lengths[axis], array.shape[axis]
        if isinstance(item, Number):
            starts.append(place(low, size, length, item))
            steps.append(1)
            news.append(None)
        else:
            assert isinstance(item, Slice)
            start, step, count, known = sliced(low, size, length, item)
            starts.append(start)
            steps.append(step)
            news.append(len(shape))
            shape.append(known)
            lengths.append(count)
        axis += 1
    terms = tuple(composed(term, starts, steps, news) for term in array.terms)
    cut = array.cut or any(isinstance(v, Slice) and not is_full(v) for v in items)
    return replace(array, terms=terms, shape=tuple(shape), lengths=tuple(lengths), cut=cut)


def is_full(item: Slice) -> bool:
    return item.start is None and item.stop is None and item.step is None


def composed(
    term: Term, starts: list[ast.expr | None], steps: list[int], news: list[int | None]
) -> Term:
    """Where an axis of memory stands for a part of what it stood for."""
    if term.axis is None:
        return term
    own, step = starts[term.axis], steps[term.axis]
    if own is not None and term.step != 1:
        own = ast.BinOp(own, ast.Mult(), integer(term.step))
    start = term.start if own is None else own if term.start is None else add(term.start, own)
    return Term(news[term.axis], start, term.step * step)


def sliced(
    low: Nesting, size: ast.expr, length: Length, item: Slice
) -> tuple[ast.expr | None, int, ast.expr, Length]:
    """Start, step and length of a slice; None is the start of the axis."""
    step = 1 if item.step is None else number_in(item.step.expr)
    if step is None or step == 0:
        low.refuse("the step of a slice is not a number in the text")
    if step < 0:
        if item.start is not None or item.stop is not None or step != -1:
            low.refuse("a slice with a negative step and a bound has no loop form")
        return subtract(size, constant(1)), -1, size, length
    start = bound(low, size, length, item.start)
    stop = bound(low, size, length, item.stop)
    count = size if stop is None else stop
    if start is not None:
        count = subtract(count, start)
    known = low.lengths.canonical(known_length(length, item)) if step == 1 else Dim(low.symbol())
    if step != 1:
        count = ast.BinOp(add(count, constant(step - 1)), ast.FloorDiv(), constant(step))
    elif isinstance(known, Dim) and known.symbol == "?":
        known = Dim(low.symbol())
    return start, step, low.known_length(known) or count, known


def known_length(length: Length, item: Slice) -> Length:
    """The length of `[start:stop]` where it follows from that of the axis."""
    start = 0 if item.start is None else item.start.value
    stop: Length | None = length if item.stop is None else item.stop.value
    if isinstance(stop, int) and stop < 0 or isinstance(stop, int) and item.stop is None:
        stop = shifted(length, stop) if item.stop is not None else length
    elif isinstance(stop, int) and isinstance(start, int) and start >= 0:
        return max(stop - start, 0)  # that the axis is as long is checked
    elif isinstance(stop, int) and not (isinstance(length, int) and stop <= length):
        return Dim("?")
    if isinstance(start, int) and start < 0:
        return -start if stop == length and item.stop is None else Dim("?")
    if stop is None or not isinstance(start, int):
        return Dim("?")
    if isinstance(stop, Dim) and isinstance(length, Dim) and stop.symbol != length.symbol:
        return Dim("?")
    return shifted(stop, -start)


def shifted(length: Length, offset: int) -> Length:
    if isinstance(length, int):
        return length + offset
    return Dim(length.symbol, length.offset + offset)


def bound(low: Nesting, size: ast.expr, length: Length, item: Number | None) -> ast.expr | None:
    """A bound of a slice as a place counted from the start of the axis; None where left out."""
    if item is None:
        return None
    known = number_in(item.expr)
    if known is not None:
        if known == 0:
            return constant(0)
        if known < 0:
            low.demand(subtract(size, constant(-known)), length, known)
            return subtract(size, constant(-known))
        low.demand(subtract(size, constant(known)), length, -known)
        return constant(known)
    least, most = item.bounds
    if low.is_within(least, most, length, at_end=True):
        return item.expr
    low.place([when(
        ast.BoolOp(ast.Or(), [
            ast.Compare(item.expr, [ast.Lt()], [constant(0)]),
            ast.Compare(item.expr, [ast.Gt()], [size]),
        ]),
        raising("IndexError", "a slice reaches beyond the array"),
    )])  # fmt: skip
    return item.expr


def true_view(low: Nesting, array: Array) -> ast.expr:
    """The array as an expression: its variable, its transpose, or a slice of it."""
    if array.is_whole:
        return name(array.base)
    if array.is_turned:
        return ast.Attribute(name(array.base), "T", ast.Load())
    axes = [t.axis for t in array.terms if t.axis is not None]
    if axes != list(range(array.rank)):
        return name(copied(low, array).base)
    places: list[ast.expr] = []
    for term in array.terms:
        if term.axis is None:
            places.append(term.start or constant(0))
            continue
        if term.step != 1:
            return name(copied(low, array).base)
        count = array.lengths[term.axis]
        stop = count if term.start is None else add(term.start, count)
        if term.start is None and ast.dump(count) == ast.dump(low.size(array.base, places)):
            places.append(ast.Slice(None, None, None))
        else:
            places.append(ast.Slice(term.start, stop, None))
    return index(array.base, places)


def copied(low: Nesting, value: Array) -> Array:
    """A copy of an array, made at once."""
    nest = low.join([value], value.shape)
    value = low.fresh(value)
    node = low.element(nest, value)
    base = low.uses.fresh("part")
    made = low.made(nest, node, base, value.dtype)
    low.close()
    return low.fresh(made)


def settled(low: Nesting, array: Array) -> Array:
    """The array as memory of its own, that parts may be taken of."""
    if array.let:
        low.close()
        array = low.fresh(array)
    return array
