"""Carried helpers for the multivariate distributions of `scipy.stats`.

As in `srcgrad.support`: their source goes into the files that use them. `g` is the cotangent of the
logarithm of the density.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from srcgrad.distant import Distant
from srcgrad.support_linear import fold_lower

scipy = Distant("scipy")


def normal_dimension(mean: Any, cov: Any) -> Any:
    """The dimension that SciPy takes a multivariate normal distribution to have."""
    if mean is not None:
        return np.size(mean)
    return np.shape(cov)[0] if np.ndim(cov) == 2 else 1


def normal_precision(cov: Any, dim: Any, singular: Any) -> Any:
    """The inverse of a covariance: a number, variances, or a matrix read in its lower triangle."""
    if np.ndim(cov) < 2:
        return np.diag(np.broadcast_to(1 / np.asarray(cov), (dim,)))
    whole = np.tril(cov) + np.tril(cov, -1).T
    return np.linalg.pinv(whole, 2.3e-10) if singular else np.linalg.inv(whole)


def normal_point_adjoint(g: Any, x: Any, mean: Any, cov: Any, singular: Any) -> Any:
    """Cotangents of the points of a multivariate normal density, one row for each."""
    dim = normal_dimension(mean, cov)
    points = np.reshape(x, (-1, dim)) - (0.0 if mean is None else mean)
    return -np.reshape(g, (-1, 1)) * (points @ normal_precision(cov, dim, singular))


def normal_cov_adjoint(g: Any, x: Any, mean: Any, cov: Any) -> Any:
    """Cotangent of the covariance of a multivariate normal density."""
    dim = normal_dimension(mean, cov)
    precision = normal_precision(cov, dim, False)
    solved = (np.reshape(x, (-1, dim)) - (0.0 if mean is None else mean)) @ precision
    weighted = np.reshape(g, (-1, 1)) * solved
    return normal_fold((weighted.T @ solved - np.sum(g) * precision) / 2, cov)


def normal_fold(whole: Any, cov: Any) -> Any:
    """Cotangent of what SciPy makes a covariance matrix of, from that of the matrix."""
    if np.ndim(cov) == 2:
        return fold_lower((whole + whole.T) / 2)
    return np.trace(whole) if np.size(cov) == 1 else np.diag(whole)


def normal_entropy_adjoint(g: Any, mean: Any, cov: Any) -> Any:
    """Cotangent of the covariance in the entropy of a multivariate normal distribution."""
    precision = normal_precision(cov, normal_dimension(mean, cov), False)
    return normal_fold(g * precision / 2, cov)


def dirichlet_slope(g: Any, x: Any, alpha: Any) -> Any:
    """Cotangent of the concentrations of a Dirichlet density; `x` may lack its last component."""
    last = np.shape(x)[0] < np.shape(alpha)[0]
    logs = np.log(np.concatenate((x, 1 - np.sum(x, 0, keepdims=True))) if last else x)
    sums = np.sum(np.reshape(np.broadcast_to(g, np.shape(logs)[1:]) * logs, (len(alpha), -1)), 1)
    constants = scipy.special.digamma(np.sum(alpha)) - scipy.special.digamma(alpha)
    return sums + np.sum(g) * constants


def dirichlet_slope_x(g: Any, x: Any, alpha: Any) -> Any:
    """Cotangent of the point of a Dirichlet density; it may lack its last component."""
    powers = np.reshape(alpha - 1, (-1,) + (1,) * (np.ndim(x) - 1))
    count = np.shape(x)[0]
    if count == np.shape(alpha)[0]:
        return g * powers / x
    return g * (powers[:count] / x - powers[count:] / (1 - np.sum(x, 0, keepdims=True)))


def multinomial_slope(g: Any, x: Any, p: Any) -> Any:
    """Cotangent of the probabilities; SciPy has the last one follow from the others."""
    if np.ndim(p) != 1:
        raise ValueError("the derivative of a multinomial is supported for one vector p")
    scores = np.expand_dims(g, -1) * (x / p - x[..., -1:] / p[..., -1:])
    return np.sum(np.reshape(scores, (-1, np.shape(p)[-1])), 0)


def mean_log_successor(mu: Any) -> Any:
    """The mean of `log(k + 1)` for Poisson counts `k` of mean `mu`."""
    mu = np.expand_dims(mu, -1)
    most = np.max(mu, initial=0.0)
    counts = np.arange(int(most + 40 * np.sqrt(most)) + 60)
    return np.sum(scipy.stats.poisson.pmf(counts, mu) * np.log1p(counts), -1)
