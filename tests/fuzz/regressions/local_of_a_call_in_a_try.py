"""The locals of a call that is written out in a `try` have no value before it."""

import numpy as np


def f(x, n):
    def first(a):
        for _ in range(0):
            if a > 2.0:
                return a
        return np.sum(x) * a

    s = x[1]
    try:
        t = first(x[0])
        if n > 1:
            raise KeyError
        s = t * np.sum(x)
    except KeyError:
        x[x > 0.5] = x[0]
    return np.sum(np.sin(x)) + s


POINTS = [(np.array([-0.722, -0.209, -0.788]), 1), (np.array([0.354, 1.274, 1.475]), 3)]
