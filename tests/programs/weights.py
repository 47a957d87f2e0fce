"""A number that tells every element of an array from the others."""

import numpy as np


def weighed(y):
    y = np.asarray(y)
    w = np.cos(np.arange(1, y.size + 1)).reshape(y.shape)
    return np.sum(w * (y + 0.2 * y * y))
