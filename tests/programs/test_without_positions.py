"""Loops over sets and enumerations: value and gradient against central differences."""

from inspect import getmembers, isfunction

import numpy as np
import pytest

from srcgrad import jvp, vjp
from tests.programs import without_positions
from tests.programs.judged import judge

PROGRAMS = [f for _, f in getmembers(without_positions, isfunction)]
RNG = np.random.default_rng()


@pytest.mark.parametrize("level", [0, 2])
@pytest.mark.parametrize("program", PROGRAMS, ids=lambda f: f.__name__)
def test_value_and_gradient(program, level):
    judge(program, level)


@pytest.mark.parametrize("program", PROGRAMS, ids=lambda f: f.__name__)
def test_forward_agrees(program):
    x, direction = RNG.normal(size=3), RNG.normal(size=3)
    _, pullback = vjp(program, x)
    _, slope = jvp(program, (x,), (direction,))
    np.testing.assert_allclose(slope, pullback(1.0)[0] @ direction, rtol=1e-10, atol=1e-12)
