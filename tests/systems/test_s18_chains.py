"""S18: compositions of many stages, several paths from one input, and very deep chains."""

from __future__ import annotations

import math

import chain
import chain_grad
import numpy as np
import pytest

from srcgrad import grad


def test_composition_multiplies_local_derivatives(rng: np.random.Generator) -> None:
    x = float(rng.uniform(-2, 2))
    bent = math.sin(x / 2) + x / 2
    expected = math.exp(bent) * (math.cos(x / 2) + 1) * 0.5
    assert chain.composition(x) == pytest.approx(expected, rel=1e-13)
    assert chain_grad.composition_grad(x) == pytest.approx(expected, rel=1e-13)


def test_contributions_of_all_paths_are_added(rng: np.random.Generator) -> None:
    x, y = (float(v) for v in rng.uniform(-2, 2, 2))
    t1, t2, t3 = x * y, x + math.sin(y), x**2
    dx = t2 * y + (t1 + t3) * 1 + t2 * 2 * x
    dy = t2 * x + (t1 + t3) * math.cos(y)
    assert chain.paths(x, y) == pytest.approx((dx, dy), rel=1e-12, abs=1e-13)
    assert chain_grad.paths_grad(x, y) == pytest.approx((dx, dy), rel=1e-12, abs=1e-13)


@pytest.mark.parametrize("depth", [0, 1, 2, 7, 1000])
def test_deep_composition(depth: int) -> None:
    x = at = 0.01
    product = 1.0
    for _ in range(depth):
        product *= 0.5 * math.cos(x) + 1
        x = 0.5 * math.sin(x) + x
    assert chain.deep(at, depth) == pytest.approx(product, rel=1e-11)
    assert chain_grad.deep_grad(at, depth) == pytest.approx(product, rel=1e-11)


def logistic(x: float, r: float, steps: int) -> float:
    for _ in range(steps):
        x = r * x * (1 - x)
    return x


def test_a_million_steps() -> None:
    # r < 1 pulls x to 0, so the derivative underflows; at r = 1 it shrinks like 1/n^2.
    x, steps = 0.3, 1_000_000
    tangent, value = 1.0, x
    for _ in range(steps):
        tangent *= 1 - 2 * value
        value = value * (1 - value)
    assert grad(logistic)(x, 1.0, steps) == pytest.approx(tangent, rel=1e-9)
