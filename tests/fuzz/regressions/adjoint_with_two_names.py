"""Two adjoints that are the same sum get names of their own before a branch: neither owns it."""

import numpy as np


def f(x):
    x = np.hypot(x, x + 2.0)
    x = -x
    y = x if x[0] > 9.0 else -x
    return np.sum(y)


POINTS = [
    (np.array([0.809, 0.447, 0.987, 1.245]),),
    (np.array([-0.789, 0.024, -0.503, -0.516]),),
]
