"""A parameter that is a number is bound to an array: what was kept of that is not written."""

import numpy as np


def f(x, s):
    s = x.copy()
    t = x[1] * s[2]
    s -= 0.5
    return t + np.sum(s)


POINTS = [(np.array([1.184, 0.855, 0.817]), 1.491), (np.array([0.7, 1.3, -0.8]), 1.3)]
