"""Names, scopes and variables whose kind changes."""

import numpy as np

SCALE = 1.5
TABLE = np.array([0.5, 1.5, 2.5])


def global_number(s):
    """a global number, read"""
    return SCALE * s * s


def global_array(x):
    """a global array, read"""
    return np.sum(TABLE * x[:3] ** 2)


def local_import(s):
    """an import inside the function"""
    import math as m
    from math import sin

    return m.exp(s) * sin(s)


def annotated_names(s: float) -> float:
    """annotations"""
    a: float = s * s
    b: float
    b = a * s
    return a * b


def none_then_array(x):
    """None, then an array"""
    y = None
    for i in range(3):
        y = x * x if y is None else y * x[i]
    return np.sum(y)


def none_default(x, scale=None):
    """a default of None, tested by `is`"""
    if scale is None:
        scale = x[0]
    return np.sum(x * scale)


def int_then_float(x):
    """an int that becomes a float"""
    a = 0
    for v in x:
        a = a + v * v
    return a * a


def int_or_float(s):
    """an int in one branch, a float in the other"""
    if s > 0.8:
        k = 1
    else:
        k = s * s
    return k * s


def list_then_array(x):
    """a list that becomes an array"""
    y = [x[0] * x[1], x[2]]
    y = np.array(y)
    return np.sum(y * y)


def number_then_array(x):
    """a number that becomes an array"""
    a = 1.0
    for i in range(3):
        a = a * x + i
    return np.sum(a * a)


def variable_of_one_branch(s):
    """a variable of one branch, read under the same test"""
    if s > 0.8:
        a = s * s
    b = s + 1.0
    if s > 0.8:
        b = b * a
    return b


def array_changes_shape(x):
    """an array that shrinks in a loop"""
    y = x * x
    while y.shape[0] > 1:
        y = y[1:] * y[:-1]
    return y[0]


def unpacking(x):
    """`a, *rest = x`, `(a, b), c = ...`"""
    a, *rest = x
    (b, c), d = (rest[0], a * rest[1]), rest[2]
    return a * b * c * d


def swap(s, t):
    """`a, b = b, a`"""
    a, b = s, t
    for _ in range(3):
        a, b = b, a * b
    return a - b


def chained_assignment(s):
    """`a = b = e`"""
    a = b = s * s
    a += s
    return a * b


# fmt: off
def semicolons(s):
    """`a = s; b = a`"""
    a = s * s; b = a * s  # two statements on one line
    return a * b
# fmt: on
