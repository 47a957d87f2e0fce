"""Derivatives of the functions of Python's `math`, which take and give Python numbers.

The formulas use `math` again, and `over` where Python raises an error and the derivative is
infinite. `math.gamma` and `math.lgamma` are left out: their derivatives need the digamma function,
which neither Python nor NumPy has.
"""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np

from srcgrad.rules.call import Call
from srcgrad.rules.naming import canonical_name
from srcgrad.rules.registry import TABLE, elementwise, partials, primitive, pullback, zero
from srcgrad.rules.results import BOOLEAN, INTEGER, REAL, diagonal
from srcgrad.support import over

elementwise(over, lambda d, y, a, b: over(d, b), lambda d, y, a, b: -over(d * y, b), kind=REAL)
elementwise(math.exp, lambda d, y, x: d * y, kind=REAL)
elementwise(math.expm1, lambda d, y, x: d * (y + 1), kind=REAL)
elementwise(math.log1p, lambda d, y, x: d / (1 + x), kind=REAL)
elementwise(math.log2, lambda d, y, x: d / (x * math.log(2)), kind=REAL)
elementwise(math.log10, lambda d, y, x: d / (x * math.log(10)), kind=REAL)
elementwise(math.sqrt, lambda d, y, x: 0.5 * over(d, y), kind=REAL)
elementwise(math.sin, lambda d, y, x: d * math.cos(x), kind=REAL)
elementwise(math.cos, lambda d, y, x: -d * math.sin(x), kind=REAL)
elementwise(math.tan, lambda d, y, x: d * (1 + y**2), kind=REAL)
elementwise(math.asin, lambda d, y, x: over(d, math.sqrt(1 - x**2)), kind=REAL)
elementwise(math.acos, lambda d, y, x: -over(d, math.sqrt(1 - x**2)), kind=REAL)
elementwise(math.atan, lambda d, y, x: d / (1 + x**2), kind=REAL)
elementwise(math.sinh, lambda d, y, x: d * math.cosh(x), kind=REAL)
elementwise(math.cosh, lambda d, y, x: d * math.sinh(x), kind=REAL)
elementwise(math.tanh, lambda d, y, x: d * (1 - y**2), kind=REAL)
elementwise(math.asinh, lambda d, y, x: d / math.sqrt(x**2 + 1), kind=REAL)
elementwise(math.acosh, lambda d, y, x: over(d, math.sqrt(x**2 - 1)), kind=REAL)
elementwise(math.atanh, lambda d, y, x: d / (1 - x**2), kind=REAL)
elementwise(math.erf, lambda d, y, x: d * (2 / math.sqrt(math.pi) * math.exp(-(x**2))), kind=REAL)
elementwise(math.erfc, lambda d, y, x: -d * (2 / math.sqrt(math.pi) * math.exp(-(x**2))), kind=REAL)
elementwise(math.fabs, lambda d, y, x: d * np.sign(x), kind=REAL)
elementwise(math.degrees, lambda d, y, x: d * (180 / math.pi), kind=REAL)
elementwise(math.radians, lambda d, y, x: d * (math.pi / 180), kind=REAL)
if hasattr(math, "exp2"):  # Python 3.11
    elementwise(math.exp2, lambda d, y, x: d * (y * math.log(2)), kind=REAL)
    elementwise(math.cbrt, lambda d, y, x: over(d, 3 * y**2), kind=REAL)

# At the origin the distance has a kink and the angle is undefined: both slopes are taken as 0.
elementwise(
    math.hypot,
    lambda d, y, a, b: d * a / (y + (y == 0)),
    lambda d, y, a, b: d * b / (y + (y == 0)),
    kind=REAL,
)
elementwise(
    math.atan2,
    lambda d, y, a, b: d * b / (a**2 + b**2 + ((a == 0) & (b == 0))),
    lambda d, y, a, b: -d * a / (a**2 + b**2 + ((a == 0) & (b == 0))),
    kind=REAL,
)
elementwise(
    math.fmod,
    lambda d, y, a, b: d,
    lambda d, y, a, b: -d * ((a - y) / b),
    kind=REAL,
)
# |a| with the sign of b; np.sign(y) is that sign, and np.sign(a) makes the slope 0 at a == 0.
primitive(math.copysign, "a, b", kind=REAL, silent=("b",))
pullback(math.copysign, a=lambda d, y, a: d * (np.sign(a) * np.sign(y)))
diagonal(math.copysign)

elementwise(
    math.log,
    lambda d, y, x, base: d / (x * math.log(base)),
    lambda d, y, x, base: -d * y / (base * math.log(base)),
    kind=REAL,
)
_log = canonical_name(math.log)
TABLE[_log] = replace(TABLE[_log], defaults={"base": None})


def _natural(call: Call) -> bool:
    return not call.given("base")


partials(math.log, lambda d, y, x: d / x, lambda d, y, x: 0 * d, when=_natural)

zero(math.floor, math.ceil, math.trunc, signature="x", kind=INTEGER)
zero(math.isnan, math.isinf, math.isfinite, signature="x", kind=BOOLEAN)
zero(math.gcd, math.comb, math.lcm, math.perm, signature="a, b", kind=INTEGER)
zero(math.factorial, math.isqrt, signature="x", kind=INTEGER)
zero(math.isclose, signature="a, b, *, rel_tol=1e-09, abs_tol=0.0", kind=BOOLEAN)
