"""Derivatives of the functions of `scipy.special` with parameters, or with several results.

A parameter without a formula (an order, a shape) is refused where it is differentiated. It may be
of narrow integers, whose own arithmetic wraps: `n - 1.0`.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np

from srcgrad.distant import Distant
from srcgrad.ir.kinds import Kind
from srcgrad.rules.call import Call, Condition, KindRule
from srcgrad.rules.registry import computed, holds_for_complex, primitive, pullback
from srcgrad.rules.results import COMPLEX, diagonal, float_kind, is_real
from srcgrad.support_draws import beta_draw_slope, gamma_draw_slope
from srcgrad.support_shapes import beta_shape_slope, gamma_shape_slope, t_shape_slope
from srcgrad.support_special import power_slope

special = Distant("scipy.special")
_NAMES = {
    "beta_draw_slope": beta_draw_slope,
    "beta_shape_slope": beta_shape_slope,
    "gamma_draw_slope": gamma_draw_slope,
    "gamma_shape_slope": gamma_shape_slope,
    "math": math,
    "np": np,
    "power_slope": power_slope,
    "special": special,
    "t_shape_slope": t_shape_slope,
    "__name__": __name__,
}


def _real(call: Call) -> bool:
    return all(kind.dtype not in COMPLEX for kind in call.kinds.values())


def _kind(call: Call) -> Kind:
    """SciPy computes in double precision where one operand asks for it."""
    kind = float_kind(call)
    return kind if kind.dtype == "f8" else kind.with_dtype("?")


def _unknown(call: Call) -> Kind:
    return Kind("unknown")


# Slopes `d y / d parameter`, by function: the parameters are in the order of the signature
_SLOPES: Mapping[str, Mapping[str, str]] = {
    "boxcox": {
        "x": "x ** (lmbda - 1.0)",
        "lmbda": "np.log(x + 0.0) ** 2 * power_slope(lmbda * np.log(x + 0.0))",
    },
    "boxcox1p": {
        "x": "np.exp((lmbda - 1.0) * np.log1p(x))",
        "lmbda": "np.log1p(x + 0.0) ** 2 * power_slope(lmbda * np.log1p(x + 0.0))",
    },
    "inv_boxcox": {"v": "y ** (1.0 - lmbda)", "lmbda": ""},
    "inv_boxcox1p": {"v": "(y + 1) ** (1.0 - lmbda)", "lmbda": ""},
    "binom": {
        "n": "y * (special.digamma(n + 1.0) - special.digamma(n + 1.0 - k))",
        "k": "y * (special.digamma(n + 1.0 - k) - special.digamma(k + 1))",
    },
    "hyp0f1": {"v": "", "x": "special.hyp0f1(v + 1.0, x) / v"},
    "hyp2f1": {
        "a": "",
        "b": "",
        "c": "",
        "x": "1.0 * a * b / c * special.hyp2f1(a + 1.0, b + 1.0, c + 1.0, x)",
    },
    "hyperu": {"a": "", "b": "", "x": "-1.0 * a * special.hyperu(a + 1.0, b + 1.0, x)"},
    "kve": {"v": "", "x": "y - (special.kve(v - 1.0, x) + special.kve(v + 1.0, x)) / 2"},
    "struve": {
        "v": "",
        "x": "special.struve(v - 1.0, x) - v * y / x",
    },
    "gammaincinv": {
        "a": "gamma_draw_slope(y, a)",
        "x": "np.exp(y + special.gammaln(a) - special.xlogy(a - 1.0, y))",
    },
    "gammainccinv": {
        "a": "gamma_draw_slope(y, a)",
        "x": "-np.exp(y + special.gammaln(a) - special.xlogy(a - 1.0, y))",
    },
    "betaincinv": {
        "a": "beta_draw_slope(y, a, b)",
        "b": "-beta_draw_slope(1 - y, b, a)",
        "x": "np.exp(special.betaln(a, b)"
        " - special.xlogy(a - 1.0, y) - special.xlog1py(b - 1.0, -y))",
    },
    "betaincc": {
        "a": "-beta_shape_slope(x, a, b)",
        "b": "beta_shape_slope(1 - x, b, a)",
        "x": "-np.exp(special.xlogy(a - 1.0, x)"
        " + special.xlog1py(b - 1.0, -x) - special.betaln(a, b))",
    },
    "stdtr": {
        "v": "t_shape_slope(x, v)",
        "x": "np.exp(-(v + 1.0) / 2 * np.log1p(x**2 / v) - special.betaln(v / 2.0, 0.5))"
        " / np.sqrt(v + 0.0)",
    },
    "chdtr": {
        "v": "gamma_shape_slope(x / 2, v / 2.0) / 2",
        "x": "np.exp(special.xlogy(v / 2.0 - 1, x / 2) - x / 2 - special.gammaln(v / 2.0)) / 2",
    },
    "chdtrc": {
        "v": "-gamma_shape_slope(x / 2, v / 2.0) / 2",
        "x": "-np.exp(special.xlogy(v / 2.0 - 1, x / 2) - x / 2 - special.gammaln(v / 2.0)) / 2",
    },
    "pdtr": {
        "k": "",
        "m": "-np.exp(special.xlogy(np.floor(k), m) - m - special.gammaln(np.floor(k) + 1.0))",
    },
    "huber": {
        "delta": "(np.abs(r + 0.0) > delta) * (np.abs(r + 0.0) - delta)",
        "r": "np.clip(r, -1.0 * delta, delta)",
    },
    "pseudo_huber": {
        "delta": "2 * y / delta - (r + 0.0) ** 2 / (delta * np.sqrt(1 + (r / delta) ** 2))",
        "r": "r / np.sqrt(1 + (r / delta) ** 2)",
    },
    "powm1": {"x": "v * x ** (v - 1.0)", "v": "x**v * np.log(x + 0.0)"},
    "exprel": {"x": "power_slope(x)"},
    "spence": {"x": "-(np.log(x) + (x == 1)) / (x - 1 + (x == 1))"},
    "ellipk": {"m": "math.pi / 8 * special.hyp2f1(1.5, 1.5, 2.0, m)"},
    "ellipe": {"m": "-math.pi / 8 * special.hyp2f1(0.5, 1.5, 2.0, m)"},
    "ellipkm1": {
        "p": "-(special.ellipe(1 - p) - p * y) / (2 * p * (1 - p) + (p == 1))"
        " - (p == 1) * (math.pi / 8)"
    },
    "ellipkinc": {"phi": "1 / np.sqrt(1 - m * np.sin(phi) ** 2)", "m": ""},
    "ellipeinc": {"phi": "np.sqrt(1 - m * np.sin(phi) ** 2)", "m": ""},
    "sindg": {"x": "special.cosdg(x) * (math.pi / 180)"},
    "cosdg": {"x": "-special.sindg(x) * (math.pi / 180)"},
    "tandg": {"x": "(1 + y**2) * (math.pi / 180)"},
    "ndtri_exp": {"x": "np.exp(x + y**2 / 2) * math.sqrt(2 * math.pi)"},
    "erfi": {"x": "2 / math.sqrt(math.pi) * np.exp(x**2)"},
    "eval_legendre": {
        "n": "",
        "x": "n * (x * y - special.eval_legendre(n - 1.0, x)) / (x**2 - 1)",
    },
    "eval_chebyt": {"n": "", "x": "n * special.eval_chebyu(n - 1.0, x)"},
    "eval_chebyu": {
        "n": "",
        "x": "((n + 1.0) * special.eval_chebyt(n + 1.0, x) - x * y) / (x**2 - 1)",
    },
    "eval_hermite": {"n": "", "x": "2.0 * n * special.eval_hermite(n + 0 - (n != 0), x)"},
    "eval_hermitenorm": {"n": "", "x": "n * special.eval_hermitenorm(n + 0 - (n != 0), x)"},
    "eval_genlaguerre": {"n": "", "a": "", "x": "-special.eval_genlaguerre(n - 1.0, a + 1.0, x)"},
    "eval_laguerre": {"n": "", "x": "-special.eval_genlaguerre(n - 1.0, 1.0, x)"},
    "eval_gegenbauer": {
        "n": "",
        "a": "",
        "x": "2.0 * a * special.eval_gegenbauer(n - 1.0, a + 1.0, x)",
    },
    "eval_jacobi": {
        "n": "",
        "a": "",
        "b": "",
        "x": "(n + 1.0 + a + b) / 2 * special.eval_jacobi(n - 1.0, a + 1.0, b + 1.0, x)",
    },
}  # fmt: skip


def _declare(name: str, slopes: Mapping[str, str]) -> None:
    formulas = {param: f"d * ({text})" for param, text in slopes.items() if text}
    primitive(f"scipy.special.{name}", ", ".join(slopes), kind=_kind)
    computed(f"scipy.special.{name}", lambda call: formulas if _real(call) else None, _NAMES)
    diagonal(f"scipy.special.{name}")


for _name, _slopes in _SLOPES.items():
    _declare(_name, _slopes)


# Of whole numbers, as a rule
def _plain(*flags: str) -> Condition:
    return lambda call: (
        _real(call) and all(call.is_literal(flag) and not call.literal(flag) for flag in flags)
    )


primitive("scipy.special.comb", "N, k, *, exact=False, repetition=False", kind=_unknown)
pullback(
    "scipy.special.comb",
    N=lambda d, y, N, k: (
        d * y * (special.digamma(np.maximum(N, k) + 1) - special.digamma(np.maximum(N - k, 0) + 1))
    ),
    k=lambda d, y, N, k: (
        d * y * (special.digamma(np.maximum(N - k, 0) + 1) - special.digamma(np.maximum(k, 0) + 1))
    ),
    when=_plain("exact", "repetition"),
)
primitive("scipy.special.factorial", "n, exact=False", kind=_unknown)
pullback(
    "scipy.special.factorial",
    n=lambda d, y, n: d * y * special.digamma(np.maximum(n, 0) + 1),
    when=_plain("exact"),
)
primitive("scipy.special.zeta", "x, q=None", kind=_unknown)
pullback(
    "scipy.special.zeta",
    q=lambda d, y, x, q: -d * x * special.zeta(x + 1, q),
    when=_real,
)
for _name in ("comb", "factorial", "zeta"):
    diagonal(f"scipy.special.{_name}")


# With several results
def _several(count: int) -> KindRule:
    def kind(call: Call) -> Kind:
        return Kind("tuple", items=tuple((i, _kind(call)) for i in range(count)))

    return kind


for _name, _count in (("fresnel", 2), ("sici", 2), ("shichi", 2), ("airy", 4)):
    primitive(f"scipy.special.{_name}", "x", kind=_several(_count))
pullback(
    "scipy.special.fresnel",
    x=lambda g, y, x: g[0] * np.sin(np.pi / 2 * x**2) + g[1] * np.cos(np.pi / 2 * x**2),
    when=_real,
)
pullback(
    "scipy.special.sici",
    x=lambda g, y, x: g[0] * np.sinc(x / math.pi) + g[1] * np.cos(x) / x,
    when=_real,
)
pullback(
    "scipy.special.shichi",
    x=lambda g, y, x: (g[0] * np.sinh(x) + g[1] * np.cosh(x)) / x,
    when=_real,
)
pullback(
    "scipy.special.airy",
    x=lambda g, y, x: g[0] * y[1] + g[1] * x * y[0] + g[2] * y[3] + g[3] * x * y[2],
    when=_real,
)


# With complex results of real numbers
primitive("scipy.special.sph_harm_y", "n, m, theta, phi", kind=_unknown)
pullback(
    "scipy.special.sph_harm_y",
    theta=lambda d, y, n, m, theta, phi: np.real(
        d
        * (
            m * y / np.tan(theta)
            + np.sqrt((n - m) * (n + m + 1.0))
            * np.exp(-1j * phi)
            * special.sph_harm_y(n, np.minimum(m + 1, n), theta, phi)
        )
    ),
    phi=lambda d, y, m: np.real(d * (1j * m * y)),
    when=_real,
)
diagonal("scipy.special.sph_harm_y")


def _known_real(call: Call) -> bool:
    return is_real(call.kind("x"))


def _known_complex(call: Call) -> bool:
    return call.kind("x").dtype in COMPLEX


primitive("scipy.special.wofz", "x", kind=_unknown)
pullback(
    "scipy.special.wofz",
    x=lambda d, y, x: np.real(d * (2j / math.sqrt(math.pi) - 2 * x * y)),
    when=_known_real,
)
pullback(
    "scipy.special.wofz",
    x=lambda d, y, x: d * (2j / math.sqrt(math.pi) - 2 * x * y),
    when=_known_complex,
)
diagonal("scipy.special.wofz")
holds_for_complex("scipy.special.wofz")
