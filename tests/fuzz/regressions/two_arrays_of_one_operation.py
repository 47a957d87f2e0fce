"""Two arrays that the same operation makes have tangents of their own, if one is stored into."""

import numpy as np


def kept(x):
    b = x * 2.0
    h = x * 2.0
    b[0] = 1.0
    return np.sum(b * b) + np.sum(h)


def in_a_list(x):
    b = np.sin(x)
    h = [np.sin(x)]
    b[0] *= x[0]
    return np.sum(b * b) + np.sum(h[0])


def f(x):
    b = 3.0 * x
    c = 3.0 * x
    for i in range(2):
        b[i] = c[i] * x[2]
    return np.sum(b * c) + kept(x) + in_a_list(x)


POINTS = [
    (np.array([0.502, -1.035, 0.225]),),
    (np.array([1.2, 0.4, -0.7]),),
]
