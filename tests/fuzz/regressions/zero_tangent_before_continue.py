"""The zero tangent of a number from `continue` on is read after the loop, not after the `if`."""

import numpy as np


def f(x, s):
    x[...] = s
    count = 0
    while count < 2 and (s >= 1.0):
        count += 1
        s = 0.38
        if x[4] >= s:
            continue
    return 0.69 * np.sum(x**2) + 0.54 * s + np.cos(s)


POINTS = [(np.array([1.5, 0.7, -0.8, -0.4, 0.2]), 1.391)]
