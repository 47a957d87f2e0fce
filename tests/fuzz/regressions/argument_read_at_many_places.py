"""The argument of a call that is written out may be read outside the mask that selects from it."""

import numpy as np


def lowered(a, b):
    a[:3] -= np.where(a < a[2], a, b)
    return np.average(a)


def chosen(a, b):
    return np.sum(np.where(a > 0.2, a, b)) + np.sum(a**2)


def selected(a):
    return np.sum(a[a > 0.2]) + np.sum(a**3)


def repeated(a, b):
    s = 0.0
    for i in range(3):
        s += np.sum(np.where(b > 0.3 * i, a, 0.1))
    return s


def both(a, c):
    return np.sum(np.where(c > 0.1, a, a) ** 2)


def f(x):
    s = lowered(np.cos(x), x * 2.0) + chosen(np.sin(x), x**2) + selected(np.sin(x) + x)
    return s + repeated(np.exp(x), x) + both(np.cos(x), x)


POINTS = [(np.array([-0.344, -0.99, 0.28]),), (np.array([0.8, 0.4, 1.1]),)]
