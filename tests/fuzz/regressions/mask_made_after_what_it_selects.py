"""A mask that is computed after the values it selects from is not read before it is known."""

import numpy as np


def parts(a):
    return np.sqrt(a[a > 1.33])


def f(x, y):
    s = 0.0
    for i in range(3):
        y = 2.0 * np.sin(y + 0.3 * i)
        s += np.sum(np.sqrt(x * 2 + y + 4.0)[(y > 0.3) & (x > 0.1)])
    t = np.sum((x * y + 4.0)[(y < 0.3) & (x > 0.1)] ** 2)
    x[2] *= np.sum(parts(np.sqrt(1.0 + np.full((2, 3), x[2]) ** 2)))
    return s + t + np.sum(x)


POINTS = [
    (np.array([0.5, -0.68, 1.239, 0.984, 0.318]), np.array([1.335, 2.0, 0.1, -0.9, -1.0])),
]
