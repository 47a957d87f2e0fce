"""Inner loops whose turns do nothing but swap names, beside a test: how many there were is read."""

import numpy as np


def counted(x):
    a, b = x[0], x[1]
    for i in range(2):
        n = i + 1
        for _ in range(n):
            s = 1 if i > 0 else 0
            a, b = b, a
    return b * s


def until(x):
    a, b = x * 3.0, x * 2.0
    for i in range(2):
        for j in range(3):
            s = 1 if i > 0 else 0
            a, b = b, a
            if j == i:
                break
    return np.sum(b * b) * s


def turned(x):
    a, b, c = x[0], x[1] ** 2, x[2]
    for i in range(3):
        j = 0
        while j <= i:
            if i > 5:
                j += 1
            a, b, c = b, c, a
            j += 1
    return a * b + c


def f(x):
    return counted(x) + until(x) + turned(x)


POINTS = [
    (np.array([0.5, -1.04, 0.22]),),
    (np.array([1.2, 0.4, -0.7]),),
]
