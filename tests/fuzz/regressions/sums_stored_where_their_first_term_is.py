"""`y[i] = y[i] + e` is an augmented store, if nothing writes `y[i]` or `i` in between."""

import numpy as np


def sweep(x, w):
    y = x.copy()
    for i in range(len(y) - 1):
        y[i] = y[i] + w[i] * y[i + 1]
        y[i + 1] = y[i] * 0.5 - y[i + 1]
        y[i] = y[i + 1] + y[i]
        y[i] = y[i] + y[i]
        y[i] = y[i] - y[i] * y[i]
    return np.sum(y**2)


def rows(x, w):
    y = np.outer(x, w)
    for i in range(1, 3):
        y[i] = y[i] - w[0]
        y[i, 1] = y[i, 1] + np.sum(y[i])
        y[:, i] = y[:, i] - y[0, 0]
        y[1:3] = x[0] + y[1:3]
    y[1:, 2] = y[1:, 2] - 3
    return np.sum(y**2)


def doubled(y, i):
    y[i] = y[i] * 2.0
    return y[i]


def called(x, w):
    y = x.copy()
    y[1] = y[1] + doubled(y, 1)
    y[2] = y[2] - doubled(y, 1)
    i = 0
    y[i] = y[i] + (i := 2) * w[0]
    y[i] = y[i] + w[1]
    return np.sum(y**2 * w)


def f(x, w):
    return sweep(x, w) + rows(x, w) + called(x, w)


POINTS = [(np.array([0.3, -0.4, 0.2, 0.6]), np.array([0.5, 0.1, -0.7, 0.3]))]
