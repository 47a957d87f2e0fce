"""The gradient stores into an adjoint that another one was made the negative of: so do tangents."""

import numpy as np


def f(x):
    y = np.cumsum(x)
    t = np.log(2.0 + np.cos(y[0]))
    return 1.38 * t + np.sum((y - x) ** 2)


POINTS = [
    (np.array([1.313, 0.252, -0.366]),),
    (np.array([-0.042, 1.36, 1.184]),),
]
