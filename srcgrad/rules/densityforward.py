"""Tangents of the multivariate distributions of SciPy, and of the standard error."""

from __future__ import annotations

import numpy as np

from srcgrad.rules.call import Call
from srcgrad.rules.tangents import pushforward
from srcgrad.support_arrays import divide_or_zero
from srcgrad.support_densities import (
    dirichlet_tangent,
    multinomial_tangent,
    normal_cov_tangent,
    normal_entropy_tangent,
    normal_point_tangent,
)
from srcgrad.support_distributions import dirichlet_slope_x


def _regular(call: Call) -> bool:
    """The covariance has an inverse, or SciPy raises an error."""
    return call.is_literal("allow_singular") and not call.literal("allow_singular")


pushforward(
    "scipy.stats.multivariate_normal.logpdf",
    real=True,
    knows="allow_singular",
    x=lambda d, y, x, mean, cov: normal_point_tangent(d, y, x, mean, cov, False),
    mean=lambda d, y, x, mean, cov: normal_point_tangent(
        np.broadcast_to(-d, np.shape(x)), y, x, mean, cov, False
    ),
    cov=lambda d, y, x, mean, cov: normal_cov_tangent(d, y, x, mean, cov),
    when=_regular,
)
pushforward(
    "scipy.stats.multivariate_normal.logpdf",
    real=True,
    x=lambda d, y, x, mean, cov, allow_singular: normal_point_tangent(
        d, y, x, mean, cov, allow_singular
    ),
    mean=lambda d, y, x, mean, cov, allow_singular: normal_point_tangent(
        np.broadcast_to(-d, np.shape(x)), y, x, mean, cov, allow_singular
    ),
)
pushforward(
    "scipy.stats.multivariate_normal.pdf",
    real=True,
    knows="allow_singular",
    x=lambda d, y, x, mean, cov: y * normal_point_tangent(d, y, x, mean, cov, False),
    mean=lambda d, y, x, mean, cov: (
        y * normal_point_tangent(np.broadcast_to(-d, np.shape(x)), y, x, mean, cov, False)
    ),
    cov=lambda d, y, x, mean, cov: y * normal_cov_tangent(d, y, x, mean, cov),
    when=_regular,
)
pushforward(
    "scipy.stats.multivariate_normal.pdf",
    real=True,
    x=lambda d, y, x, mean, cov, allow_singular: (
        y * normal_point_tangent(d, y, x, mean, cov, allow_singular)
    ),
    mean=lambda d, y, x, mean, cov, allow_singular: (
        y * normal_point_tangent(np.broadcast_to(-d, np.shape(x)), y, x, mean, cov, allow_singular)
    ),
)
pushforward(
    "scipy.stats.multivariate_normal.entropy",
    real=True,
    mean=lambda d, y: 0.0 * y,
    cov=lambda d, y, mean, cov: normal_entropy_tangent(d, mean, cov),
)
pushforward(
    "scipy.stats.dirichlet.logpdf",
    real=True,
    x=lambda d, y, x, alpha: np.sum(dirichlet_slope_x(1.0, x, alpha) * d, axis=0),
    alpha=lambda d, y, x, alpha: dirichlet_tangent(d, x, alpha),
)
pushforward(
    "scipy.stats.dirichlet.pdf",
    real=True,
    x=lambda d, y, x, alpha: y * np.sum(dirichlet_slope_x(1.0, x, alpha) * d, axis=0),
    alpha=lambda d, y, x, alpha: y * dirichlet_tangent(d, x, alpha),
)
pushforward(
    "scipy.stats.multinomial.logpmf",
    real=True,
    knows="n",
    p=lambda d, y, x, p: multinomial_tangent(d, x, p),
)
pushforward(
    "scipy.stats.multinomial.pmf",
    real=True,
    knows="n",
    p=lambda d, y, x, p: y * multinomial_tangent(d, x, p),
)
pushforward(
    "scipy.stats.sem",
    real=True,
    a=lambda d, y, a, axis, ddof: (
        divide_or_zero(np.sum((a - np.mean(a, axis=axis, keepdims=True)) * d, axis=axis), y)
        / (np.shape(a)[axis] * (np.shape(a)[axis] - ddof))
    ),
    when=lambda call: call.is_literal("axis") and isinstance(call.literal("axis"), int),
)
