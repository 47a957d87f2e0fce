"""A list is tested, then filled in a branch: the backward sweep takes the test of before."""

import numpy as np


def f(w):
    parts = []
    total = w[0]
    for i in range(3):
        if parts:
            parts.append(w[i])
            total = total * w[1]
        else:
            parts.append(np.sin(w[i]))
            total = total + w[2]
    rest = []
    if rest:
        return np.log(w[1]) * w[0]
    rest.append(0.5)
    return total * parts[1] * rest[0]


POINTS = [(np.array([1.2, 0.7, 0.4]),)]
