"""A small callee that writes with `-=` is no straight line of pure assignments."""

import numpy as np


def shrink(a, b):
    a -= a / 1.7
    return b


def f(x):
    y = x * np.array([1.0, 2.0, 0.5])
    t = shrink(y, 0.5)
    return np.sum(y * y) + t


POINTS = [(np.array([1.0, -2.0, 0.7]),)]
