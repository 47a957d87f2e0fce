"""A generator expression of two loops in a callee that returns early."""

import numpy as np


def weighted(a, b):
    if b > 0.91:
        return sum(np.sin(e) * b for e in a[:2] for k in range(2))
    return b * a[0]


def f(x):
    y = x * 1.0
    for _ in range(2):
        y[...] = weighted(y, x[1])
    return np.sum(y * x)


POINTS = [(np.array([1.09, 0.339, 0.321]),), (np.array([0.568, 0.931, 1.47]),)]
