"""What one name of a container does, another one sees: right, or refused."""

import copy
import linecache
from inspect import getmembers, isfunction

import numpy as np
import pytest

from srcgrad import UnsupportedError, grad, value_and_grad
from srcgrad.differences import central_differences
from tests.programs import same_containers
from tests.programs.containers_at_random import Maker

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


def made(text):
    name = f"<{hash(text)}>"
    linecache.cache[name] = (len(text), None, text.splitlines(True), name)
    names = {"np": np}
    exec(compile(text, name, "exec"), names)
    return names["f"]


def numerical(f, args, step):
    """Gradients by differences of one step."""
    found = [np.zeros(3), np.zeros(3)]
    for which, values in enumerate(found):
        for k in range(3):
            ends = []
            for sign in (1, -1):
                moved = copy.deepcopy(args)
                moved[which][k] += sign * step
                ends.append(f(*moved))
            values[k] = (ends[0] - ends[1]) / (2 * step)
    return found


@pytest.mark.parametrize("number", range(30))
def test_random_programs(number):
    """Right or refused; or they say so when they run, as where an item is no number."""
    for seed in range(40 * number, 40 * number + 40):  # until one is accepted, and smooth
        f = made(Maker(seed).program())
        args = RNG.normal(size=3) * 0.5, RNG.normal(size=3) * 0.5
        try:
            wanted = f(*copy.deepcopy(args))
        except KeyError:
            continue
        near, far = (numerical(f, args, step) for step in (1e-6, 1e-4))
        if not abs(wanted) < 1e3 or not np.allclose(near, far, rtol=1e-3, atol=1e-3):
            continue
        try:
            value, found = value_and_grad(f, (0, 1))(*args)
        except LOUD:
            continue
        np.testing.assert_allclose(value, wanted, rtol=1e-9, err_msg=seed)
        for one, other in zip(found, near, strict=True):
            scale = 1 + abs(wanted) + np.max(np.abs(other))
            np.testing.assert_allclose(one, other, atol=1e-4 * scale, err_msg=seed)
        return
    pytest.fail("none of forty programs was accepted")
