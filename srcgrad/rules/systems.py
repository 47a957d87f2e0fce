"""Systems of equations by factors that are kept: no derivative needs another factorisation."""

from __future__ import annotations

import numpy as np

from srcgrad.ir.kinds import Kind
from srcgrad.rules.call import Call
from srcgrad.rules.registry import holds_for_complex, primitive, pullback, zero
from srcgrad.rules.shapes import of_rank, operand
from srcgrad.rules.tangents import pushforward
from srcgrad.support_systems import factored, solve_by, solve_turned_by

# Nothing flows through the factors: what varies is the matrix, beside them.
zero(
    factored,
    signature="a",
    kind=lambda call: Kind("tuple", items=((0, Kind("array")), (1, Kind("array", "i")))),
)


def _like_b(call: Call) -> Kind:
    a, b = operand(call, "a"), operand(call, "b")
    return Kind("array", b.dtype if b.dtype == a.dtype else "?", b.shape)


for _fn in (solve_by, solve_turned_by):
    primitive(_fn, "factors, a, b", kind=_like_b)
_VECTOR, _MATRIX = of_rank(b=1), of_rank(b=2)
pullback(
    solve_by,
    a=lambda g, y, factors, a: -np.outer(solve_turned_by(factors, a, g), y),
    b=lambda g, y, factors, a: solve_turned_by(factors, a, g),
    when=_VECTOR,
)
pullback(
    solve_by,
    a=lambda g, y, factors, a: -solve_turned_by(factors, a, g) @ y.T,
    b=lambda g, y, factors, a: solve_turned_by(factors, a, g),
    when=_MATRIX,
)
pullback(
    solve_by,
    a=lambda g, y, factors, a: (
        -np.reshape(solve_turned_by(factors, a, g), (len(a), -1)) @ np.reshape(y, (len(a), -1)).T
    ),
    b=lambda g, y, factors, a: solve_turned_by(factors, a, g),
)
pullback(
    solve_turned_by,
    a=lambda g, y, factors, a: -np.outer(y, solve_by(factors, a, g)),
    b=lambda g, y, factors, a: solve_by(factors, a, g),
    when=_VECTOR,
)
pullback(
    solve_turned_by,
    a=lambda g, y, factors, a: (
        -np.reshape(y, (len(a), -1)) @ np.reshape(solve_by(factors, a, g), (len(a), -1)).T
    ),
    b=lambda g, y, factors, a: solve_by(factors, a, g),
)
pushforward(
    solve_by,
    a=lambda d, y, factors, a: -solve_by(factors, a, d @ y),
    b=lambda d, y, factors, a: solve_by(factors, a, d),
)
pushforward(
    solve_turned_by,
    a=lambda d, y, factors, a: -solve_turned_by(factors, a, d.T @ y),
    b=lambda d, y, factors, a: solve_turned_by(factors, a, d),
)
holds_for_complex(solve_by, solve_turned_by)
