"""Arrays joined to one, and cut apart again."""

from __future__ import annotations

import ast
from dataclasses import replace
from typing import TYPE_CHECKING

from srcgrad.ir.core import Assign, Atom, Const
from srcgrad.ir.kinds import Length, broadcast, promote
from srcgrad.loops import lists
from srcgrad.loops.allocation import allocated
from srcgrad.loops.nest import Access
from srcgrad.loops.shaping import summed_to
from srcgrad.loops.stores import put
from srcgrad.loops.tree import add, assign, constant, name
from srcgrad.loops.values import Array, Items, Number, Parts, Slice, Value
from srcgrad.loops.views import composed, part, settled

if TYPE_CHECKING:
    from srcgrad.loops.lower import Loops


def section(array: Array, axis: int, start: ast.expr, size: ast.expr, length: Length) -> Array:
    """`size` elements along an axis, which are known to be there."""
    starts: list[ast.expr | None] = [None] * array.rank
    starts[axis] = None if isinstance(start, ast.Constant) and start.value == 0 else start
    steps, own = [1] * array.rank, list(range(array.rank))
    terms = tuple(composed(t, starts, steps, [*own]) for t in array.terms)
    shape, lengths = list(array.shape), list(array.lengths)
    shape[axis], lengths[axis] = length, size
    return replace(array, terms=terms, shape=tuple(shape), lengths=tuple(lengths), cut=True)


def items_of(low: Loops, atom: Atom) -> list[Array]:
    found = low.value(atom)
    if not isinstance(found, Parts) or not found.items:
        low.refuse("what is joined is not known one by one")
    items = [settled(low, v) for v in found.items if isinstance(v, Array)]
    if len(items) != len(found.items) or any(item.dtype == "?" for item in items):
        low.refuse("something else than arrays is joined")
    return [low.fresh(item) for item in items]


def axis_of(low: Loops, atom: Atom | None, rank: int) -> int:
    if atom is None:
        return 0
    if not isinstance(atom, Const) or type(atom.value) is not int or not -rank <= atom.value < rank:
        low.refuse("the axis along which arrays are joined is not known before it runs")
    return atom.value % rank


def check_sides(low: Loops, items: list[Array], axis: int | None) -> None:
    """Joined arrays have the same lengths along the other axes."""
    first = items[0]
    if any(item.rank != first.rank for item in items):
        low.refuse("arrays of different rank are joined")
    for item in items[1:]:
        for a in range(first.rank):
            if a != axis and not low.lengths.same(item.shape[a], first.shape[a]):
                low.check_equal(item.lengths[a], first.lengths[a])


def concatenate(low: Loops, stmt: Assign) -> Value:
    """`np.concatenate(arrays, axis)`: each is stored into its part."""
    bound = low.bound(stmt)
    first, *more = bound.values()
    if set(list(bound)[1:]) - {"axis"}:
        low.refuse(f"an option of {stmt.fn} has no loop form")
    items = items_of(low, first)
    return joined(low, stmt, items, axis_of(low, more[0] if more else None, items[0].rank))


def joined(low: Loops, stmt: Assign, items: list[Array], axis: int) -> Value:
    check_sides(low, items, axis)
    kind = low.facts.after(stmt, stmt.target)
    side = items[0]
    if kind.shape is None or len(kind.shape) != side.rank:
        low.refuse("the rank of what is joined is not known")
    total: ast.expr = constant(0)
    for item in items:
        total = add(total, item.lengths[axis])
    shape, lengths = list(side.shape), list(side.lengths)
    shape[axis], lengths[axis] = kind.shape[axis], total
    dtype = promote(*(item.dtype for item in items))
    made = allocated(low, stmt, "np.empty", tuple(shape), tuple(lengths), dtype)
    start: ast.expr = constant(0)
    for item in items:
        size, length = item.lengths[axis], item.shape[axis]
        put(low, section(made, axis, start, size, length), low.fresh(item), "set")
        start = add(start, size)
    return made


def one_below_the_other(low: Loops, stmt: Assign) -> Value:
    """`np.vstack`, `np.hstack` of arrays that have axes enough."""
    items = items_of(low, stmt.args[0])
    if stmt.fn == "numpy.vstack" and items[0].rank < 2 or stmt.kwargs or len(stmt.args) > 1:
        low.refuse(f"{stmt.fn} of these arrays has no loop form")
    return joined(low, stmt, items, 1 if stmt.fn == "numpy.hstack" and items[0].rank > 1 else 0)


def stacked(low: Loops, stmt: Assign) -> Value:
    """`np.stack(arrays, axis)`: each is stored at a place of a new axis."""
    bound = low.bound(stmt)
    first, *more = bound.values()
    if set(list(bound)[1:]) - {"axis"}:
        low.refuse("an option of np.stack has no loop form")
    found = low.value(first)
    if isinstance(found, Items):
        return lists.stacked(low, stmt, found, axis_of(low, more[0] if more else None, 8))
    items = items_of(low, first)
    check_sides(low, items, None)
    side = items[0]
    axis = axis_of(low, more[0] if more else None, side.rank + 1)
    shape = (*side.shape[:axis], len(items), *side.shape[axis:])
    lengths = (*side.lengths[:axis], constant(len(items)), *side.lengths[axis:])
    dtype = promote(*(item.dtype for item in items))
    made = allocated(low, stmt, "np.empty", shape, lengths, dtype)
    places: list[Value] = [Slice(None, None, None)] * (side.rank + 1)
    for at, item in enumerate(items):
        places[axis] = Number(constant(at), "pi", at)
        put(low, part(low, made, places), low.fresh(item), "set")
    return made


def split_like(low: Loops, stmt: Assign) -> Value:
    """The cotangents of arrays that were joined: parts of one."""
    g = settled(low, low.array(stmt.args[0]))
    likes = low.value(stmt.args[1])
    if not isinstance(likes, Parts) or not all(isinstance(v, Array) for v in likes.items):
        low.refuse("what was joined is not known one by one")
    items = [v for v in likes.items if isinstance(v, Array)]
    axis = axis_of(low, None if stmt.args[2] == Const(None) else stmt.args[2], g.rank)
    parts: list[Value] = []
    start: ast.expr = constant(0)
    for item in items:
        if item.rank != g.rank:
            low.refuse("arrays of another rank were joined")
        for a in range(g.rank):
            if a != axis and not low.lengths.same(item.shape[a], g.shape[a]):
                low.check_equal(item.lengths[a], g.lengths[a])
        parts.append(section(g, axis, start, item.lengths[axis], item.shape[axis]))
        start = add(start, item.lengths[axis])
    low.check_equal(start, g.lengths[axis])
    return Parts(tuple(parts), tag="list")


def cross(low: Loops, stmt: Assign) -> Value:
    """`np.cross(a, b)` of rows of three."""
    if len(stmt.args) != 2 or stmt.kwargs:
        low.refuse("np.cross with these arguments has no loop form")
    return cross_of(low, stmt, *(low.array(atom) for atom in stmt.args))


def cross_adjoint(low: Loops, stmt: Assign) -> Value:
    """The cotangent of `a` in `np.cross(a, b)`, both rows of three."""
    g, a, b, axes, axis = stmt.args
    found = low.value(axes)
    ends = (
        [v.value for v in found.items if isinstance(v, Number)] if isinstance(found, Parts) else []
    )
    if ends != [-1, -1, -1] or axis not in (Const(None), Const(-1)):
        low.refuse("np.cross with these arguments has no loop form")
    row = low.array(a)
    if row.shape[-1] != 3:
        low.check_equal(row.lengths[-1], constant(3))
    return summed_to(low, stmt, cross_of(low, stmt, low.array(b), low.array(g)), low.value(a))


def cross_of(low: Loops, stmt: Assign, a: Array, b: Array) -> Array:
    a, b = settled(low, a), settled(low, b)
    a = low.fresh(a)
    for array in (a, b):
        if array.shape[-1] != 3:
            low.check_equal(array.lengths[-1], constant(3))
    ones, others = components(low, a), components(low, b)
    if max(a.rank, b.rank) < 2:
        low.refuse("np.cross of single vectors has no loop form")
    lead = broadcast(a.shape[:-1], b.shape[:-1])
    assert lead is not None
    lengths = low.run_lengths([*ones, *others], lead)
    dtype = promote(a.dtype, b.dtype)
    made = allocated(low, stmt, "np.empty", (*lead, 3), (*lengths, constant(3)), dtype)
    nest = low.join([*ones, *others], lead)
    x = [low.element(nest, low.fresh(v)) for v in ones]
    y = [low.element(nest, low.fresh(v)) for v in others]
    for n, (p, q) in enumerate(((1, 2), (2, 0), (0, 1))):
        left, right = ast.BinOp(x[p], ast.Mult(), y[q]), ast.BinOp(x[q], ast.Mult(), y[p])
        place = made.element([*(name(i) for i in nest.indices), constant(n)])
        nest.accesses.append(Access(made.group, ast.unparse(place), "part"))
        nest.body.append(assign(place, ast.BinOp(left, ast.Sub(), right)))
    return made


def components(low: Loops, array: Array) -> list[Array]:
    """The three columns of rows."""
    rows: list[Value] = [Slice(None, None, None)] * (array.rank - 1)
    return [
        part(
            low, replace(array, shape=(*array.shape[:-1], 3)), [*rows, Number(constant(n), "pi", n)]
        )
        for n in range(3)
    ]


def flip(low: Loops, stmt: Assign) -> Value:
    """`np.flip(x, axis)`: a part with all places counted from the end."""
    bound = low.bound(stmt)
    array = settled(low, low.array(next(iter(bound.values()))))
    axis = bound.get("axis", Const(None))
    fn = str(stmt.fn).rpartition(".")[2]
    fixed = {"flipud": 0, "fliplr": 1}.get(fn)
    turned = {fixed} if fixed is not None else set(range(array.rank))
    if fixed is None and axis != Const(None):
        found = low.value(axis)
        items = found.items if isinstance(found, Parts) else (found,)
        known = [i.value for i in items if isinstance(i, Number) and type(i.value) is int]
        if len(known) != len(items) or any(not -array.rank <= n < array.rank for n in known):
            low.refuse("an axis that is not known before it runs")
        turned = {n % array.rank for n in known}
    back = Slice(None, None, Number(ast.UnaryOp(ast.USub(), constant(1)), "pi", -1))
    plain = Slice(None, None, None)
    return part(low, array, [back if a in turned else plain for a in range(array.rank)])


HANDLERS = {
    "numpy.concatenate": concatenate,
    "numpy.stack": stacked,
    "numpy.vstack": one_below_the_other,
    "numpy.hstack": one_below_the_other,
    "srcgrad.support_arrays.split_like": split_like,
    "numpy.cross": cross,
    "srcgrad.support_linear.any_cross_adjoint": cross_adjoint,
    "numpy.flip": flip,
    "numpy.flipud": flip,
    "numpy.fliplr": flip,
}
__all__ = ["HANDLERS"]
