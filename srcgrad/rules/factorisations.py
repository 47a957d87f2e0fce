"""Derivatives of factorisations of matrices, of least squares, and of what is made of them.

Complex matrices are refused: the formulas do not conjugate.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from srcgrad.ir.kinds import INT, Dtype, Kind, Length, Shape, promote
from srcgrad.rules.call import Call
from srcgrad.rules.creation import stacked_kind
from srcgrad.rules.registry import computed, primitive, pullback
from srcgrad.rules.results import COMPLEX, real_part, strong
from srcgrad.rules.shapes import operand
from srcgrad.support_factors import (
    chain_adjoint,
    cond_adjoint,
    cond_by_norms_adjoint,
    lstsq_adjoint,
    qr_adjoint,
    r_adjoint,
    singular_values_adjoint,
    svd_adjoint,
    tensorinv_adjoint,
    tensorsolve_adjoint_a,
    tensorsolve_adjoint_b,
)
from srcgrad.support_hermitian import svd_complex_adjoint

_fn: Any
_FLOATS: dict[Dtype, Dtype] = {"b": "f8", "i": "f8"}


def _dtype(dtype: Dtype) -> Dtype:
    return _FLOATS.get(dtype, dtype)


def _real(call: Call) -> bool:
    names = [name for name in ("a", "b", "arrays") if call.given(name)]
    return all(operand(call, name).dtype not in COMPLEX for name in names)


def _stack(call: Call) -> tuple[Shape, Length, Length] | None:
    """The shape of a stack of matrices, in parts."""
    shape = operand(call, "a").shape
    if shape is None or len(shape) < 2:
        return None
    return shape[:-2], shape[-2], shape[-1]


def _shorter(rows: Length, columns: Length) -> Length | None:
    """The length of the shorter side, where that is known."""
    if rows == columns:
        return rows
    if isinstance(rows, int) and isinstance(columns, int):
        return min(rows, columns)
    return None


def _array(dtype: Dtype, *parts: Shape | None) -> Kind:
    known = [part for part in parts if part is not None]
    if len(known) < len(parts):
        return Kind("array", dtype)
    return Kind("array", dtype, tuple(n for part in known for n in part))


# Singular values
def _flag(call: Call, name: str) -> bool | None:
    return bool(call.literal(name)) if call.is_literal(name) else None


def _values_kind(call: Call) -> Kind:
    found, dtype = _stack(call), real_part(_dtype(operand(call, "a").dtype))
    if found is None:
        return Kind("array", dtype)
    stack, rows, columns = found
    k = _shorter(rows, columns)
    return _array(dtype, stack, None if k is None else (k,))


def _svd_kind(call: Call) -> Kind:
    vectors, full = _flag(call, "compute_uv"), _flag(call, "full_matrices")
    if vectors is None:
        return Kind("unknown")
    values = _values_kind(call)
    if not vectors:
        return values
    found, dtype = _stack(call), _dtype(operand(call, "a").dtype)
    u = vh = Kind("array", dtype)
    if found is not None:
        stack, rows, columns = found
        k = _shorter(rows, columns)
        short = None if k is None else (k,)
        if full is not None:
            u = _array(dtype, stack, (rows,), (rows,) if full else short)
            vh = _array(dtype, stack, (columns,) if full else short, (columns,))
    return Kind("tuple", items=((0, u), (1, values), (2, vh)), fields=("U", "S", "Vh"))


def _svd(call: Call) -> Mapping[str, str] | None:
    vectors = _flag(call, "compute_uv")
    if vectors is None:
        return None
    if not vectors:
        bar = "singular_values_adjoint(g, a)"
        return {"a": bar if _real(call) else f"np.conj({bar})"}
    if not _real(call):
        return {"a": "svd_complex_adjoint(g[0], g[1], g[2], y[0], y[1], y[2])"}
    return {"a": "svd_adjoint(g[0], g[1], g[2], y[0], y[1], y[2])"}


primitive(np.linalg.svd, "a, full_matrices=True, compute_uv=True", kind=_svd_kind)
computed(
    np.linalg.svd,
    _svd,
    {
        "np": np,
        "svd_adjoint": svd_adjoint,
        "svd_complex_adjoint": svd_complex_adjoint,
        "singular_values_adjoint": singular_values_adjoint,
        "__name__": __name__,
    },
)
primitive(np.linalg.svdvals, "a", kind=_values_kind)
pullback(np.linalg.svdvals, a=lambda g, y, a: singular_values_adjoint(g, a), when=_real)


def _cond_kind(call: Call) -> Kind:
    found, dtype = _stack(call), real_part(_dtype(operand(call, "a").dtype))
    if found is None or found[0]:
        return Kind("unknown" if found is None else "array", dtype, found[0] if found else None)
    return Kind("scalar", dtype, ())


def _by_singular_values(call: Call) -> bool:
    order = call.literal("p") if call.is_literal("p") else call.kind("p")
    return _real(call) and order in (None, 2, -2)


primitive(np.linalg.cond, "a, p=None", kind=_cond_kind, also={"x": "a"})
pullback(
    np.linalg.cond,
    a=lambda g, y, a, p: cond_adjoint(g, y, a, p),
    when=_by_singular_values,
)


pullback(
    np.linalg.cond,
    a=lambda g, y, a, p: cond_by_norms_adjoint(g, a, p),
    when=lambda call: _real(call) and (call.is_literal("p") or call.kind("p").is_scalar),
)


# Orthogonal and triangular
def _qr_kind(call: Call) -> Kind:
    if not call.is_literal("mode") or call.literal("mode") not in ("reduced", "r"):
        return Kind("unknown")
    found, dtype = _stack(call), _dtype(operand(call, "a").dtype)
    q = r = Kind("array", dtype)
    if found is not None:
        stack, rows, columns = found
        k = _shorter(rows, columns)
        short = None if k is None else (k,)
        q, r = _array(dtype, stack, (rows,), short), _array(dtype, stack, short, (columns,))
    return (
        r
        if call.literal("mode") == "r"
        else Kind("tuple", items=((0, q), (1, r)), fields=("Q", "R"))
    )


def _mode(mode: str) -> Any:
    return lambda call: _real(call) and call.is_literal("mode") and call.literal("mode") == mode


primitive(np.linalg.qr, "a, mode='reduced'", kind=_qr_kind)
pullback(
    np.linalg.qr,
    a=lambda g, y, a: qr_adjoint(g[0], g[1], y[0], y[1], a),
    when=_mode("reduced"),
)
pullback(np.linalg.qr, a=lambda g, y, a: r_adjoint(g, y, a), when=_mode("r"))


# Least squares
def _lstsq_kind(call: Call) -> Kind:
    a, b = operand(call, "a"), operand(call, "b")
    dtype = promote(_dtype(a.dtype), _dtype(b.dtype))
    x = Kind("array", dtype)
    if a.shape is not None and b.shape is not None and len(a.shape) == 2:
        x = Kind("array", dtype, (a.shape[1], *b.shape[1:]))
    items = (
        x,
        Kind("array", real_part(dtype)),
        INT.with_dtype("?"),
        Kind("array", real_part(dtype)),
    )
    return Kind("tuple", items=tuple(enumerate(items)))


primitive(np.linalg.lstsq, "a, b, rcond=None", kind=_lstsq_kind)
pullback(
    np.linalg.lstsq,
    a=lambda g, y, a, b: lstsq_adjoint(g[0], g[1], g[3], y[0], a, b)[0],
    b=lambda g, y, a, b: lstsq_adjoint(g[0], g[1], g[3], y[0], a, b)[1],
    when=_real,
)


# Chains of products
def _chain_kind(call: Call) -> Kind:
    parts = call.kind("arrays")
    if parts.tag not in ("list", "tuple") or not parts.items:
        return Kind("unknown")
    kinds = [stacked_kind(item) for _, item in parts.items]
    dtype = strong(promote(*(kind.dtype for kind in kinds)))
    first, last = kinds[0].shape, kinds[-1].shape
    if first is None or last is None or len(kinds) < 2:
        return Kind("unknown", dtype)
    shape = (*first[:-1], *last[1:])
    return Kind("array" if shape else "scalar", dtype, shape)


primitive(np.linalg.multi_dot, "arrays", kind=_chain_kind)
pullback(
    np.linalg.multi_dot,
    arrays=lambda g, y, arrays: chain_adjoint(g, arrays),
    when=lambda call: call.kind("arrays").tag in ("list", "tuple") and _real(call),
)


# Matrices in the shape of tensors
def _tensorsolve_kind(call: Call) -> Kind:
    a, b = operand(call, "a"), operand(call, "b")
    dtype = promote(_dtype(a.dtype), _dtype(b.dtype))
    if a.shape is None or b.shape is None:
        return Kind("array", dtype)
    return Kind("array", dtype, a.shape[len(b.shape) :])


primitive(np.linalg.tensorsolve, "a, b", kind=_tensorsolve_kind)
pullback(
    np.linalg.tensorsolve,
    a=lambda g, y, a: tensorsolve_adjoint_a(g, y, a),
    b=lambda g, y, a, b: tensorsolve_adjoint_b(g, a, b),
    when=_real,
)


def _tensorinv_kind(call: Call) -> Kind:
    a = operand(call, "a")
    ind = call.literal("ind") if call.is_literal("ind") else None
    if a.shape is None or not isinstance(ind, int):
        return Kind("array", _dtype(a.dtype))
    return Kind("array", _dtype(a.dtype), (*a.shape[ind:], *a.shape[:ind]))


primitive(np.linalg.tensorinv, "a, ind=2", kind=_tensorinv_kind)
pullback(np.linalg.tensorinv, a=lambda g, y, a: tensorinv_adjoint(g, y, a), when=_real)
