"""Derivatives of the factorisations of `scipy.linalg`, functions of matrices, special matrices.

All of it is for real matrices. Triangles that a function does not read get no derivative.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from srcgrad.distant import Distant
from srcgrad.ir.kinds import Kind
from srcgrad.rules.call import Call
from srcgrad.rules.registry import computed, primitive, pullback
from srcgrad.rules.results import COMPLEX
from srcgrad.rules.shapes import is_none, is_true, operand
from srcgrad.support_factors import (
    qr_adjoint,
    singular_values_adjoint,
    svd_adjoint,
)
from srcgrad.support_linear import cholesky_adjoint, eigh_adjoint, eigvalsh_adjoint
from srcgrad.support_matrices import (
    beside,
    cho_factor_adjoint,
    cho_solve_adjoint,
    circulant_adjoint,
    companion_adjoint,
    convolution_matrix_adjoint,
    diagonal_block_adjoint,
    eigh_tridiagonal_adjoint,
    expm_adjoint,
    fiedler_adjoint,
    fiedler_companion_adjoint,
    frechet_adjoint,
    full_qr_adjoint,
    hankel_adjoint,
    logm_adjoint,
    lu_adjoint,
    lu_solve_adjoint,
    one_matrix,
    packed_lu_adjoint,
    polar_adjoint,
    sqrtm_adjoint,
    toeplitz_adjoint_c,
    toeplitz_adjoint_r,
    turned_lu_solve,
    twice,
)

linalg = Distant("scipy.linalg")
_NAME = "scipy.linalg"
_ARRAY = Kind("array", "?")


def _real(call: Call) -> bool:
    return all(operand(call, name).dtype not in COMPLEX for name in call.kinds)


def _array(call: Call) -> Kind:
    return _ARRAY


def _if_flag(name: str, value: bool, *items: str, alone: bool = True) -> Any:
    """A tuple of arrays where a flag written in the call says so; else one array, if `alone`."""

    def kind(call: Call) -> Kind:
        operands = [name for name in ("a", "b", "e", "diagonal") if not is_none(call, name)]
        double = all(operand(call, n).dtype == "f8" for n in operands if call.given(n))
        one = Kind("array", "f8" if double else "?")
        if not call.is_literal(name):
            return Kind("unknown")
        if bool(call.literal(name)) is not value:
            return one if alone else Kind("unknown")
        return Kind("tuple", items=tuple((i, one) for i in range(len(items))))

    return kind


def _qr_kind(call: Call) -> Kind:
    pair = call.is_literal("mode") and call.literal("mode") in ("full", "economic")
    return _if_flag("pivoting", False, "q", "r", alone=False)(call) if pair else Kind("unknown")


def _double_matrix(call: Call) -> Kind:
    """A matrix of the shape of `a`; of doubles where the operand holds them."""
    a = operand(call, "a")
    return Kind("array", "f8" if a.dtype == "f8" else "?", a.shape)


def _tuple(*items: Kind) -> Any:
    return lambda call: Kind("tuple", items=tuple(enumerate(items)))


def _flag(name: str, value: bool) -> Any:
    return lambda call: _real(call) and is_true(call, name) is value


# Triangular factors
primitive(f"{_NAME}.cholesky", "a, lower=False, check_finite=True", kind=_double_matrix)
pullback("scipy.linalg.cholesky", a=lambda g, y: cholesky_adjoint(g, y), when=_flag("lower", True))
pullback(
    "scipy.linalg.cholesky",
    a=lambda g, y: np.swapaxes(
        cholesky_adjoint(np.swapaxes(g, -1, -2), np.swapaxes(y, -1, -2)), -1, -2
    ),
    when=_flag("lower", False),
)
primitive(
    f"{_NAME}.cho_factor", "a, lower=False, check_finite=True", kind=_tuple(_ARRAY, Kind("unknown"))
)
pullback(
    "scipy.linalg.cho_factor",
    a=lambda g, y, lower: cho_factor_adjoint(g[0], y[0], lower),
    when=_real,
)
primitive(f"{_NAME}.cho_solve", "c_and_lower, b, check_finite=True", kind=_array)
pullback(
    "scipy.linalg.cho_solve",
    c_and_lower=lambda g, y, c_and_lower: (
        cho_solve_adjoint(g, y, c_and_lower[0], c_and_lower[1]),
        0.0,
    ),
    b=lambda g, y, c_and_lower: linalg.cho_solve(c_and_lower, g),
    when=_real,
)

primitive(
    f"{_NAME}.lu",
    "a, permute_l=False, check_finite=True",
    kind=_if_flag("permute_l", False, "p", "l", "u", alone=False),
)
pullback(
    "scipy.linalg.lu",
    a=lambda g, y: y[0] @ lu_adjoint(g[1], g[2], y[1], y[2]),
    when=_flag("permute_l", False),
)
primitive(f"{_NAME}.lu_factor", "a, check_finite=True", kind=_tuple(_ARRAY, Kind("array", "i")))
pullback("scipy.linalg.lu_factor", a=lambda g, y: packed_lu_adjoint(g[0], y[0], y[1]), when=_real)
primitive(f"{_NAME}.lu_solve", "lu_and_piv, b, trans=0, check_finite=True", kind=_array)
pullback(
    "scipy.linalg.lu_solve",
    lu_and_piv=lambda g, y, lu_and_piv, trans: (
        lu_solve_adjoint(g, y, lu_and_piv[0], lu_and_piv[1], trans),
        0.0,
    ),
    b=lambda g, y, lu_and_piv, trans: turned_lu_solve(g, lu_and_piv, trans),
    when=_real,
)


# Orthogonal factors
def _qr(call: Call) -> Mapping[str, str] | None:
    if not _real(call) or not call.is_literal("mode") or is_true(call, "pivoting") is not False:
        return None
    texts = {
        "economic": "qr_adjoint(g[0], g[1], y[0], y[1], a)",
        "full": "full_qr_adjoint(g[0], g[1], y[0], y[1], a)",
    }
    text = texts.get(call.literal("mode"))
    return None if text is None else {"a": text}


primitive(
    f"{_NAME}.qr",
    "a, mode='full', pivoting=False, check_finite=True",
    kind=_qr_kind,
)
computed(
    "scipy.linalg.qr",
    _qr,
    {"qr_adjoint": qr_adjoint, "full_qr_adjoint": full_qr_adjoint, "__name__": __name__},
)
primitive(f"{_NAME}.polar", "a, side='right'", kind=_tuple(_ARRAY, _ARRAY))


def _side(side: str) -> Any:
    return lambda call: _real(call) and call.is_literal("side") and call.literal("side") == side


pullback(
    "scipy.linalg.polar",
    a=lambda g, y: polar_adjoint(g[0], g[1], y[0], y[1]),
    when=_side("right"),
)
pullback(
    "scipy.linalg.polar",
    a=lambda g, y: polar_adjoint(g[0].T, g[1].T, y[0].T, y[1].T).T,
    when=_side("left"),
)
primitive(
    f"{_NAME}.svd",
    "a, full_matrices=True, compute_uv=True, check_finite=True",
    kind=_if_flag("compute_uv", True, "u", "s", "vh"),
)
pullback(
    "scipy.linalg.svd",
    a=lambda g, y: svd_adjoint(g[0], g[1], g[2], y[0], y[1], y[2]),
    when=_flag("compute_uv", True),
)
pullback(
    "scipy.linalg.svd",
    a=lambda g, y, a: singular_values_adjoint(g, a),
    when=_flag("compute_uv", False),
)
primitive(f"{_NAME}.svdvals", "a, check_finite=True", kind=_array)
pullback("scipy.linalg.svdvals", a=lambda g, y, a: singular_values_adjoint(g, a), when=_real)


# Eigenvalues
def _eigen(lower: bool, values: bool) -> Any:
    def holds(call: Call) -> bool:
        plain = _real(call) and is_none(call, "b") and is_true(call, "lower") is lower
        return plain and is_true(call, "eigvals_only") is values

    return holds


primitive(
    f"{_NAME}.eigh", "a, b=None, *, lower=True, eigvals_only=False, check_finite=True",
    kind=_if_flag("eigvals_only", False, "w", "v"),
)  # fmt: skip
pullback(
    "scipy.linalg.eigh",
    a=lambda g, y: eigh_adjoint(g[0], g[1], y[0], y[1]),
    when=_eigen(True, False),
)
pullback(
    "scipy.linalg.eigh",
    a=lambda g, y: np.swapaxes(eigh_adjoint(g[0], g[1], y[0], y[1]), -1, -2),
    when=_eigen(False, False),
)
pullback("scipy.linalg.eigh", a=lambda g, y, a: eigvalsh_adjoint(g, a), when=_eigen(True, True))
pullback(
    "scipy.linalg.eigh",
    a=lambda g, y, a: np.swapaxes(eigvalsh_adjoint(g, np.swapaxes(a, -1, -2)), -1, -2),
    when=_eigen(False, True),
)


def _lower(value: bool) -> Any:
    return lambda call: _real(call) and is_none(call, "b") and is_true(call, "lower") is value


primitive(f"{_NAME}.eigvalsh", "a, b=None, *, lower=True, check_finite=True", kind=_array)
pullback("scipy.linalg.eigvalsh", a=lambda g, y, a: eigvalsh_adjoint(g, a), when=_lower(True))
pullback(
    "scipy.linalg.eigvalsh",
    a=lambda g, y, a: np.swapaxes(eigvalsh_adjoint(g, np.swapaxes(a, -1, -2)), -1, -2),
    when=_lower(False),
)
primitive(
    f"{_NAME}.eigh_tridiagonal", "diagonal, e, eigvals_only=False, check_finite=True",
    kind=_if_flag("eigvals_only", False, "w", "v"), also={"d": "diagonal"},
)  # fmt: skip
pullback(
    "scipy.linalg.eigh_tridiagonal",
    diagonal=lambda g, y: eigh_tridiagonal_adjoint(g[0], g[1], y[0], y[1])[0],
    e=lambda g, y: eigh_tridiagonal_adjoint(g[0], g[1], y[0], y[1])[1],
    when=_flag("eigvals_only", False),
)

# Functions of matrices
primitive(f"{_NAME}.expm", "a", kind=_double_matrix, also={"A": "a"})
pullback(
    "scipy.linalg.expm",
    a=lambda g, y, a: linalg.expm_frechet(a.T, g, compute_expm=False).astype(a.dtype),
    when=lambda call: _real(call) and call.kind("a").rank == 2,
)
pullback("scipy.linalg.expm", a=lambda g, y, a: expm_adjoint(g, a), when=_real)
primitive(
    f"{_NAME}.expm_frechet", "a, e, method=None, compute_expm=True, check_finite=True",
    kind=_if_flag("compute_expm", True, "y", "slope"), also={"A": "a", "E": "e"},
)  # fmt: skip
pullback(
    "scipy.linalg.expm_frechet",
    a=lambda g, y, a, e: frechet_adjoint(g, a, e),
    e=lambda g, y, a: linalg.expm_frechet(a.T, g, compute_expm=False),
    when=_flag("compute_expm", False),
)
pullback(
    "scipy.linalg.expm_frechet",
    a=lambda g, y, a, e: (
        frechet_adjoint(g[1], a, e) + linalg.expm_frechet(a.T, g[0], compute_expm=False)
    ),
    e=lambda g, y, a: linalg.expm_frechet(a.T, g[1], compute_expm=False),
    when=_flag("compute_expm", True),
)
for _name in ("logm", "cosm", "sinm", "sqrtm"):
    primitive(f"{_NAME}.{_name}", "a", kind=_array, also={"A": "a"})
pullback("scipy.linalg.logm", a=lambda g, y, a: logm_adjoint(g, y, a), when=_real)
pullback("scipy.linalg.cosm", a=lambda g, y, a: beside(linalg.cosm(twice(a.T, g)), a), when=_real)
pullback("scipy.linalg.sinm", a=lambda g, y, a: beside(linalg.sinm(twice(a.T, g)), a), when=_real)
pullback("scipy.linalg.sqrtm", a=lambda g, y, a: sqrtm_adjoint(g, y, a), when=_real)


# Matrices made of vectors
def _vectors(call: Call) -> bool:
    """Known to be vectors, or not known: SciPy flattens what has more axes, or makes stacks."""
    shapes = [operand(call, name) for name in call.kinds if name not in ("n", "mode")]
    return _real(call) and all(kind.rank in (1, None) for kind in shapes)


primitive(f"{_NAME}.toeplitz", "c, r=None", kind=_array)
pullback(
    "scipy.linalg.toeplitz",
    c=lambda g, y, c, r: toeplitz_adjoint_c(g, c, r),
    r=lambda g, y, r: toeplitz_adjoint_r(g, r),
    when=_vectors,
)
primitive(f"{_NAME}.hankel", "c, r=None", kind=_array)
pullback(
    "scipy.linalg.hankel",
    c=lambda g, y, c: np.reshape(hankel_adjoint(g)[0], np.shape(c)),
    r=lambda g, y, r: np.reshape(hankel_adjoint(g)[1], np.shape(r)),
    when=_vectors,
)
primitive(f"{_NAME}.circulant", "c", kind=_array)
pullback("scipy.linalg.circulant", c=lambda g, y: circulant_adjoint(g), when=_vectors)
primitive(f"{_NAME}.companion", "a", kind=_array)
pullback("scipy.linalg.companion", a=lambda g, y, a: companion_adjoint(g, y, a), when=_vectors)
primitive(f"{_NAME}.fiedler", "a", kind=_array)
pullback("scipy.linalg.fiedler", a=lambda g, y, a: fiedler_adjoint(g, a), when=_vectors)
primitive(f"{_NAME}.fiedler_companion", "a", kind=_array)
pullback(
    "scipy.linalg.fiedler_companion",
    a=lambda g, y, a: fiedler_companion_adjoint(g, a),
    when=_vectors,
)
primitive(f"{_NAME}.convolution_matrix", "a, n, mode='full'", kind=_array)
pullback(
    "scipy.linalg.convolution_matrix",
    a=lambda g, y, a, n, mode: convolution_matrix_adjoint(g, a, n, mode),
    when=_vectors,
)
primitive(f"{_NAME}.leslie", "f, s", kind=_array)
pullback(
    "scipy.linalg.leslie",
    f=lambda g, y: one_matrix(g)[0].copy(),
    s=lambda g, y: np.diagonal(one_matrix(g), -1).copy(),
    when=_vectors,
)

_BLOCKS = ("a", "b", "c", "e", "f", "h", "k", "m", "n", "p")


def _blocks(call: Call) -> Mapping[str, str] | None:
    given = [name for name in _BLOCKS if call.given(name)]
    if not _real(call):
        return None
    before = ["".join(f"{name}, " for name in given[:i]) for i in range(len(given))]
    return {
        name: f"diagonal_block_adjoint(g, ({others}), {name})"
        for name, others in zip(given, before, strict=True)
    }


primitive(
    f"{_NAME}.block_diag", ", ".join([_BLOCKS[0], *(f"{b}=None" for b in _BLOCKS[1:])]),
    kind=_array,
)  # fmt: skip
computed(
    "scipy.linalg.block_diag",
    _blocks,
    {"diagonal_block_adjoint": diagonal_block_adjoint, "__name__": __name__},
)
