"""The third contribution equals the first one, which an adjoint holds that the second changes."""

import numpy as np


def f(A):
    A = A * 1.0
    for _ in range(2):
        A[...] = A - A - A
    return np.sum(A * A)


POINTS = [(np.array([[1.0, -2.0, 0.5], [0.3, 0.7, -1.1]]),)]
