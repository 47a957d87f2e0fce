"""Programs whose names change while they are read: against central differences."""

from inspect import getmembers, isfunction

import numpy as np
import pytest

from srcgrad import jvp
from tests.programs import evaluation_order
from tests.programs.judged import judge

PROGRAMS = [f for _, f in getmembers(evaluation_order, isfunction)]
RNG = np.random.default_rng()


@pytest.mark.parametrize("level", [0, 2])
@pytest.mark.parametrize("program", PROGRAMS, ids=lambda f: f.__name__)
def test_value_and_gradient(program, level):
    judge(program, level)


@pytest.mark.parametrize("program", PROGRAMS, ids=lambda f: f.__name__)
def test_forward(program):
    x, direction = RNG.normal(size=3), RNG.normal(size=3)
    value, slope = jvp(program, (x,), (direction,))
    ends = [program(x + sign * 1e-6 * direction) for sign in (1, -1)]
    np.testing.assert_allclose(value, program(x), rtol=1e-12)
    np.testing.assert_allclose(slope, (ends[0] - ends[1]) / 2e-6, rtol=1e-5, atol=1e-6)
