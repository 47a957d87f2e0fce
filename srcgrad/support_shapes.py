"""Carried helpers: distribution functions by the shapes of their families.

Where no closed form is known, the slope is the integral of the density times its score, which is
exact; it is computed to ten digits, from the nearer end. As in `srcgrad.support`, the source of
these goes into the files that use them.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from srcgrad.distant import Distant

scipy = Distant("scipy")


def integral_of_score(scored: Any, low: Any, high: Any, args: Any) -> Any:
    """The integral of a density times its score, to ten digits; an error where it is worse."""
    value, error = scipy.integrate.quad(
        scored, low, high, args, full_output=1, epsabs=0.0, epsrel=1e-11, limit=400
    )[:2]
    if not error <= 1e-9 * abs(value) + 1e-15:
        raise ArithmeticError("the slope of a distribution function in its shape is not found")
    return value


def at_each(slope: Any, *args: Any) -> Any:
    """A function of numbers, at each element of what arrays broadcast to."""
    whole = np.broadcast_arrays(*args)
    found = [slope(*map(float, one)) for one in zip(*map(np.ravel, whole), strict=True)]
    return np.reshape(np.array(found, dtype=float), np.shape(whole[0]))[()]


def gamma_near(u: Any, a: Any) -> Any:
    """The slope of a gamma density in `a`, in `u = t**a`: no pole at 0."""
    t = u ** (1 / a)
    score = np.log(t) - scipy.special.digamma(a)
    return score * np.exp(-t - scipy.special.gammaln(a)) / a if t > 0 else 0.0


def gamma_scored(t: Any, a: Any) -> Any:
    """The slope of a gamma density in `a`."""
    log = np.log(t) if t > 0 else -1e308
    logpdf = (a - 1) * log - t - scipy.special.gammaln(a)
    return np.exp(logpdf) * (log - scipy.special.digamma(a)) if t > 0 else 0.0


def gamma_slope(z: Any, a: Any) -> Any:
    """The slope of one number."""
    if not 0 < z < np.inf:
        return 0.0 * z if np.isnan(z) else 0.0
    if z > a:
        return -integral_of_score(gamma_scored, z, np.inf, (a,))
    if a < 1:
        return integral_of_score(gamma_near, 0.0, z**a, (a,))
    return integral_of_score(gamma_scored, 0.0, z, (a,))


def gamma_shape_slope(z: Any, a: Any) -> Any:
    """The slope in `a` of the distribution function of `gamma` at `z`."""
    return at_each(gamma_slope, z, a)


def beta_near(u: Any, a: Any, b: Any) -> Any:
    """The slope of a beta density in `a`, in `u = t**a`: no pole at 0."""
    t = u ** (1 / a)
    score = np.log(t) - scipy.special.digamma(a) + scipy.special.digamma(a + b)
    weight = (b - 1) * np.log1p(-t) - scipy.special.betaln(a, b)
    return score * np.exp(weight) / a if t > 0 else 0.0


def beta_far(u: Any, a: Any, b: Any) -> Any:
    """The slope of a beta density in `a`, in `u = (1 - t)**b`: no pole at 1."""
    rest = u ** (1 / b)
    score = np.log1p(-rest) - scipy.special.digamma(a) + scipy.special.digamma(a + b)
    return score * np.exp((a - 1) * np.log1p(-rest) - scipy.special.betaln(a, b)) / b


def beta_scored(t: Any, a: Any, b: Any) -> Any:
    """The slope of a beta density in `a`."""
    if not 0 < t < 1:
        return 0.0
    score = np.log(t) - scipy.special.digamma(a) + scipy.special.digamma(a + b)
    log = (a - 1) * np.log(t) + (b - 1) * np.log1p(-t) - scipy.special.betaln(a, b)
    return np.exp(log) * score


def beta_slope(z: Any, a: Any, b: Any) -> Any:
    """The slope of one number."""
    if not 0 < z < 1:
        return 0.0 * z if np.isnan(z) else 0.0
    if z < a / (a + b):
        if a < 1:
            return integral_of_score(beta_near, 0.0, z**a, (a, b))
        return integral_of_score(beta_scored, 0.0, z, (a, b))
    if b < 1:
        return -integral_of_score(beta_far, 0.0, (1 - z) ** b, (a, b))
    return -integral_of_score(beta_scored, z, 1.0, (a, b))


def beta_shape_slope(z: Any, a: Any, b: Any) -> Any:
    """The slope in `a` of the distribution function of `beta` at `z`."""
    return at_each(beta_slope, z, a, b)


def t_scored(t: Any, df: Any) -> Any:
    """The slope of a density of `t` in `df`."""
    half = scipy.special.digamma((df + 1) / 2) - scipy.special.digamma(df / 2)
    ratio = t * t / df
    score = half - 1 / df - np.log1p(ratio) + (df + 1) * ratio / (df + t * t)
    return score / 2 * scipy.stats.t.pdf(t, df)


def t_slope(z: Any, df: Any) -> Any:
    """The slope of one number."""
    if not 0 < abs(z) < np.inf:
        return 0.0 * z if np.isnan(z) else 0.0
    if abs(z) < 1:
        return np.sign(z) * integral_of_score(t_scored, 0.0, abs(z), (df,))
    return -np.sign(z) * integral_of_score(t_scored, abs(z), np.inf, (df,))


def t_shape_slope(z: Any, df: Any) -> Any:
    """The slope in `df` of the distribution function of `t` at `z`."""
    return at_each(t_slope, z, df)
