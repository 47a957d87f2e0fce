"""Derivatives of `numpy.linalg`.

Functions that read one triangle of a symmetric matrix (`cholesky`, `eigh`) have their derivative
in that triangle: it is what the program computes. Complex matrices are refused where the formula
would have to conjugate.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from srcgrad.ir.kinds import Dtype, Kind, promote
from srcgrad.rules.call import Call
from srcgrad.rules.registry import computed, may_equal, primitive, pullback
from srcgrad.rules.results import COMPLEX, real_part
from srcgrad.rules.shapes import is_given_axis, is_none, is_true, of_rank, operand, reduction
from srcgrad.support_arrays import divide_or_zero, expand_reduced
from srcgrad.support_factors import any_norm_adjoint, matrix_norm_adjoint
from srcgrad.support_linear import (
    cholesky_adjoint,
    cofactors,
    eigh_adjoint,
    eigvalsh_adjoint,
    matrix_power_adjoint,
    norm_adjoint,
    norm_order_adjoint,
    pinv_adjoint,
    solve_adjoint_a,
    solve_adjoint_b,
)

_fn: Any
_FLOATS: dict[Dtype, Dtype] = {"b": "f8", "i": "f8"}
NORM_NAMES = {
    "any_norm_adjoint": any_norm_adjoint,
    "np": np,
    "divide_or_zero": divide_or_zero,
    "expand_reduced": expand_reduced,
    "matrix_norm_adjoint": matrix_norm_adjoint,
    "norm_adjoint": norm_adjoint,
    "norm_order_adjoint": norm_order_adjoint,
    "__name__": __name__,
}


def _dtype(dtype: Dtype) -> Dtype:
    return _FLOATS.get(dtype, dtype)


def _real(call: Call) -> bool:
    return operand(call, "a").dtype not in COMPLEX


def _real_matrix(call: Call) -> bool:
    return _real(call) and call.kind("a").rank == 2


def _matrix_kind(call: Call) -> Kind:
    """A matrix, or stack of them, of the shape of `a`."""
    a = operand(call, "a")
    return Kind("array", _dtype(a.dtype), a.shape)


_one_matrix = of_rank(a=2)
_vector_system = of_rank(a=2, b=1)
_matrix_system = of_rank(a=2, b=2)


# Systems of equations
def _solve_kind(call: Call) -> Kind:
    a, b = operand(call, "a"), operand(call, "b")
    dtype = promote(_dtype(a.dtype), _dtype(b.dtype))
    if a.shape is None or b.shape is None or len(a.shape) < 2:
        return Kind("array", dtype)
    if len(b.shape) == 1:
        return Kind("array", dtype, a.shape[:-1])
    return Kind("array", dtype, b.shape if len(a.shape) == 2 else None)


primitive(np.linalg.solve, "a, b", kind=_solve_kind)
pullback(
    np.linalg.solve,
    a=lambda g, y, a: -np.outer(np.linalg.solve(a.T, g), y),
    b=lambda g, y, a: np.linalg.solve(a.T, g),
    when=_vector_system,
)
pullback(
    np.linalg.solve,
    a=lambda g, y, a: -np.linalg.solve(a.T, g) @ y.T,
    b=lambda g, y, a: np.linalg.solve(a.T, g),
    when=_matrix_system,
)
pullback(
    np.linalg.solve,
    a=lambda g, y, a, b: solve_adjoint_a(g, y, a, b),
    b=lambda g, y, a, b: solve_adjoint_b(g, a, b),
)

primitive(np.linalg.inv, "a", kind=_matrix_kind)
pullback(np.linalg.inv, a=lambda g, y: -y.T @ g @ y.T, when=_one_matrix)
pullback(np.linalg.inv, a=lambda g, y: -np.swapaxes(y, -1, -2) @ g @ np.swapaxes(y, -1, -2))


def _pinv_kind(call: Call) -> Kind:
    a = operand(call, "a")
    if a.shape is None or len(a.shape) < 2:
        return Kind("array", _dtype(a.dtype))
    return Kind("array", _dtype(a.dtype), (*a.shape[:-2], a.shape[-1], a.shape[-2]))


primitive(np.linalg.pinv, "a, rcond=None, *, rtol=None", kind=_pinv_kind)
pullback(np.linalg.pinv, a=lambda g, y, a: pinv_adjoint(g, y, a), when=_real)


def _power_kind(call: Call) -> Kind:
    """A power of a matrix; inverting makes floats."""
    a = operand(call, "a")
    return Kind("array", a.dtype if a.is_float else "?", a.shape)


primitive(np.linalg.matrix_power, "a, n", kind=_power_kind, view="a", is_view=may_equal("n", 1))
pullback(np.linalg.matrix_power, a=lambda g, y, a, n: matrix_power_adjoint(g, a, n))


# Determinants
def _det_kind(call: Call) -> Kind:
    a = operand(call, "a")
    if a.shape is None or len(a.shape) < 2:
        return Kind("unknown", _dtype(a.dtype))
    shape = a.shape[:-2]
    return Kind("array" if shape else "scalar", _dtype(a.dtype), shape)


def _slogdet_kind(call: Call) -> Kind:
    kind = _det_kind(call)
    size = kind.with_dtype(real_part(kind.dtype))
    return Kind("tuple", items=((0, kind), (1, size)), fields=("sign", "logabsdet"))


primitive(np.linalg.det, "a", kind=_det_kind)
pullback(np.linalg.det, a=lambda g, y, a: g * cofactors(a), when=_real_matrix)
pullback(np.linalg.det, a=lambda g, y, a: np.expand_dims(g, (-2, -1)) * cofactors(a), when=_real)
pullback(
    np.linalg.det,
    a=lambda g, y, a: np.expand_dims(g * y, (-2, -1)) * np.swapaxes(np.linalg.inv(a), -1, -2),
)
primitive(np.linalg.slogdet, "a", kind=_slogdet_kind)
pullback(np.linalg.slogdet, a=lambda g, y, a: g[1] * np.linalg.inv(a).T, when=_real_matrix)
pullback(
    np.linalg.slogdet,
    a=lambda g, y, a: np.expand_dims(g[1], (-2, -1)) * np.swapaxes(np.linalg.inv(a), -1, -2),
    when=_real,
)
pullback(  # the sign of a complex determinant turns round the unit circle
    np.linalg.slogdet,
    a=lambda g, y, a: (
        np.expand_dims(g[1] + 1j * np.imag(g[0] * y[0]), (-2, -1))
        * np.swapaxes(np.linalg.inv(a), -1, -2)
    ),
)


# Factorisations
def _given_lower(call: Call) -> bool:
    return _real(call) and is_true(call, "upper") is False


def _given_upper(call: Call) -> bool:
    return _real(call) and is_true(call, "upper") is True


primitive(np.linalg.cholesky, "a, *, upper=False", kind=_matrix_kind)
pullback(np.linalg.cholesky, a=lambda g, y: cholesky_adjoint(g, y), when=_given_lower)
pullback(
    np.linalg.cholesky,
    a=lambda g, y: np.swapaxes(
        cholesky_adjoint(np.swapaxes(g, -1, -2), np.swapaxes(y, -1, -2)), -1, -2
    ),
    when=_given_upper,
)


def _eigvalsh_kind(call: Call) -> Kind:
    a = operand(call, "a")
    dtype = real_part(_dtype(a.dtype))
    return Kind("array", dtype, a.shape[:-1] if a.shape else None)


def _eigh_kind(call: Call) -> Kind:
    items = ((0, _eigvalsh_kind(call)), (1, _matrix_kind(call)))
    return Kind("tuple", items=items, fields=("eigenvalues", "eigenvectors"))


def _lower(call: Call) -> bool:
    return _real(call) and call.is_literal("UPLO") and call.literal("UPLO") == "L"


def _upper(call: Call) -> bool:
    return _real(call) and call.is_literal("UPLO") and call.literal("UPLO") == "U"


primitive(np.linalg.eigh, "a, UPLO='L'", kind=_eigh_kind)
pullback(np.linalg.eigh, a=lambda g, y: eigh_adjoint(g[0], g[1], y[0], y[1]), when=_lower)
pullback(
    np.linalg.eigh,
    a=lambda g, y: np.swapaxes(eigh_adjoint(g[0], g[1], y[0], y[1]), -1, -2),
    when=_upper,
)
primitive(np.linalg.eigvalsh, "a, UPLO='L'", kind=_eigvalsh_kind)
pullback(np.linalg.eigvalsh, a=lambda g, y, a: eigvalsh_adjoint(g, a), when=_lower)
pullback(
    np.linalg.eigvalsh,
    a=lambda g, y, a: np.swapaxes(eigvalsh_adjoint(g, np.swapaxes(a, -1, -2)), -1, -2),
    when=_upper,
)


# Norms: 0 at the origin
def _norm_kind(call: Call) -> Kind:
    x = operand(call, "x")
    dtype = real_part(_dtype(x.dtype))
    return reduction(lambda _: dtype)(_as_reduction(call))


def _as_reduction(call: Call) -> Call:
    """The call as a reduction of `a`."""
    return Call(
        call.name,
        {("a" if name == "x" else name): atom for name, atom in call.args.items()},
        {("a" if name == "x" else name): kind for name, kind in call.kinds.items()},
        call.defaults,
    )


def norm_formulas(call: Call) -> Mapping[str, str] | None:
    order = call.literal("ord") if call.is_literal("ord") else call.kind("ord")
    if order is None or order == "fro" or (order == 2 and _is_vector_norm(call)):
        return {"x": _two_norm(call)}
    found = _other_norm(call, order)
    if found is not None and operand(call, "x").dtype in COMPLEX:
        return {**found, "x": f"np.conj({found['x']})"}
    return found


def _other_norm(call: Call, order: Any) -> Mapping[str, str] | None:
    if _is_matrix_norm(call):
        known = isinstance(order, str) or call.kind("ord").is_scalar or order in (1, 2, -1, -2)
        axis = "(0, 1)" if is_none(call, "axis") else "axis"
        if known:
            return {"x": f"matrix_norm_adjoint(g, x, ord, {axis})"}
    if isinstance(order, str) or not _is_vector_norm(call):
        return {"x": "any_norm_adjoint(g, y, x, ord, axis)"}
    if not (call.is_literal("ord") or call.kind("ord").is_scalar):
        return None
    return {
        "x": "norm_adjoint(g, y, x, ord, axis)",
        "ord": "norm_order_adjoint(g, y, x, ord, axis)",
    }


def _two_norm(call: Call) -> str:
    x = "np.conj(x)" if operand(call, "x").dtype in COMPLEX else "x"
    if is_none(call, "axis") and is_true(call, "keepdims") is False:
        return f"divide_or_zero(g, y) * {x}"
    if is_true(call, "keepdims") is True:
        return f"divide_or_zero(g, y) * {x}"
    if is_given_axis(call) and is_true(call, "keepdims") is False:
        return f"np.expand_dims(divide_or_zero(g, y), axis) * {x}"
    return f"expand_reduced(divide_or_zero(g, y), x, axis) * {x}"


def _is_matrix_norm(call: Call) -> bool:
    if is_none(call, "axis"):
        return call.kind("x").rank == 2
    axes = call.kind("axis")
    return axes.tag == "tuple" and axes.items is not None and len(axes.items) == 2


def _is_vector_norm(call: Call) -> bool:
    if is_none(call, "axis"):
        return call.kind("x").rank == 1
    return call.kind("axis").tag == "scalar"


primitive(np.linalg.norm, "x, ord=None, axis=None, keepdims=False", kind=_norm_kind)
computed(np.linalg.norm, norm_formulas, NORM_NAMES)


# The same by newer names
def _matrix_norm_kind(call: Call) -> Kind:
    x = operand(call, "x")
    dtype = real_part(_dtype(x.dtype))
    keep = is_true(call, "keepdims")
    if x.shape is None or len(x.shape) < 2 or keep is None:
        return Kind("unknown", dtype)
    shape = (*x.shape[:-2], *((1, 1) if keep else ()))
    return Kind("array" if shape else "scalar", dtype, shape)


def _matrix_norm(call: Call) -> Mapping[str, str] | None:
    if operand(call, "x").dtype in COMPLEX:
        return None
    if not call.is_literal("ord") or call.literal("ord") != "fro":
        known = call.is_literal("ord") or call.kind("ord").is_scalar
        return {"x": "matrix_norm_adjoint(g, x, ord, (-2, -1))"} if known else None
    if is_true(call, "keepdims") is None:
        return None
    if is_true(call, "keepdims"):
        return {"x": "divide_or_zero(g, y) * x"}
    return {"x": "np.expand_dims(divide_or_zero(g, y), (-2, -1)) * x"}


def _vector_norm(call: Call) -> Mapping[str, str] | None:
    """Of all elements, where there is no axis; of those along several together."""
    if call.is_literal("ord") and call.literal("ord") == 2:
        return {"x": _two_norm(call)}
    if not (call.is_literal("ord") or call.kind("ord").is_scalar):
        return None
    bar = "norm_adjoint(g, y, x, ord, axis)"
    return {
        "x": bar if operand(call, "x").dtype not in COMPLEX else f"np.conj({bar})",
        "ord": "norm_order_adjoint(g, y, x, ord, axis)",
    }


primitive(np.linalg.matrix_norm, "x, *, keepdims=False, ord='fro'", kind=_matrix_norm_kind)
computed(np.linalg.matrix_norm, _matrix_norm, NORM_NAMES)
primitive(np.linalg.vector_norm, "x, *, axis=None, keepdims=False, ord=2", kind=_norm_kind)
computed(np.linalg.vector_norm, _vector_norm, NORM_NAMES)
