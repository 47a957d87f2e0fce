"""Of a product that is stretched, the shapes before and after the statement are read."""

import numpy as np


def f(b):
    for k in range(2):
        b = b * np.array([1.0, 2.0, 3.0])
    return np.sum(b)


POINTS = [(np.array([0.6]),), (np.array([0.6, 0.5, 0.1]),)]
