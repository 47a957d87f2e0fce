"""Elements at other places: differences, padding, rotation."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from srcgrad.ir.core import Assign, Const
from srcgrad.ir.kinds import Kind
from srcgrad.loops.allocation import allocated
from srcgrad.loops.nest import Access
from srcgrad.loops.slices import shifted
from srcgrad.loops.stores import put
from srcgrad.loops.tree import (
    add,
    constant,
    name,
)
from srcgrad.loops.values import (
    Number,
    Parts,
    Slice,
    Value,
)
from srcgrad.loops.views import part, settled

if TYPE_CHECKING:
    from srcgrad.loops.lower import Loops


def roll(low: Loops, stmt: Assign) -> Value:
    """`np.roll` along one axis: the place counted round."""
    bound = low.bound(stmt)
    array = low.array(bound["a"])
    shift = low.number(bound["shift"])
    axis = bound.get("axis")
    along = 0
    if axis is not None and not (isinstance(axis, Const) and axis.value is None):
        if not isinstance(axis, Const):
            low.refuse("the axis is not known before it runs")
        along = axis.value % array.rank
    elif array.rank != 1:
        low.refuse("np.roll of a flattened array has no loop form")
    array = settled(low, array)
    kind = low.facts.after(stmt, stmt.target)
    nest = low.join([array], array.shape)
    array = low.fresh(array)
    turns: list[ast.expr] = [name(i) for i in nest.indices]
    there = ast.BinOp(turns[along], ast.Sub(), shift.expr)
    turns[along] = ast.BinOp(there, ast.Mod(), nest.lengths[along])
    node = array.element(turns)
    rolled = Access(array.group, ast.unparse(node), "read")
    if not nest.admits([rolled]):
        low.close()
        nest = low.join([array], array.shape)
    nest.accesses.append(rolled)
    return low.new(nest, node, Kind("array", kind.dtype, array.shape), stmt.target)


def diff(low: Loops, stmt: Assign) -> Value:
    """`np.diff(x, axis=axis)`: the difference of two parts."""

    bound = low.bound(stmt)
    array = settled(low, low.array(bound["a"]))
    axis = bound.get("axis", Const(-1))
    if (
        set(bound) - {"a", "axis", "n"}
        or not isinstance(axis, Const)
        or ("n" in bound and bound["n"] != Const(1))
    ):
        low.refuse("np.diff with these options has no loop form")
    one = Number(constant(1), "pi", 1)
    back = Number(ast.UnaryOp(ast.USub(), constant(1)), "pi", -1)
    whole_ = Slice(None, None, None)
    ahead: list[Value] = [whole_] * array.rank
    behind: list[Value] = [whole_] * array.rank
    ahead[axis.value], behind[axis.value] = Slice(one, None, None), Slice(None, back, None)
    a, b = part(low, array, ahead), part(low, array, behind)
    kind = Kind("array", array.dtype, a.shape)
    return low.elementwise(stmt, "operator.sub", [a, b], kind)


def diff_adjoint(low: Loops, stmt: Assign) -> Value:
    """The cotangent of `np.diff`: each difference gives to both its ends."""
    g, *_, n, axis = stmt.args  # `short_diff_adjoint` is given the array, too
    array = settled(low, low.array(g))
    if n != Const(1) or not isinstance(axis, Const):
        low.refuse("np.diff with these options has no loop form")
    along = axis.value % array.rank
    shape, lengths = list(array.shape), list(array.lengths)

    shape[along] = shifted(shape[along], 1)
    lengths[along] = add(lengths[along], constant(1))
    made = allocated(low, stmt, "np.zeros", tuple(shape), tuple(lengths), array.dtype)
    one = Number(constant(1), "pi", 1)
    back = Number(ast.UnaryOp(ast.USub(), constant(1)), "pi", -1)
    places: list[Value] = [Slice(None, None, None)] * array.rank
    places[along] = Slice(one, None, None)
    put(low, part(low, made, places), array, "add")
    places[along] = Slice(None, back, None)
    put(low, part(low, made, places), low.fresh(array), "sub")
    return made


def padded(low: Loops, stmt: Assign) -> Value:
    """`np.pad(x, 1)`: a part of an array of zeros."""

    array = settled(low, low.array(stmt.args[0]))
    kind = low.facts.after(stmt, stmt.target)
    if len(stmt.args) != 2 or stmt.kwargs or kind.shape is None:
        low.refuse("np.pad with these options has no loop form")
    found = low.value(stmt.args[1])
    widths: list[tuple[ast.expr, ast.expr]] = []
    if isinstance(found, Number):
        widths = [(found.expr, found.expr)] * array.rank
    else:
        items = found.items if isinstance(found, Parts) else ()
        pairs = (
            [items]
            if all(isinstance(i, Number) for i in items)
            else [i.items if isinstance(i, Parts) else (i, i) for i in items]
        )
        pairs = pairs * array.rank if len(pairs) == 1 else pairs
        if len(pairs) != array.rank or not all(
            len(p) == 2 and all(isinstance(n, Number) for n in p) for p in pairs
        ):
            low.refuse("np.pad with these widths has no loop form")
        widths = [(low.real(p[0]), low.real(p[1])) for p in pairs]
    lengths = tuple(
        add(add(size, before), after)
        for size, (before, after) in zip(array.lengths, widths, strict=True)
    )
    made = allocated(low, stmt, "np.zeros", kind.shape, lengths, array.dtype)
    inside: list[Value] = [
        Slice(Number(before, "pi"), Number(add(before, size), "pi"), None)
        for size, (before, _) in zip(array.lengths, widths, strict=True)
    ]
    put(low, part(low, made, inside), array, "set")
    return made
