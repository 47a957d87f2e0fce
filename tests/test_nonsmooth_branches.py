"""The branch not taken gives nothing, also where its own slope is infinite: docs/nonsmooth.md."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from srcgrad import grad, jvp
from srcgrad.differences import central_differences
from tests.agreement import assert_near

# --- the branch not taken


def logs(x):
    return np.sum(np.where(x > 0, np.log(x), 0))


def quotients(x):
    return np.sum(np.where(x != 0, np.sin(x) / x, 1.0))


def roots(x):
    return np.sum(np.where(x > 0, np.sqrt(x) * x, x))


def roots_of_the_positive(x):
    return np.sum((x**0.5)[x > 0])


def one_number(x):
    return math.log(x) if x > 0 else 0.0


X = np.array([0.0, 4.0, 1.0])


@pytest.mark.parametrize(
    ("f", "expected"),
    [
        (logs, 1 / X[1:]),
        (quotients, [(4 * math.cos(4) - math.sin(4)) / 16, math.cos(1) - math.sin(1)]),
        (roots, [3, 1.5]),
        (roots_of_the_positive, [0.25, 0.5]),
    ],
    ids=lambda f: getattr(f, "__name__", ""),
)
def test_the_branch_not_taken_gives_nothing(f: Callable[..., Any], expected: Any) -> None:
    with np.errstate(all="ignore"):
        found = grad(f)(X)
    np.testing.assert_allclose(found, [1 if f is roots else 0, *expected])


@pytest.mark.parametrize("f", [logs, quotients, roots])
def test_the_branch_not_taken_of_one_number(f: Callable[..., Any]) -> None:
    with np.errstate(all="ignore"):
        for zero in (np.float64(0), np.array(0.0)):
            assert grad(f)(zero) == (1 if f is roots else 0)


def test_a_conditional_expression_evaluates_one_branch() -> None:
    assert [grad(one_number)(x) for x in (0.0, 4.0, -1.0)] == [0, 0.25, 0]


# --- what a reduction leaves out

DATA = np.array([1.0, np.nan, 3.0, -2.0])
GAPS = np.where(np.eye(3, 4) > 0, np.nan, 1.0)


def residuals(x):
    return np.nansum((DATA - np.sin(x)) ** 2)


def mean_of_residuals(x):
    r = DATA - x**2
    return np.nanmean(r * np.exp(r)) + np.nanstd(r**3)


def along_an_axis(x):
    return np.sum(np.nansum((GAPS - np.outer(x[:3], x)) ** 2, axis=0) ** 2)


def extremes_and_quantiles(x):
    return np.nanmax((DATA * x) ** 2) + np.nanmedian(DATA * x * x) + np.nanprod(DATA * np.cos(x))


def gaps_filled(x):
    return np.sum(np.nan_to_num((DATA - x) ** 2, nan=2.0) * x)


def told_which(x):
    known = ~np.isnan(DATA)
    return np.sum((DATA * x) ** 2, where=known) + np.mean(np.exp(DATA * x), where=known)


def in_a_loop(x):
    total = 0.0
    for k in range(3):
        total += np.nansum((DATA - k * x) ** 2)
    return total


@pytest.mark.parametrize("level", [0, 2])
@pytest.mark.parametrize(
    "f",
    [
        residuals,
        mean_of_residuals,
        along_an_axis,
        extremes_and_quantiles,
        gaps_filled,
        told_which,
        in_a_loop,
    ],
)
def test_elements_left_out_give_nothing(f: Callable[..., Any], level: int) -> None:
    x = np.random.default_rng().uniform(0.2, 0.9, size=4)
    wanted = central_differences(f, (x,), 0)
    assert_near(grad(f, optimize=level)(x), wanted, atol=1e-5)


@pytest.mark.parametrize("f", [residuals, along_an_axis, gaps_filled, in_a_loop])
def test_elements_left_out_going_forward(f: Callable[..., Any]) -> None:
    x, dot = np.random.default_rng().uniform(0.2, 0.9, size=(2, 4))
    wanted = central_differences(f, (x,), 0) @ dot
    assert_near(jvp(f, (x,), (dot,))[1], wanted, atol=1e-5)
