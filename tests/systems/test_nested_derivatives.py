"""Saddle point and particle: searches along derivatives, and derivatives of these searches."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import particle
import saddle

from srcgrad import grad, transform
from srcgrad.differences import central_differences
from tests.agreement import assert_near

EXAMPLES = Path(__file__).parents[2] / "examples"


def test_saddle_point_is_that_of_the_benchmark() -> None:
    x, y = saddle.saddle(np.array([1.0, 1.0]))
    np.testing.assert_allclose(x, 8.246324826140356e-06, rtol=1e-9)
    np.testing.assert_allclose(y, 8.246324826140356e-06, rtol=1e-9)


def test_the_slope_of_a_search_along_a_slope(rng: np.random.Generator) -> None:
    x, start = rng.random(2) + 0.5, rng.random(2) + 0.5
    found = grad(saddle.worst)(x, start)
    np.testing.assert_allclose(found, 2 * x, rtol=1e-12)


def test_particle_is_that_of_the_benchmark() -> None:
    found = saddle.minimised(lambda w: particle.landing(w[0]), np.array([0.0]))
    np.testing.assert_allclose(found, 0.20719187464861194, rtol=1e-9)


def test_particle_by_newton() -> None:
    np.testing.assert_allclose(particle.control(0.2), 0.2072, atol=1e-5)
    slope = grad(particle.landing)
    assert_near(grad(slope)(0.1), central_differences(slope, (0.1,), 0), rtol=1e-6)


def test_particle_ahead_of_time() -> None:
    text = transform(EXAMPLES / "particle.py", functions=["landing"])
    assert "srcgrad" not in text.split('"""', 2)[2]
    namespace: dict[str, Any] = {}
    exec(text, namespace)
    expected = central_differences(particle.landing, (0.3,), 0)
    assert_near(namespace["landing_grad"](0.3), expected, rtol=1e-6)
