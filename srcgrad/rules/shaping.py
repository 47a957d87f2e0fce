"""Derivatives of functions that give the same elements another shape or order.

The cotangent goes back the same way: reshaped to the old shape, axes in the old order, turned back.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from srcgrad.ir.kinds import Dim, Kind, Shape
from srcgrad.rules.call import Call
from srcgrad.rules.creation import shape_of
from srcgrad.rules.registry import computed, primitive, pullback
from srcgrad.rules.results import strong
from srcgrad.rules.shapes import (
    array_like,
    axis_of,
    is_none,
    operand,
    product,
    reshaped,
    valid_axes,
)

_fn: Any


# Axes in another order
def _order(call: Call) -> tuple[int, ...] | None:
    """The order of axes asked for; None where it is not known."""
    rank = operand(call, "a").shape
    if rank is None:
        return None
    if is_none(call, "axes"):
        return tuple(reversed(range(len(rank))))
    axes = call.axes("axes")
    if axes is None or len(axes) != len(rank) or not valid_axes(axes, len(rank)):
        return None
    return tuple(axis % len(rank) for axis in axes)


def _transpose_kind(call: Call) -> Kind:
    a, order = operand(call, "a"), _order(call)
    if a.shape is None or order is None:
        return Kind("array", a.dtype)
    return Kind("array", a.dtype, tuple(a.shape[axis] for axis in order))


def _transpose(call: Call) -> Mapping[str, str] | None:
    if is_none(call, "axes"):
        return {"a": "g.T" if call.kind("a").is_array else "np.transpose(g)"}
    order = _order(call)
    if order is not None:
        back = sorted(range(len(order)), key=order.__getitem__)
        return {"a": f"np.transpose(g, ({', '.join(map(str, back))},))"}
    if call.kind("axes").tag in ("tuple", "list", "array"):
        return {"a": "np.transpose(g, np.argsort(np.mod(axes, np.ndim(g))))"}
    return None


primitive(np.transpose, "a, axes=None", kind=_transpose_kind, view="a", cheap=True)
computed(np.transpose, _transpose, {"np": np, "__name__": __name__})


def _turned_kind(call: Call) -> Kind:
    """`x.T`; a NumPy number stays one."""
    x = call.kind("x")
    if x.tag not in ("scalar", "array"):
        return Kind("unknown", x.dtype)
    return Kind(x.tag, strong(x.dtype), None if x.shape is None else x.shape[::-1])


def _last_two_kind(call: Call) -> Kind:
    x = operand(call, "x")
    if x.shape is None or len(x.shape) < 2:
        return Kind("array", x.dtype)
    return Kind("array", x.dtype, (*x.shape[:-2], x.shape[-1], x.shape[-2]))


primitive("attr.T", "x", kind=_turned_kind, view="x", cheap=True)
pullback("attr.T", x=lambda g, y: g.T)
primitive("attr.mT", "x", kind=_last_two_kind, view="x", cheap=True)
pullback("attr.mT", x=lambda g, y: np.swapaxes(g, -1, -2))
for _fn in (np.matrix_transpose, np.linalg.matrix_transpose):
    primitive(_fn, "x", kind=_last_two_kind, view="x", cheap=True)
    pullback(_fn, x=lambda g, y: np.swapaxes(g, -1, -2))


def _swapped_kind(call: Call) -> Kind:
    a = operand(call, "a")
    if a.shape is None:
        return Kind("array", a.dtype)
    i, j = (axis_of(call, len(a.shape), name) for name in ("axis1", "axis2"))
    if i is None or j is None:
        return Kind("array", a.dtype)
    shape = list(a.shape)
    shape[i], shape[j] = shape[j], shape[i]
    return Kind("array", a.dtype, tuple(shape))


primitive(np.swapaxes, "a, axis1, axis2", kind=_swapped_kind, view="a", cheap=True)
pullback(np.swapaxes, a=lambda g, y, axis1, axis2: np.swapaxes(g, axis1, axis2))


def _moved_kind(call: Call) -> Kind:
    a = operand(call, "a")
    source, destination = call.axes("source"), call.axes("destination")
    if a.shape is None or source is None or destination is None:
        return Kind("array", a.dtype)
    rank = len(a.shape)
    if not (valid_axes(source, rank) and valid_axes(destination, rank)):
        return Kind("array", a.dtype)
    moved = np.moveaxis(np.empty((1,) * rank), source, destination)  # raises where NumPy would
    order = [axis for axis in range(rank) if axis not in {i % rank for i in source}]
    pairs = sorted(zip((i % rank for i in destination), source, strict=True))
    for place, axis in pairs:
        order.insert(place, axis % rank)
    assert moved.ndim == len(order)
    return Kind("array", a.dtype, tuple(a.shape[axis] for axis in order))


primitive(np.moveaxis, "a, source, destination", kind=_moved_kind, view="a", cheap=True)
pullback(np.moveaxis, a=lambda g, y, source, destination: np.moveaxis(g, destination, source))


def _rolled(call: Call) -> tuple[int, int, int] | None:
    """From where `np.rollaxis` takes an axis to where it puts it, and the rank."""
    a = operand(call, "a")
    if a.shape is None or not (call.is_literal("axis") and call.is_literal("start")):
        return None
    axis, start, rank = call.literal("axis"), call.literal("start"), len(a.shape)
    if not isinstance(axis, int) or not isinstance(start, int) or not -rank <= axis < rank:
        return None
    axis, start = axis % rank, start + rank if start < 0 else start
    return axis, start - 1 if axis < start else start, rank


def _rollaxis_kind(call: Call) -> Kind:
    a, found = operand(call, "a"), _rolled(call)
    if a.shape is None or found is None:
        return Kind("array", a.dtype)
    axis, start, _ = found
    rest = [n for i, n in enumerate(a.shape) if i != axis]
    rest.insert(start, a.shape[axis])
    return Kind("array", a.dtype, tuple(rest))


def _rollaxis(call: Call) -> Mapping[str, str] | None:
    found = _rolled(call)
    if found is not None:
        return {"a": f"np.moveaxis(g, {found[1]}, {found[0]})"}
    ends = [call.literal(n) for n in ("axis", "start") if call.is_literal(n)]
    if len(ends) < 2 or not all(isinstance(end, int) and end >= 0 for end in ends):
        return None
    axis, start = ends
    return {"a": f"np.moveaxis(g, {start - (axis < start)}, {axis})"}


primitive(np.rollaxis, "a, axis, start=0", kind=_rollaxis_kind, view="a", cheap=True)
computed(np.rollaxis, _rollaxis, {"np": np, "__name__": __name__})


# The same elements in another shape
def _reshape_kind(call: Call) -> Kind:
    a = operand(call, "a")
    return Kind("array", a.dtype, reshaped(a.shape, _wanted(call)))


def _wanted(call: Call) -> Shape | None:
    """The shape asked for; -1 is left as it stands."""
    if call.is_literal("shape"):
        value = call.literal("shape")
        return (value,) if isinstance(value, int) else None
    return shape_of(call)


def _ravel_kind(call: Call) -> Kind:
    a = operand(call, "a")
    return Kind("array", a.dtype, None if a.shape is None else (product(a.shape),))


def _squeeze_kind(call: Call) -> Kind:
    a = operand(call, "a")
    if a.shape is None:
        return Kind("array", a.dtype)
    axes = call.axes()
    if axes is not None and valid_axes(axes, len(a.shape)):
        gone = {axis % len(a.shape) for axis in axes}
        return Kind("array", a.dtype, tuple(n for i, n in enumerate(a.shape) if i not in gone))
    if not is_none(call, "axis") or any(isinstance(n, Dim) and not n.big for n in a.shape):
        return Kind("array", a.dtype)
    return Kind("array", a.dtype, tuple(n for n in a.shape if n != 1))


def _expand_kind(call: Call) -> Kind:
    a, axes = operand(call, "a"), call.axes()
    if a.shape is None or axes is None:
        return Kind("array", a.dtype)
    rank = len(a.shape) + len(axes)
    if not valid_axes(axes, rank):
        return Kind("array", a.dtype)
    new, old = {axis % rank for axis in axes}, iter(a.shape)
    return Kind("array", a.dtype, tuple(1 if i in new else next(old) for i in range(rank)))


def _ordered(call: Call) -> bool:
    """Elements are taken in an order that is written in the call, and is not the usual one."""
    return call.given("order") and call.is_literal("order") and call.literal("order") in ("C", "F")


def _usual_order(call: Call) -> bool:
    return not call.given("order")


primitive(np.reshape, "a, shape, order='C', *, copy=None", kind=_reshape_kind, view="a", cheap=True)
primitive(np.ravel, "a, order='C'", kind=_ravel_kind, view="a", cheap=True)
primitive("method.flatten", "a, order='C'", kind=_ravel_kind)
for _fn in (np.reshape, np.ravel, "method.flatten"):
    pullback(
        _fn,
        a=lambda g, y, a, order: np.reshape(g, np.shape(a), order=order),
        when=_ordered,
    )
primitive(np.squeeze, "a, axis=None", kind=_squeeze_kind, view="a", cheap=True)
primitive(np.expand_dims, "a, axis", kind=_expand_kind, view="a", cheap=True)


def _array_as_usual(call: Call) -> bool:
    return call.kind("a").is_array and _usual_order(call)


for _fn in (np.reshape, np.ravel, "method.flatten", np.squeeze, np.expand_dims):
    pullback(_fn, a=lambda g, y, a: np.reshape(g, a.shape), when=_array_as_usual)
    pullback(_fn, a=lambda g, y, a: np.reshape(g, np.shape(a)), when=_usual_order)


# At least so many axes; of one argument only, several would give a list
def _with_rank(rank: int, x: Shape) -> Shape:
    if len(x) >= rank:
        return x
    padded = {
        (0, 1): (1,),
        (0, 2): (1, 1),
        (1, 2): (1, *x),
        (0, 3): (1, 1, 1),
        (1, 3): (1, *x, 1),
        (2, 3): (*x, 1),
    }
    return padded[len(x), rank]


def _ranked_kind(call: Call) -> Kind:
    x = operand(call, "x")
    rank = int(call.name[-2])
    return Kind("array", x.dtype, None if x.shape is None else _with_rank(rank, x.shape))


for _fn in (np.atleast_1d, np.atleast_2d, np.atleast_3d):
    primitive(_fn, "x", kind=_ranked_kind, view="x", cheap=True)
    pullback(_fn, x=lambda g, y, x: np.reshape(g, np.shape(x)))

# The other way round
for _fn in (np.fliplr, np.flipud):
    primitive(_fn, "m", kind=array_like("m"), view="m", cheap=True)
pullback(np.fliplr, m=lambda g, y: np.fliplr(g))
pullback(np.flipud, m=lambda g, y: np.flipud(g))


def _axis_none(call: Call) -> bool:
    return is_none(call, "axis")


primitive(np.flip, "m, axis=None", kind=array_like("m"), view="m", cheap=True)
pullback(np.flip, m=lambda g, y: np.flip(g), when=_axis_none)
pullback(np.flip, m=lambda g, y, axis: np.flip(g, axis))


def _rot90_kind(call: Call) -> Kind:
    m, axes = operand(call, "m"), call.axes("axes") if call.given("axes") else (0, 1)
    known = call.is_literal("k") and isinstance(call.literal("k"), int)
    if m.shape is None or not known or axes is None or not valid_axes(axes, len(m.shape)):
        return Kind("array", m.dtype)
    shape = list(m.shape)
    if call.literal("k") % 2 and len(axes) == 2:
        i, j = axes
        shape[i], shape[j] = shape[j], shape[i]
    return Kind("array", m.dtype, tuple(shape))


def _usual_plane(call: Call) -> bool:
    return not call.given("axes")


primitive(np.rot90, "m, k=1, axes=(0, 1)", kind=_rot90_kind, view="m")
pullback(np.rot90, m=lambda g, y, k: np.rot90(g, -k), when=_usual_plane)
pullback(np.rot90, m=lambda g, y, k, axes: np.rot90(g, -k, axes))


def _one_shift(call: Call) -> bool:
    return call.kind("shift").is_scalar


primitive(np.roll, "a, shift, axis=None", kind=array_like("a"))
pullback(np.roll, a=lambda g, y, shift, axis: np.roll(g, -shift, axis), when=_one_shift)
pullback(np.roll, a=lambda g, y, shift, axis: np.roll(g, np.negative(shift), axis))
