"""Tangents of factorisations of complex matrices; those of real ones are declared before.

Singular vectors and eigenvectors of complex matrices have arbitrary phases, which only a cotangent
tells whether a result depends on them: they have no tangent.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from srcgrad.rules import tangentformulas as _real_ones  # noqa: F401  (declared first)
from srcgrad.rules.call import Call, Condition
from srcgrad.rules.naming import canonical_name
from srcgrad.rules.registry import TABLE
from srcgrad.rules.results import COMPLEX
from srcgrad.rules.shapes import operand
from srcgrad.rules.tangents import TANGENTS, pushforward
from srcgrad.support_hermitian import (
    cholesky_complex_tangent,
    eigvalsh_complex_tangent,
    pinv_complex_tangent,
    qr_complex_tangent,
    singular_values_complex_tangent,
)


def _is_real(call: Call) -> bool:
    return operand(call, "a").dtype not in COMPLEX


def _both(first: Condition | None, second: Condition) -> Condition:
    return second if first is None else lambda call: first(call) and second(call)


def _complex(**literals: object) -> Condition:
    """Of a complex matrix, with these values written in the call."""

    def holds(call: Call) -> bool:
        return not _is_real(call) and all(
            call.is_literal(name) and call.literal(name) == value
            for name, value in literals.items()
        )

    return holds


for _fn in (
    *(np.linalg.cholesky, np.linalg.eigh, np.linalg.eigvalsh, np.linalg.svd, np.linalg.svdvals),
    *(np.linalg.qr, np.linalg.pinv, np.linalg.cond, np.linalg.lstsq, np.linalg.matrix_norm),
):
    _name = canonical_name(_fn)
    if "a" in TABLE[_name].params and _name in TANGENTS:
        TANGENTS[_name] = tuple(
            replace(made, when=_both(made.when, _is_real)) for made in TANGENTS[_name]
        )

pushforward(
    np.linalg.cholesky,
    a=lambda d, y: cholesky_complex_tangent(d, y),
    when=_complex(upper=False),
)
pushforward(
    np.linalg.cholesky,
    a=lambda d, y: np.swapaxes(
        cholesky_complex_tangent(np.swapaxes(d, -1, -2), np.swapaxes(y, -1, -2)), -1, -2
    ),
    when=_complex(upper=True),
)
pushforward(
    np.linalg.eigvalsh, a=lambda d, y, a: eigvalsh_complex_tangent(d, a), when=_complex(UPLO="L")
)
pushforward(
    np.linalg.svd,
    a=lambda d, y, a: singular_values_complex_tangent(d, a),
    when=_complex(compute_uv=False),
)
pushforward(
    np.linalg.svdvals, a=lambda d, y, a: singular_values_complex_tangent(d, a), when=_complex()
)
pushforward(np.linalg.pinv, a=lambda d, y, a: pinv_complex_tangent(d, y, a), when=_complex())
pushforward(
    np.linalg.qr,
    a=lambda d, y, a: qr_complex_tangent(d, y[0], y[1], a),
    when=_complex(mode="reduced"),
)
pushforward(
    np.sign,
    x=lambda d, y, x: (x != 0) * (d - y * np.real(np.conj(y) * d)) / (np.abs(x) + (x == 0)),
)
