"""A loop without an adjoint of its own, before which an adjoint gets the shape of its variable: the
variable is another array by the end."""

import numpy as np


def looked_at(x):
    x = np.ones((2, 2)) + np.mean(x)
    for i in range(2):
        if x[i, 1]:
            break
    y = np.sum(x)
    x = np.zeros(3)
    return y * 2.0 + np.sum(x)


def looked_at_until(x):
    x = np.outer(x, x)
    k = 0
    while x[k, k] < 0.1 and k < 2:
        k += 1
    y = np.mean(x)
    x = np.zeros(7)
    return y * x.size


def f(x):
    a = x[1:]
    x = np.ones((2, 2)) + np.mean(x)
    for i in range(2):
        if x[i, 1]:
            break
    return np.sum(x**2) + looked_at(a) + looked_at_until(a)


POINTS = [
    (np.array([0.37, 1.394, 0.714, 0.075, 1.12]),),
    (np.array([0.09, -0.394, 0.814, 0.975, -1.2]),),
]
