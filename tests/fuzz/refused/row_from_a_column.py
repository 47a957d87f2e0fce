"""NumPy reads items of the column that it has overwritten: the program does not do what it says."""

import numpy as np


def f(x):
    A = np.outer(x, x)
    A[1] = A[:, -1]
    return np.sum(np.sin(A))


POINTS = [(np.array([0.7, 1.1, -0.4]),)]
