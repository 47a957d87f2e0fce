"""What is overwritten is brought back at the places of an index that has changed since."""

import numpy as np


def shifted(x):
    a = x * 1.0
    at = np.array([0, 2])
    q = a * a
    a[at] += 1.3
    at[0] = 1
    return np.sum(q * a)


def masked(x):
    a = x * 1.0
    keep = np.array([True, False, True])
    q = a * a
    a[keep] -= 0.7
    keep[:] = ~keep
    return np.sum(q * a)


def turned(x):
    a, at, t = x * 1.0, np.array([0, 1]), 0.0
    for _ in range(3):
        t = t + np.sum(a * a * x)
        a[at] += 1.0
        at[:] = (at + 1) % len(x)
    return t


def f(x):
    return shifted(x) + masked(x) + turned(x)


POINTS = [
    (np.array([1.1, 0.2, 0.3]),),
    (np.array([0.5, -1.2, 0.8]),),
]
