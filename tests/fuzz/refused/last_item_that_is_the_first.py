"""`xs[-1]` is `xs[0]` of a list of one item: what replaces it there is not brought in step."""

import numpy as np


def f(x):
    parts = [0.5]
    parts[-1] = x
    parts[0] = 0.5
    x[-3:] = x * 1.0
    y = np.zeros(4)
    y[0] = np.sum(parts[0])
    return np.sum(y) + np.sum(x**2)


POINTS = [(np.array([-0.732, 0.381, -1.043]),)]
