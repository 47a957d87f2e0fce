"""Tests of what their own branches change: a list that is emptied, an array that is written."""

from __future__ import annotations

import numpy as np
import pytest

from srcgrad import grad, jacfwd
from tests.agreement import assert_near


def emptied(x):
    stack, total = [], 0.0
    for v in x:
        if stack:
            stack.pop()
            total += v**3
        else:
            stack.append(1)
            total += v * v
    return total


def emptied_if(x):
    stack, total = [], 0.0
    for v in x:
        if stack and v > -9:
            stack.pop()
            total += v**3
        else:
            stack.append(1)
            total += v * v
    return total


def one_key(x):
    table, total = {}, 0.0
    for v in x:
        if table or v > 9:
            table.pop(0)
            total += v**3
        else:
            table[0] = 1
            total += v * v
    return total


def flag(x):
    up, total = np.zeros(1), 0.0
    for v in x:
        if up:
            up[0] = 0.0
            total += v**3
        else:
            up[0] = 1.0
            total += v * v
    return total


def flag_if(x):
    up, total = np.zeros(1), 0.0
    for v in x:
        if v > -9 and up:
            up -= 1.0
            total += v**3
        else:
            up.fill(1.0)
            total += v * v
    return total


def flag_without_axes(x):
    up, total = np.array(False), 0.0
    for v in x:
        if up:
            up[...] = False
            total += v**3
        else:
            up[...] = True
            total += v * v
    return total


def row_as_flag(x):
    up, total = np.zeros((3, 1)), 0.0
    for v in x:
        row = up[1]
        if row:
            up[1] = 0
            total += v**3
        else:
            up[1] = 1
            total += v * v
    return total


def turned(flags):
    flags[0] = 1.0 - flags[0]
    return 1.0


def flag_that_a_function_turns(x):
    up, total = np.zeros(1), 0.0
    for v in x:
        total += turned(up) * v**3 if up else turned(up) * v * v
    return total


def arrays_on_a_stack(x):
    out = []
    for i in range(len(x)):
        if out and x[i] < 1.0:
            last = out.pop()
            out.append(last + np.array([x[i], 1.0]))
        else:
            out.append(np.array([x[i], x[i] ** 2]))
    return sum(np.sum(o**2) for o in out)


def bound_that_is_written(x):
    count, total = np.array(3), 0.0
    for i in range(count):
        count[...] = 1
        total += x[i] ** 2
    return total


PROGRAMS = [
    bound_that_is_written,
    emptied,
    emptied_if,
    one_key,
    flag,
    flag_if,
    flag_without_axes,
    row_as_flag,
    flag_that_a_function_turns,
    arrays_on_a_stack,
]
X = np.array([0.5, 1.2, 0.7, -0.4, 0.9])


@pytest.mark.parametrize("program", PROGRAMS)
@pytest.mark.parametrize("level", [0, 2])
def test_gradient(program, level):
    step = 1e-6
    expected = [(program(X + e) - program(X - e)) / (2 * step) for e in step * np.eye(len(X))]
    assert_near(grad(program, optimize=level)(X.copy()), np.array(expected))
    assert_near(jacfwd(program)(X.copy()), np.array(expected))


def test_the_list_is_not_recorded():
    text = grad(emptied_if).lower(X).source
    assert "bool(" in text and "put_back_all" not in text
