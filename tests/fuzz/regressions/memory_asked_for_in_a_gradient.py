"""The gradient asks whether two arrays share memory, after an operation in place on one of them."""

import numpy as np


def f(x):
    x *= x
    y = x
    z = np.asarray(y)
    z += x
    return y[2]


POINTS = [
    (np.array([-0.338, 0.884, 0.179]),),
    (np.array([0.047, -0.959, -0.365]),),
]
