"""A variable carries a derivative into the first iteration of a loop, and none into the next."""

import numpy as np


def f(x, s):
    y = x * 0.7
    t = s * 1.3
    for _ in range(2):
        y[1:] = y[:-1] * np.sin(t)
        s, t = t, 1.4 * 0.73
    return np.sum(y) + s


POINTS = [(np.array([0.9, 0.1, 0.5]), 0.4), (np.array([-0.9, 0.6, 0.2]), 1.3)]
