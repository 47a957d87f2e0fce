"""`2 * x` of the new x and of the old one are different values."""

import numpy as np


def f(x):
    x = np.sqrt((x**2) ** 2)
    return x


POINTS = [(0.5,)]
