"""Running sums and products along an axis by loops over its places, and their adjoints."""

from __future__ import annotations

from srcgrad.ir.core import Atom, Const, Store, Var
from srcgrad.loops.replacing import FLOATS, NONE, ONE, ZERO, Lane, Out


def lane(out: Out, x: Atom, axis: Atom) -> Lane | None:
    """The axis along which elements of an array of floats follow each other."""
    kind = out.kind(x)
    rank = kind.rank if kind.is_array and kind.dtype in FLOATS else None
    if axis == NONE and rank == 1:
        axis = ZERO
    if not rank or not isinstance(axis, Const) or type(axis.value) is not int:
        return None
    if not -rank <= axis.value < rank:
        return None
    along = axis.value % rank
    return Lane(along, out.new("operator.getitem", out.new("attr.shape", x), Const(along)))


def running(out: Out) -> bool:
    """`np.cumprod`, and `np.cumsum` along an axis of several."""
    bound = out.bound()
    x, axis = bound.pop("a"), bound.pop("axis", NONE)
    along = None if bound else lane(out, x, axis)
    if along is None:
        return False
    if out.stmt.fn == "numpy.cumsum" and out.kind(x).rank == 1:
        return out.last("numpy.cumsum", x)
    y = out.new("numpy.copy", x)
    multiply(out, y, along, out.stmt.fn == "numpy.cumprod")
    return out.last("copy", y)


def multiply(out: Out, y: Var, along: Lane, products: bool) -> None:
    """Elements times those before them, or plus those, in place."""
    for i in out.loop(ONE, along.size):
        here, before = out.place(along, i), out.place(along, out.new("operator.sub", i, ONE))
        last, own = (out.new("operator.getitem", y, place) for place in (before, here))
        value = out.new("operator.mul" if products else "operator.add", last, own)
        out.block.append(Store(y, here, value, unit=out.stmt.unit))


def cumprod_adjoint(out: Out) -> bool:
    """A recurrence from the end, right where elements are zero, too.

    The cotangent of element `i` is the product of those before it, times `g[i] + x[i + 1] * ...`.
    """
    g, x, y, axis = out.stmt.args
    along = lane(out, x, axis)
    if along is None or not out.kind(y).is_array:
        return False
    shape = out.new("attr.shape", x)
    x_bar = out.new("numpy.copy", out.new("numpy.broadcast_to", g, shape))
    end = out.new("operator.sub", along.size, ONE)
    for i in out.loop(ZERO, end, reverse=True):
        here, behind = out.place(along, i), out.place(along, out.new("operator.add", i, ONE))
        later, factor = (out.new("operator.getitem", a, behind) for a in (x_bar, x))
        value = out.new("operator.mul", later, factor)
        out.block.append(Store(x_bar, here, value, "add", unit=out.stmt.unit))
    for i in out.loop(ONE, along.size):
        here, before = out.place(along, i), out.place(along, out.new("operator.sub", i, ONE))
        own, product = (
            out.new("operator.getitem", x_bar, here),
            out.new("operator.getitem", y, before),
        )
        value = out.new("operator.mul", own, product)
        out.block.append(Store(x_bar, here, value, unit=out.stmt.unit))
    return out.last("copy", x_bar)


def cumprod_tangent(out: Out) -> bool:
    """By the product rule from the first element on."""
    x_dot, x, axis = out.stmt.args
    along = lane(out, x, axis)
    if along is None:
        return False
    y = out.new("numpy.copy", x)
    multiply(out, y, along, True)
    y_dot = out.new("numpy.copy", out.new("numpy.broadcast_to", x_dot, out.new("attr.shape", x)))
    for i in out.loop(ONE, along.size):
        here, before = out.place(along, i), out.place(along, out.new("operator.sub", i, ONE))
        own, last = (out.new("operator.getitem", y_dot, place) for place in (here, before))
        product = out.new("operator.getitem", y, before)
        factor = out.new("operator.getitem", x, here)
        terms = out.new("operator.mul", own, product), out.new("operator.mul", last, factor)
        out.block.append(Store(y_dot, here, out.new("operator.add", *terms), unit=out.stmt.unit))
    return out.last("copy", y_dot)


def others(out: Out) -> bool:
    """For each element the product of all others: of those before it, and of those behind it."""
    x, axis = out.stmt.args
    along = lane(out, x, axis)
    if along is None:
        return False
    ahead, behind = (out.new("numpy.ones_like", x) for _ in range(2))
    for y, reverse in ((ahead, False), (behind, True)):
        start, stop = (ZERO, out.new("operator.sub", along.size, ONE)) if reverse else (
            ONE, along.size)  # fmt: skip
        for i in out.loop(start, stop, reverse):
            next_to = out.new("operator.add" if reverse else "operator.sub", i, ONE)
            here, there = out.place(along, i), out.place(along, next_to)
            both = (out.new("operator.getitem", a, there) for a in (y, x))
            value = out.new("operator.mul", *both)
            out.block.append(Store(y, here, value, unit=out.stmt.unit))
    return out.last("operator.mul", ahead, behind)
