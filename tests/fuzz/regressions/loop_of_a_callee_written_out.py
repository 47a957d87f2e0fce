"""A comprehension in a callee that writes into its argument: its loop has the name in use here."""

import numpy as np


def moved(a, k):
    y = np.array([a[0] * k for k in range(2)])
    z = k * np.sum(y)
    a -= 0.5 * a[1]
    return z


def f(x):
    y = x * 1.0
    total = moved(y, 2.0)
    for _ in range(2):
        total = moved(y, total)
    return total + np.sum(y * y)


POINTS = [(np.array([1.234, 1.268, 1.098, 1.33]),)]
