"""Sample arguments of NumPy's elementwise functions, away from kinks and singular points."""

from __future__ import annotations

from typing import Any

import numpy as np

from tests.rules.harness import Row, lit, row

_rng = np.random.default_rng(0)
REAL: Any = _rng.normal(size=(2, 3))
OTHER: Any = _rng.normal(size=(3,)) + 0.1
POSITIVE: Any = _rng.uniform(0.4, 2.0, size=(2, 3))
COLUMN: Any = _rng.uniform(0.5, 1.5, size=(2, 1))
INSIDE: Any = _rng.uniform(-0.8, 0.8, size=(4,))
ABOVE_ONE: Any = _rng.uniform(1.3, 2.5, size=(4,))
MASK: Any = np.array([[True, False, True], [False, False, True]])
WHOLE: Any = np.array([1, 2, 3])

_REAL_LINE = [
    *(np.exp, np.exp2, np.expm1, np.sin, np.cos, np.tan, np.sinh, np.cosh, np.tanh),
    *(np.arctan, np.arcsinh, np.deg2rad, np.radians, np.rad2deg, np.degrees, np.sinc),
    *(np.abs, np.fabs, np.negative, np.positive, np.square, np.cbrt, np.conj, np.nan_to_num),
    *(np.real, np.imag, np.real_if_close, np.reciprocal),
]
_POSITIVE_ONLY = [np.log, np.log2, np.log10, np.log1p, np.sqrt]
_TWO_OPERANDS = [
    *(np.add, np.subtract, np.multiply, np.divide, np.maximum, np.minimum, np.fmax, np.fmin),
    *(np.logaddexp, np.logaddexp2, np.hypot, np.arctan2, np.copysign, np.nextafter),
]

ELEMENTWISE: list[Row] = [
    *(row(fn, REAL) for fn in _REAL_LINE),
    *(row(fn, POSITIVE) for fn in _POSITIVE_ONLY),
    *(row(fn, INSIDE) for fn in (np.arcsin, np.arccos, np.arctanh)),
    row(np.arccosh, ABOVE_ONE),
    *(row(fn, REAL, OTHER) for fn in _TWO_OPERANDS),
    *(row(fn, COLUMN, OTHER) for fn in _TWO_OPERANDS),
    row(np.angle, REAL),
    row(np.mod, REAL, np.array([0.31, -0.47, 0.83])),
    row(np.fmod, REAL, np.array([0.31, -0.47, 0.83])),
    row(np.maximum, REAL, lit(0)),
    row(np.minimum, lit(0.5), REAL),
    row(np.fmax, REAL, lit(0)),
    row(np.fmin, lit(0.5), REAL),
    row(np.ldexp, REAL, WHOLE),
    row(np.i0, 5 * REAL),
    row(np.i0, np.array([0.0, 4.0, 1e-9])),
    row(np.modf, 3 * REAL),
    row(np.frexp, 3 * REAL),
    row(np.divmod, REAL, np.array([0.31, -0.47, 0.83])),
    row(np.divmod, REAL, 0.31),
    row(np.nan_to_num, np.array([0.3, np.nan, 0.7]), nan=lit(2.0)),
    row(np.nan_to_num, np.array([0.3, np.nan, 0.7]), posinf=lit(9.0), neginf=lit(-9.0)),
    row(np.clip, REAL, min=lit(-0.2)),
    row(np.clip, REAL, max=COLUMN),
    row(np.clip, REAL, 0.4, 0.1),  # bounds that cross
    row(np.heaviside, REAL, OTHER),
    row(np.float64, REAL),
    row(np.float32, np.array([0.5, 0.25]), step=2.0**-10),
    *(row(fn, POSITIVE, OTHER) for fn in (np.power, np.float_power)),
    *(row(fn, POSITIVE, lit(2.5)) for fn in (np.power, np.float_power)),
    row(np.power, REAL, lit(2)),
    row(np.power, REAL, lit(3)),
    row(np.power, lit(2), REAL),
    row(np.where, MASK, REAL, OTHER),
    row(np.where, MASK, REAL, lit(0.0)),
    row(np.where, MASK, lit(0), REAL),
    row(np.clip, REAL, lit(-0.2), lit(0.3)),
    row(np.clip, REAL, lit(-0.2), lit(None)),
    row(np.clip, REAL, lit(None), lit(0.3)),
    row(np.clip, REAL, lit(None), a_max=lit(0.3)),
    row(np.clip, REAL, np.full(3, -0.2), COLUMN),
    row("attr.real", REAL),
    row("attr.imag", REAL),
]
