"""Containers in containers that a loop replaces: no adjoint reaches what was there at first."""

import numpy as np
import pytest

from srcgrad import grad, jvp
from srcgrad.differences import central_differences
from tests.agreement import assert_near

RNG = np.random.default_rng()


def in_each_turn(x):
    s = {"h": [x[0], x[1]], "c": [x[2], x[0]]}
    for v in x:
        s["c"] = [h * v for h in s["h"]]
    return sum(s["c"])


def in_some_turns(x):
    s = {"h": [x[0], x[1]], "c": [x[2], x[0]]}
    for v in x[:2]:
        if v > 0.9:
            s["c"] = [h * v for h in s["h"]]
    return sum(s["c"])


def deeper(x):
    s = {"h": [x[0], x[1]], "c": {"a": x[2] * 2, "b": [x[0]]}}
    for v in x:
        s["c"] = {"a": v * s["h"][0], "b": [h * v for h in s["h"]]}
    return s["c"]["a"] * s["c"]["b"][0]


def each_by_the_other(x):
    s = {"h": [x[0], x[1]], "c": [x[2], x[0]]}
    for v in x:
        s["h"] = [c * v for c in s["c"]]
        s["c"] = [h * v for h in s["h"]]
    return sum(s["c"]) * s["h"][0]


def of_arrays(x):
    s = {"h": [x, x * 2], "c": [x * x, x]}
    for v in x:
        s["c"] = [h * v for h in s["h"]]
    return np.sum(sum(s["c"]))


def in_a_list(x):
    s = [[x[0], x[1]], [x[2], x[0]]]
    for v in x:
        s[1] = [h * v for h in s[0]]
    return sum(s[1])


PROGRAMS = [in_each_turn, in_some_turns, deeper, each_by_the_other, of_arrays, in_a_list]


@pytest.mark.parametrize("program", PROGRAMS, ids=lambda f: f.__name__)
def test_derivatives(program):
    x, direction = RNG.random(4) + 0.5, RNG.normal(size=4)
    expected = central_differences(program, (x,), 0)
    for level in (0, 2):
        assert_near(grad(program, optimize=level)(x), expected)
    assert_near(jvp(program, (x,), (direction,))[1], expected @ direction, atol=1e-7)
