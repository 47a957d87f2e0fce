"""Shapes of arrays, and arrays in other shapes."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from srcgrad.ir.core import Assign
from srcgrad.loops.tree import (
    assign,
    attribute,
    call,
    constant,
    name,
    product,
)
from srcgrad.loops.values import (
    Array,
    Items,
    Number,
    Parts,
    Value,
    in_axes,
    stretched,
    uniform,
    whole,
)
from srcgrad.loops.views import settled

if TYPE_CHECKING:
    from srcgrad.loops.lower import Loops


def shape_of(low: Loops, stmt: Assign) -> Value:
    value = low.value(stmt.args[0])
    if isinstance(value, Number):
        return Parts(())
    array = low.array(stmt.args[0])
    return Parts(tuple(length(low, array, axis) for axis in range(array.rank)))


def length(low: Loops, array: Array, axis: int) -> Number:
    known = array.shape[axis]
    return Number(low.known_length(known) or array.lengths[axis], "pi", known)


def size_of(low: Loops, stmt: Assign) -> Value:
    value = low.value(stmt.args[0])
    if isinstance(value, Number):
        return Number(constant(1), "pi", 1)
    array = low.array(stmt.args[0])
    if array.rank == 1:
        return length(low, array, 0)
    return Number(product([length(low, array, a).expr for a in range(array.rank)]), "pi")


def len_of(low: Loops, stmt: Assign) -> Value:
    value = low.value(stmt.args[0])
    if isinstance(value, Parts):
        return Number(constant(len(value.items)), "pi", len(value.items))
    if isinstance(value, Items) and isinstance(value.count, int):
        return Number(constant(value.count), "pi", value.count)
    if isinstance(value, Items):
        return Number(call("len", name(value.base)), "pi")
    return length(low, low.array(stmt.args[0]), 0)


def rank_of(low: Loops, stmt: Assign) -> Value:
    value = low.value(stmt.args[0])
    rank = value.rank if isinstance(value, Array) else 0
    return Number(constant(rank), "pi", rank)


def turned(low: Loops, stmt: Assign) -> Value:
    """`x.T`, `np.transpose(x, axes)`, `np.swapaxes`, `np.moveaxis`."""
    array = low.array(stmt.args[0])
    order = list(range(array.rank))[::-1]
    fn = str(stmt.fn).rpartition(".")[2]
    if fn in ("transpose", "swapaxes", "moveaxis"):
        given = [low.value(a) for a in stmt.args[1:]]
        if len(given) == 1 and isinstance(given[0], Parts):
            given = list(given[0].items)
        numbers = [g.value for g in given if isinstance(g, Number) and isinstance(g.value, int)]
        if len(numbers) != len(given) or stmt.kwargs:
            low.refuse("axes that are not known before it runs")
        if fn == "swapaxes":
            order = list(range(array.rank))
            a, b = (n % array.rank for n in numbers)
            order[a], order[b] = b, a
        elif fn == "moveaxis":
            a, b = (n % array.rank for n in numbers)
            order = [n for n in range(array.rank) if n != a]
            order.insert(b, a)
        elif numbers:
            order = [n % array.rank for n in numbers]
    return in_axes(settled(low, array), tuple(order))


def expand_dims(low: Loops, stmt: Assign) -> Value:
    value = low.value(stmt.args[0])
    array = settled(low, low.array(stmt.args[0])) if not isinstance(value, Number) else None
    found = low.value(low.bound(stmt)["axis"])
    items = found.items if isinstance(found, Parts) else (found,)
    if array is None:
        low.refuse("an array of a number has no loop form")
    rank = array.rank + len(items)
    axes = [i.value % rank for i in items if isinstance(i, Number) and isinstance(i.value, int)]
    if len(axes) != len(items):
        low.refuse("axes that are not known before it runs")
    own = iter(range(array.rank))
    return in_axes(array, tuple(None if a in axes else next(own) for a in range(rank)))


def broadcast_to(low: Loops, stmt: Assign) -> Value:
    value = low.value(stmt.args[0])
    wanted = low.value(stmt.args[1])
    kind = low.facts.after(stmt, stmt.target)
    items = wanted.items if isinstance(wanted, Parts) else (wanted,)
    numbers = [i for i in items if isinstance(i, Number)]
    if len(numbers) != len(items) or kind.shape is None:
        low.refuse("the rank of an array is not known")
    lengths = tuple(n.expr for n in numbers)
    if isinstance(value, Number):
        low.sure_number(stmt.args[0])
        return uniform(value.expr, value.dtype, kind.shape, lengths)
    array = settled(low, low.array(stmt.args[0]))
    for axis in range(1, array.rank + 1):
        if array.shape[-axis] != 1 and not low.lengths.same(array.shape[-axis], kind.shape[-axis]):
            low.check_equal(array.lengths[-axis], lengths[-axis])
    return stretched(array, kind.shape, lengths)


def squeeze(low: Loops, stmt: Assign) -> Value:
    array = settled(low, low.array(stmt.args[0]))
    kind = low.facts.after(stmt, stmt.target)
    free = [a for a in range(array.rank) if array.shape[a] != 1]
    if kind.shape is None or len(kind.shape) != len(free):
        low.refuse("the axes of length 1 are not known")
    return in_axes(array, tuple(free))


def reshaped(low: Loops, stmt: Assign) -> Value:
    """`x.reshape(shape)`, `x.ravel()`: by NumPy, of contiguous memory."""
    array = low.array(stmt.args[0])
    kind = low.facts.after(stmt, stmt.target)
    fn = str(stmt.fn).rpartition(".")[2]
    if kind.shape is None or set(low.bound(stmt)) - {"a", "x", "shape", "newshape"}:
        low.refuse("a shape that is not known before it runs")
    source = contiguous(low, array)
    if fn in ("ravel", "flatten"):
        node = call(attribute(source, "reshape"), call("np.int64", constant(-1)))
        node = (
            call(attribute(source, "ravel"))
            if fn == "ravel"
            else call(attribute(source, "flatten"))
        )
    else:
        atoms = [low.value(a) for a in stmt.args[1:]]
        if len(atoms) == 1 and isinstance(atoms[0], Parts):
            atoms = list(atoms[0].items)
        exprs = [low.real(v) for v in atoms]
        node = (
            call(attribute(source, "reshape"), *exprs)
            if len(exprs) == 1
            else call(attribute(source, "reshape"), ast.Tuple(exprs, ast.Load()))
        )
    base = low.uses.memory(stmt.target)
    low.place([assign(base, node)], {array.group})
    return whole(base, kind.shape, array.dtype, low.uses.group(stmt.target))


def contiguous(low: Loops, array: Array) -> ast.expr:
    """The array as an expression of contiguous memory."""
    low.settle(array)
    array = low.fresh(array)
    node = low.real(array)
    if array.is_whole and low.is_own(array.base):
        return node
    return call("np.ascontiguousarray", node)


def unbroadcast(low: Loops, stmt: Assign) -> Value:
    """A cotangent in the shape of its operand: summed where that was stretched."""
    return summed_to(low, stmt, low.value(stmt.args[0]), low.value(stmt.args[1]))


def summed_to(low: Loops, stmt: Assign, g: Value, x: Value) -> Value:
    if isinstance(g, Number):
        if isinstance(x, Array):
            low.refuse("a cotangent of an array that is a number")
        return g
    if not isinstance(g, Array):
        low.refuse("a cotangent that is no array")
    shape = x.shape if isinstance(x, Array) else ()
    from srcgrad.loops.reductions import along, full

    first = g.rank - len(shape)
    axes = list(range(first))
    for axis, n in enumerate(shape):
        own = g.shape[first + axis]
        if n == 1 and own != 1:
            axes.append(first + axis)
        elif not low.lengths.same(n, own):
            assert isinstance(x, Array)
            low.check_equal(x.lengths[axis], g.lengths[first + axis])
    if not axes:
        return low.passed(g)
    if not shape:
        return full(low, stmt, "sum", g)
    kept = [a for a in axes if a >= first]
    if kept and first:
        low.refuse("a cotangent is summed along new and old axes at once")
    return along(low, stmt, "sum", g, tuple(axes), bool(kept))
