"""Imports, deletions, declarations and displays with stars, each over a vector and a number."""

from __future__ import annotations

import math

import numpy as np

SCALE = 2.5


def imports_of_functions_and_modules(x, s):
    import math as mm
    from math import exp

    from numpy import tanh as th

    t = mm.sin(s) * exp(s)
    return np.sum(th(x)) * t


def names_deleted_and_annotated(x, s):
    y = x * s
    z = y * y
    del y
    y: np.ndarray
    y = z + 1
    del z, x
    return np.sum(y)


def global_that_is_read(x, s):
    global SCALE
    k: int
    k = 2
    pass
    return np.sum(x) * SCALE * s**k


def stars_in_a_list_and_a_tuple(x, s):
    t = [s, s * 2]
    u = [*t, x[0], *(x[1], x[2])]
    v = (*u, s)
    return sum(u) * v[5] * v[0]


def dict_and_set_displays(x, s):
    d = {"a": 1, "b": 2}
    e = {**d, "c": 3}
    ok = {1, 2, 3}
    return s * e["c"] * len(e) if 2 in ok else s


def module_inside_a_package(x, s):
    import numpy
    import numpy.linalg

    return numpy.linalg.norm(x) * s


def list_from_a_star(x, s):
    first, *rest = [*x]
    return first * s


def import_in_a_branch(x, s):
    if s > 0:
        from math import sqrt

        y = sqrt(s)
    else:
        y = s
    return y * x[0]


def import_in_a_loop(x, s):
    for i in range(3):
        x = x * math.cos(s)
    return np.sum([*x, *x[:2]])


def star_that_takes_the_rest(x, s):
    out = np.zeros((3, len(x)))
    out[0], *_ = [x * s, 1]
    return np.sum(out)
