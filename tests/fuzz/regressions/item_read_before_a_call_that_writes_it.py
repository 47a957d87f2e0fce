"""`y[-1] *= g(y)` where g writes `y[-1]`: the factor is what was there before the call."""

import numpy as np


def helper(y, b):
    y[-1] = b * y[0]
    return np.sin(b) + y[1]


def f(x):
    y = x * 1.0
    for i in range(2):
        y[-1] *= helper(y, y[i])
    return np.sum(y**2)


POINTS = [(np.array([0.2, 0.3, 0.4, 0.5]),), (np.array([-0.7, 0.6, 1.1, -0.3]),)]
