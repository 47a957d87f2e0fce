"""Derivatives of eigenvalues of general matrices, zeros and quotients of polynomials, windows.

Zeros and eigenvalues may be complex where the operand is real.
"""

from __future__ import annotations

import numpy as np

from srcgrad.ir.kinds import Dtype, Kind
from srcgrad.rules.call import Call
from srcgrad.rules.creation import length_of
from srcgrad.rules.registry import holds_for_complex, primitive, pullback
from srcgrad.rules.results import COMPLEX
from srcgrad.rules.shapes import operand
from srcgrad.support_roots import (
    eig_adjoint,
    eigvals_adjoint,
    kaiser_adjoint,
    polydiv_adjoint,
    roots_adjoint,
)


def _dtype(call: Call) -> Dtype:
    """Complex for complex matrices, and of real ones only the run can tell."""
    dtype = operand(call, "a").dtype
    return dtype if dtype in COMPLEX else "?"


def _eigvals_kind(call: Call) -> Kind:
    shape = operand(call, "a").shape
    return Kind("array", _dtype(call), shape[:-1] if shape else None)


def _eig_kind(call: Call) -> Kind:
    vectors = Kind("array", _dtype(call), operand(call, "a").shape)
    items = ((0, _eigvals_kind(call)), (1, vectors))
    return Kind("tuple", items=items, fields=("eigenvalues", "eigenvectors"))


primitive(np.linalg.eig, "a", kind=_eig_kind)
pullback(np.linalg.eig, a=lambda g, y, a: eig_adjoint(g[0], g[1], y[0], y[1], a))
primitive(np.linalg.eigvals, "a", kind=_eigvals_kind)
pullback(np.linalg.eigvals, a=lambda g, y, a: eigvals_adjoint(g, y, a))


# Polynomials
def _array(call: Call) -> bool:
    return call.kind("p").is_array


def _arrays(call: Call) -> bool:
    return call.kind("u").is_array and call.kind("v").is_array


def _quotient_kind(call: Call) -> Kind:
    return Kind("tuple", items=((0, Kind("array")), (1, Kind("array"))))


primitive(np.roots, "p", kind=lambda call: Kind("array"))
pullback(np.roots, p=lambda g, y, p: roots_adjoint(g, y, p), when=_array)
primitive(np.polydiv, "u, v", kind=_quotient_kind)
pullback(
    np.polydiv,
    u=lambda g, y, u, v: polydiv_adjoint(g[0], g[1], y[0], u, v)[0],
    v=lambda g, y, u, v: polydiv_adjoint(g[0], g[1], y[0], u, v)[1],
    when=_arrays,
)


# Windows
def _kaiser_kind(call: Call) -> Kind:
    length = length_of(call, "M")
    return Kind("array", "f8", None if length is None else (length,))


primitive(np.kaiser, "M, beta", kind=_kaiser_kind)
pullback(np.kaiser, beta=lambda g, y, M, beta: kaiser_adjoint(g, y, M, beta))

holds_for_complex(np.linalg.eig, np.linalg.eigvals, np.roots, np.polydiv)
