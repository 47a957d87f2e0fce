"""A float32 array times float64 in place: what is kept of it is a copy."""

import numpy as np


def f(A):
    A *= np.arange(3) * A
    A /= np.sqrt(1.0 + np.arange(3))
    for _ in range(2):
        A -= A * np.linspace(0.1, 0.2, 3)
    return np.sum(A)


POINTS = [(np.array([[-0.468, -0.752, 0.496], [-1.084, 0.212, -1.038]]),)]
SINGLE = True
