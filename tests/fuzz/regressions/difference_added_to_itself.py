"""`A += A - A`: the second share is taken from what the adjoint was, not from what it became."""

import numpy as np


def f(A):
    A = A[-1, 1]
    A += A - (A)
    if A > 9.0:
        A *= A
    return 0.54 * A


POINTS = [(np.array([[0.9, 0.1], [0.4, 0.9]]),), (np.array([[0.5, 0.4], [-1.1, 0.7]]),)]
