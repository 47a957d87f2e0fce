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
# The shape of a gamma distribution would take the derivative of its distribution function.
primitive("draw.gamma", "k, scale=1.0, size=None", kind=ANYTHING, also={"shape": "k"})
pullback("draw.gamma", scale=lambda g, y, scale: unbroadcast(g * (y / scale), scale))
