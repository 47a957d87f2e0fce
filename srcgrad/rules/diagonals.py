"""Derivatives of functions of diagonals and triangles of matrices."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from srcgrad.ir.kinds import Kind, Length, Shape
from srcgrad.rules.call import Call, KindRule
from srcgrad.rules.reductions import sum_dtype
from srcgrad.rules.registry import primitive, pullback
from srcgrad.rules.shapes import axis_of, operand, product, total
from srcgrad.support import unbroadcast
from srcgrad.support_arrays import diag_adjoint, scatter_diagonal

_fn: Any


def _last_two(kind: KindRule) -> KindRule:
    """The rule for a function of `axis1` and `axis2`, which here are the last two axes."""
    last = {"axis1": -2, "axis2": -1}
    return lambda call: kind(replace(call, defaults={**call.defaults, **last}))


# Diagonals
def _diag_kind(call: Call) -> Kind:
    v = operand(call, "v")
    k = call.literal("k") if call.is_literal("k") else None
    if v.shape is None or len(v.shape) not in (1, 2) or not isinstance(k, int):
        return Kind("array", v.dtype)
    if len(v.shape) == 1:
        length = total((v.shape[0], abs(k)))
        return Kind("array", v.dtype, (length, length))
    return Kind("array", v.dtype, _diagonal_length(v.shape[0], v.shape[1], k))


def _diagonal_length(rows: Length, columns: Length, offset: int) -> Shape | None:
    """Length of a diagonal, in a tuple; None where it is not known which side is shorter."""
    if isinstance(rows, int) and isinstance(columns, int):
        return (max(min(rows + min(offset, 0), columns - max(offset, 0)), 0),)
    return (rows,) if rows == columns and offset == 0 else None


def _square(call: Call) -> bool:
    """A vector, or a matrix known to be square: `np.diag` is its own adjoint."""
    v = call.kind("v")
    return v.rank == 1 or (v.rank == 2 and v.shape is not None and v.shape[0] == v.shape[1])


primitive(np.diag, "v, k=0", kind=_diag_kind, view="v")
pullback(np.diag, v=lambda g, y, k: np.diag(g, k), when=_square)
pullback(np.diag, v=lambda g, y, v, k: diag_adjoint(g, v, k))


def _flat_diag_kind(call: Call) -> Kind:
    v = operand(call, "v")
    k = call.literal("k") if call.is_literal("k") else None
    if v.shape is None or not isinstance(k, int):
        return Kind("array", v.dtype)
    length = total((product(v.shape), abs(k)))
    return Kind("array", v.dtype, (length, length))


primitive(np.diagflat, "v, k=0", kind=_flat_diag_kind)
pullback(np.diagflat, v=lambda g, y, v, k: np.reshape(np.diagonal(g, k), np.shape(v)))


def _diagonal_kind(call: Call) -> Kind:
    a = operand(call, "a")
    if a.shape is None or len(a.shape) < 2:
        return Kind("array", a.dtype)
    i, j = (axis_of(call, len(a.shape), name) for name in ("axis1", "axis2"))
    offset = call.literal("offset") if call.is_literal("offset") else None
    if i is None or j is None or not isinstance(offset, int):
        return Kind("array", a.dtype)
    last = _diagonal_length(a.shape[i], a.shape[j], offset)
    if last is None:
        return Kind("array", a.dtype)
    rest = tuple(n for axis, n in enumerate(a.shape) if axis not in (i, j))
    return Kind("array", a.dtype, (*rest, *last))


primitive(np.diagonal, "a, offset=0, axis1=0, axis2=1", kind=_diagonal_kind, view="a")
pullback(
    np.diagonal,
    a=lambda g, y, a, offset, axis1, axis2: scatter_diagonal(g, a, offset, axis1, axis2),
)


primitive(np.linalg.diagonal, "a, *, offset=0", kind=_last_two(_diagonal_kind), view="a")
pullback(np.linalg.diagonal, a=lambda g, y, a, offset: scatter_diagonal(g, a, offset, -2, -1))


# Triangles
def _triangle_kind(call: Call) -> Kind:
    """A triangle of a matrix; a vector is first repeated as rows."""
    m = operand(call, "m")
    if m.shape is None or len(m.shape) == 0:
        return Kind("array", m.dtype)
    return Kind("array", m.dtype, m.shape if len(m.shape) > 1 else m.shape * 2)


def _planes(call: Call) -> bool:
    rank = call.kind("m").rank
    return rank is not None and rank > 1


for _fn in (np.tril, np.triu):
    primitive(_fn, "m, k=0", kind=_triangle_kind)
pullback(np.tril, m=lambda g, y, k: np.tril(g, k), when=_planes)
pullback(np.triu, m=lambda g, y, k: np.triu(g, k), when=_planes)
pullback(np.tril, m=lambda g, y, m, k: unbroadcast(np.tril(g, k), m))
pullback(np.triu, m=lambda g, y, m, k: unbroadcast(np.triu(g, k), m))


# The trace
def _trace_kind(call: Call) -> Kind:
    a = operand(call, "a")
    dtype = sum_dtype(a.dtype)
    if a.shape is None or len(a.shape) < 2:
        return Kind("unknown", dtype)
    if len(a.shape) == 2:
        return Kind("scalar", dtype, ())
    axes = axis_of(call, len(a.shape), "axis1"), axis_of(call, len(a.shape), "axis2")
    if None in axes:
        return Kind("array", dtype)
    return Kind("array", dtype, tuple(n for i, n in enumerate(a.shape) if i not in axes))


def _matrix(call: Call) -> bool:
    return call.kind("a").rank == 2 and not call.given("axis1") and not call.given("axis2")


primitive(np.linalg.trace, "a, *, offset=0", kind=_last_two(_trace_kind))
pullback(
    np.linalg.trace,
    a=lambda g, y, a, offset: g * np.eye(a.shape[0], a.shape[1], offset, a.dtype),
    when=_matrix,
)
pullback(
    np.linalg.trace,
    a=lambda g, y, a, offset: scatter_diagonal(np.expand_dims(g, -1), a, offset, -2, -1),
)
primitive(np.trace, "a, offset=0, axis1=0, axis2=1", kind=_trace_kind)
pullback(
    np.trace,
    a=lambda g, y, a, offset: g * np.eye(a.shape[0], a.shape[1], offset, a.dtype),
    when=_matrix,
)
pullback(
    np.trace,
    a=lambda g, y, a, offset, axis1, axis2: scatter_diagonal(
        np.expand_dims(g, -1), a, offset, axis1, axis2
    ),
)
