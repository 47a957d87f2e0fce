"""Derivatives of the discrete and of the multivariate distributions of `scipy.stats`.

Counts are integers: there is no derivative in them, nor in `loc`, which shifts them.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping

import numpy as np

from srcgrad.distant import Distant
from srcgrad.ir.kinds import Kind
from srcgrad.rules.call import Call
from srcgrad.rules.distributions import doubles
from srcgrad.rules.registry import computed, primitive, pullback
from srcgrad.rules.results import COMPLEX, diagonal
from srcgrad.support_arrays import divide_or_zero
from srcgrad.support_distributions import (
    dirichlet_slope,
    dirichlet_slope_x,
    mean_log_successor,
    multinomial_slope,
    normal_cov_adjoint,
    normal_entropy_adjoint,
    normal_point_adjoint,
)

special = Distant("scipy.special")
stats = Distant("scipy.stats")
_NAMES = {
    "math": math,
    "np": np,
    "special": special,
    "stats": stats,
    "mean_log_successor": mean_log_successor,
    "__name__": __name__,
}

# Slopes of the logarithm of the probability of `{k}`, by parameter; of cumulative functions
_MASSES: Mapping[str, Mapping[str, str]] = {
    "poisson": {"mu": "({k} / mu - 1)"},
    "bernoulli": {"p": "({k} - p) / (p * (1 - p))"},
    "geom": {"p": "(1 - p * {k}) / (p * (1 - p))"},
    "binom": {"n": "", "p": "({k} - n * p) / (p * (1 - p))"},
    "nbinom": {
        "n": "(special.digamma({k} + n) - special.digamma(n) + np.log(p))",
        "p": "(n / p - {k} / (1 - p))",
    },
    "betabinom": {
        "n": "",
        "a": "(special.digamma({k} + a) - special.digamma(n + a + b)"
        " + special.digamma(a + b) - special.digamma(a))",
        "b": "(special.digamma(n - {k} + b) - special.digamma(n + a + b)"
        " + special.digamma(a + b) - special.digamma(b))",
    },
}  # fmt: skip
_SUMS: Mapping[str, Mapping[str, str]] = {
    "poisson": {"mu": "-stats.poisson.pmf(np.floor({k}), mu)"},
    "bernoulli": {"p": "-1.0 * (np.floor({k}) == 0)"},
    "geom": {"p": "np.maximum(np.floor({k}), 0.0) * (1 - p) ** (np.floor({k}) - 1)"},
    "binom": {"n": "", "p": "-n * stats.binom.pmf(np.floor({k}), n - 1, p)"},
    "nbinom": {"n": "", "p": "n / p**2 * stats.nbinom.pmf(np.floor({k}), n + 1, p)"},
}


def _real(call: Call) -> bool:
    return all(kind.dtype not in COMPLEX for kind in call.kinds.values())


def _mass(slopes: Mapping[str, str], log: bool) -> Callable[[Call], dict[str, str] | None]:
    def formulas(call: Call) -> dict[str, str] | None:
        count = "(k - loc)" if call.given("loc") else "k"
        factor = "d * (y > -np.inf)" if log else "d * y"
        found = {p: f"{factor} * {text.format(k=count)}" for p, text in slopes.items() if text}
        return found if _real(call) else None

    return formulas


def _sum(slopes: Mapping[str, str], sign: str) -> Callable[[Call], dict[str, str] | None]:
    def formulas(call: Call) -> dict[str, str] | None:
        count = "(x - loc)" if call.given("loc") else "x"
        found = {p: f"{sign} * {text.format(k=count)}" for p, text in slopes.items() if text}
        return found if _real(call) else None

    return formulas


def _declare(name: str, signature: str, formulas: Callable[[Call], dict[str, str] | None]) -> None:
    primitive(name, signature, kind=doubles)
    computed(name, formulas, _NAMES)
    diagonal(name)


for _name, _slopes in _MASSES.items():
    for _method in ("pmf", "logpmf"):
        _declare(
            f"scipy.stats.{_name}.{_method}",
            ", ".join(["k", *_slopes, "loc=0"]),
            _mass(_slopes, _method == "logpmf"),
        )
for _name, _slopes in _SUMS.items():
    for _method, _sign in (("cdf", "d"), ("sf", "-d")):
        _declare(
            f"scipy.stats.{_name}.{_method}",
            ", ".join(["x", *_slopes, "loc=0"]),
            _sum(_slopes, _sign),
        )
# The differences of the probabilities of neighbours telescope.
_declare(
    "scipy.stats.poisson.entropy",
    "mu, loc=0",
    lambda call: {"mu": "d * (mean_log_successor(mu) - np.log(mu))"},
)


# Of several variables
def _number(call: Call) -> Kind:
    return Kind("unknown", "?")


def _regular(call: Call) -> bool:
    """The covariance has an inverse, or SciPy raises an error."""
    return _real(call) and call.is_literal("allow_singular") and not call.literal("allow_singular")


_NORMAL = "scipy.stats.multivariate_normal"
for _method in ("pdf", "logpdf"):
    primitive(f"{_NORMAL}.{_method}", "x, mean=None, cov=1, allow_singular=False", kind=_number)
primitive(f"{_NORMAL}.entropy", "mean=None, cov=1", kind=_number)
pullback(
    "scipy.stats.multivariate_normal.logpdf",
    x=lambda g, y, x, mean, cov: np.reshape(
        normal_point_adjoint(g, x, mean, cov, False), np.shape(x)
    ),
    mean=lambda g, y, x, mean, cov: np.reshape(
        -np.sum(normal_point_adjoint(g, x, mean, cov, False), 0), np.shape(mean)
    ),
    cov=lambda g, y, x, mean, cov: normal_cov_adjoint(g, x, mean, cov),
    when=_regular,
)
pullback(
    "scipy.stats.multivariate_normal.logpdf",
    x=lambda g, y, x, mean, cov, allow_singular: np.reshape(
        normal_point_adjoint(g, x, mean, cov, allow_singular), np.shape(x)
    ),
    mean=lambda g, y, x, mean, cov, allow_singular: np.reshape(
        -np.sum(normal_point_adjoint(g, x, mean, cov, allow_singular), 0), np.shape(mean)
    ),
    when=_real,
)
pullback(
    "scipy.stats.multivariate_normal.pdf",
    x=lambda g, y, x, mean, cov: np.reshape(
        normal_point_adjoint(g * y, x, mean, cov, False), np.shape(x)
    ),
    mean=lambda g, y, x, mean, cov: np.reshape(
        -np.sum(normal_point_adjoint(g * y, x, mean, cov, False), 0), np.shape(mean)
    ),
    cov=lambda g, y, x, mean, cov: normal_cov_adjoint(g * y, x, mean, cov),
    when=_regular,
)
pullback(
    "scipy.stats.multivariate_normal.pdf",
    x=lambda g, y, x, mean, cov, allow_singular: np.reshape(
        normal_point_adjoint(g * y, x, mean, cov, allow_singular), np.shape(x)
    ),
    mean=lambda g, y, x, mean, cov, allow_singular: np.reshape(
        -np.sum(normal_point_adjoint(g * y, x, mean, cov, allow_singular), 0), np.shape(mean)
    ),
    when=_real,
)
pullback(
    "scipy.stats.multivariate_normal.entropy",
    mean=lambda g, y, mean: np.zeros_like(mean),
    cov=lambda g, y, mean, cov: normal_entropy_adjoint(g, mean, cov),
    when=_real,
)

for _method in ("pdf", "logpdf"):
    primitive(f"scipy.stats.dirichlet.{_method}", "x, alpha", kind=_number)
pullback(
    "scipy.stats.dirichlet.logpdf",
    x=lambda g, y, x, alpha: dirichlet_slope_x(g, x, alpha),
    alpha=lambda g, y, x, alpha: dirichlet_slope(g, x, alpha),
    when=_real,
)
pullback(
    "scipy.stats.dirichlet.pdf",
    x=lambda g, y, x, alpha: dirichlet_slope_x(g * y, x, alpha),
    alpha=lambda g, y, x, alpha: dirichlet_slope(g * y, x, alpha),
    when=_real,
)


for _method in ("pmf", "logpmf"):
    primitive(f"scipy.stats.multinomial.{_method}", "x, n, p", kind=_number)
pullback(
    "scipy.stats.multinomial.logpmf",
    p=lambda g, y, x, p: multinomial_slope(g, x, p),
    when=_real,
)
pullback(
    "scipy.stats.multinomial.pmf",
    p=lambda g, y, x, p: multinomial_slope(g * y, x, p),
    when=_real,
)


def _one_axis(call: Call) -> bool:
    return (
        _real(call) and isinstance(call.literal("axis"), int) if call.is_literal("axis") else False
    )


# The standard error of the mean
primitive("scipy.stats.sem", "a, axis=0, ddof=1", kind=_number)
pullback(
    "scipy.stats.sem",
    a=lambda g, y, a, axis, ddof: (
        np.expand_dims(divide_or_zero(g, y), axis)
        * (a - np.mean(a, axis=axis, keepdims=True))
        / (np.shape(a)[axis] * (np.shape(a)[axis] - ddof))
    ),
    when=_one_axis,
)
