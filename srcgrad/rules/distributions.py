"""Derivatives of the distributions of `scipy.stats` that have a location and a scale.

A family is data: the slope of its log-density at the standard position `z`, that in its shapes,
and the slopes of its cumulative function in shapes, where there is a formula. Everything else
follows: `loc` moves against `x`, `scale` stretches. A shape without a formula is refused where it
is differentiated. Outside the support nothing flows.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import field
from typing import Any

import numpy as np

from srcgrad.distant import Distant
from srcgrad.ir.classes import dataclass
from srcgrad.ir.kinds import Kind
from srcgrad.rules.call import Call
from srcgrad.rules.registry import broadcast_kind, computed, elementwise, primitive
from srcgrad.rules.results import COMPLEX, diagonal
from srcgrad.support_curves import (
    beta_scored_density,
    beta_shape_curve,
    gamma_scored_density,
    gamma_shape_curve,
    t_scored_density,
    t_shape_curve,
)
from srcgrad.support_shapes import beta_shape_slope, gamma_shape_slope, t_shape_slope

special = Distant("scipy.special")
stats = Distant("scipy.stats")
_SLOPES = {f.__name__: f for f in (gamma_shape_slope, beta_shape_slope, t_shape_slope)}
_NAMES: dict[str, Any] = {
    **_SLOPES,
    "math": math,
    "np": np,
    "special": special,
    "stats": stats,
    "__name__": __name__,
}
_FLOATS = ("f2", "f4", "f8", "pf", "i", "pi", "b")


@dataclass(frozen=True, slots=True)
class Family:
    """Slopes of the log-density at `z`: along it, and by shape. `inside`: a point of the support,
    where that has an end."""

    name: str
    slope: str
    shapes: Mapping[str, str] = field(default_factory=dict)
    cumulative: Mapping[str, str] = field(default_factory=dict)  # by shape; of the values at `z`
    inside: str = ""


_PHI = "np.exp(-({0})**2 / 2) / math.sqrt(2 * math.pi)"
_CAUCHY = "-2 * {z} / (1 + {z}**2)"
_WRAPPED = "(1 + c**2 - 2 * c * np.cos({z}))"
FAMILIES = (
    Family("norm", "-{z}"),
    Family("cauchy", _CAUCHY),
    Family("laplace", "-np.sign({z})"),
    Family("logistic", "-np.tanh({z} / 2)"),
    Family("gumbel_r", "(np.exp(-{z}) - 1)"),
    Family("gumbel_l", "(1 - np.exp({z}))"),
    Family(
        "t",
        "-(df + 1) * {z} / (df + {z}**2)",
        {
            "df": "(special.digamma((df + 1) / 2) - special.digamma(df / 2) - 1 / df"
            " - np.log1p({z}**2 / df) + (df + 1) * {z}**2 / (df * (df + {z}**2))) / 2"
        },
        {"df": "t_shape_slope({z}, df)"},
    ),
    Family(
        "gennorm",
        "-beta * np.abs({z})**(beta - 1) * np.sign({z})",
        {
            "beta": "1 / beta + special.digamma(1 / beta) / beta**2"
            " - special.xlogy(np.abs({z})**beta, np.abs({z}))"
        },
        {
            "beta": "np.sign({z}) / 2 * (special.xlogy(np.abs({z}), np.abs({z}))"
            " * np.exp(-np.abs({z})**beta) / special.gamma(1 / beta)"
            " - gamma_shape_slope(np.abs({z})**beta, 1 / beta) / beta**2)"
        },
    ),
    Family(
        "skewnorm",
        "(a * np.exp(-(a * {z})**2 / 2 - special.log_ndtr(a * {z})) / math.sqrt(2 * math.pi)"
        " - {z})",
        {"a": "{z} * np.exp(-(a * {z})**2 / 2 - special.log_ndtr(a * {z}))"
         " / math.sqrt(2 * math.pi)"},
        {"a": "-np.exp(-{z}**2 * (1 + a**2) / 2) / (math.pi * (1 + a**2))"},
    ),
    Family(
        "vonmises",
        "-kappa * np.sin({z})",
        {"kappa": "np.cos({z}) - special.i1e(kappa) / special.i0e(kappa)"},
    ),
    # On an interval or a half line
    Family("expon", "-1.0", inside="1.0"),
    Family("uniform", "0.0", inside="0.5"),
    Family("halfnorm", "-{z}", inside="1.0"),
    Family("halfcauchy", _CAUCHY, inside="1.0"),
    Family("rayleigh", "(1 / {z} - {z})", inside="1.0"),
    Family("maxwell", "(2 / {z} - {z})", inside="1.0"),
    Family(
        "gamma",
        "((a - 1) / {z} - 1)",
        {"a": "np.log({z}) - special.digamma(a)"},
        {"a": "gamma_shape_slope({z}, a)"},
        inside="1.0",
    ),
    Family(
        "invgamma",
        "(1 / {z} - a - 1) / {z}",
        {"a": "-np.log({z}) - special.digamma(a)"},
        {"a": "-gamma_shape_slope(1 / {z}, a)"},
        inside="1.0",
    ),
    Family(
        "chi2",
        "((df / 2 - 1) / {z} - 0.5)",
        {"df": "(np.log({z} / 2) - special.digamma(df / 2)) / 2"},
        {"df": "gamma_shape_slope({z} / 2, df / 2) / 2"},
        inside="1.0",
    ),
    Family(
        "beta",
        "((a - 1) / {z} - (b - 1) / (1 - {z}))",
        {
            "a": "np.log({z}) - special.digamma(a) + special.digamma(a + b)",
            "b": "np.log1p(-{z}) - special.digamma(b) + special.digamma(a + b)",
        },
        {"a": "beta_shape_slope({z}, a, b)", "b": "-beta_shape_slope(1 - {z}, b, a)"},
        inside="0.5",
    ),
    Family(
        "lognorm",
        "-(1 + np.log({z}) / s**2) / {z}",
        {"s": "(np.log({z})**2 / s**2 - 1) / s"},
        {"s": "-" + _PHI.format("np.log({z}) / s") + " * np.log({z}) / s**2"},
        inside="1.0",
    ),
    Family(
        "pareto",
        "-(b + 1) / {z}",
        {"b": "1 / b - np.log({z})"},
        {"b": "np.log({z}) * {z}**-b"},
        inside="2.0",
    ),
    Family(
        "powerlaw",
        "(a - 1) / {z}",
        {"a": "1 / a + np.log({z})"},
        {"a": "np.log({z}) * {z}**a"},
        inside="0.5",
    ),
    Family(
        "weibull_min",
        "((c - 1) / {z} - c * {z}**(c - 1))",
        {"c": "1 / c + np.log({z}) * (1 - {z}**c)"},
        {"c": "np.log({z}) * {z}**c * np.exp(-({z}**c))"},
        inside="1.0",
    ),
    Family(
        "truncnorm",
        "-{z}",
        {"a": "stats.truncnorm.pdf(a, a, b)", "b": "-stats.truncnorm.pdf(b, a, b)"},
        {
            "a": "-stats.truncnorm.pdf(a, a, b) * stats.truncnorm.sf({z}, a, b)",
            "b": "-stats.truncnorm.pdf(b, a, b) * stats.truncnorm.cdf({z}, a, b)",
        },
        inside="np.clip(0.0, a, b)",
    ),
    Family(
        "wrapcauchy",
        f"-2 * c * np.sin({{z}}) / {_WRAPPED}",
        {"c": f"-2 * c / (1 - c**2) - 2 * (c - np.cos({{z}})) / {_WRAPPED}"},
        inside="1.0",
    ),
)  # fmt: skip


def doubles(call: Call) -> Kind:
    """SciPy computes in double precision whatever it is given."""
    kind = broadcast_kind(call)
    known = all(k.dtype in _FLOATS for k in call.kinds.values())
    return kind.with_dtype("f8" if known else "?")


@dataclass(frozen=True, slots=True)
class _Point:
    """How the formulas of one call spell things."""

    family: Family
    at: str  # `x`, or the quantile
    z: str
    back: str  # the standard position of the result `y`, of a quantile
    rest: str  # shapes, location and scale as arguments
    scale: str  # " / scale", or nothing

    def of(self, method: str, value: str = "") -> str:
        return f"stats.{self.family.name}.{method}({value or self.at}{self.rest})"

    def inner(self, valid: str) -> str:
        """The standard position; where the density is 0, one that formulas can bear."""
        inside = self.family.inside
        return f"np.where({valid}, {self.z}, {inside})" if inside else self.z


def _point(family: Family, call: Call, at: str) -> _Point:
    loc, scale = call.given("loc"), call.given("scale")

    def standard(value: str) -> str:
        value = f"({value} - loc)" if loc else value
        return f"({value} / scale)" if scale else value

    names = [*family.shapes, *(["loc"] if loc or scale else []), *(["scale"] if scale else [])]
    rest = "".join(f", {name}" for name in names)
    return _Point(family, at, standard(at), standard("y"), rest, " / scale" if scale else "")


Formulas = dict[str, str]


def _moved(point: _Point, slope: str, scaled: str, factor: str) -> Formulas:
    """Slopes in the position, the location and the scale, of a function of the standard position.

    `scaled` is minus the slope in the scale, times the scale; `factor` comes first in each.
    """
    along = f"{slope}{point.scale}"
    return {
        point.at: f"{factor} * {along}",
        "loc": f"-{factor} * {along}",
        "scale": f"-{factor} * ({scaled}){point.scale}",
    }


def _density(point: _Point, log: bool) -> Formulas:
    valid = "(y > -np.inf)" if log else "(y > 0)"
    z = point.inner(valid)
    slope = point.family.slope.format(z=z)
    factor = ("d * " + valid if point.family.inside else "d") if log else "d * y"
    found = _moved(point, slope, f"1 + {z} * {slope}", factor)
    for name, text in point.family.shapes.items():
        found[name] = f"{factor} * ({text.format(z=z)})"
    return found


def _cumulative(point: _Point, method: str) -> Formulas:
    sign, log = "-d" if method.endswith("sf") else "d", method.startswith("log")
    bounded = bool(point.family.inside)
    last = "np.maximum(y, -1e308)" if bounded else "y"  # nothing flows where the value is -inf
    density, over = point.of("pdf"), ""
    if log:
        density = point.of("logpdf")
        if bounded:
            density = f"np.where(y > -np.inf, {density}, -np.inf)"
        density, over = f"np.exp({density} - {last})", f" * np.exp(-{last})"
    factor = f"{sign} * {density}"
    found = {point.at: factor, "loc": f"-{factor}", "scale": f"-{factor} * {point.z}"}
    valid = f"({point.of('pdf')} > 0)"
    for name, text in point.family.cumulative.items():
        value = text.format(z=point.inner(valid))
        found[name] = f"{sign} * ({value}){over}" + (f" * {valid}" if bounded else "")
    return found


def _quantile(point: _Point, method: str) -> Formulas:
    sign = "-d" if method == "isf" else "d"
    found = {"q": f"{sign} / {point.of('pdf', 'y')}", "loc": "d", "scale": f"d * {point.back}"}
    for name, text in point.family.cumulative.items():
        found[name] = f"-d * ({text.format(z=point.back)}) / {point.of('pdf', 'y')}"
    return found


def _formulas(family: Family, method: str) -> Callable[[Call], Formulas | None]:
    def formulas(call: Call) -> Formulas | None:
        if any(kind.dtype in COMPLEX for kind in call.kinds.values()):
            return None
        point = _point(family, call, "q" if method in ("ppf", "isf") else "x")
        if method in ("pdf", "logpdf"):
            return _density(point, method == "logpdf")
        if method in ("ppf", "isf"):
            return _quantile(point, method)
        return _cumulative(point, method)

    return formulas


_METHODS = ("pdf", "logpdf", "cdf", "logcdf", "sf", "logsf", "ppf", "isf")
for _family in FAMILIES:
    for _method in _METHODS:
        _name = f"scipy.stats.{_family.name}.{_method}"
        _at = "q" if _method in ("ppf", "isf") else "x"
        primitive(_name, ", ".join([_at, *_family.shapes, "loc=0", "scale=1"]), kind=doubles)
        computed(_name, _formulas(_family, _method), _NAMES)
        diagonal(_name)

# The slopes in shapes have slopes: in the argument those of the density, in shapes integrals again
elementwise(
    gamma_shape_slope,
    lambda d, y, z, a: d * gamma_scored_density(z, a),
    lambda d, y, z, a: d * gamma_shape_curve(z, a),
    kind=doubles,
)
elementwise(
    beta_shape_slope,
    lambda d, y, z, a, b: d * beta_scored_density(z, a, b),
    lambda d, y, z, a, b: d * beta_shape_curve(z, a, b, False),
    lambda d, y, z, a, b: d * beta_shape_curve(z, a, b, True),
    kind=doubles,
)
elementwise(
    t_shape_slope,
    lambda d, y, z, df: d * t_scored_density(z, df),
    lambda d, y, z, df: d * t_shape_curve(z, df),
    kind=doubles,
)
# Third ones are refused
_curve: Callable[..., Any]
for _curve in (gamma_shape_curve, t_shape_curve, gamma_scored_density, t_scored_density):
    primitive(_curve, "z, a", kind=doubles)
_bend: Callable[..., Any]
for _bend in (beta_shape_curve, beta_scored_density):
    primitive(_bend, "z, a, b, mixed=False", kind=doubles)
