"""Ahead of time nothing is known of `given`: what is stored may be seen through it later on."""

import numpy as np


def f(s, w, given):
    given["b"] = w
    w += np.array([s, s])
    w[0] = 3.0 * w[1]
    return 0.43 * np.sum(w * w) + 0.3 * np.sum(given["b"])


POINTS = [(0.3, np.array([1.0, -2.0]), {"a": 1.0, "b": np.array([0.5, 0.1])})]
