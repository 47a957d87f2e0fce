"""`xs += ys` takes in the items of ys: here the array that is in the list already."""

import numpy as np


def f(x):
    y = x * 1.0
    parts = [y]
    parts += [parts[0]]
    y *= 2.0
    return np.sum(parts[1])


POINTS = [(np.array([1.0, -2.0, 0.7]),)]
