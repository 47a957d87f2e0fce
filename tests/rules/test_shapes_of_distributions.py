"""Slopes of distribution functions in the shapes of their families, where they are integrals."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from scipy import special, stats

from srcgrad import UnsupportedError, check_grads, grad
from srcgrad.support_curves import beta_shape_curve, gamma_shape_curve, t_shape_curve
from srcgrad.support_shapes import beta_shape_slope, gamma_shape_slope, t_shape_slope

LEVELS = (1e-6, 0.01, 0.3, 0.5, 0.7, 0.99, 1 - 1e-6)
SHAPES = (0.05, 0.3, 0.9, 1.0, 2.5, 10.0, 300.0)


def slope(f: Callable[[float], float], a: float) -> float:
    """Central differences with two steps, extrapolated."""
    wide, narrow = ((f(a + h) - f(a - h)) / (2 * h) for h in (1e-3 * a, 5e-4 * a))
    return (4 * narrow - wide) / 3


@pytest.mark.parametrize("a", SHAPES)
def test_gamma(a: float) -> None:
    for level in LEVELS:
        z = stats.gamma.ppf(level, a)
        if level < 0.6:
            expected = slope(lambda a, z=z: special.gammainc(a, z), a)
        else:
            expected = -slope(lambda a, z=z: special.gammaincc(a, z), a)
        np.testing.assert_allclose(gamma_shape_slope(z, a), expected, rtol=1e-6, err_msg=str(level))


@pytest.mark.parametrize("a", [0.1, 0.7, 1.0, 3.0, 50.0, 2e3])
@pytest.mark.parametrize("b", [0.2, 1.0, 4.0, 300.0])
def test_beta(a: float, b: float) -> None:
    for level in LEVELS:
        z = stats.beta.ppf(level, a, b)
        expected = slope(lambda a, z=z: special.betainc(a, b, z), a)
        np.testing.assert_allclose(beta_shape_slope(z, a, b), expected, rtol=2e-6, atol=2e-11)


@pytest.mark.parametrize("df", [0.3, 1.0, 2.5, 10.0, 200.0])
def test_t(df: float) -> None:
    for z in (-30.0, -3.0, -1.1, -0.5, -1e-3, 0.2, 0.999, 2.0, 8.0, 100.0):
        expected = -np.sign(z) * slope(lambda df, z=z: stats.t.cdf(-abs(z), df), df)
        np.testing.assert_allclose(t_shape_slope(z, df), expected, rtol=1e-6, atol=1e-12)


def test_ends() -> None:
    edges = np.array([-1.0, 0.0, np.inf, np.nan])
    np.testing.assert_array_equal(gamma_shape_slope(edges, 2.0), [0.0, 0.0, 0.0, np.nan])
    np.testing.assert_array_equal(beta_shape_slope(edges, 2.0, 3.0), [0.0, 0.0, 0.0, np.nan])
    np.testing.assert_array_equal(t_shape_slope(edges[1:], 2.0), [0.0, 0.0, np.nan])


def tails(x: Any, a: Any, b: Any) -> Any:
    whole = stats.gamma.logsf(9 * x, a, scale=b) + stats.beta.cdf(x, a, b) * stats.t.sf(-x, b)
    return np.sum(whole + stats.chi2.logcdf(x, a) * stats.invgamma.cdf(x, b) + stats.t.ppf(x, a))


def test_in_a_program() -> None:
    args = (np.array([0.31, 0.74]), np.array([[1.8], [0.6]]), 2.3)
    check_grads(tails, args, modes=("reverse", "forward"), rtol=2e-5)


def in_the_shape(a: Any) -> Any:
    return stats.gamma.cdf(0.7, a)


@pytest.mark.parametrize(
    ("f", "args"),
    [
        (special.gammainc, (np.array([0.4, 2.3]), np.array([0.7, 1.9]))),
        (special.betainc, (np.array([0.4, 2.3]), np.array([1.7, 0.6]), np.array([0.2, 0.8]))),
        (special.betaincinv, (2.3, 0.6, 0.8)),
        (stats.t.logcdf, (np.array([-2.0, 0.4]), np.array([1.3, 4.0]))),
        (stats.gamma.ppf, (0.3, np.array([0.6, 2.0]))),
    ],
    ids=["gammainc", "betainc", "betaincinv", "t", "ppf"],
)
def test_second_order(f: Any, args: tuple[Any, ...]) -> None:
    check_grads(f, args, modes=("reverse", "forward"), order=2)


def test_curves() -> None:
    """Where they are small, and where densities have poles."""
    for a in (0.05, 0.9, 1.0, 2.5, 200.0):
        for z in stats.gamma.ppf([1e-4, 0.5, 0.9999], a):
            expected = slope(lambda a, z=z: gamma_shape_slope(z, a), a)
            np.testing.assert_allclose(gamma_shape_curve(z, a), expected, rtol=2e-5, atol=1e-8)
        for z in stats.beta.ppf([1e-3, 0.5, 0.9], a, 0.7):
            expected = slope(lambda b, a=a, z=z: beta_shape_slope(z, a, b), 0.7)
            found = beta_shape_curve(z, a, 0.7, True)
            np.testing.assert_allclose(found, expected, rtol=2e-5, atol=1e-8)
        for z in (-30.0, -0.5, 2.0) if a > 0.3 else ():
            expected = slope(lambda df, z=z: t_shape_slope(z, df), a)
            np.testing.assert_allclose(t_shape_curve(z, a), expected, rtol=2e-5, atol=1e-8)


def test_third_derivatives_are_refused() -> None:
    assert grad(in_the_shape)(1.3) < 0
    with pytest.raises(UnsupportedError, match="gamma_shape_curve"):
        grad(grad(grad(in_the_shape)))(1.3)
