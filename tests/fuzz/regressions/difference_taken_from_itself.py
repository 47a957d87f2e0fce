"""Relaxation in place: the adjoint of what is subtracted, negated twice, is memory that the first
operand's contribution is added to."""

import numpy as np


def averaged(u):
    u -= u - np.abs(u[::-1])
    return np.sum(u**2)


def numbers(a, b):
    a -= a - b * a
    return a * a


def f(x):
    y = x * 1.5
    y -= y - x[: y.size]
    y[1:] -= y[1:] - np.sin(y[:-1])
    z = x + 0.0
    z = z - (2.0 - z)
    return np.sum(y * z) + averaged(x * 1.0) + numbers(x[0], x[1])


POINTS = [
    (np.array([1.403, 0.102, 1.389]),),
    (np.array([-0.671, 0.876, 1.453]),),
]
