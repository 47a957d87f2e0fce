"""Gradients of programs with arrays without axes, against differences."""

from inspect import getmembers, isfunction

import numpy as np
import pytest

from srcgrad import jvp, value_and_grad
from srcgrad.differences import central_differences
from tests.agreement import assert_near
from tests.programs import points
from tests.programs.judged import judge

PROGRAMS = [f for _, f in getmembers(points, isfunction)]


@pytest.mark.parametrize("level", [0, 2])
@pytest.mark.parametrize("program", PROGRAMS, ids=lambda f: f.__name__)
def test_gradient(program, level):
    assert np.ndim(judge(program, level)[0]) == 0


def doubled_twice(x):
    y = x + 0
    z = y
    z += x
    return y * z


def in_a_list(x):
    y = x + 1
    values = [y]
    values[0] += x
    return values[0] * y


def collected(x):
    s = x * 1
    kept = []
    for i in range(3):
        s += x * i
        kept.append(s)
    return kept[0] * kept[1] + kept[2]


@pytest.mark.parametrize("program", [doubled_twice, in_a_list, collected])
def test_arguments_without_axes(program):
    """What is computed from them are numbers, which `+=` binds anew; so are their tangents."""
    at = np.random.default_rng().normal()
    x = np.array(at)
    (wanted,) = central_differences(lambda v: program(np.array(v)), (at,), (0,))
    value, slope = jvp(program, (x,), (np.array(1.0),))
    np.testing.assert_allclose(value, program(x), rtol=1e-12)
    assert_near(slope, wanted, rtol=1e-6)
    assert_near(value_and_grad(program)(x)[1], wanted, rtol=1e-6)
