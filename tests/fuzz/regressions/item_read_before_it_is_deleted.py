"""An item of a list is read, then deleted: the text reads it before."""

import numpy as np


def f(x):
    parts = [x * x, x + 1.0]
    s = np.sum(parts[0])
    del parts[0]
    return s * np.sum(parts[0])


POINTS = [(np.array([0.9, 0.1, 0.5]),), (np.array([-0.9, 0.6, 0.2]),)]
