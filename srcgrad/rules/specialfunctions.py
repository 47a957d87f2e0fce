"""Derivatives of `scipy.special`. SciPy is imported by programs that use it, not by srcgrad.

Orders of Bessel functions get no derivative: where one is asked for, the call is refused. Shapes of
incomplete functions get one by an integral.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from srcgrad.distant import Distant
from srcgrad.ir.kinds import Kind
from srcgrad.rules.call import Call
from srcgrad.rules.registry import elementwise, holds_for_complex, primitive, pullback, zero
from srcgrad.rules.results import COMPLEX, diagonal, float_kind, only_when
from srcgrad.rules.shapes import array_like, is_none, operand, reduction
from srcgrad.support_arrays import expand_reduced
from srcgrad.support_shapes import beta_shape_slope, gamma_shape_slope
from srcgrad.support_special import weighted_adjoint

special = Distant("scipy.special")
_NAME = "scipy.special"


def _real(call: Call) -> bool:
    return not any(kind.dtype in COMPLEX for kind in call.kinds.values())


# Of complex numbers too: analytic functions, whose formulas are made of such.
_ANALYTIC = frozenset({
    "erf", "erfc", "erfcx", "dawsn", "ndtr", "log_ndtr", "gamma", "loggamma", "rgamma", "expi",
    "exp1", "expm1", "log1p", "xlogy", "xlog1py",
})  # fmt: skip


def _special(name: str, *formulas: Callable[..., Any]) -> None:
    """An elementwise function, of real numbers unless it is said to be analytic; SciPy's are
    ufuncs."""
    elementwise(f"{_NAME}.{name}", *formulas, kind=_special_kind)
    if name in _ANALYTIC:
        holds_for_complex(f"{_NAME}.{name}")
    else:
        only_when(f"{_NAME}.{name}", _real)


def _special_kind(call: Call) -> Kind:
    """Half floats are widened."""
    kind = float_kind(call)
    return kind.with_dtype("?") if kind.dtype == "f2" else kind


# The error function and the normal distribution
_special("erf", lambda d, y, x: d * (2 / math.sqrt(math.pi) * np.exp(-(x**2))))
_special("erfc", lambda d, y, x: -d * (2 / math.sqrt(math.pi) * np.exp(-(x**2))))
_special("erfcx", lambda d, y, x: d * (2 * x * y - 2 / math.sqrt(math.pi)))
_special("erfinv", lambda d, y, x: d * (math.sqrt(math.pi) / 2 * np.exp(y**2)))
_special("erfcinv", lambda d, y, x: -d * (math.sqrt(math.pi) / 2 * np.exp(y**2)))
_special("dawsn", lambda d, y, x: d * (1 - 2 * x * y))
_special("ndtr", lambda d, y, x: d * (np.exp(-(x**2) / 2) / math.sqrt(2 * math.pi)))
_special("log_ndtr", lambda d, y, x: d * (np.exp(-(x**2) / 2 - y) / math.sqrt(2 * math.pi)))
_special("ndtri", lambda d, y, x: d * (math.sqrt(2 * math.pi) * np.exp(y**2 / 2)))
_special(
    "owens_t",
    lambda d, y, a, b: (
        -d * np.exp(-(a**2) / 2) * special.erf(a * b / math.sqrt(2)) / math.sqrt(8 * math.pi)
    ),
    lambda d, y, a, b: d * np.exp(-(1 + b**2) * a * a / 2) / (2 * math.pi * (1 + b**2)),
)

# The logistic function
_special("expit", lambda d, y, x: d * (y * (1 - y)))
_special("log_expit", lambda d, y, x: d * special.expit(-x))
_special("logit", lambda d, y, x: d / (x * (1 - x)))

# The gamma function
_special("gamma", lambda d, y, x: d * (y * special.digamma(x)))
_special("gammaln", lambda d, y, x: d * special.digamma(x))
_special("loggamma", lambda d, y, x: d * special.digamma(x))
_special("rgamma", lambda d, y, x: -d * (y * special.digamma(x)))
_special("digamma", lambda d, y, x: d * special.polygamma(1, x))
_special("psi", lambda d, y, x: d * special.polygamma(1, x))
_special(
    "beta",
    lambda d, y, a, b: d * y * (special.digamma(a) - special.digamma(a + b)),
    lambda d, y, a, b: d * y * (special.digamma(b) - special.digamma(a + b)),
)
_special(
    "betaln",
    lambda d, y, a, b: d * (special.digamma(a) - special.digamma(a + b)),
    lambda d, y, a, b: d * (special.digamma(b) - special.digamma(a + b)),
)
_special(
    "poch",
    lambda d, y, a, b: d * y * (special.digamma(a + b) - special.digamma(a)),
    lambda d, y, a, b: d * y * special.digamma(a + b),
)
zero(f"{_NAME}.gammasgn", signature="x", kind=_special_kind)

# Entropies. A factor 0 makes the whole 0 whatever the logarithm, and its slope too. `b + 0.0`: the
# logarithm of a narrow integer is a half float.
_special(
    "xlogy",
    lambda d, y, a, b: d * np.log(b + 0.0),
    lambda d, y, a, b: d * a / (b + ((a == 0) & (b == 0))),
)
_special(
    "xlog1py",
    lambda d, y, a, b: d * np.log1p(b + 0.0),
    lambda d, y, a, b: d * a / (1.0 + b + ((a == 0) & (b == -1))),
)
_special("entr", lambda d, y, x: -d * (np.log(x) + 1))
_special(
    "rel_entr",
    lambda d, y, a, b: d * (np.log(a / b) + 1),
    lambda d, y, a, b: -d * a / b,
)
_special(
    "kl_div",
    lambda d, y, a, b: d * np.log(a / b),
    lambda d, y, a, b: d * (1 - a / b),
)

# Bessel functions of orders 0 and 1
_special("i0", lambda d, y, x: d * special.i1(x))
_special("i1", lambda d, y, x: d * ((special.i0(x) + special.iv(2, x)) / 2))
_special("i0e", lambda d, y, x: d * (special.i1e(x) - np.sign(x) * y))
_special("i1e", lambda d, y, x: d * ((special.i0e(x) + special.ive(2, x)) / 2 - np.sign(x) * y))
_special("j0", lambda d, y, x: -d * special.j1(x))
_special("j1", lambda d, y, x: d * ((special.j0(x) - special.jv(2, x)) / 2))
_special("y0", lambda d, y, x: -d * special.y1(x))
_special("y1", lambda d, y, x: d * ((special.y0(x) - special.yv(2, x)) / 2))
_special("k0", lambda d, y, x: -d * special.k1(x))
_special("k1", lambda d, y, x: -d * ((special.k0(x) + special.kv(2, x)) / 2))

# Integrals and the like
_special("expi", lambda d, y, x: d * np.exp(x) / x)
_special("exp1", lambda d, y, x: -d * np.exp(-x) / x)
_special("expm1", lambda d, y, x: d * (y + 1))
_special("log1p", lambda d, y, x: d / (1 + x))
_special("cosm1", lambda d, y, x: -d * np.sin(x))
_special("exp10", lambda d, y, x: d * (y * math.log(10)))
_special("exp2", lambda d, y, x: d * (y * math.log(2)))
_special("cbrt", lambda d, y, x: d / (3 * y**2))


# Functions with an order or a shape, which get no derivative. `n - 1.0`: an unsigned 0 less 1 is
# the largest number of its dtype.
def _of_order(name: str, signature: str) -> None:
    primitive(f"{_NAME}.{name}", signature, kind=_order_kind)
    diagonal(f"{_NAME}.{name}")


def _order_kind(call: Call) -> Kind:
    """SciPy computes in double precision where one operand asks for it, or an order is given."""
    kind = _special_kind(call)
    if call.name == f"{_NAME}.polygamma" and kind.is_scalar:
        return Kind("unknown", kind.dtype)  # a 0-d array
    return kind if kind.dtype == "f8" else kind.with_dtype("?")


for _name in ("jv", "jn", "yv", "yn", "iv", "ive", "kv", "polygamma", "gammainc", "gammaincc"):
    _of_order(_name, "n, x")
_of_order("expn", "n, x")
_of_order("betainc", "a, b, x")
_of_order("hyp1f1", "a, b, x")
_of_order("multigammaln", "x, n")
pullback(
    "scipy.special.jv",
    x=lambda d, y, n, x: d * ((special.jv(n - 1.0, x) - special.jv(n + 1.0, x)) / 2),
)
pullback(
    "scipy.special.jn",
    x=lambda d, y, n, x: d * ((special.jv(n - 1.0, x) - special.jv(n + 1.0, x)) / 2),
)
pullback(
    "scipy.special.yv",
    x=lambda d, y, n, x: d * ((special.yv(n - 1.0, x) - special.yv(n + 1.0, x)) / 2),
)
pullback(
    "scipy.special.yn",
    x=lambda d, y, n, x: d * ((special.yv(n - 1.0, x) - special.yv(n + 1.0, x)) / 2),
)
pullback(
    "scipy.special.iv",
    x=lambda d, y, n, x: d * ((special.iv(n - 1.0, x) + special.iv(n + 1.0, x)) / 2),
)
pullback(
    "scipy.special.ive",
    x=lambda d, y, n, x: (
        d * ((special.ive(n - 1.0, x) + special.ive(n + 1.0, x)) / 2 - np.sign(x) * y)
    ),
)
pullback(
    "scipy.special.kv",
    x=lambda d, y, n, x: -d * ((special.kv(n - 1.0, x) + special.kv(n + 1.0, x)) / 2),
)
pullback("scipy.special.polygamma", x=lambda d, y, n, x: d * special.polygamma(n + 1, x))
pullback(
    "scipy.special.gammainc",
    n=lambda d, y, n, x: d * gamma_shape_slope(x, n),
    x=lambda d, y, n, x: d * np.exp(special.xlogy(n - 1.0, x) - x - special.gammaln(n)),
)
pullback(
    "scipy.special.gammaincc",
    n=lambda d, y, n, x: -d * gamma_shape_slope(x, n),
    x=lambda d, y, n, x: -d * np.exp(special.xlogy(n - 1.0, x) - x - special.gammaln(n)),
)
pullback(  # of order 0 it is exp(-x) / x
    "scipy.special.expn",
    x=lambda d, y, n, x: -d * special.expn(n + 0.0 - (n != 0), x) * (1 + (n == 0) / (x + (x == 0))),
)
pullback(
    "scipy.special.betainc",
    a=lambda d, y, a, b, x: d * beta_shape_slope(x, a, b),
    b=lambda d, y, a, b, x: -d * beta_shape_slope(1 - x, b, a),
    x=lambda d, y, a, b, x: (
        d * np.exp(special.xlogy(a - 1.0, x) + special.xlog1py(b - 1.0, -x) - special.betaln(a, b))
    ),
)
pullback(
    "scipy.special.hyp1f1", x=lambda d, y, a, b, x: d * a / b * special.hyp1f1(a + 1.0, b + 1.0, x)
)
pullback(
    "scipy.special.multigammaln",
    x=lambda d, y, x, n: (
        d * np.sum(special.digamma(np.expand_dims(x, -1) - np.arange(n) / 2), axis=-1)
    ),
)
for _name in (
    *("jv", "jn", "yv", "yn", "iv", "ive", "kv", "polygamma", "gammainc", "gammaincc"),
    *("expn", "betainc", "hyp1f1", "multigammaln"),
):
    only_when(f"{_NAME}.{_name}", _real)


# Along an axis
def _unweighted(call: Call) -> bool:
    return _real(call) and is_none(call, "b")


def _logsumexp_kind(call: Call) -> Kind:
    dtype = operand(call, "a").dtype
    known = dtype == "f8" and is_none(call, "b")
    return reduction()(call).with_dtype("f8" if known else "?")


primitive(f"{_NAME}.logsumexp", "a, axis=None, b=None, keepdims=False", kind=_logsumexp_kind)
pullback(
    "scipy.special.logsumexp",
    a=lambda g, y, a, axis: expand_reduced(g, a, axis) * np.exp(a - expand_reduced(y, a, axis)),
    when=_unweighted,
)
pullback(
    "scipy.special.logsumexp",
    a=lambda g, y, a, axis, b: weighted_adjoint(g, y, a, axis, b, True),
    b=lambda g, y, a, axis, b: weighted_adjoint(g, y, a, axis, b, False),
    when=_real,
)


def _softmax_kind(call: Call) -> Kind:
    kind = array_like("x")(call)
    return kind if kind.dtype == "f8" and kind.shape else Kind("unknown")


primitive(f"{_NAME}.softmax", "x, axis=None", kind=_softmax_kind)
pullback(
    "scipy.special.softmax",
    x=lambda g, y, axis: y * (g - np.sum(g * y, axis=axis, keepdims=True)),
    when=_real,
)
primitive(f"{_NAME}.log_softmax", "x, axis=None", kind=_softmax_kind)
pullback(
    "scipy.special.log_softmax",
    x=lambda g, y, axis: g - np.exp(y) * np.sum(g, axis=axis, keepdims=True),
    when=_real,
)
