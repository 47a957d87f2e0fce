"""An axis of length 1 that the first turn stretches: the adjoint is summed to it again."""

import numpy as np


def f(A, b, c):
    start = np.mean(A, axis=0, keepdims=True)
    for k in range(2):
        b = b + A[0]
        c = c * A[1]
        start = 0.5 * start + 0.5 * A
    return np.sum(b**2) + np.sum(c) + np.sum(start**3)


A = np.array([[0.9, 0.1, -0.7], [0.4, 0.8, 1.3]])
POINTS = [(A, np.array([0.6]), np.array([1.2])), (A, np.array([0.5, 0.1, 0.3]), np.array([0.7]))]
