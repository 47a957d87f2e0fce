"""`A[i] -= f(A)` reads the item before `f` writes into the array."""

import numpy as np


def helper(B):
    B[1:] = B[1:] * B[0]
    return B[1] * 2.0


def f(x):
    A = x * 1.0
    A[1] -= helper(A) - helper(A)
    A[2] += helper(A)
    A[1:] += helper(A)
    return np.sum(A**2)


POINTS = [(np.array([0.6, 0.5, 0.9, 0.7]),)]
