"""Derivatives of factorisations of complex matrices, beside those of real ones.

Vectors of complex factors have arbitrary phases. A result that depends on them has no derivative,
and is refused when it runs.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from srcgrad.rules.call import Call, Condition
from srcgrad.rules.registry import holds_for_complex, pullback
from srcgrad.rules.results import COMPLEX
from srcgrad.rules.shapes import operand
from srcgrad.support_factors import singular_values_adjoint
from srcgrad.support_hermitian import (
    cholesky_complex_adjoint,
    eigh_complex_adjoint,
    eigvalsh_complex_adjoint,
    pinv_complex_adjoint,
    qr_complex_adjoint,
)

_fn: Any


def _with(**literals: Any) -> Condition:
    """Of a complex matrix, with these values written in the call."""

    def holds(call: Call) -> bool:
        return operand(call, "a").dtype in COMPLEX and all(
            call.is_literal(name) and call.literal(name) == value
            for name, value in literals.items()
        )

    return holds


pullback(np.linalg.cholesky, a=lambda g, y: cholesky_complex_adjoint(g, y), when=_with(upper=False))
pullback(
    np.linalg.eigh,
    a=lambda g, y: eigh_complex_adjoint(g[0], g[1], y[0], y[1]),
    when=_with(UPLO="L"),
)
pullback(
    np.linalg.eigh,
    a=lambda g, y: np.conj(np.swapaxes(eigh_complex_adjoint(g[0], g[1], y[0], y[1]), -1, -2)),
    when=_with(UPLO="U"),
)
pullback(np.linalg.eigvalsh, a=lambda g, y, a: eigvalsh_complex_adjoint(g, a), when=_with(UPLO="L"))
pullback(
    np.linalg.cholesky,
    a=lambda g, y: np.swapaxes(
        cholesky_complex_adjoint(np.swapaxes(g, -1, -2), np.swapaxes(y, -1, -2)), -1, -2
    ),
    when=_with(upper=True),
)
pullback(
    np.linalg.eigvalsh,
    a=lambda g, y, a: np.swapaxes(eigvalsh_complex_adjoint(g, np.swapaxes(a, -1, -2)), -1, -2),
    when=_with(UPLO="U"),
)
pullback(np.linalg.pinv, a=lambda g, y, a: pinv_complex_adjoint(g, y, a), when=_with())
pullback(np.linalg.svdvals, a=lambda g, y, a: np.conj(singular_values_adjoint(g, a)), when=_with())
pullback(
    np.linalg.qr,
    a=lambda g, y, a: qr_complex_adjoint(g[0], g[1], y[0], y[1], a),
    when=_with(mode="reduced"),
)
holds_for_complex(
    *(np.linalg.cholesky, np.linalg.eigh, np.linalg.eigvalsh, np.linalg.pinv),
    *(np.linalg.svd, np.linalg.svdvals, np.linalg.qr),
)
