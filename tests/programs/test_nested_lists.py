"""Lists of lists and of arrays: right, and without work on a row for each element."""

import sys
from inspect import getmembers, isfunction

import numpy as np
import pytest

from srcgrad import grad, hvp, value_and_grad
from srcgrad.differences import central_differences
from tests.agreement import assert_near
from tests.programs import nested_lists
from tests.programs.judged import judge, judge_both_modes

PROGRAMS = [f for _, f in getmembers(nested_lists, isfunction)]
RNG = np.random.default_rng()


@pytest.mark.parametrize("level", [0, 2, "2 -item_parts", "2 -unread_records"])
@pytest.mark.parametrize("program", PROGRAMS, ids=lambda f: f.__name__)
def test_value_and_gradient(program, level):
    judge(program, level)


@pytest.mark.parametrize("program", PROGRAMS, ids=lambda f: f.__name__)
def test_forward_agrees(program):
    judge_both_modes(program, rtol=1e-9)


def test_second_derivatives():
    program, x, weights = nested_lists.states, RNG.normal(size=3), np.arange(3.0)
    expected = central_differences(lambda y: grad(program)(y) @ weights, (x,), (0,))[0]
    assert_near(hvp(program)(x, weights), expected, 1e-5, 1e-5)


def of_rows(M, n):
    s = 0.0
    for i in range(n):
        for j in range(n):
            s += M[i][j] * M[j][i]
    return s


def table(x, n):
    T = [[0.0] * (n + 1) for _ in range(n + 1)]
    for i in range(1, n + 1):
        for j in range(1, n + 1):
            T[i][j] = max(T[i - 1][j], T[i][j - 1]) + x[i - 1] * x[j - 1]
    return T[n][n]


def steps(function, *args):
    """Lines that a call runs."""
    count = 0

    def step(frame, event, argument):
        nonlocal count
        count += 1
        return step

    before = sys.gettrace()
    sys.settrace(step)
    try:
        function(*args)
    finally:
        sys.settrace(before)
    return count


@pytest.mark.parametrize("program", [of_rows, table])
def test_work_for_an_element_does_not_grow_with_the_row(program):
    found = []
    for n in (8, 32):
        x = [list(row) for row in np.ones((n, n))] if program is of_rows else np.ones(n)
        found.append(steps(grad(program).lower(x, n).function, x, n))
    assert found[1] < 16 * 1.3 * found[0]


def test_text():
    text = value_and_grad(table).lower(np.ones(3), 3).source
    assert "T_bar[i - 1][j] += " in text
    assert "accumulate" not in text
    assert "def own" not in text
    assert (
        "T_bar[i] = 0.0"
        in value_and_grad(table, optimize="2 -item_parts").lower(np.ones(3), 3).source
    )
