"""Dicts that a loop fills: their tangents get the same keys, and can be differentiated again."""

import numpy as np
import pytest

from tests.second import check_second

RNG = np.random.default_rng()


def by_parity(x):
    d = {}
    for i, v in enumerate(x):
        k = "even" if i % 2 == 0 else "odd"
        d[k] = d.get(k, 0.0) + v**2
    return d["even"] * d["odd"]


def each_by_the_one_before(x):
    d = {}
    for i in range(4):
        d[i] = x * x[i]
        if i > 1:
            d[i] = d[i] * d[i - 1]
    return np.sum(d[3])


def counted(x):
    d = {}
    for i, v in enumerate(x):
        if i % 2 not in d:
            d[i % 2] = 1.0
        d[i % 2] *= v
    return d[0] * d[1] ** 2


@pytest.mark.parametrize("program", [by_parity, each_by_the_one_before, counted])
def test_second_derivatives(program):
    check_second(program, (RNG.random(4) + 0.5,), (0,))
