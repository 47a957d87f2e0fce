"""Derivatives of the solvers of `scipy.linalg`, for real matrices.

A triangle that a function does not read gets no derivative. `overwrite_a` and the like are not
supported: they write into the operands. `check_finite` changes no value.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from srcgrad.distant import Distant
from srcgrad.ir.kinds import INT, Kind
from srcgrad.rules.call import Call
from srcgrad.rules.linalg import NORM_NAMES, norm_formulas
from srcgrad.rules.registry import computed, primitive, pullback
from srcgrad.rules.results import COMPLEX
from srcgrad.rules.shapes import is_true, operand
from srcgrad.support_factors import lstsq_adjoint
from srcgrad.support_linear import cofactors, pinv_adjoint, solve_adjoint_a, solve_adjoint_b
from srcgrad.support_matrices import (
    banded_adjoint_a,
    banded_adjoint_b,
    lyapunov_adjoint,
    one_matrix,
    symmetric_solve_adjoint,
    toeplitz_adjoint_b,
    toeplitz_solve_adjoint,
    triangular_adjoint_a,
    triangular_adjoint_b,
)

scipy_linalg = Distant("scipy.linalg")
_NAME = "scipy.linalg"


def _real(call: Call) -> bool:
    return all(operand(call, name).dtype not in COMPLEX for name in call.kinds)


def _doubles(call: Call) -> Kind:
    """An array; of doubles where the operands hold them."""
    names = [name for name in ("a", "b") if call.given(name)]
    known = all(operand(call, name).dtype == "f8" for name in names)
    return Kind("array", "f8" if known else "?")


def _array(call: Call) -> Kind:
    return Kind("array", "?")


def _number_or_array(call: Call) -> Kind:
    return Kind("unknown")


def _lstsq_kind(call: Call) -> Kind:
    return Kind("tuple", items=tuple(enumerate([_array(call), Kind("unknown"), INT, _array(call)])))


def _like_a(call: Call) -> Kind:
    kind = _doubles(call)
    return Kind("array", kind.dtype, operand(call, "a").shape)


def _like_b(call: Call) -> Kind:
    shape = operand(call, "a").shape
    plain = shape is not None and len(shape) == 2
    return Kind("array", _doubles(call).dtype, operand(call, "b").shape if plain else None)


def _det_kind(call: Call) -> Kind:
    return Kind("unknown", _doubles(call).dtype)


primitive(f"{_NAME}.inv", "a, check_finite=True", kind=_like_a)
pullback(
    "scipy.linalg.inv",
    a=lambda g, y: -np.swapaxes(y, -1, -2) @ g @ np.swapaxes(y, -1, -2),
    when=_real,
)
primitive(f"{_NAME}.pinv", "a, check_finite=True", kind=_array)
pullback("scipy.linalg.pinv", a=lambda g, y, a: pinv_adjoint(g, y, a), when=_real)
primitive(f"{_NAME}.det", "a, check_finite=True", kind=_det_kind)
pullback(
    "scipy.linalg.det", a=lambda g, y, a: np.expand_dims(g, (-2, -1)) * cofactors(a), when=_real
)


# Systems of equations
def _plain_system(call: Call) -> bool:
    """One matrix, and what NumPy too takes for the right-hand side."""
    ranks = call.kind("a").rank in (2, None) and call.kind("b").rank in (1, 2, None)
    return _real(call) and ranks and _assumed(call, None, "gen", "general")


def _assumed(call: Call, *known: Any) -> bool:
    return call.is_literal("assume_a") and call.literal("assume_a") in known


def _symmetric(call: Call) -> bool:
    symmetric = ("sym", "symmetric", "her", "hermitian", "pos", "positive definite")
    return _real(call) and call.kind("a").rank == 2 and _assumed(call, *symmetric)


def _turned(call: Call) -> bool:
    return is_true(call, "transposed") is True and _plain_system(call)


def _not_turned(call: Call) -> bool:
    return is_true(call, "transposed") is False and _plain_system(call)


def _known_system(call: Call) -> bool:
    return _not_turned(call) and call.kind("a").rank == 2 and call.kind("b").rank is not None


_SOLVE = "a, b, lower=False, check_finite=True, assume_a=None, transposed=False"
primitive(f"{_NAME}.solve", _SOLVE, kind=_like_b)
pullback(
    "scipy.linalg.solve",
    a=lambda g, y, a, b: solve_adjoint_a(g, y, a, b),
    b=lambda g, y, a, b: solve_adjoint_b(g, a, b),
    when=_known_system,
)
pullback(
    "scipy.linalg.solve",
    a=lambda g, y, a, b: solve_adjoint_a(g, y, one_matrix(a), b),
    b=lambda g, y, a, b: solve_adjoint_b(g, one_matrix(a), b),
    when=_not_turned,
)
pullback(
    "scipy.linalg.solve",
    a=lambda g, y, a, b: solve_adjoint_a(g, y, one_matrix(a).T, b).T,
    b=lambda g, y, a, b: solve_adjoint_b(g, one_matrix(a).T, b),
    when=_turned,
)
pullback(
    "scipy.linalg.solve",
    a=lambda g, y, a, lower, assume_a: symmetric_solve_adjoint(
        scipy_linalg.solve(a, g, lower=lower, assume_a=assume_a), y, lower
    ),
    b=lambda g, y, a, lower, assume_a: scipy_linalg.solve(a, g, lower=lower, assume_a=assume_a),
    when=_symmetric,
)


def _given(lower: bool) -> Any:
    return lambda call: _real(call) and is_true(call, "lower") is lower


def _triangular(lower: bool, rank: int) -> Any:
    flags = _given(lower)
    plain = ("trans", "unit_diagonal")
    return lambda call: (
        flags(call)
        and not any(call.given(name) for name in plain)
        and call.kind("a").rank == 2
        and call.kind("b").rank == rank
    )


_TRIANGULAR = "a, b, trans=0, lower=False, unit_diagonal=False, check_finite=True"
primitive(f"{_NAME}.solve_triangular", _TRIANGULAR, kind=_like_b)
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

pullback(
    "scipy.linalg.solve_triangular",
    a=lambda g, y, a, trans, lower, unit_diagonal: triangular_adjoint_a(
        g, y, a, trans, lower, unit_diagonal
    ),
    b=lambda g, y, a, trans, lower, unit_diagonal: triangular_adjoint_b(
        g, a, trans, lower, unit_diagonal
    ),
    when=_real,
)

primitive(f"{_NAME}.solve_banded", "l_and_u, ab, b, check_finite=True", kind=_array)
pullback(
    "scipy.linalg.solve_banded",
    ab=lambda g, y, l_and_u, ab: banded_adjoint_a(g, y, l_and_u, ab),
    b=lambda g, y, l_and_u, ab: banded_adjoint_b(g, l_and_u, ab),
    when=_real,
)


def _one_column(call: Call) -> bool:
    return _real(call) and call.kind("c_or_cr").is_array


def _column_and_row(call: Call) -> bool:
    return _real(call) and call.kind("c_or_cr").tag == "tuple"


primitive(f"{_NAME}.solve_toeplitz", "c_or_cr, b, check_finite=True", kind=_array)
pullback(
    "scipy.linalg.solve_toeplitz",
    c_or_cr=lambda g, y, c_or_cr: toeplitz_solve_adjoint(
        scipy_linalg.solve_toeplitz(c_or_cr, g), y, c_or_cr, None
    )[0],
    b=lambda g, y, c_or_cr: scipy_linalg.solve_toeplitz(c_or_cr, g),
    when=_one_column,
)
pullback(
    "scipy.linalg.solve_toeplitz",
    c_or_cr=lambda g, y, c_or_cr: toeplitz_solve_adjoint(
        toeplitz_adjoint_b(g, c_or_cr), y, c_or_cr[0], c_or_cr[1]
    ),
    b=lambda g, y, c_or_cr: toeplitz_adjoint_b(g, c_or_cr),
    when=_column_and_row,
)

# Equations of matrices
primitive(f"{_NAME}.solve_sylvester", "a, b, q", kind=_array)
pullback(
    "scipy.linalg.solve_sylvester",
    a=lambda g, y, a, b: -scipy_linalg.solve_sylvester(a.T, b.T, g) @ y.T,
    b=lambda g, y, a, b: -y.T @ scipy_linalg.solve_sylvester(a.T, b.T, g),
    q=lambda g, y, a, b: scipy_linalg.solve_sylvester(a.T, b.T, g),
    when=_real,
)
primitive(f"{_NAME}.solve_continuous_lyapunov", "a, q", kind=_array)
pullback(
    "scipy.linalg.solve_continuous_lyapunov",
    a=lambda g, y, a: lyapunov_adjoint(scipy_linalg.solve_continuous_lyapunov(a.T, g), y),
    q=lambda g, y, a: scipy_linalg.solve_continuous_lyapunov(a.T, g),
    when=_real,
)
primitive(f"{_NAME}.solve_discrete_lyapunov", "a, q", kind=_array)
pullback(
    "scipy.linalg.solve_discrete_lyapunov",
    a=lambda g, y, a: (
        -lyapunov_adjoint(scipy_linalg.solve_discrete_lyapunov(a.T, g), y @ a.T, a @ y)
    ),
    q=lambda g, y, a: scipy_linalg.solve_discrete_lyapunov(a.T, g),
    when=_real,
)

# Least squares
primitive(f"{_NAME}.lstsq", "a, b, check_finite=True", kind=_lstsq_kind)
pullback(
    "scipy.linalg.lstsq",
    a=lambda g, y, a, b: lstsq_adjoint(g[0], g[1], g[3], y[0], a, b)[0],
    b=lambda g, y, a, b: lstsq_adjoint(g[0], g[1], g[3], y[0], a, b)[1],
    when=_real,
)
primitive(
    f"{_NAME}.norm",
    "x, ord=None, axis=None, keepdims=False, check_finite=True",
    kind=_number_or_array,
    also={"a": "x"},
)
computed("scipy.linalg.norm", norm_formulas, NORM_NAMES)
