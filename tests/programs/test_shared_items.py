"""Arrays in containers, and views, written by one name and read by another: right, or refused."""

import copy
from inspect import getmembers, isfunction

import numpy as np
import pytest

from srcgrad import UnsupportedError, grad, value_and_grad
from srcgrad.differences import central_differences
from tests.programs import shared_items
from tests.programs.arrays_at_random import Maker
from tests.programs.judged import judge_random

PROGRAMS = [f for _, f in getmembers(shared_items, isfunction)]
REFUSED = {
    "array_in_every_turn",
    "array_twice_a_turn_ago",
    "array_twice_after_a_store",
    "array_twice_in_a_sum",
    "array_twice_in_the_last_tuple",
    "bound_made_anew",
    "bound_read_anew",
    "not_quite_swapped",
}
RNG = np.random.default_rng()


@pytest.mark.parametrize("level", [0, 2])
@pytest.mark.parametrize("program", PROGRAMS, ids=lambda f: f.__name__)
def test_value_and_gradient(program, level):
    args = RNG.normal(size=(3, 3)), RNG.normal(size=3)
    derivative = value_and_grad(program, (0, 1), optimize=level)
    if program.__name__ in REFUSED:
        with pytest.raises(UnsupportedError, match="memory it may share"):
            derivative(*args)
        return
    given = copy.deepcopy(args)
    value, found = derivative(*given)
    np.testing.assert_allclose(value, program(*copy.deepcopy(args)), rtol=1e-12)
    wanted = central_differences(lambda *a: program(*copy.deepcopy(a)), args, (0, 1))
    for one, other, alone in zip(found, wanted, grad(program, (0, 1))(*args), strict=True):
        scale = 1 + np.max(np.abs(other))
        np.testing.assert_allclose(one, other, rtol=1e-5, atol=1e-6 * scale)
        np.testing.assert_allclose(one, alone, rtol=1e-10, atol=1e-12 * scale)
    np.testing.assert_array_equal(given[0], args[0])
    np.testing.assert_array_equal(given[1], args[1])


@pytest.mark.parametrize("number", range(20))
def test_random_programs(number):
    judge_random(Maker, number, (TypeError,))
