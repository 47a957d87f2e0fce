"""Loops over what has items and no positions."""

from enum import Enum

_ROWS = {0, 2}


class _Row(Enum):
    FIRST = 0
    LAST = 2


def over_a_set(x):
    t = x[1]
    for i in {0, 2}:
        t = t * x[i] + x[1]
    return t


def over_sets_combined(x):
    s = {0, 1}
    s |= {2}
    s.add(1)
    t = 1.0
    for i in s - {1}:
        t = t * x[i]
    for i in s & {1, 2}:
        t = t * x[i] + t
    return t


def over_a_set_of_pairs(x):
    t = x[0]
    for i, j in {(0, 1), (1, 2)}:
        t = t * (x[i] - x[j]) + x[i]
    return t


def over_one_set_or_another(x):
    s = {0, 1}
    if x[0] > 0:
        s = {1, 2}
    t = 1.0
    for i in s:
        t = t * x[i]
    return t


def over_a_set_of_the_module(x):
    t = x[1]
    for i in _ROWS:
        t = t * x[i] + x[1]
    return t


def beside_a_set(x):
    t = 1.0
    for k, (i, v) in enumerate(zip({0, 2}, x, strict=False)):
        t = t * x[i] * (v + k)
    return t


def over_an_enumeration(x):
    t = 1.0
    for row in _Row:
        t = t * x[row.value] + x[1]
    return t
