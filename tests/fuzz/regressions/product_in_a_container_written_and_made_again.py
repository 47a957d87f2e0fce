"""A value that was put into a container and written there is not the same when it is made again."""

import numpy as np


def in_a_dict(x):
    y = x * 2.0
    d = {"a": y}
    d["a"][1] = x[0]
    return np.sum(d["a"]) + np.sum(np.where(x > 0, x * 2.0, 1.0) * (x * 2.0))


def in_a_list(x):
    xs = [x * 2.0]
    xs[0][1] = x[0] * 3.0
    return np.sum(xs[0] ** 2) + np.sum((x * 2.0) ** 3)


def appended(x):
    xs = []
    xs.append(np.sin(x))
    xs[0][1] = x[0] * 3.0
    return np.sum(xs[0] ** 2) + np.sum(np.sin(x) * x**2) + np.sum(x * 2.0)


def in_a_tuple(x):
    y = x * 2.0
    t = (y, x)
    t[0][0] = 5.0
    return np.sum(t[0] * x) + np.sum(np.exp(x * 2.0))


def f(x):
    return in_a_dict(x) + in_a_list(x) + appended(x) + in_a_tuple(x)


POINTS = [(np.array([0.3, 0.8, 1.2]),), (np.array([-0.4, 0.6, 0.9]),)]
