"""The adjoint of a sum that is added to a slice is no view of the adjoint written next."""

import numpy as np


def f(x, z):
    y = x * 1.0
    y[0] = x[1]
    y[:] += x + z
    y[1:] -= x[1:] - y[1:]
    return np.sum(y**2)


POINTS = [(np.array([0.341, 0.5, 0.057, 0.7]), np.array([0.3, 0.2, 0.9, 0.4]))]
