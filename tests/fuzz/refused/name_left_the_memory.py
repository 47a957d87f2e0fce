"""After the branch `y` may have left the memory that `z` and `A` share: no way leads through it."""

import numpy as np


def f(A):
    y = A
    z = y
    if A[0, 0] > 0.0:
        y = np.zeros(2)
    A[0] /= 0.5
    return np.sum(z) + np.sum(y)


POINTS = [(np.array([[1.0, 2.0], [3.0, 4.0]]),), (np.array([[-1.0, 2.0], [3.0, 4.0]]),)]
