"""A number that is stored in a slice is not read back from it: that would be an array."""

import numpy as np


def f(x):
    for k in range(1):
        x[::-1] = x[k]
        x[-2::-1] = np.linalg.norm(x)
    y = x * 1.0
    for k in range(3):
        n = np.exp(y[k])
        y[k : k + 1] = n
        y[k:] *= np.sin(n)
    return np.sum(x) + np.sum(y**2)


POINTS = [(np.array([0.764, -1.117, 0.755]),)]
