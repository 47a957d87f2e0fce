"""An array under a second key of a dict is written: one key does not bring both in step."""

import numpy as np


def f(A):
    d = {"a": A / 2.0, "b": A}
    d["a"] = A
    A[0] = 0.5 * A[1, 2]
    return 0.8 * np.sum(d["a"])


POINTS = [(np.array([[1.3, -0.4, -0.1], [0.6, 0.6, 0.3]]),)]
