"""Calls that spread items whose number a slice or the callee tells. Each takes an array `x`."""

from __future__ import annotations

import math

import numpy as np


def _two(a, b):
    return a * b + np.sin(a)


def _three(a, b, c):
    return a * b + np.sin(c)


def _scaled(a, factor=2.0):
    return a * a * factor


def _pair(x):
    return x[0] * x[1], np.sin(x[2])


def _writes(a, b):
    a[0] = b[0] * 2.0
    return np.sum(a * b)


def first_items(x):
    return _three(*x[:3]) * x[4]


def as_many_as_the_callee_takes(x):
    items = [x[0], x[1] ** 2]
    return _two(*items) + _two(x[2], *x[3:4])


def to_an_unknown_end(x, n=2):
    return _two(*x[:n]) + _three(x[4], *x[n : n + 2])


def to_a_function_of_a_library(x):
    return math.hypot(*x[:2]) + np.maximum(*x[2:4]) * max(*x[1:3])


def of_a_default(x):
    return _scaled(*x[:2]) + _scaled(*x[:1]) + _scaled(*x[1:2], factor=x[3])


def a_result(x):
    return _two(*_pair(x))


def a_list_that_a_loop_fills(x):
    items = []
    for i in range(len(x)):
        items.append(x[i] ** 2)
    return _three(*items[1:4]) + _two(*items[:2])


def rows(x):
    table = np.outer(x[:3], x[:2])
    total = 0.0
    for row in table:
        total = total + _two(*row)
    return total


def rows_that_are_written(x):
    table = np.outer(x[:2], x[:3])
    y = _writes(*table)
    return y + np.sum(table**2)


def taken_once(x):
    items = [x[:2] * 1.0, x[1:3] * 2.0]

    def last():
        return items.pop()

    return _two(*last()) + np.sum(items[-1]) * len(items)


def functions_made_here(x):
    def inner(a, b):
        return a * b * x[2]

    return inner(*x[:2]) + (lambda a, b: a - b * a)(*x[1:3])


PROGRAMS = [
    first_items,
    as_many_as_the_callee_takes,
    to_an_unknown_end,
    to_a_function_of_a_library,
    of_a_default,
    a_result,
    a_list_that_a_loop_fills,
    rows,
    rows_that_are_written,
    taken_once,
    functions_made_here,
]
LISTS = (a_list_that_a_loop_fills, taken_once)  # whose pullbacks are not differentiated again


def any_number(x):
    return _scaled(*x)


def another_number(x):
    return _two(*x)


def too_many_for_the_callee(x):
    return _two(*x[:3])
