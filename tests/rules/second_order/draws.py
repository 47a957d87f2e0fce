"""Samples as functions of the parameters of their distribution; the noise is the same each time."""

from __future__ import annotations

from typing import Any

import numpy as np


def normal(loc: Any, scale: Any) -> Any:
    rng = np.random.default_rng(0)
    return rng.normal(loc, scale, (4, 3)) ** 2


def normal_by_the_module(loc: Any, scale: Any) -> Any:
    np.random.seed(0)
    return np.random.normal(loc, scale, size=3) ** 2


def location_and_scale(loc: Any, scale: Any) -> Any:
    rng = np.random.default_rng(0)
    return (
        rng.laplace(loc, scale) + rng.gumbel(scale=scale) + rng.logistic(loc) * rng.rayleigh(scale)
    )


def uniform(low: Any, high: Any) -> Any:
    rng = np.random.default_rng(0)
    return rng.uniform(low, high + 1, (2, 3)) ** 3


def positive(mean: Any, sigma: Any) -> Any:
    rng = np.random.default_rng(0)
    x = rng.lognormal(mean, sigma, 3)
    return x * rng.exponential(sigma, 3) + rng.gamma(2.0, sigma)


def power_laws(a: Any, b: Any) -> Any:
    rng = np.random.default_rng(0)
    return rng.weibull(a, 3) + rng.pareto(b + 1, 3)


def walk(drift: Any, scale: Any) -> Any:
    rng = np.random.default_rng(0)
    place = np.zeros(3)
    for _ in range(4):
        place = np.tanh(place + rng.normal(drift, scale, 3))
    return place
