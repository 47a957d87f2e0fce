"""Conditions that change something: forward and reverse mode against differences."""

import copy
from inspect import getmembers, isfunction

import numpy as np
import pytest

from srcgrad import grad, jvp, value_and_grad, vjp
from srcgrad.differences import central_differences
from tests.agreement import assert_near
from tests.programs import conditions

PROGRAMS = [f for name, f in getmembers(conditions, isfunction) if not name.startswith("_")]
RNG = np.random.default_rng()


@pytest.mark.parametrize("level", [0, 2])
@pytest.mark.parametrize("program", PROGRAMS, ids=lambda f: f.__name__)
def test_both_modes(program, level):
    derivative = value_and_grad(program, optimize=level)
    for _ in range(3):  # other values end the loops elsewhere
        x, direction = RNG.uniform(-0.3, 1.5, 3), RNG.normal(size=3)
        value, found = derivative(x.copy())
        (wanted,) = central_differences(lambda a: program(copy.copy(a)), (x,), (0,))
        np.testing.assert_allclose(value, program(x.copy()), rtol=1e-12)
        assert_near(found, wanted, rtol=1e-5, atol=1e-6)
        np.testing.assert_allclose(grad(program, optimize=level)(x), found, rtol=1e-12)
        _, slope = jvp(program, (x,), (direction,))
        np.testing.assert_allclose(slope, found @ direction, rtol=1e-10, atol=1e-12)
        _, pullback = vjp(program, x)
        np.testing.assert_allclose(pullback(2.0)[0], 2 * found, rtol=1e-12)


def test_conditions_that_only_compute_stay():
    def halved(x):
        while (y := x * 0.5) > 1.0:
            x = y
        return x * y

    assert "while True" in grad(halved).source

    def plain(x):
        while x > 1.0:
            x = x * 0.5
        return x

    assert "while x > 1.0" in grad(plain).source
