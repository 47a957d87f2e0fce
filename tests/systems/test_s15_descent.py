"""S15: gradient descent takes the same path by the derivative and by central differences."""

from __future__ import annotations

import sys
from pathlib import Path

import descent
import descent_grad
import numpy as np
import pytest
import run_descent
from numpy.testing import assert_allclose

from srcgrad import grad


@pytest.mark.parametrize("name", ["bowl", "hollows"])
def test_same_path(name: str) -> None:
    surface = getattr(descent, name)
    by_differences = run_descent.walk(run_descent.numerical(surface), run_descent.START)
    for gradient in (grad(surface), getattr(descent_grad, f"{name}_grad")):
        path = run_descent.walk(gradient, run_descent.START)
        assert_allclose(path, by_differences, atol=1e-7)


def test_bowl_shrinks_by_a_constant_factor() -> None:
    path = run_descent.walk(descent_grad.bowl_grad, run_descent.START, rate=0.1, steps=40)
    factors = 0.8 ** np.arange(41)
    assert_allclose(path, run_descent.START * factors[:, None], rtol=1e-12)


def test_hollows_ends_at_a_stationary_point_away_from_the_origin() -> None:
    path = run_descent.walk(descent_grad.hollows_grad, run_descent.START, steps=400)
    assert_allclose(descent_grad.hollows_grad(path[-1]), [0, 0], atol=1e-8)
    assert np.linalg.norm(path[-1]) > 0.5


def test_picture(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    picture = tmp_path / "descent.png"
    monkeypatch.setattr(sys, "argv", ["run_descent.py", "--picture", str(picture)])
    run_descent.main()
    assert picture.read_bytes().startswith(b"\x89PNG")
