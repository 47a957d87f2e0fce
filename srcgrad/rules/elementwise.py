"""Derivatives of NumPy's elementwise functions.

`d` is the derivative flowing through: the tangent going forward, the cotangent going backward.
An elementwise Jacobian is diagonal, so one formula, linear in `d`, serves both directions. `y`
is the value; it is preferred to recomputing. Broadcasting is not a rule's concern. Logarithms
of constants are Python floats (`math.log(2)`): a NumPy scalar would turn float32 into float64.
"""

from __future__ import annotations

import math

import numpy as np

from srcgrad.ir.kinds import Dtype, Kind
from srcgrad.rules.call import Call, KindRule
from srcgrad.rules.registry import elementwise, partials, primitive, pullback
from srcgrad.rules.results import COMPLEX, float_kind, real_kind, ufunc_kind
from srcgrad.support import unbroadcast
from srcgrad.support_series import bessel_i1


def _complex(call: Call) -> bool:
    return call.kind("x").dtype in COMPLEX


# Arithmetic
elementwise(np.add, lambda d, y, a, b: d, lambda d, y, a, b: d, kind=ufunc_kind)
elementwise(np.subtract, lambda d, y, a, b: d, lambda d, y, a, b: -d, kind=ufunc_kind)
elementwise(np.multiply, lambda d, y, a, b: d * b, lambda d, y, a, b: d * a, kind=ufunc_kind)
elementwise(np.divide, lambda d, y, a, b: d / b, lambda d, y, a, b: -d * y / b, kind=float_kind)
elementwise(np.mod, lambda d, y, a, b: d, lambda d, y, a, b: -d * (a // b), kind=ufunc_kind)
elementwise(np.fmod, lambda d, y, a, b: d, lambda d, y, a, b: -d * ((a - y) / b), kind=ufunc_kind)
elementwise(np.negative, lambda d, y, x: -d, kind=ufunc_kind)
elementwise(np.positive, lambda d, y, x: d, kind=ufunc_kind)
elementwise(np.square, lambda d, y, x: 2 * d * x, kind=ufunc_kind)
elementwise(np.sqrt, lambda d, y, x: 0.5 * d / y, kind=float_kind)
elementwise(np.cbrt, lambda d, y, x: d / (3 * y**2), kind=float_kind)
elementwise(np.reciprocal, lambda d, y, x: -d * y**2, kind=ufunc_kind)

# Exponentials and logarithms
elementwise(np.exp, lambda d, y, x: d * y, kind=float_kind)
elementwise(np.exp2, lambda d, y, x: d * (y * math.log(2)), kind=float_kind)
elementwise(np.expm1, lambda d, y, x: d * (y + 1), kind=float_kind)
elementwise(np.log, lambda d, y, x: d / x, kind=float_kind)
elementwise(np.log2, lambda d, y, x: d / (x * math.log(2)), kind=float_kind)
elementwise(np.log10, lambda d, y, x: d / (x * math.log(10)), kind=float_kind)
elementwise(np.log1p, lambda d, y, x: d / (1 + x), kind=float_kind)
# y >= a and y >= b, so that the exponentials cannot overflow.
elementwise(
    np.logaddexp,
    lambda d, y, a, b: d * np.exp(a - y),
    lambda d, y, a, b: d * np.exp(b - y),
    kind=float_kind,
)
elementwise(
    np.logaddexp2,
    lambda d, y, a, b: d * np.exp2(a - y),
    lambda d, y, a, b: d * np.exp2(b - y),
    kind=float_kind,
)

# Trigonometric and hyperbolic functions
elementwise(np.sin, lambda d, y, x: d * np.cos(x), kind=float_kind)
elementwise(np.cos, lambda d, y, x: -d * np.sin(x), kind=float_kind)
elementwise(np.tan, lambda d, y, x: d * (1 + y**2), kind=float_kind)
elementwise(np.arcsin, lambda d, y, x: d / np.sqrt(1 - x**2), kind=float_kind)
elementwise(np.arccos, lambda d, y, x: -d / np.sqrt(1 - x**2), kind=float_kind)
elementwise(np.arctan, lambda d, y, x: d / (1 + x**2), kind=float_kind)
elementwise(np.sinh, lambda d, y, x: d * np.cosh(x), kind=float_kind)
elementwise(np.cosh, lambda d, y, x: d * np.sinh(x), kind=float_kind)
elementwise(np.tanh, lambda d, y, x: d * (1 - y**2), kind=float_kind)
elementwise(np.arcsinh, lambda d, y, x: d / np.sqrt(x**2 + 1), kind=float_kind)
elementwise(np.arccosh, lambda d, y, x: d / np.sqrt(x**2 - 1), kind=float_kind)
partials(  # on the branch that NumPy takes: the root of x**2 - 1 is another one
    np.arccosh, lambda d, y, x: d / (np.sqrt(x + 1) * np.sqrt(x - 1)), when=_complex
)
elementwise(np.arctanh, lambda d, y, x: d / (1 - x**2), kind=float_kind)
elementwise(np.deg2rad, lambda d, y, x: d * (np.pi / 180), kind=float_kind)
elementwise(np.radians, lambda d, y, x: d * (np.pi / 180), kind=float_kind)
elementwise(np.rad2deg, lambda d, y, x: d * (180 / np.pi), kind=float_kind)
elementwise(np.degrees, lambda d, y, x: d * (180 / np.pi), kind=float_kind)
# At 0 the numerator is exactly 0, and `x == 0` keeps the denominator from being so.
elementwise(np.sinc, lambda d, y, x: d * (np.cos(np.pi * x) - y) / (x + (x == 0)), kind=float_kind)
# At the origin the distance has a kink and the angle is undefined: both slopes are taken as 0.
elementwise(
    np.hypot,
    lambda d, y, a, b: d * a / (y + (y == 0)),
    lambda d, y, a, b: d * b / (y + (y == 0)),
    kind=float_kind,
)
# Squares of integers overflow, where `np.hypot` gives a float.
elementwise(
    np.arctan2,
    lambda d, y, a, b: d * b / (np.hypot(a, b) ** 2 + ((a == 0) & (b == 0))),
    lambda d, y, a, b: -d * a / (np.hypot(a, b) ** 2 + ((a == 0) & (b == 0))),
    kind=float_kind,
)


def _array_of_float(call: Call) -> Kind:
    kind = float_kind(call)
    return Kind("array", kind.dtype, kind.shape)


elementwise(np.i0, lambda d, y, x: d * bessel_i1(x), kind=_array_of_float)

# Kinks. The slope of |x| at 0 is taken as 0.
elementwise(np.abs, lambda d, y, x: d * np.sign(x), kind=real_kind)
partials(np.abs, lambda d, y, x: d * np.conj(x) / (y + (y == 0)), when=_complex)
elementwise(np.fabs, lambda d, y, x: d * np.sign(x), kind=float_kind)


def against_literal(call: Call) -> bool:
    """One operand is a number written in the call: `np.maximum(x, 0)` is a cut-off, not a tie."""
    return any(call.is_literal(name) for name in call.args)


# Ties are shared, half to each operand, so that the slopes sum to 1.
elementwise(
    np.maximum,
    lambda d, y, a, b: (d * (a > b) + d * (a >= b)) / 2,
    lambda d, y, a, b: (d * (b > a) + d * (b >= a)) / 2,
    kind=ufunc_kind,
)
elementwise(
    np.minimum,
    lambda d, y, a, b: (d * (a < b) + d * (a <= b)) / 2,
    lambda d, y, a, b: (d * (b < a) + d * (b <= a)) / 2,
    kind=ufunc_kind,
)
partials(
    np.maximum,
    lambda d, y, a, b: d * (a > b),
    lambda d, y, a, b: d * (b > a),
    when=against_literal,
)
partials(
    np.minimum,
    lambda d, y, a, b: d * (a < b),
    lambda d, y, a, b: d * (b < a),
    when=against_literal,
)
# These pass over nan: the operand that equals the result was chosen.
for _fn in (np.fmax, np.fmin):
    elementwise(
        _fn,
        lambda d, y, a, b: d * (y == a) - d * (a == b) / 2,
        lambda d, y, a, b: d * (y == b) - d * (a == b) / 2,
        kind=ufunc_kind,
    )
    partials(
        _fn,
        lambda d, y, a, b: d * ((y == a) & (a != b)),
        lambda d, y, a, b: d * ((y == b) & (a != b)),
        when=against_literal,
    )


# Results in parts. The integer part is constant but for jumps.
def _parts_kind(*dtypes: Dtype | None) -> KindRule:
    """A tuple; each part has the kind of an elementwise result, of a dtype of its own or not."""

    def kind(call: Call) -> Kind:
        part = float_kind(call) if call.name in ("numpy.modf", "numpy.frexp") else ufunc_kind(call)
        items = (part if dtype is None else part.with_dtype(dtype) for dtype in dtypes)
        return Kind("tuple", items=tuple(enumerate(items)))

    return kind


primitive(np.modf, "x", kind=_parts_kind(None, None))
pullback(np.modf, x=lambda g, y: g[0])
primitive(np.frexp, "x", kind=_parts_kind(None, "i"))
pullback(np.frexp, x=lambda g, y: np.ldexp(g[0], -y[1]))
primitive(np.divmod, "a, b", kind=_parts_kind(None, None))
pullback(
    np.divmod,
    a=lambda g, y, a: unbroadcast(g[1], a),
    b=lambda g, y, b: unbroadcast(-g[1] * y[0], b),
)
