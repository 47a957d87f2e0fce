"""Derivatives of the functions of Python's `cmath`, which are analytic, and of its parts.

The formulas are those of the functions of real numbers. On a cut they hold on the side that the
function takes.
"""

from __future__ import annotations

import cmath
from typing import Any

import numpy as np

from srcgrad.ir.kinds import FLOAT, Kind, scalar
from srcgrad.rules.call import Call
from srcgrad.rules.registry import elementwise, holds_for_complex, primitive, pullback, zero
from srcgrad.rules.results import BOOLEAN

_fn: Any


def _complex(call: Call) -> Kind:
    return scalar("pc")


def _natural(call: Call) -> bool:
    return not call.given("base")


elementwise(cmath.exp, lambda d, y, x: d * y, kind=_complex)
elementwise(cmath.log10, lambda d, y, x: d / (x * np.log(10)), kind=_complex)
elementwise(cmath.sqrt, lambda d, y, x: d / (2 * y), kind=_complex)
elementwise(cmath.sin, lambda d, y, x: d * cmath.cos(x), kind=_complex)
elementwise(cmath.cos, lambda d, y, x: -d * cmath.sin(x), kind=_complex)
elementwise(cmath.tan, lambda d, y, x: d * (1 + y**2), kind=_complex)
elementwise(cmath.asin, lambda d, y, x: d / cmath.sqrt(1 - x**2), kind=_complex)
elementwise(cmath.acos, lambda d, y, x: -d / cmath.sqrt(1 - x**2), kind=_complex)
elementwise(cmath.atan, lambda d, y, x: d / (1 + x**2), kind=_complex)
elementwise(cmath.sinh, lambda d, y, x: d * cmath.cosh(x), kind=_complex)
elementwise(cmath.cosh, lambda d, y, x: d * cmath.sinh(x), kind=_complex)
elementwise(cmath.tanh, lambda d, y, x: d * (1 - y**2), kind=_complex)
elementwise(cmath.asinh, lambda d, y, x: d / cmath.sqrt(x**2 + 1), kind=_complex)
elementwise(cmath.acosh, lambda d, y, x: d / (cmath.sqrt(x + 1) * cmath.sqrt(x - 1)), kind=_complex)
elementwise(cmath.atanh, lambda d, y, x: d / (1 - x**2), kind=_complex)

primitive(cmath.log, "x, base=None", kind=_complex)
pullback(cmath.log, x=lambda g, y, x: g / x, when=_natural)
pullback(
    cmath.log,
    x=lambda g, y, x, base: g / (x * cmath.log(base)),
    base=lambda g, y, base: -g * y / (base * cmath.log(base)),
)

# The angle is the imaginary part of the logarithm.
primitive(cmath.phase, "x", kind=lambda call: FLOAT)
pullback(cmath.phase, x=lambda g, y, x: -1j * g / x)
primitive(cmath.rect, "r, phi", kind=_complex)
pullback(
    cmath.rect,
    r=lambda g, y, phi: g * cmath.exp(1j * phi),
    phi=lambda g, y: g * (1j * y),
)
primitive(cmath.polar, "x", kind=lambda call: Kind("tuple", items=((0, FLOAT), (1, FLOAT))))
pullback(cmath.polar, x=lambda g, y, x: g[0] * np.conj(np.sign(x)) - 1j * g[1] / x)
zero(cmath.isnan, cmath.isinf, cmath.isfinite, signature="x", kind=BOOLEAN)

holds_for_complex(
    *(cmath.exp, cmath.log, cmath.log10, cmath.sqrt, cmath.sin, cmath.cos, cmath.tan),
    *(cmath.asin, cmath.acos, cmath.atan, cmath.sinh, cmath.cosh, cmath.tanh),
    *(cmath.asinh, cmath.acosh, cmath.atanh, cmath.phase, cmath.rect, cmath.polar),
)
