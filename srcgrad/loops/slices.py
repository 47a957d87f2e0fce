"""Places and slices of an axis: whether they lie within it, and how many elements there are."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from typing import TYPE_CHECKING

from srcgrad.ir.kinds import Dim, Length
from srcgrad.loops.tree import add, call, constant, integer, number_in, raising, subtract, when
from srcgrad.loops.values import Array, Number, Slice

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


def sliced(
    low: Nesting, size: ast.expr, length: Length, item: Slice
) -> tuple[ast.expr | None, int, ast.expr, Length]:
    """Start, step and length of a slice; None is the start of the axis."""
    step = 1 if item.step is None else number_in(item.step.expr)
    if step is None or step == 0:
        low.refuse("the step of a slice is not a number in the text")
    if step < 0:
        return backward(low, size, length, item, step)
    start = bound(low, size, length, item.start)
    stop = bound(low, size, length, item.stop)
    count = size if stop is None else stop
    if start is not None:
        count = subtract(count, start)
        if not in_order(low, item, count):
            count = call("max", count, constant(0))
    known = low.lengths.canonical(known_length(length, item)) if step == 1 else Dim(low.symbol())
    if step != 1:
        count = ast.BinOp(add(count, constant(step - 1)), ast.FloorDiv(), constant(step))
    elif isinstance(known, Dim) and known.symbol == "?":
        known = Dim(low.symbol())
    return start, step, low.known_length(known) or count, known


def in_order(low: Nesting, item: Slice, count: ast.expr) -> bool:
    """Whether a slice is known not to end before it starts, where it has no elements."""
    if item.start is None or item.stop is None or number_in(count) is not None:
        return True
    if number_in(item.start.expr) is not None and number_in(item.stop.expr) is not None:
        return True  # known by its length, or refused for short arrays
    most, least = item.start.bounds[1], item.stop.bounds[0]
    room = None if most is None or least is None else low.difference(least, most)
    if (
        room is None
        or number_in(room) is None
        and not (is_fixed(item.start) and is_fixed(item.stop))
    ):
        return False  # which a check where the function begins would ask of every turn
    return low.holds(room)


def is_fixed(number: Number) -> bool:
    """Whether a number is one throughout."""
    least, most = number.bounds
    return least is not None and least == most


def backward(
    low: Nesting, size: ast.expr, length: Length, item: Slice, step: int
) -> tuple[ast.expr, int, ast.expr, Length]:
    """Start, step and length of a slice whose step is negative: both bounds are places of it."""
    start, first = turning_point(low, size, length, item.start)
    last: Length | None = -1
    if item.stop is None:
        count = add(start, constant(1))
    else:
        stop, last = turning_point(low, size, length, item.stop)
        count = subtract(start, stop)
    known: Length = Dim(low.symbol())
    if isinstance(first, int) and isinstance(last, int):
        known = max((first - last - step - 1) // -step, 0)
        return start, step, constant(known), known
    if first == shifted(length, -1) and isinstance(last, int) and step == -1:
        known = low.lengths.canonical(shifted(first, -last))
    elif item.stop is not None:
        count = call("max", count, constant(0))
    if step != -1:
        above = ast.BinOp(add(count, constant(-step - 1)), ast.FloorDiv(), constant(-step))
        return start, step, above, known
    return start, step, low.known_length(known) or count, known


def turning_point(
    low: Nesting, size: ast.expr, length: Length, item: Number | None
) -> tuple[ast.expr, Length | None]:
    """A bound of a slice that runs backward: a place of the axis, the last where it is left out."""
    if item is None:
        return subtract(size, constant(1)), shifted(length, -1)
    known = number_in(item.expr)
    if known is None:
        return place(low, size, length, item), None
    low.demand(
        subtract(size, constant(known + 1 if known >= 0 else -known)),
        length,
        -(known + 1) if known >= 0 else known,
    )
    if known >= 0:
        return constant(known), known
    return subtract(size, constant(-known)), shifted(length, known)


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
