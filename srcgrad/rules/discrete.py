"""Functions through which no derivative flows: predicates, roundings, indices, shapes.

They are constant between jumps, or their results are not real numbers. What is declared here is
what is known of their results: above all shapes, with the lengths that `x.shape` and `len(x)`
stand for.
"""

from __future__ import annotations

import numpy as np

from srcgrad.ir.kinds import OBJECT, Kind
from srcgrad.rules.call import Call
from srcgrad.rules.registry import holds_for_complex, primitive, pullback, stopped, zero
from srcgrad.rules.results import (
    BOOLEAN,
    COMPLEX,
    INTEGER,
    bool_kind,
    broadcast_of,
    float_kind,
    like,
    ndim_kind,
    reduced,
    rounded_kind,
    shape_kind,
    size_kind,
    ufunc_kind,
)
from srcgrad.support import stop_gradient

# Rounding
zero(np.floor, np.ceil, np.trunc, np.rint, kind=rounded_kind)
zero(np.fix, signature="x", kind=rounded_kind)
zero(np.sign, signature="x", kind=ufunc_kind)
# The sign of a complex number is its direction, which turns with it.
pullback(
    np.sign,
    x=lambda g, y, x: (x != 0) * (g - np.real(g * y) * np.conj(y)) / (np.abs(x) + (x == 0)),
    when=lambda call: call.kind("x").dtype in COMPLEX,
)
holds_for_complex(np.sign)
zero(np.floor_divide, kind=ufunc_kind)


def _round_kind(call: Call) -> Kind:
    kind = like("x")(call)
    return kind if kind.is_float else kind.with_dtype("?")


zero(np.round, np.around, signature="x, decimals=0", kind=_round_kind)


# Predicates
def _isin_kind(call: Call) -> Kind:
    kind = like("x", "b")(call)
    return Kind("array", "b", kind.shape)  # a 0-d array for a scalar


zero(np.less, np.less_equal, np.greater, np.greater_equal, np.equal, np.not_equal, kind=bool_kind)
zero(np.logical_and, np.logical_or, np.logical_xor, np.logical_not, kind=bool_kind)
zero(np.may_share_memory, signature="a, b", kind=BOOLEAN)
zero(np.isnan, np.isinf, np.isfinite, np.signbit, kind=bool_kind)
zero(np.isneginf, np.isposinf, np.isreal, np.iscomplex, signature="x", kind=bool_kind)
zero(
    np.isclose,
    signature="a, b, rtol=1e-05, atol=1e-08, equal_nan=False",
    kind=broadcast_of("a", "b", dtype="b"),
)


def _count_kind(call: Call) -> Kind:
    """Counts are NumPy's integers along an axis, and Python's (or NumPy's) without one."""
    kind = reduced("i")(call)
    return kind if kind.is_array else kind.with_dtype("?")


zero(np.isin, signature="x, values", kind=_isin_kind)
zero(np.allclose, signature="a, b, rtol=1e-05, atol=1e-08, equal_nan=False", kind=BOOLEAN)
zero(np.array_equal, signature="a, b, equal_nan=False", kind=BOOLEAN)
zero(np.array_equiv, signature="a, b", kind=BOOLEAN)
zero(
    np.linalg.matrix_rank,
    signature="A, tol=None, hermitian=False, *, rtol=None",
    kind=lambda call: Kind("unknown", "i"),
)
zero(np.spacing, kind=float_kind)
zero(np.isscalar, np.iscomplexobj, np.isrealobj, signature="x", kind=BOOLEAN)
zero(np.any, np.all, signature="a, axis=None, *, keepdims=False, where=True", kind=reduced("b"))
zero(np.count_nonzero, signature="a, axis=None, *, keepdims=False", kind=_count_kind)

# Bits
zero(np.bitwise_and, np.bitwise_or, np.bitwise_xor, np.invert, kind=ufunc_kind)
zero(np.left_shift, np.right_shift, kind=ufunc_kind)


# Indices
def _argsort_kind(call: Call) -> Kind:
    kind = call.kind("a")
    if not kind.is_array:
        return Kind("array", "i")
    flat = call.is_literal("axis") and call.literal("axis") is None
    if flat:
        size = size_kind(call).value
        return Kind("array", "i", None if size is None else (size,))
    return Kind("array", "i", kind.shape)


def _nonzero_kind(call: Call) -> Kind:
    rank = call.kind("a").rank
    index = Kind("array", "i")
    if rank is None:
        return Kind("tuple", element=index)
    return Kind("tuple", items=tuple((i, index) for i in range(rank)))


zero(np.argmax, np.argmin, signature="a, axis=None, *, keepdims=False", kind=reduced("i"))
zero(np.argsort, signature="a, axis=-1, kind=None, *, stable=None", kind=_argsort_kind)
zero(np.argpartition, signature="a, kth, axis=-1", kind=_argsort_kind)
zero(np.argwhere, np.flatnonzero, signature="a", kind=lambda call: Kind("array", "i"))
zero(np.nonzero, signature="a", kind=_nonzero_kind)
zero(np.searchsorted, signature="a, v, side='left'", kind=like("v", "i"))
zero(np.digitize, signature="x, bins, right=False", kind=like("x", "i"))

# Shapes and types
zero("attr.shape", np.shape, signature="x", kind=shape_kind, cheap=True)
zero("attr.ndim", np.ndim, signature="x", kind=ndim_kind, cheap=True)
zero("attr.size", signature="x", kind=size_kind, cheap=True)
zero("attr.itemsize", "attr.nbytes", signature="x", kind=INTEGER, cheap=True)


def _size_kind(call: Call) -> Kind:
    """`np.size(x, axis)`: one length, or the product of all."""
    axes, shape = call.axes(), call.kind("x").shape
    if axes is None:
        return size_kind(call) if call.is_literal("axis") else INTEGER(call)
    if shape is None or len(axes) != 1 or not -len(shape) <= axes[0] < len(shape):
        return INTEGER(call)
    return Kind("scalar", "pi", (), value=shape[axes[0]])


zero(np.size, signature="x, axis=None", kind=_size_kind, cheap=True)


def _dtype_kind(call: Call) -> Kind:
    """A dtype object; it carries the class, for functions that are given it."""
    kind = next(iter(call.kinds.values()))
    return OBJECT.with_dtype(kind.dtype) if kind.tag in ("scalar", "array") else OBJECT


zero("attr.dtype", signature="x", kind=_dtype_kind, cheap=True)
zero(np.result_type, kind=lambda call: OBJECT)
zero(np.int64, np.int32, signature="x", kind=like("x", "i"))
zero(np.bool_, signature="x", kind=like("x", "b"))


def _same_kind(call: Call) -> Kind:
    return call.kind("x")


primitive(stop_gradient, "x", kind=_same_kind, view="x")
stopped(stop_gradient)
