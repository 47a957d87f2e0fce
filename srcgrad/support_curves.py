"""Carried helpers: second slopes of distribution functions in the shapes of their families.

As in `support_shapes`, these are integrals, of the density times its score squared and the slope of
the score. Slopes in the argument are known: they are those of the density.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from srcgrad.distant import Distant
from srcgrad.support_shapes import at_each

scipy = Distant("scipy")


def integral_of_bend(bent: Any, low: Any, high: Any, args: Any) -> Any:
    """An integral of either sign, to eight digits or eleven places; an error where it is worse."""
    value, error = scipy.integrate.quad(
        bent, low, high, args, full_output=1, epsabs=1e-13, epsrel=1e-11, limit=400
    )[:2]
    if not error <= 1e-8 * abs(value) + 1e-11:
        raise ArithmeticError("the curve of a distribution function in its shape is not found")
    return value


def gamma_score(t: Any, a: Any) -> Any:
    """The slope in `a` of the logarithm of a gamma density; 0 where that is 0."""
    return np.log(np.where(t > 0, t, 1.0)) - scipy.special.digamma(a)


def gamma_bent(t: Any, a: Any) -> Any:
    """The second slope of a gamma density in `a`, over the density."""
    return gamma_score(t, a) ** 2 - scipy.special.polygamma(1, a)


def gamma_bent_near(u: Any, a: Any) -> Any:
    """The second slope of a gamma density in `a`, in `u = t**a`: no pole at 0."""
    if u <= 0:
        return 0.0
    score = np.log(u) / a - scipy.special.digamma(a)
    weight = np.exp(-(u ** (1 / a)) - scipy.special.gammaln(a)) / a
    return (score**2 - scipy.special.polygamma(1, a)) * weight


def gamma_bent_far(t: Any, a: Any) -> Any:
    """The second slope of a gamma density in `a`."""
    return gamma_bent(t, a) * scipy.stats.gamma.pdf(t, a) if t > 0 else 0.0


def gamma_curve_at(z: Any, a: Any) -> Any:
    """The second slope of one number."""
    if not 0 < z < np.inf:
        return 0.0 * z if np.isnan(z) else 0.0
    if z > a:
        return -integral_of_bend(gamma_bent_far, z, np.inf, (a,))
    if a < 1:
        return integral_of_bend(gamma_bent_near, 0.0, z**a, (a,))
    return integral_of_bend(gamma_bent_far, 0.0, z, (a,))


def gamma_shape_curve(z: Any, a: Any) -> Any:
    """The second slope in `a` of the distribution function of `gamma` at `z`."""
    return at_each(gamma_curve_at, z, a)


def gamma_scored_density(z: Any, a: Any) -> Any:
    """The slope of the gamma density in `a`, at `z`."""
    return scipy.stats.gamma.pdf(z, a) * gamma_score(z, a)


def beta_bent(log: Any, rest: Any, a: Any, b: Any, mixed: Any) -> Any:
    """The second slope of a beta density, over the density: twice in `a`, or in `a` and `b`.

    `log` and `rest` are the logarithms of `t` and of `1 - t`.
    """
    both, bend = scipy.special.digamma(a + b), scipy.special.polygamma(1, a + b)
    by_a = log - scipy.special.digamma(a) + both
    if mixed:
        return by_a * (rest - scipy.special.digamma(b) + both) + bend
    return by_a**2 - scipy.special.polygamma(1, a) + bend


def beta_bent_near(u: Any, a: Any, b: Any, mixed: Any) -> Any:
    """The second slope of a beta density, in `u = t**a`: no pole at 0."""
    if u <= 0:
        return 0.0
    rest = np.log1p(-(u ** (1 / a)))
    weight = np.exp((b - 1) * rest - scipy.special.betaln(a, b))
    return beta_bent(np.log(u) / a, rest, a, b, mixed) * weight / a


def beta_bent_far(u: Any, a: Any, b: Any, mixed: Any) -> Any:
    """The second slope of a beta density, in `u = (1 - t)**b`: no pole at 1."""
    if u <= 0:
        return 0.0
    log = np.log1p(-(u ** (1 / b)))
    weight = np.exp((a - 1) * log - scipy.special.betaln(a, b))
    return beta_bent(log, np.log(u) / b, a, b, mixed) * weight / b


def beta_bent_inside(t: Any, a: Any, b: Any, mixed: Any) -> Any:
    """The second slope of a beta density."""
    if not 0 < t < 1:
        return 0.0
    log, rest = np.log(t), np.log1p(-t)
    weight = np.exp((a - 1) * log + (b - 1) * rest - scipy.special.betaln(a, b))
    return beta_bent(log, rest, a, b, mixed) * weight


def beta_curve_at(z: Any, a: Any, b: Any, mixed: Any) -> Any:
    """The second slope of one number."""
    if not 0 < z < 1:
        return 0.0 * z if np.isnan(z) else 0.0
    if z < a / (a + b):
        if a < 1:
            return integral_of_bend(beta_bent_near, 0.0, z**a, (a, b, mixed))
        return integral_of_bend(beta_bent_inside, 0.0, z, (a, b, mixed))
    if b < 1:
        return -integral_of_bend(beta_bent_far, 0.0, (1 - z) ** b, (a, b, mixed))
    return -integral_of_bend(beta_bent_inside, z, 1.0, (a, b, mixed))


def beta_shape_curve(z: Any, a: Any, b: Any, mixed: Any) -> Any:
    """The second slope in `a`, or in `a` and `b`, of the distribution function of `beta` at `z`."""
    return at_each(beta_curve_at, z, a, b, mixed)


def beta_scored_density(z: Any, a: Any, b: Any) -> Any:
    """The slope of the beta density in `a`, at `z`."""
    log = np.log(np.where(z > 0, z, 1.0)) + scipy.special.digamma(a + b)
    return scipy.stats.beta.pdf(z, a, b) * (log - scipy.special.digamma(a))


def t_score(t: Any, df: Any) -> Any:
    """The slope in `df` of the logarithm of Student's density."""
    half = scipy.special.digamma((df + 1) / 2) - scipy.special.digamma(df / 2)
    ratio = t * t / df
    return (half - 1 / df - np.log1p(ratio) + (df + 1) * ratio / (df + t * t)) / 2


def t_bent(t: Any, df: Any) -> Any:
    """The second slope in `df` of Student's density."""
    half = scipy.special.polygamma(1, (df + 1) / 2) - scipy.special.polygamma(1, df / 2)
    whole, ratio = df + t * t, t * t / df
    bend = 1 / df**2 + ratio / whole + (ratio - (df + 1) * ratio / df) / whole
    slope = half / 4 + (bend - (df + 1) * ratio / whole**2) / 2
    return (t_score(t, df) ** 2 + slope) * scipy.stats.t.pdf(t, df)


def t_curve_at(z: Any, df: Any) -> Any:
    """The second slope of one number."""
    if not 0 < abs(z) < np.inf:
        return 0.0 * z if np.isnan(z) else 0.0
    if abs(z) < 1:
        return np.sign(z) * integral_of_bend(t_bent, 0.0, abs(z), (df,))
    return -np.sign(z) * integral_of_bend(t_bent, abs(z), np.inf, (df,))


def t_shape_curve(z: Any, df: Any) -> Any:
    """The second slope in `df` of the distribution function of `t` at `z`."""
    return at_each(t_curve_at, z, df)


def t_scored_density(z: Any, df: Any) -> Any:
    """The slope of Student's density in `df`, at `z`."""
    return scipy.stats.t.pdf(z, df) * t_score(z, df)
