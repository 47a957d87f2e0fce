"""Random numbers by the shapes of their distributions: each keeps its place in the distribution."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from scipy import stats

from srcgrad import check_grads, grad, hessian, jvp

A, B = np.array([0.4, 1.0, 2.5, 7.0]), np.array([1.3, 0.6, 3.1, 2.0])


def gamma(rng: np.random.Generator, shape: Any, scale: Any) -> Any:
    return rng.gamma(shape, scale)


def standard_gamma(rng: np.random.Generator, shape: Any) -> Any:
    return rng.standard_gamma(shape)


def chisquare(rng: np.random.Generator, df: Any) -> Any:
    return rng.chisquare(df)


def beta(rng: np.random.Generator, a: Any, b: Any) -> Any:
    return rng.beta(a, b)


def standard_t(rng: np.random.Generator, df: Any) -> Any:
    return rng.standard_t(df)


def f(rng: np.random.Generator, dfnum: Any, dfden: Any) -> Any:
    return rng.f(dfnum, dfden)


def _scaled(method: Callable[..., Any]) -> Callable[..., Any]:
    return lambda y, shape, scale: method(y, shape, scale=scale)


DRAWS = [
    (gamma, (A, B), _scaled(stats.gamma.cdf), _scaled(stats.gamma.ppf)),
    (standard_gamma, (A,), stats.gamma.cdf, stats.gamma.ppf),
    (chisquare, (A,), stats.chi2.cdf, stats.chi2.ppf),
    (beta, (A, B), stats.beta.cdf, stats.beta.ppf),
    (standard_t, (A,), stats.t.cdf, stats.t.ppf),
    (f, (A, B + 1), stats.f.cdf, stats.f.ppf),
]


@pytest.mark.parametrize(
    ("draw", "params", "cdf", "ppf"), DRAWS, ids=lambda v: getattr(v, "__name__", "")
)
def test_draws(draw: Any, params: tuple[Any, ...], cdf: Any, ppf: Any) -> None:
    """Against differences of the inverse of the distribution function, in both modes."""
    y = draw(np.random.default_rng(3), *params)
    places = cdf(y, *params)

    def total(rng: Any, *at: Any) -> Any:
        return np.sum(draw(rng, *at) ** 2)

    for k, param in enumerate(params):
        ends = []
        for step in (1e-5, -1e-5):
            moved = [*params]
            moved[k] = param + step
            ends.append(ppf(places, *moved))
        slopes = (ends[0] - ends[1]) / 2e-5
        found = grad(total, k + 1)(np.random.default_rng(3), *params)
        np.testing.assert_allclose(found, 2 * y * slopes, rtol=2e-6)
        dots = [None] * len(params)
        dots[k] = np.ones(4)  # type: ignore[call-overload]
        _, pushed = jvp(draw, (np.random.default_rng(3), *params), (None, *dots))
        np.testing.assert_allclose(pushed, slopes, rtol=2e-6)


def test_one_shape_for_many_draws() -> None:
    def mean(a: Any, rng: np.random.Generator) -> Any:
        return np.mean(rng.gamma(a, size=3000) ** 2)

    assert grad(mean)(1.7, np.random.default_rng(0)) == pytest.approx(2 * 1.7 + 1, rel=0.12)


def test_second_order_of_a_draw() -> None:
    def total(a: Any, seed: int) -> Any:
        return np.sum(np.random.default_rng(seed).gamma(a) ** 2)

    places = stats.gamma.cdf(np.random.default_rng(3).gamma(A), A)
    ends = [stats.gamma.ppf(places, A + step) ** 2 for step in (1e-3, 0.0, -1e-3)]
    expected = (ends[0] - 2 * ends[1] + ends[2]) / 1e-6
    np.testing.assert_allclose(np.diag(hessian(total)(A, 3)), expected, rtol=1e-4)


def test_dirichlet() -> None:
    """Of expectations: draws of one distribution may be moved to another one in many ways."""

    def energy(alpha: Any, rng: np.random.Generator) -> Any:
        return np.mean(rng.dirichlet(alpha, size=600) ** 2 @ np.array([1.0, 2.0, -1.0]))

    def expected(alpha: Any) -> Any:
        whole = np.sum(alpha)
        return (alpha * (alpha + 1) / (whole * (whole + 1))) @ np.array([1.0, 2.0, -1.0])

    alpha = np.array([0.8, 2.0, 1.5])
    found = grad(energy)(alpha, np.random.default_rng(0))
    np.testing.assert_allclose(found, grad(expected)(alpha), atol=0.03)


def test_incomplete_functions_in_their_shapes() -> None:
    from scipy import special

    x, u = np.array([0.2, 1.0, 3.0, 9.0]), np.array([0.07, 0.4, 0.6, 0.95])
    for fun in (special.gammainc, special.gammaincc, special.chdtr, special.chdtrc):
        check_grads(fun, (A, x))
    for fun in (special.gammaincinv, special.gammainccinv):
        check_grads(fun, (A, u))
    for fun in (special.betainc, special.betaincc, special.betaincinv):
        check_grads(fun, (A, B, u))
    check_grads(special.stdtr, (A, x - 2))
