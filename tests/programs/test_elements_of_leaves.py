"""Elements of arrays in containers: right, in place, and no memory is shared."""

from __future__ import annotations

import copy
from collections.abc import Callable
from inspect import getmembers, isfunction
from itertools import combinations
from typing import Any

import numpy as np
import pytest

from srcgrad import grad, value_and_grad, vjp
from srcgrad.differences import central_differences
from tests.agreement import assert_near
from tests.programs import elements_of_leaves

PROGRAMS = [f for _, f in getmembers(elements_of_leaves, isfunction)]
RNG = np.random.default_rng()


def parameters() -> dict[str, Any]:
    return {"w": RNG.normal(size=3), "b": RNG.normal(size=3), "M": RNG.normal(size=(3, 3))}


@pytest.mark.parametrize("level", [0, 2, "2 -leaf_parts"])
@pytest.mark.parametrize("program", PROGRAMS, ids=lambda f: f.__name__)
def test_value_and_gradient(program: Callable[..., Any], level: int | str) -> None:
    p = parameters()
    given = copy.deepcopy(p)
    value, found = value_and_grad(program, optimize=level)(given)
    np.testing.assert_allclose(value, program(copy.deepcopy(p)), rtol=1e-12)
    (wanted,) = central_differences(lambda q: program(copy.deepcopy(q)), (p,), (0,))
    _, pull = vjp(program, copy.deepcopy(p))
    for key, expected in wanted.items():
        assert_near(found[key], expected, atol=1e-6)
        assert_near(pull(1.0)[0][key], expected, atol=1e-6)
        np.testing.assert_array_equal(given[key], p[key])
    for one, other in combinations([*found.values(), *given.values()], 2):
        assert not np.shares_memory(one, other)


def test_text() -> None:
    text = grad(elements_of_leaves.elements).lower(parameters()).source
    assert 'w_bar = np.zeros_like(p["w"])' in text
    assert "w_bar[i] += " in text
    assert text.count("zeros_like") == 2


def test_dtypes_are_those_of_the_parameters() -> None:
    p = parameters()
    p["w"] = p["w"].astype(np.float32)
    found = grad(elements_of_leaves.elements)(p)
    assert {key: array.dtype for key, array in found.items()} == {
        key: array.dtype for key, array in p.items()
    }
