"""Carried helpers of forward mode for the multivariate distributions of `scipy.stats`.

As in `srcgrad.support`: their source goes into the files that use them. `y` has a number for each
point.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from srcgrad.distant import Distant
from srcgrad.support_distributions import normal_dimension, normal_precision
from srcgrad.support_pushforwards import from_lower

scipy = Distant("scipy")


def normal_points(x: Any, mean: Any, cov: Any, singular: Any) -> Any:
    """The points of a normal density about its mean, one row for each, times the precision."""
    dim = normal_dimension(mean, cov)
    points = np.reshape(x, (-1, dim)) - (0.0 if mean is None else mean)
    return points @ normal_precision(cov, dim, singular)


def normal_point_tangent(d: Any, y: Any, x: Any, mean: Any, cov: Any, singular: Any) -> Any:
    """What moving the points, by `d`, adds to the logarithm of a normal density."""
    solved = normal_points(x, mean, cov, singular)
    moved = np.reshape(d, (-1, np.shape(solved)[1]))
    return np.reshape(-np.sum(solved * moved, axis=1), np.shape(y))


def covariance_tangent(d: Any, mean: Any, cov: Any) -> Any:
    """The tangent of the matrix that SciPy makes of a covariance."""
    if np.ndim(cov) == 2:
        return from_lower(d)
    return np.diag(np.broadcast_to(d, (normal_dimension(mean, cov),)))


def normal_cov_tangent(d: Any, y: Any, x: Any, mean: Any, cov: Any) -> Any:
    """What moving the covariance adds to the logarithm of a normal density."""
    moved = covariance_tangent(d, mean, cov)
    solved = normal_points(x, mean, cov, False)
    log_volume = np.trace(normal_precision(cov, len(moved), False) @ moved)
    return np.reshape((np.sum((solved @ moved) * solved, axis=1) - log_volume) / 2, np.shape(y))


def normal_entropy_tangent(d: Any, mean: Any, cov: Any) -> Any:
    """Tangent of the entropy of a normal distribution."""
    moved = covariance_tangent(d, mean, cov)
    return np.trace(normal_precision(cov, len(moved), False) @ moved) / 2


def dirichlet_tangent(d: Any, x: Any, alpha: Any) -> Any:
    """What moving the concentrations adds to the logarithm of a Dirichlet density."""
    last = np.shape(x)[0] < np.shape(alpha)[0]
    logs = np.log(np.concatenate((x, 1 - np.sum(x, 0, keepdims=True))) if last else x)
    constants = scipy.special.digamma(np.sum(alpha)) - scipy.special.digamma(alpha)
    return np.tensordot(d, logs, 1) + np.sum(d * constants)


def multinomial_tangent(d: Any, x: Any, p: Any) -> Any:
    """What moving the probabilities adds to the logarithm of a multinomial one."""
    if np.ndim(p) != 1:
        raise ValueError("the derivative of a multinomial is supported for one vector p")
    return np.sum((x / p - x[..., -1:] / p[..., -1:]) * d, axis=-1)
