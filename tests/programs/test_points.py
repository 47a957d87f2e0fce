"""Gradients of programs with arrays without axes, against differences."""

from inspect import getmembers, isfunction

import numpy as np
import pytest

from srcgrad import value_and_grad
from srcgrad.differences import central_differences
from tests.programs import points

PROGRAMS = [f for _, f in getmembers(points, isfunction)]


@pytest.mark.parametrize("level", [0, 2])
@pytest.mark.parametrize("program", PROGRAMS, ids=lambda f: f.__name__)
def test_gradient(program, level):
    x = np.random.default_rng().normal(size=3)
    value, found = value_and_grad(program, optimize=level)(x)
    np.testing.assert_allclose(value, program(x), rtol=1e-12)
    assert np.ndim(found[0]) == 0
    np.testing.assert_allclose(found, central_differences(program, (x,), (0,))[0], atol=1e-6)
