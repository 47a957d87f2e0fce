"""A view of a part does not bring the whole array in step with a write through another name."""

import numpy as np


def f(A, x):
    y = A
    y[...] = y * y
    v = y[1]
    y = 2.0
    z = x
    z -= x[0] * z
    z = np.sum(z[1:])
    return np.sum(A) * z + np.sum(v) * y + np.sum(x)


POINTS = [(np.array([[1.0, 2.0, 0.5], [0.3, 0.4, -1.0]]), np.array([0.4, 0.7, 0.2]))]
