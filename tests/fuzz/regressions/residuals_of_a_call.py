"""What a callee keeps for its backward half may be memory that the caller writes later."""

import numpy as np


def weighted(a, b):
    if b > 0.91:
        return a[0] * b * b
    return b * a[0] + np.sum(a * a)


def sines(a, b):
    y = np.sin(a)
    for _ in range(2):
        y = y * y + b
    return y


def f(x):
    y = x * 1.0
    t = weighted(y, x[1])
    y[0] = 7.0 * x[2]
    z = sines(y, t)
    z[1] = 0.3
    y[1:] = weighted(z, x[0])
    return np.sum(y * z) * t


POINTS = [(np.array([1.09, 0.639, 0.321]),), (np.array([0.568, 0.931, 0.47]),)]
