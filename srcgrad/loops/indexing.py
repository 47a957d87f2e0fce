"""Elements and parts of arrays: what an index selects."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, cast

from srcgrad.ir.core import Assign, Atom, Const
from srcgrad.ir.kinds import Kind, Length
from srcgrad.loops.lists import read_item
from srcgrad.loops.nest import Access, Mode, Nest, empty
from srcgrad.loops.tree import (
    add,
    assign,
    constant,
    index,
    integer,
    name,
    raising,
    when,
)
from srcgrad.loops.values import Array, Items, Number, Other, Parts, Slice, Value, whole

if TYPE_CHECKING:
    from srcgrad.loops.lower import Loops
from srcgrad.loops.slices import from_start, place, places, sliced
from srcgrad.loops.views import part

NO_INDEX = ("pf", "f4", "f8")  # types of numbers that are no indices


def items_of(low: Loops, array: Array, atom: Atom) -> list[Value]:
    """The components of an index, one for each axis of the array (None makes a new one)."""
    found = low.value(atom)
    items = list(found.items) if isinstance(found, Parts) and found.tag == "tuple" else [found]
    items = [listed(low, v) if isinstance(v, Parts) else v for v in items]
    for item in items:
        bounds = (item.start, item.stop, item.step) if isinstance(item, Slice) else (item,)
        if any(isinstance(v, (Array, Number)) and v.dtype in NO_INDEX for v in bounds):
            low.refuse("an index that is a float, which NumPy refuses", "write `x[int(i)]`")
        if isinstance(item, Number) and item.dtype == "b":
            low.refuse("an index that is a truth value has no loop form")
    used = sum(not (isinstance(v, Other) and v.value in (None, Ellipsis)) for v in items)
    used += sum(v.rank - 1 for v in items if isinstance(v, Array) and v.dtype == "b")
    rest = [Slice(None, None, None)] * (array.rank - used)
    if used > array.rank:
        low.refuse("an index has more components than the array has axes")
    for at, item in enumerate(items):
        if isinstance(item, Other) and item.value is Ellipsis:
            return [*items[:at], *rest, *items[at + 1 :]]
    return [*items, *rest]


def listed(low: Loops, places: Parts) -> Array:
    """A list of integers, `x[[2, 0]]`, as the array that it stands for."""
    numbers = [v for v in places.items if isinstance(v, Number) and v.dtype in ("i", "pi")]
    if not numbers or len(numbers) < len(places.items):
        low.refuse("an index that is a list of other things than integers has no loop form")
    base = low.uses.fresh("places")
    count = len(numbers)
    code: list[ast.stmt] = [assign(base, empty((constant(count),), "i"))]
    code += [assign(index(base, [constant(i)]), v.expr) for i, v in enumerate(numbers)]
    low.place(code)
    return whole(base, (count,), "i", base)


def getitem(low: Loops, stmt: Assign) -> Value:
    """`base[index]`."""
    base = low.value(stmt.args[0])
    key = stmt.args[1]
    if isinstance(base, Parts):
        return item_of(low, base, key)
    if isinstance(base, Items):
        kind = low.facts.after(stmt, stmt.target)
        return read_item(low, stmt.target, kind, base, key)
    index = low.value(key)
    if isinstance(base, Number) and isinstance(index, Parts) and not index.items:
        return base  # `x[()]`: an array without axes is a number here
    if not isinstance(base, Array):
        low.refuse("an item is read of something that is no array")
    items = items_of(low, base, key)
    if any(isinstance(v, Array) for v in items):
        return gather(low, stmt, base, items)
    if all(isinstance(v, Number) for v in items):
        return element(low, base, [v for v in items if isinstance(v, Number)])
    return part(low, base, items)


def item_of(low: Loops, base: Parts, key: Atom) -> Value:
    found = low.value(key)
    if base.keys is not None:
        wanted = key.value if isinstance(key, Const) else None
        if wanted in base.keys:
            return base.items[base.keys.index(wanted)]
        low.refuse("a key is not known before the function runs")
    known = found.value if isinstance(found, Number) else None
    if isinstance(known, int) and -len(base.items) <= known < len(base.items):
        return base.items[known]
    if isinstance(found, Slice):
        bounds = [b.value if b is not None else None for b in (found.start, found.stop, found.step)]
        if all(b is None or isinstance(b, int) for b in bounds):
            chosen: Any = slice(*cast(Any, bounds))
            return Parts(base.items[chosen], tag=base.tag)
    low.refuse("an item of a container is read at a place that is not known before it runs")


def element(low: Loops, base: Array, items: Sequence[Number]) -> Number:
    """One element, read at once."""
    low.touch([Access(base.group, "", "read")])
    base = low.fresh(base)
    if base.let:
        low.close()
        base = low.fresh(base)
    return Number(base.element(places(low, base, items)), base.dtype)


def gather(low: Loops, stmt: Assign, base: Array, items: list[Value]) -> Value:
    """`x[rows]`, `x[i, columns]`, `x[rows, columns]`: a new array."""
    kind = low.facts.after(stmt, stmt.target)
    if any(isinstance(v, Array) and v.dtype == "b" for v in items):
        low.refuse("a selection by a mask has no loop form")
    if not kind.is_array or kind.shape is None:
        low.refuse("the shape of what an array of indices selects is not known")
    nest, node = selected(low, base, items, kind, [], "read", base)
    return low.new(nest, node, kind, stmt.target)


def selected(
    low: Loops, base: Array, items: list[Value], kind: Kind, more: list[Value], mode: Mode,
    target: Array,
) -> tuple[Nest, ast.expr]:  # fmt: skip
    """A nest over what arrays of indices select, and the element of the base in it."""
    low.close()
    base = low.fresh(base)
    low.again.read(base.base, False)
    arrays = [low.fresh(v) if isinstance(v, Array) else v for v in items]
    assert kind.shape is not None
    count = max(v.rank for v in arrays if isinstance(v, Array))
    at, slices = axes_of_selection(low, arrays, count)
    rank = len(kind.shape)
    aligned = [as_axes(v, at + count, rank) for v in arrays if isinstance(v, Array)]
    whole_axes = selected_lengths(low, base, arrays, kind, at, count)
    nest = low.join([*aligned, *more, whole_axes], kind.shape)
    nodes: list[ast.expr] = []
    numbers, turns = iter(aligned), iter(slices)
    for axis, item in enumerate(arrays):
        size, length = base.lengths[axis], base.shape[axis]
        if isinstance(item, Array):
            nodes.append(checked_index(low, nest, next(numbers), size))
        elif isinstance(item, Number):
            nodes.append(place(low, size, length, item))
        else:
            assert isinstance(item, Slice)
            start, step, _, _ = sliced(low, size, length, item)
            turn: ast.expr = name(nest.indices[next(turns)])
            if step != 1:
                turn = ast.BinOp(turn, ast.Mult(), integer(step))
            nodes.append(turn if start is None else add(turn, start))
    nest.accesses.append(Access(target.group, "?" + str(len(nest.accesses)), mode))
    return nest, base.element(nodes)


def axes_of_selection(low: Loops, items: list[Value], count: int) -> tuple[int, list[int]]:
    """Where the axes of arrays of indices, so many, begin in the result; and those of slices."""
    out_axis = 0
    at: int | None = None
    slices: list[int] = []
    for item in items:
        if isinstance(item, Array):
            if at is None:
                at, out_axis = out_axis, out_axis + count
            elif out_axis != at + count:
                low.refuse("arrays of indices stand apart in an index")
        elif isinstance(item, Slice):
            slices.append(out_axis)
            out_axis += 1
        elif not isinstance(item, Number):
            low.refuse("a new axis beside an array of indices has no loop form")
    assert at is not None
    return at, slices


def checked_index(low: Loops, nest: Nest, item: Array, size: ast.expr) -> ast.expr:
    """A place from the start of an axis, from one of an array of indices."""
    local = low.uses.fresh("at")
    nest.body.append(assign(local, low.element(nest, item)))
    inside = ast.Compare(ast.UnaryOp(ast.USub(), size), [ast.LtE(), ast.Lt()], [name(local), size])
    outside = ast.UnaryOp(ast.Not(), inside)
    nest.body.append(when(outside, raising("IndexError", "index out of range")))
    return from_start(name(local), size)


def as_axes(array: Array, end: int, rank: int) -> Array:
    """The array with trailing axes of length 1, so that its own end at `end`."""
    extra = rank - end
    ones = tuple(constant(1) for _ in range(extra))
    return replace(array, shape=(*array.shape, *(1,) * extra), lengths=(*array.lengths, *ones))


def selected_lengths(
    low: Loops, base: Array, items: list[Value], kind: Kind, at: int, count: int
) -> Array:
    """Stands for the lengths of the axes that slices select."""
    assert kind.shape is not None
    rank = len(kind.shape)
    shape: list[Length] = [1] * rank
    lengths: list[ast.expr] = [constant(1)] * rank
    out = 0
    seen = False
    for axis, item in enumerate(items):
        if isinstance(item, Array):
            out, seen = (out, True) if seen else (out + count, True)
        elif isinstance(item, Slice):
            _, _, size, known = sliced(low, base.lengths[axis], base.shape[axis], item)
            shape[out], lengths[out] = known, size
            if out < rank:
                shape[out] = kind.shape[out]
            out += 1
    return Array("", (), tuple(shape), tuple(lengths), "f8", "")
