"""Derivatives of products: of vectors, matrices and stacks of them, by whatever name.

For the usual ranks the cotangents are what a textbook writes. A helper serves ranks that are not
known, and stacks that may broadcast.
"""

from __future__ import annotations

import operator
from typing import Any

import numpy as np

from srcgrad.ir.kinds import Dtype, Kind, Length, Shape, broadcast, promote, stretches
from srcgrad.rules.call import Call, Condition
from srcgrad.rules.registry import computed, primitive, pullback
from srcgrad.rules.results import COMPLEX, plain_and_inplace, strong
from srcgrad.rules.shapes import of_rank, operand, product
from srcgrad.support import unbroadcast
from srcgrad.support_linear import (
    any_cross_adjoint,
    cross_adjoint,
    dot_adjoint_a,
    dot_adjoint_b,
    inner_adjoint_a,
    inner_adjoint_b,
    kron_adjoint_a,
    kron_adjoint_b,
    matmul_adjoint_a,
    matmul_adjoint_b,
    tensordot_adjoint_a,
    tensordot_adjoint_b,
)

_fn: Any


def _dtype(call: Call) -> Dtype:
    return strong(promote(operand(call, "a").dtype, operand(call, "b").dtype))


def _shapes(call: Call) -> tuple[Shape, Shape] | None:
    a, b = operand(call, "a").shape, operand(call, "b").shape
    return None if a is None or b is None else (a, b)


def _result(dtype: Dtype, shape: Shape | None) -> Kind:
    """Products of vectors are scalars; where the rank is not known the result may be one."""
    if shape is None:
        return Kind("unknown", dtype)
    return Kind("array" if shape else "scalar", dtype, shape)


# `a @ b`
def _matmul_kind(call: Call) -> Kind:
    dtype, shapes = _dtype(call), _shapes(call)
    if shapes is None or () in shapes:
        return Kind("unknown", dtype)
    a, b = shapes
    stack = broadcast(a[:-2], b[:-2])
    if stack is None:
        return Kind("unknown", dtype)
    rows = a[-2:-1]
    columns = b[-1:] if len(b) > 1 else ()
    return _result(dtype, (*stack, *rows, *columns))


def _matmul_operator_kind(call: Call) -> Kind:
    """Objects of other classes may define `@`."""
    known = all(kind.tag in ("scalar", "array") for kind in call.kinds.values())
    return _matmul_kind(call) if known else Kind("unknown")


def _same_stacks(call: Call) -> bool:
    """Stacks of matrices that cannot broadcast."""
    a, b = call.kind("a").shape, call.kind("b").shape
    if a is None or b is None or len(a) < 3 or len(a) != len(b):
        return False
    return not any(stretches(m, n) for m, n in zip(a[:-2], b[:-2], strict=True))


def _stack_by_matrix(call: Call) -> bool:
    a, b = call.kind("a").rank, call.kind("b").rank
    return a is not None and a > 2 and b == 2


def _both_arrays(**expected: int) -> Condition:
    right = of_rank(**expected)
    return lambda call: call.kind("a").is_array and call.kind("b").is_array and right(call)


_MATRICES = _both_arrays(a=2, b=2)
_MATRIX_VECTOR = _both_arrays(a=2, b=1)
_VECTOR_MATRIX = _both_arrays(a=1, b=2)
_VECTORS = _both_arrays(a=1, b=1)

_MATMUL: tuple[Any, ...] = (operator.matmul, operator.imatmul, np.matmul, np.linalg.matmul)
for _fn, _kind in plain_and_inplace(operator.matmul, operator.imatmul, _matmul_operator_kind):
    primitive(_fn, "a, b", kind=_kind)
for _fn in (np.matmul, np.linalg.matmul):
    primitive(_fn, "a, b", kind=_matmul_kind)


def _dot_kind(call: Call) -> Kind:
    dtype, shapes = _dtype(call), _shapes(call)
    if shapes is None:
        return Kind("unknown", dtype)
    a, b = shapes
    if () in shapes:
        if all(call.kind(name).is_scalar for name in ("a", "b")):
            return Kind("scalar", dtype, ())
        return Kind("unknown", dtype) if a == b else _result(dtype, a or b)
    return _result(dtype, (*a[:-1], *b[:-2], *(b[-1:] if len(b) > 1 else ())))


primitive(np.dot, "a, b", kind=_dot_kind)
for _fn in (*_MATMUL, np.dot):
    pullback(_fn, a=lambda g, y, b: g @ b.T, b=lambda g, y, a: a.T @ g, when=_MATRICES)
    pullback(_fn, a=lambda g, y, b: np.outer(g, b), b=lambda g, y, a: a.T @ g, when=_MATRIX_VECTOR)
    pullback(_fn, a=lambda g, y, b: b @ g, b=lambda g, y, a: np.outer(a, g), when=_VECTOR_MATRIX)
    pullback(_fn, a=lambda g, y, b: g * b, b=lambda g, y, a: g * a, when=_VECTORS)
for _fn in _MATMUL:
    pullback(
        _fn,
        a=lambda g, y, b: g @ np.swapaxes(b, -1, -2),
        b=lambda g, y, a: np.swapaxes(a, -1, -2) @ g,
        when=_same_stacks,
    )
    pullback(
        _fn,
        a=lambda g, y, b: g @ b.T,
        b=lambda g, y, a, b: matmul_adjoint_b(g, a, b),
        when=_stack_by_matrix,
    )
    pullback(
        _fn,
        a=lambda g, y, a, b: matmul_adjoint_a(g, a, b),
        b=lambda g, y, a, b: matmul_adjoint_b(g, a, b),
    )
pullback(
    np.dot,
    a=lambda g, y, a, b: dot_adjoint_a(g, a, b),
    b=lambda g, y, a, b: dot_adjoint_b(g, a, b),
)


# `np.inner`: last axes together
def _inner_kind(call: Call) -> Kind:
    shapes = _shapes(call)
    if shapes is None or () in shapes:
        return _dot_kind(call)
    a, b = shapes
    return _result(_dtype(call), (*a[:-1], *b[:-1]))


primitive(np.inner, "a, b", kind=_inner_kind)
pullback(np.inner, a=lambda g, y, b: g * b, b=lambda g, y, a: g * a, when=_VECTORS)
pullback(np.inner, a=lambda g, y, b: g @ b, b=lambda g, y, a: g.T @ a, when=_MATRICES)
pullback(
    np.inner,
    a=lambda g, y, a, b: inner_adjoint_a(g, a, b),
    b=lambda g, y, a, b: inner_adjoint_b(g, a, b),
)


# `np.vdot`: all elements; it conjugates, so complex numbers need a form of their own
def _vdot_kind(call: Call) -> Kind:
    return Kind("scalar", _dtype(call), ())


def _real(call: Call) -> bool:
    return not any(operand(call, name).dtype in COMPLEX for name in ("a", "b"))


def _real_vectors(call: Call) -> bool:
    return _real(call) and _VECTORS(call)


primitive(np.vdot, "a, b", kind=_vdot_kind)
pullback(np.vdot, a=lambda g, y, b: g * b, b=lambda g, y, a: g * a, when=_real_vectors)
pullback(
    np.vdot,
    a=lambda g, y, a, b: g * np.reshape(b, np.shape(a)),
    b=lambda g, y, a, b: g * np.reshape(a, np.shape(b)),
    when=_real,
)
pullback(np.vdot, a=lambda g, y, b: np.conj(g * b), b=lambda g, y, a: g * np.conj(a), when=_VECTORS)
pullback(
    np.vdot,
    a=lambda g, y, a, b: np.reshape(np.conj(g * b), np.shape(a)),
    b=lambda g, y, a, b: g * np.reshape(np.conj(a), np.shape(b)),
)


# `np.outer`: every element by every element
def _outer_kind(call: Call) -> Kind:
    shapes = _shapes(call)
    shape = None if shapes is None else (product(shapes[0]), product(shapes[1]))
    return Kind("array", _dtype(call), shape)


for _fn in (np.outer, np.linalg.outer):
    primitive(_fn, "a, b", kind=_outer_kind)
    pullback(_fn, a=lambda g, y, b: g @ b, b=lambda g, y, a: a @ g, when=_VECTORS)
    pullback(
        _fn,
        a=lambda g, y, a, b: np.reshape(g @ np.ravel(b), np.shape(a)),
        b=lambda g, y, a, b: np.reshape(np.ravel(a) @ g, np.shape(b)),
    )


# `np.vecdot`, `np.matvec`, `np.vecmat`: stacks of vectors and matrices. They conjugate.
def _vecdot_kind(call: Call) -> Kind:
    shapes = _shapes(call)
    last = not call.given("axis") or call.is_literal("axis") and call.literal("axis") == -1
    if shapes is None or () in shapes or not last:
        return Kind("unknown", _dtype(call))
    return _result(_dtype(call), broadcast(shapes[0][:-1], shapes[1][:-1]))


def _matvec_kind(call: Call) -> Kind:
    shapes = _shapes(call)
    if shapes is None or len(shapes[0]) < 2 or not shapes[1]:
        return Kind("unknown", _dtype(call))
    stack = broadcast(shapes[0][:-2], shapes[1][:-1])
    return _result(_dtype(call), None if stack is None else (*stack, shapes[0][-2]))


def _vecmat_kind(call: Call) -> Kind:
    shapes = _shapes(call)
    if shapes is None or len(shapes[1]) < 2 or not shapes[0]:
        return Kind("unknown", _dtype(call))
    stack = broadcast(shapes[0][:-1], shapes[1][:-2])
    return _result(_dtype(call), None if stack is None else (*stack, shapes[1][-1]))


for _fn in (np.vecdot, np.linalg.vecdot):
    primitive(_fn, "a, b, *, axis=-1", kind=_vecdot_kind)
    pullback(_fn, a=lambda g, y, b: g * b, b=lambda g, y, a: g * a, when=_real_vectors)
    pullback(
        _fn,
        a=lambda g, y, a, b, axis: unbroadcast(np.expand_dims(g, axis) * b, a),
        b=lambda g, y, a, b, axis: unbroadcast(np.expand_dims(g, axis) * a, b),
        when=_real,
    )
    pullback(
        _fn,
        a=lambda g, y, a, b, axis: unbroadcast(np.conj(np.expand_dims(g, axis) * b), a),
        b=lambda g, y, a, b, axis: unbroadcast(np.expand_dims(g, axis) * np.conj(a), b),
    )
primitive("numpy.matvec", "a, b", kind=_matvec_kind)
pullback(
    "numpy.matvec",
    a=lambda g, y, a, b: unbroadcast(np.expand_dims(g, -1) * np.expand_dims(b, -2), a),
    b=lambda g, y, a, b: unbroadcast(np.vecmat(g, a), b),
    when=_real,
)
pullback(
    "numpy.matvec",
    a=lambda g, y, a, b: unbroadcast(np.expand_dims(g, -1) * np.expand_dims(b, -2), a),
    b=lambda g, y, a, b: unbroadcast(np.vecmat(np.conj(g), a), b),
)
primitive("numpy.vecmat", "a, b", kind=_vecmat_kind)
pullback(
    "numpy.vecmat",
    a=lambda g, y, a, b: unbroadcast(np.matvec(b, g), a),
    b=lambda g, y, a, b: unbroadcast(np.expand_dims(a, -1) * np.expand_dims(g, -2), b),
    when=_real,
)
pullback(
    "numpy.vecmat",
    a=lambda g, y, a, b: unbroadcast(np.conj(np.matvec(b, g)), a),
    b=lambda g, y, a, b: unbroadcast(np.expand_dims(np.conj(a), -1) * np.expand_dims(g, -2), b),
)


# `np.tensordot`
def _tensordot_kind(call: Call) -> Kind:
    shapes, dtype = _shapes(call), _dtype(call)
    count = call.literal("axes") if call.is_literal("axes") else call.kind("axes").value
    if shapes is None:
        return Kind("array", dtype)
    a, b = shapes
    if isinstance(count, int):
        if not 0 <= count <= min(len(a), len(b)):
            return Kind("array", dtype)
        return Kind("array", dtype, (*a[: len(a) - count], *b[count:]))
    pair = call.kind("axes")
    if pair.tag not in ("tuple", "list") or pair.items is None or len(pair.items) != 2:
        return Kind("array", dtype)
    kept = [_without(shape, item) for shape, (_, item) in zip((a, b), pair.items, strict=True)]
    if kept[0] is None or kept[1] is None:
        return Kind("array", dtype)
    return Kind("array", dtype, (*kept[0], *kept[1]))


def _without(shape: Shape, axes: Kind) -> list[Length] | None:
    """A shape without the axes that a kind stands for; None where they are not known."""
    items = [axes] if axes.is_scalar else [item for _, item in axes.items or ()]
    values = [item.value for item in items]
    if not values or not all(isinstance(v, int) and -len(shape) <= v < len(shape) for v in values):
        return None
    gone = {v % len(shape) for v in values if isinstance(v, int)}
    return [n for i, n in enumerate(shape) if i not in gone]


def _tensordot_adjoints(call: Call) -> dict[str, str] | None:
    """Both adjoints are such products too, and need no transposition for a number of axes."""
    shapes, count = _shapes(call), call.literal("axes") if call.is_literal("axes") else None
    if shapes is None or type(count) is not int or not 0 < count <= min(map(len, shapes)):
        return None
    a, b = map(len, shapes)
    free_a, free_b = tuple(range(a - count)), tuple(range(count, b))
    if not free_a and not free_b:
        return None
    last = tuple(range(len(free_a), len(free_a) + len(free_b)))
    return {
        "a": f"np.tensordot(g, b, ({last}, {free_b}))",
        "b": f"np.tensordot(a, g, ({free_a}, {free_a}))",
    }


primitive(np.tensordot, "a, b, axes=2", kind=_tensordot_kind)
primitive(np.linalg.tensordot, "a, b, *, axes=2", kind=_tensordot_kind)
for _fn in (np.tensordot, np.linalg.tensordot):
    pullback(
        _fn,
        a=lambda g, y, a, b, axes: tensordot_adjoint_a(g, a, b, axes),
        b=lambda g, y, a, b, axes: tensordot_adjoint_b(g, a, b, axes),
    )
    computed(_fn, _tensordot_adjoints, {"np": np})


# `np.kron`
def _kron_kind(call: Call) -> Kind:
    shapes = _shapes(call)
    if shapes is None:
        return Kind("unknown", _dtype(call))
    rank = max(map(len, shapes))
    a, b = ((1,) * (rank - len(shape)) + shape for shape in shapes)
    if rank == 0:
        return Kind("unknown", _dtype(call))
    return Kind("array", _dtype(call), tuple(product(pair) for pair in zip(a, b, strict=True)))


primitive(np.kron, "a, b", kind=_kron_kind)
pullback(
    np.kron,
    a=lambda g, y, a, b: kron_adjoint_a(g, a, b),
    b=lambda g, y, a, b: kron_adjoint_b(g, a, b),
)


# `np.cross` of vectors with three components
def _cross_kind(call: Call) -> Kind:
    shapes = _shapes(call)
    plain = not any(map(call.given, ("axis", "axisa", "axisb", "axisc")))
    if not plain or shapes is None or () in shapes or shapes[0][-1:] + shapes[1][-1:] != (3, 3):
        return Kind("array", _dtype(call))
    return Kind("array", _dtype(call), broadcast(*shapes))


def _threes(call: Call) -> bool:
    """Vectors of three components along the last axes."""
    return _cross_kind(call).shape is not None


primitive(
    np.cross,
    "a, b, axisa=-1, axisb=-1, axisc=-1, axis=None",
    kind=_cross_kind,
)
primitive(np.linalg.cross, "a, b, *, axis=-1", kind=_cross_kind)
pullback(
    np.cross,
    a=lambda g, y, a, b: unbroadcast(np.cross(b, g), a),
    b=lambda g, y, a, b: unbroadcast(np.cross(g, a), b),
    when=_threes,
)
pullback(
    np.cross,
    a=lambda g, y, a, b, axisa, axisb, axisc, axis: any_cross_adjoint(
        g, a, b, (axisa, axisb, axisc), axis
    ),
    b=lambda g, y, a, b, axisa, axisb, axisc, axis: (
        -any_cross_adjoint(g, b, a, (axisb, axisa, axisc), axis)
    ),
)
pullback(
    np.linalg.cross,
    a=lambda g, y, a, b, axis: cross_adjoint(g, a, b, axis),
    b=lambda g, y, a, b, axis: -cross_adjoint(g, b, a, axis),
)
