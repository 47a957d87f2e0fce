"""The adjoint of an item that is an array may be a number: it is added to zeros, not put in."""

import numpy as np


def g(xs, w):  # the adjoint of `ys` holds what others hold
    ys = [x * w for x in xs]
    for i in range(len(ys)):
        ys[i] = ys[i] * 2.0
        ys[i] = ys[i] + ys[0]
    return sum(np.sum(y) for y in ys)


def f(x):
    first = x[1] / (1.5 + np.full((2, 3), x @ x) ** 2)
    parts = [first, np.full((2, 2), x[0]) @ np.full((2, 3), x[2])]
    parts.append(parts[0])
    total = 0.6 * np.sum(parts[2]) + 1.31 * sum(np.sum(part) for part in parts)
    return total + g([x, x[::-1]], x[0])


POINTS = [(np.array([0.5, 0.8, 1.3]),)]
