"""The call is made for what it does to its argument; nothing of its result is used."""

import numpy as np


def scale_at(a):
    np.multiply.at(a, [2], 0.5)
    return 0.25


def f(A):
    t = scale_at(A[0])
    t -= t
    return np.sum(A * A)


POINTS = [(np.array([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]),)]
