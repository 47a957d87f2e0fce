"""The adjoint of an item inserted at the end leaves the list before it is added to the last."""

import numpy as np


def f(x, parts):
    parts.insert(1, parts[-1])
    x[2] = parts[-1]
    for part in list(parts):
        x[1] -= part * 0.5
    return np.sum(x**2)


POINTS = [(np.array([-0.3, -0.9, 0.2]), [-0.065])]
