"""Derivatives of functions that join arrays or cut one into several.

The cotangent of a tuple or list of arrays is a sequence of cotangents, indexed alike; that of a
list which a function returned is given as a list.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from srcgrad.ir.kinds import UNKNOWN, Dim, Kind, Length, Shape, broadcast, promote
from srcgrad.rules.call import Call
from srcgrad.rules.creation import stacked_kind
from srcgrad.rules.registry import computed, primitive, pullback
from srcgrad.rules.results import strong
from srcgrad.rules.shapes import (
    axis_of,
    is_none,
    operand,
    product,
    quotient,
    total,
)
from srcgrad.support_arrays import block_adjoint, split_like
from srcgrad.support_series import inserted_adjoint

_fn: Any


# Joining along an axis
def _parts(call: Call) -> list[Kind] | None:
    """The arrays to be joined; None where their number is not known."""
    kind = call.kind("arrays")
    if kind.is_array and kind.shape and isinstance(kind.shape[0], int):
        return [Kind("array", kind.dtype, kind.shape[1:])] * kind.shape[0]
    if kind.tag not in ("tuple", "list") or kind.items is None:
        return None
    return [stacked_kind(item) for _, item in kind.items]


def _joined(parts: list[Kind], shapes: list[Shape], axis: int) -> Kind:
    """Arrays of these shapes put one after the other."""
    dtype = strong(promote(*(part.dtype for part in parts)))
    if not shapes or any(len(shape) != len(shapes[0]) for shape in shapes):
        return Kind("array", dtype)
    if not -len(shapes[0]) <= axis < len(shapes[0]):
        return Kind("array", dtype)
    axis %= len(shapes[0])
    shape = list(broadcast(*shapes) or ())  # equal along the other axes
    for i in range(len(shape)):
        shape[i] = _equal([s[i] for s in shapes]) if i != axis else total(s[i] for s in shapes)
    return Kind("array", dtype, tuple(shape))


def _equal(lengths: list[Length]) -> Length:
    """Lengths that must be equal: the most that is known of them."""
    return next((n for n in lengths if isinstance(n, int)), lengths[0])


def _join_kind(call: Call) -> Kind:
    parts = _parts(call)
    if parts is None:
        return Kind("array")
    shapes = [part.shape for part in parts if part.shape is not None]
    if len(shapes) < len(parts):
        return Kind("array", strong(promote(*(part.dtype for part in parts))))
    if is_none(call, "axis"):
        return _joined(parts, [(product(shape),) for shape in shapes], 0)
    axes = call.axes()
    if axes is None or len(axes) != 1:
        return Kind("array", strong(promote(*(part.dtype for part in parts))))
    return _joined(parts, shapes, axes[0])


def _lifted_kind(call: Call) -> Kind:
    """Joining after every array has got a least number of axes."""
    parts = _parts(call)
    if parts is None:
        return Kind("array")
    shapes = [_LIFTS[call.name](part.shape) for part in parts if part.shape is not None]
    if len(shapes) < len(parts):
        return Kind("array", strong(promote(*(part.dtype for part in parts))))
    axis = {"numpy.vstack": 0, "numpy.dstack": 2}.get(call.name, 1)
    if call.name == "numpy.hstack" and shapes and len(shapes[0]) == 1:
        axis = 0
    return _joined(parts, shapes, axis)


def _row(shape: Shape) -> Shape:
    return shape if len(shape) > 1 else (1, *(shape or (1,)))


def _column(shape: Shape) -> Shape:
    return shape if len(shape) > 1 else (*(shape or (1,)), 1)


def _deep(shape: Shape) -> Shape:
    return shape if len(shape) > 2 else (*_row(shape), 1)


_LIFTS = {
    "numpy.vstack": _row,
    "numpy.hstack": lambda shape: shape or (1,),
    "numpy.column_stack": _column,
    "numpy.dstack": _deep,
}


def _sequence(call: Call) -> bool:
    return call.kind("arrays").tag in ("tuple", "list")


primitive(np.concatenate, "arrays, axis=0", kind=_join_kind)
pullback(
    np.concatenate, arrays=lambda g, y, arrays, axis: split_like(g, arrays, axis), when=_sequence
)
pullback(
    np.concatenate,
    arrays=lambda g, y, arrays, axis: np.stack(split_like(g, arrays, axis)),
    when=lambda call: call.kind("arrays").is_array,
)


def _join(call: Call) -> Mapping[str, str] | None:
    """`np.vstack` and its like: `split_like` needs only to know the axis that was joined."""
    kind, rank = call.kind("arrays"), call.result.rank
    axis = {"numpy.vstack": "0", "numpy.dstack": "2", "numpy.column_stack": "1"}.get(call.name)
    if axis is None:
        axis = "np.minimum(np.ndim(g) - 1, 1)" if rank is None else str(min(rank - 1, 1))
    if call.name == "numpy.vstack" and _all_of_rank(call, 1):
        return {"arrays": "g"}
    parts = f"split_like(g, arrays, {axis})"
    if kind.is_array:
        return {"arrays": f"np.stack({parts})"}
    return {"arrays": parts} if kind.is_container else None


def _all_of_rank(call: Call, rank: int) -> bool:
    parts = _parts(call)
    return bool(parts) and all(part.rank == rank for part in parts or ())


_NAMES = {"np": np, "split_like": split_like, "__name__": __name__}
for _fn in (np.vstack, np.hstack, np.column_stack, np.dstack):
    primitive(_fn, "arrays", kind=_lifted_kind)
    computed(_fn, _join, _NAMES)


# Joining along a new axis
def _stack_kind(call: Call) -> Kind:
    parts = _parts(call)
    axes = call.axes()
    if parts is None:
        return _many_stacked(call.kind("arrays"), axes)
    dtype = strong(promote(*(part.dtype for part in parts)))
    shapes = [part.shape for part in parts if part.shape is not None]
    if len(shapes) < len(parts) or not shapes or axes is None or len(axes) != 1:
        return Kind("array", dtype)
    rank = len(shapes[0])
    if any(len(shape) != rank for shape in shapes) or not -rank - 1 <= axes[0] <= rank:
        return Kind("array", dtype)
    shape = [_equal([s[i] for s in shapes]) for i in range(rank)]
    shape.insert(axes[0] % (rank + 1), len(parts))
    return Kind("array", dtype, tuple(shape))


def _many_stacked(arrays: Kind, axes: tuple[int, ...] | None) -> Kind:
    """The items of a list of unknown length, which are alike; of none there is no stack."""
    item = UNKNOWN if arrays.element is None else stacked_kind(arrays.element)
    if not item.is_array or item.shape is None or axes is None or len(axes) != 1:
        return Kind("array")
    if not -len(item.shape) - 1 <= axes[0] <= len(item.shape):
        return Kind("array", item.dtype)
    shape = list(item.shape)
    shape.insert(axes[0] % (len(shape) + 1), Dim("?0"))
    return Kind("array", item.dtype, tuple(shape))


primitive(np.stack, "arrays, axis=0", kind=_stack_kind)
pullback(
    np.stack,
    arrays=lambda g, y: g,
    when=lambda call: call.is_literal("axis") and call.literal("axis") == 0,
)
pullback(np.stack, arrays=lambda g, y, axis: np.moveaxis(g, axis, 0))


# Appending: joining two
def _append_kind(call: Call) -> Kind:
    parts = [operand(call, name) for name in ("arr", "values")]
    dtype = strong(promote(*(part.dtype for part in parts)))
    shapes = [part.shape for part in parts if part.shape is not None]
    if len(shapes) < 2:
        return Kind("array", dtype)
    if is_none(call, "axis"):
        return _joined(parts, [(product(shape),) for shape in shapes], 0)
    axes = call.axes()
    return Kind("array", dtype) if axes is None else _joined(parts, shapes, axes[0])


primitive(np.append, "arr, values, axis=None", kind=_append_kind)
pullback(
    np.append,
    arr=lambda g, y, arr, values, axis: split_like(g, (arr, values), axis)[0],
    values=lambda g, y, arr, values, axis: split_like(g, (arr, values), axis)[1],
)


# Joining nested lists of blocks, the innermost along the last axis
primitive(np.block, "arrays", kind=lambda call: Kind("array", "?"))
pullback(
    np.block,
    arrays=lambda g, y, arrays: block_adjoint(g, arrays),
    when=lambda call: call.kind("arrays").is_container,
)


# Putting values among others
def _inserted_kind(call: Call) -> Kind:
    """NumPy casts the values to the dtype of the array."""
    return Kind("array", operand(call, "arr").dtype)


primitive(np.insert, "arr, obj, values, axis=None", kind=_inserted_kind)
pullback(
    np.insert,
    arr=lambda g, y, arr, obj, values, axis: inserted_adjoint(g, arr, obj, values, axis)[0],
    values=lambda g, y, arr, obj, values, axis: inserted_adjoint(g, arr, obj, values, axis)[1],
)


# Cutting
def _pieces_kind(call: Call) -> Kind:
    """A list of arrays; their number and lengths are known for a literal number of equal parts."""
    ary = operand(call, "ary")
    axis = _cut_axis(call, ary)
    count = call.kind("indices_or_sections").value
    piece = Kind("array", ary.dtype)
    if call.is_literal("indices_or_sections"):
        count = call.literal("indices_or_sections")
    if not isinstance(count, int):
        return Kind("list", element=piece)
    if ary.shape is not None and axis is not None and "array_split" not in call.name:
        part = quotient((ary.shape[axis],), (count,))
        shape = tuple(part if i == axis else n for i, n in enumerate(ary.shape))
        piece = Kind("array", ary.dtype, shape)
    return Kind("list", items=tuple((i, piece) for i in range(count)))


def _cut_axis(call: Call, ary: Kind) -> int | None:
    rank = None if ary.shape is None else len(ary.shape)
    if "axis" in call.defaults or call.given("axis"):
        return axis_of(call, rank)
    fixed = {"numpy.vsplit": 0, "numpy.dsplit": 2}.get(call.name, 1)
    return None if rank is None else min(fixed, rank - 1)


for _fn in (np.split, np.array_split):
    primitive(_fn, "ary, indices_or_sections, axis=0", kind=_pieces_kind, view="ary")
    pullback(_fn, ary=lambda g, y, axis: np.concatenate(g, axis))
for _fn in (np.vsplit, np.hsplit, np.dsplit):
    primitive(_fn, "ary, indices_or_sections", kind=_pieces_kind, view="ary")
pullback(np.vsplit, ary=lambda g, y: np.concatenate(g))
pullback(np.hsplit, ary=lambda g, y: np.hstack(g))
pullback(np.dsplit, ary=lambda g, y: np.concatenate(g, 2))


def _unstacked_kind(call: Call) -> Kind:
    x = operand(call, "x")
    axis = None if x.shape is None else axis_of(call, len(x.shape))
    if x.shape is None or axis is None:
        return Kind("tuple", element=Kind("unknown", x.dtype))
    piece = Kind("array", x.dtype, tuple(n for i, n in enumerate(x.shape) if i != axis))
    count = x.shape[axis]
    if isinstance(count, int):
        return Kind("tuple", items=tuple((i, piece) for i in range(count)))
    return Kind("tuple", element=piece)


primitive("numpy.unstack", "x, *, axis=0", kind=_unstacked_kind, view="x")
pullback("numpy.unstack", x=lambda g, y, axis: np.stack(g, axis))
