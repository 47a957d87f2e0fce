"""What one name of a container does, another one sees: right, or refused."""

import copy
from inspect import getmembers, isfunction

import numpy as np
import pytest

from srcgrad import UnsupportedError, grad, value_and_grad
from srcgrad.differences import central_differences
from tests.programs import same_containers
from tests.programs.containers_at_random import Maker
from tests.programs.judged import judge_random

PROGRAMS = [f for name, f in getmembers(same_containers, isfunction) if not name.startswith("_")]
REFUSED = {
    "array_appended",
    "array_in_an_inner_list",
    "array_in_place_of_a_number",
    "array_under_a_key",
}
# Cotangents of one dict from before and after it gained keys are not added up.
REFUSED |= {
    "dict_in_a_dict_that_grew",
    "keys_and_items",
    "keys_by_another_name",
    "keys_in_a_loop_over_keys",
    "keys_of_a_dict_in_a_dict",
}
LOUD = UnsupportedError, TypeError, KeyError
RNG = np.random.default_rng()


@pytest.mark.parametrize("level", [0, 2])
@pytest.mark.parametrize("program", PROGRAMS, ids=lambda f: f.__name__)
def test_value_and_gradient(program, level):
    args = RNG.normal(size=3), RNG.normal(size=3)
    if program.__name__ in REFUSED:
        with pytest.raises(LOUD, match=r"memory|no number|no derivative|gained"):
            value_and_grad(program, (0, 1), optimize=level)(*args)
        return
    given = copy.deepcopy(args)
    value, found = value_and_grad(program, (0, 1), optimize=level)(*given)
    np.testing.assert_allclose(value, program(*copy.deepcopy(args)), rtol=1e-12)
    wanted = central_differences(lambda *a: program(*copy.deepcopy(a)), args, (0, 1))
    for one, other, alone in zip(found, wanted, grad(program, (0, 1))(*args), strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-5, atol=1e-7)
        np.testing.assert_allclose(one, alone, rtol=1e-12, atol=1e-14)
    np.testing.assert_array_equal(given, args)


@pytest.mark.parametrize("number", range(30))
def test_random_programs(number):
    judge_random(Maker, number, (TypeError, KeyError))
