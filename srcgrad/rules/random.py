"""Derivatives of random numbers with regard to the parameters of their distribution.

A sample is a function of its parameters and of noise that they do not touch; it is drawn once, and
what of the noise a formula needs follows from the sample. Each stands here under `draw.NAME`, for
the method of a generator and for the function of `numpy.random`.
"""

from __future__ import annotations

import numpy as np

from srcgrad.rules.registry import primitive, pullback
from srcgrad.rules.results import ANYTHING
from srcgrad.support import unbroadcast
from srcgrad.support_draws import (
    beta_draw_slope,
    dirichlet_adjoint,
    f_draw_slope,
    gamma_draw_slope,
    t_draw_slope,
)

for _name in ("normal", "laplace", "gumbel", "logistic"):
    primitive(f"draw.{_name}", "loc=0.0, scale=1.0, size=None", kind=ANYTHING)
    pullback(
        f"draw.{_name}",
        loc=lambda g, y, loc: unbroadcast(g, loc),
        scale=lambda g, y, loc, scale: unbroadcast(g * ((y - loc) / scale), scale),
    )
for _name in ("exponential", "rayleigh"):
    primitive(f"draw.{_name}", "scale=1.0, size=None", kind=ANYTHING)
    pullback(f"draw.{_name}", scale=lambda g, y, scale: unbroadcast(g * (y / scale), scale))
primitive("draw.uniform", "low=0.0, high=1.0, size=None", kind=ANYTHING)
pullback(
    "draw.uniform",
    low=lambda g, y, low, high: unbroadcast(g * ((high - y) / (high - low)), low),
    high=lambda g, y, low, high: unbroadcast(g * ((y - low) / (high - low)), high),
)
primitive("draw.lognormal", "mean=0.0, sigma=1.0, size=None", kind=ANYTHING)
pullback(
    "draw.lognormal",
    mean=lambda g, y, mean: unbroadcast(g * y, mean),
    sigma=lambda g, y, mean, sigma: unbroadcast(g * (y * (np.log(y) - mean) / sigma), sigma),
)
primitive("draw.weibull", "a, size=None", kind=ANYTHING)
pullback("draw.weibull", a=lambda g, y, a: unbroadcast(-g * (y * np.log(y) / a), a))
primitive("draw.pareto", "a, size=None", kind=ANYTHING)
pullback("draw.pareto", a=lambda g, y, a: unbroadcast(-g * ((1 + y) * np.log1p(y) / a), a))
# The shape of a distribution moves a draw along its distribution function.
primitive("draw.gamma", "k, scale=1.0, size=None", kind=ANYTHING, also={"shape": "k"})
pullback(
    "draw.gamma",
    k=lambda g, y, k, scale: unbroadcast(g * scale * gamma_draw_slope(y / scale, k), k),
    scale=lambda g, y, scale: unbroadcast(g * (y / scale), scale),
)
primitive("draw.standard_gamma", "k, size=None", kind=ANYTHING, also={"shape": "k"})
pullback("draw.standard_gamma", k=lambda g, y, k: unbroadcast(g * gamma_draw_slope(y, k), k))
primitive("draw.chisquare", "df, size=None", kind=ANYTHING)
pullback("draw.chisquare", df=lambda g, y, df: unbroadcast(g * gamma_draw_slope(y / 2, df / 2), df))
primitive("draw.beta", "a, b, size=None", kind=ANYTHING)
pullback(
    "draw.beta",
    a=lambda g, y, a, b: unbroadcast(g * beta_draw_slope(y, a, b), a),
    b=lambda g, y, a, b: unbroadcast(-g * beta_draw_slope(1 - y, b, a), b),
)
primitive("draw.standard_t", "df, size=None", kind=ANYTHING)
pullback("draw.standard_t", df=lambda g, y, df: unbroadcast(g * t_draw_slope(y, df), df))
primitive("draw.f", "dfnum, dfden, size=None", kind=ANYTHING)
pullback(
    "draw.f",
    dfnum=lambda g, y, dfnum, dfden: unbroadcast(g * f_draw_slope(y, dfnum, dfden), dfnum),
    dfden=lambda g, y, dfnum, dfden: unbroadcast(
        -g * y**2 * f_draw_slope(1 / y, dfden, dfnum), dfden
    ),
)
primitive("draw.dirichlet", "alpha, size=None", kind=ANYTHING)
pullback("draw.dirichlet", alpha=lambda g, y, alpha: dirichlet_adjoint(g, y, np.array(alpha)))
