"""Sample arguments of the distributions of `scipy.stats`."""

from __future__ import annotations

import numpy as np

from srcgrad.rules.distributions import FAMILIES
from tests.rules.harness import Row, lit, row

_random = np.random.default_rng(11)
X = np.array([[0.31], [0.74], [0.12]])
LOC, SCALE = np.array([-0.21, 0.05]), np.array([1.3, 2.1])
UNIT = np.array([0.13, 0.72, 0.55])
# Shapes of families, and a point inside the support where the points above are not.
SHAPES: dict[str, tuple[float, ...]] = {
    "t": (2.7,), "gennorm": (1.7,), "skewnorm": (0.8,), "vonmises": (1.2,), "gamma": (1.8,),
    "invgamma": (2.3,), "chi2": (3.1,), "beta": (1.7, 2.4), "lognorm": (0.7,), "pareto": (2.2,),
    "powerlaw": (1.6,), "weibull_min": (1.4,), "truncnorm": (-0.9, 1.4), "wrapcauchy": (0.4,),
}  # fmt: skip
SHIFTS = {"pareto": 2.5}
BELOW = np.array([-4.0, -7.5])  # outside the support of families on a half line


def _fixed(family: str, method: str) -> tuple[str, ...]:
    """Shapes without a formula."""
    found = next(f for f in FAMILIES if f.name == family)
    return () if "pdf" in method else tuple(found.shapes.keys() - found.cumulative.keys())


def _orders(method: str) -> tuple[str, ...]:
    return () if "pmf" in method else ("n",)


CONTINUOUS: tuple[Row, ...] = (
    *(
        row(
            f"scipy.stats.{f.name}.{method}",
            X + shift,
            *shapes,
            *place,
            fixed=_fixed(f.name, method),
        )
        for f in FAMILIES
        for shapes, shift in [(SHAPES.get(f.name, ()), SHIFTS.get(f.name, 0.0))]
        for method in ("pdf", "logpdf", "cdf", "logcdf", "sf", "logsf")
        for place in ((), (LOC, SCALE))
    ),
)
QUANTILES: tuple[Row, ...] = (
    *(
        row(f"scipy.stats.{f.name}.{method}", UNIT, *shapes, *place, fixed=_fixed(f.name, method))
        for f in FAMILIES
        for shapes in [SHAPES.get(f.name, ())]
        for method in ("ppf", "isf")
        for place in ((), (-0.3, 1.7))
    ),
)
OTHERS: list[Row] = [
    row("scipy.stats.norm.logpdf", X, scale=SCALE),
    row("scipy.stats.norm.cdf", X, loc=LOC),
    row("scipy.stats.norm.logcdf", np.array([-40.0, -8.0, 9.0])),
    row("scipy.stats.norm.logsf", np.array([40.0, -8.0, 9.0])),
    *(
        row(
            f"scipy.stats.{name}.{method}", BELOW, *SHAPES.get(name, ()), fixed=_fixed(name, method)
        )
        for name in ("expon", "gamma", "chi2", "beta", "lognorm", "pareto", "truncnorm", "uniform")
        for method in ("pdf", "cdf", "sf", "logsf")
    ),
]
COUNTS = np.array([[0], [2], [3]])
P = np.array([0.3, 0.6])
DISCRETE_ONES: list[Row] = [
    *(
        row(f"scipy.stats.{name}.{method}", COUNTS, *shapes, fixed=_orders(method))
        for name, shapes in {
            "poisson": (np.array([1.3, 2.1]),), "geom": (P,), "binom": (3, P), "bernoulli": (P,),
            "nbinom": (2.5, P), "betabinom": (5, 1.2, np.array([0.7, 2.2])),
        }.items()
        for method in ("pmf", "logpmf", "cdf", "sf")
        if not (name == "betabinom" and method in ("cdf", "sf"))
        if not (name in ("geom", "bernoulli") and method == "logpmf")
    ),
    row("scipy.stats.geom.logpmf", COUNTS + 1, P),
    row("scipy.stats.bernoulli.logpmf", np.array([[0], [1]]), P),
    row("scipy.stats.poisson.pmf", COUNTS, 1.3, 1),
    row("scipy.stats.poisson.cdf", np.array([0.5, 2.7]), 1.3),
    row("scipy.stats.poisson.entropy", np.array([0.2, 1.3, 40.0])),
]  # fmt: skip
_ROOT = _random.normal(size=(3, 3))
COV = _ROOT @ _ROOT.T + np.eye(3)
MEAN, POINT, POINTS = _random.normal(size=3), _random.normal(size=3), _random.normal(size=(4, 3))
ALPHA = np.array([1.3, 2.2, 0.8])
SIMPLEX = np.array([0.2, 0.5])
SEVERAL: list[Row] = [
    *(
        row(f"scipy.stats.multivariate_normal.{method}", x, MEAN, cov, loose=True)
        for method in ("pdf", "logpdf")
        for x in (POINT, POINTS)
        for cov in (COV, 1.4, np.array([0.7, 1.2, 2.0]))
    ),
    row("scipy.stats.multivariate_normal.logpdf", POINT, MEAN, loose=True),
    row("scipy.stats.multivariate_normal.logpdf", POINT, cov=COV, loose=True),
    row("scipy.stats.multivariate_normal.logpdf", POINT, 0.3, 1.4, loose=True),
    row("scipy.stats.multivariate_normal.entropy", MEAN, COV, loose=True),
    *(
        row(f"scipy.stats.dirichlet.{method}", x, ALPHA, loose=True)
        for method in ("pdf", "logpdf")
        for x in (SIMPLEX, np.array([[0.2, 0.3], [0.5, 0.1]]))
    ),
    *(
        row(f"scipy.stats.multinomial.{method}", x, 4, ALPHA / np.sum(ALPHA), loose=True)
        for method in ("pmf", "logpmf")
        for x in (np.array([1, 2, 1]), np.array([[1, 2, 1], [0, 0, 4]]))
    ),
    row("scipy.stats.sem", POINTS, loose=True),
    row("scipy.stats.sem", POINTS, axis=lit(1), ddof=lit(0), loose=True),
]
DISTRIBUTIONS = (*CONTINUOUS, *QUANTILES, *OTHERS, *DISCRETE_ONES, *SEVERAL)
# The methods of all families are made alike: these go through the whole compiler.
COMPILED: list[Row] = [
    found
    for found in (*CONTINUOUS, *QUANTILES)
    if found.name.split(".")[2] in ("norm", "gamma", "lognorm", "truncnorm")
]
