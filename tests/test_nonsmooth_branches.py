"""The branch not taken gives nothing, also where its own slope is infinite: docs/nonsmooth.md."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from srcgrad import grad

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
