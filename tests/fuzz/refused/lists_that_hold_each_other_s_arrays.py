"""Two lists whose items are in step by way of the other list: no way is known, and that ends."""

import numpy as np


def f(x):
    first = [x, x[:4]]
    second = [x, x, first[1]]
    y = x
    if np.linalg.norm(x) > 1.29:
        x *= x
        second.extend([x[-4:], y[::-1]])
    return np.sum(y**2) + sum(np.sum(part) for part in second)


POINTS = [(np.array([0.5, 0.9, 1.4, 0.2, 0.7]),)]
