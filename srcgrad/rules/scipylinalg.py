"""Derivatives of `scipy.linalg`, for real matrices.

A triangle that a function does not read gets no derivative. `overwrite_a` and the like are not
supported: they write into the operands.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from srcgrad.distant import Distant
from srcgrad.ir.kinds import Kind
from srcgrad.rules.call import Call
from srcgrad.rules.registry import primitive, pullback
from srcgrad.rules.results import COMPLEX
from srcgrad.rules.shapes import is_true, operand
from srcgrad.support_linear import cholesky_adjoint, cofactors, solve_adjoint_a, solve_adjoint_b

scipy_linalg = Distant("scipy.linalg")
_NAME = "scipy.linalg"


def _real(call: Call) -> bool:
    names = [name for name in ("a", "b") if call.given(name)]
    return all(operand(call, name).dtype not in COMPLEX for name in names)


def _doubles(call: Call) -> Kind:
    """An array; of doubles where the operands hold them."""
    names = [name for name in ("a", "b") if call.given(name)]
    known = all(operand(call, name).dtype == "f8" for name in names)
    return Kind("array", "f8" if known else "?")


def _like_a(call: Call) -> Kind:
    kind = _doubles(call)
    return Kind("array", kind.dtype, operand(call, "a").shape)


def _like_b(call: Call) -> Kind:
    shape = operand(call, "a").shape
    plain = shape is not None and len(shape) == 2
    return Kind("array", _doubles(call).dtype, operand(call, "b").shape if plain else None)


def _det_kind(call: Call) -> Kind:
    return Kind("unknown", _doubles(call).dtype)


primitive(f"{_NAME}.inv", "a", kind=_like_a)
pullback(
    "scipy.linalg.inv",
    a=lambda g, y: -np.swapaxes(y, -1, -2) @ g @ np.swapaxes(y, -1, -2),
    when=_real,
)
primitive(f"{_NAME}.det", "a", kind=_det_kind)
pullback(
    "scipy.linalg.det", a=lambda g, y, a: np.expand_dims(g, (-2, -1)) * cofactors(a), when=_real
)


def _plain_system(call: Call) -> bool:
    """One matrix, and what NumPy too takes for the right-hand side."""
    return _real(call) and call.kind("a").rank == 2 and call.kind("b").rank in (1, 2)


primitive(f"{_NAME}.solve", "a, b", kind=_like_b)
pullback(
    "scipy.linalg.solve",
    a=lambda g, y, a, b: solve_adjoint_a(g, y, a, b),
    b=lambda g, y, a, b: solve_adjoint_b(g, a, b),
    when=_plain_system,
)


def _given(lower: bool) -> Any:
    return lambda call: _real(call) and is_true(call, "lower") is lower


primitive(f"{_NAME}.cholesky", "a, lower=False", kind=_like_a)
pullback("scipy.linalg.cholesky", a=lambda g, y: cholesky_adjoint(g, y), when=_given(True))
pullback(
    "scipy.linalg.cholesky",
    a=lambda g, y: np.swapaxes(
        cholesky_adjoint(np.swapaxes(g, -1, -2), np.swapaxes(y, -1, -2)), -1, -2
    ),
    when=_given(False),
)


def _triangular(lower: bool, rank: int) -> Any:
    flags = _given(lower)
    return lambda call: flags(call) and call.kind("a").rank == 2 and call.kind("b").rank == rank


primitive(f"{_NAME}.solve_triangular", "a, b, *, lower=False", kind=_like_b)
pullback(
    "scipy.linalg.solve_triangular",
    a=lambda g, y, a: -np.tril(np.outer(scipy_linalg.solve_triangular(a.T, g), y)),
    b=lambda g, y, a: scipy_linalg.solve_triangular(a.T, g),
    when=_triangular(True, 1),
)
pullback(
    "scipy.linalg.solve_triangular",
    a=lambda g, y, a: -np.tril(scipy_linalg.solve_triangular(a.T, g) @ y.T),
    b=lambda g, y, a: scipy_linalg.solve_triangular(a.T, g),
    when=_triangular(True, 2),
)
pullback(
    "scipy.linalg.solve_triangular",
    a=lambda g, y, a: -np.triu(np.outer(scipy_linalg.solve_triangular(a.T, g, lower=True), y)),
    b=lambda g, y, a: scipy_linalg.solve_triangular(a.T, g, lower=True),
    when=_triangular(False, 1),
)
pullback(
    "scipy.linalg.solve_triangular",
    a=lambda g, y, a: -np.triu(scipy_linalg.solve_triangular(a.T, g, lower=True) @ y.T),
    b=lambda g, y, a: scipy_linalg.solve_triangular(a.T, g, lower=True),
    when=_triangular(False, 2),
)

primitive(f"{_NAME}.expm", "a", kind=_like_a, also={"A": "a"})
pullback(
    "scipy.linalg.expm",
    a=lambda g, y, a: scipy_linalg.expm_frechet(a.T, g, compute_expm=False).astype(a.dtype),
    when=lambda call: _real(call) and call.kind("a").rank == 2,
)
