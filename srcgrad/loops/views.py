"""Parts of arrays by their places in memory."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from srcgrad.ir.kinds import Length
from srcgrad.loops.slices import place, sliced
from srcgrad.loops.tree import (
    add,
    constant,
    index,
    integer,
    name,
    subtract,
)
from srcgrad.loops.values import Array, Number, Other, Slice, Term, Value

if TYPE_CHECKING:
    from srcgrad.loops.nesting import Nesting


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
    if own is not None and abs(term.step) != 1:
        own = ast.BinOp(own, ast.Mult(), integer(abs(term.step)))
    if own is None or term.start is None:
        start = own or term.start
    else:
        start = (add if term.step > 0 else subtract)(term.start, own)
    return Term(news[term.axis], start, term.step * step)


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
