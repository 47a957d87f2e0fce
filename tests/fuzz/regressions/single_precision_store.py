"""A number stored into a float32 argument: the gradient is float32."""

import numpy as np


def f(w):
    w[1] = 2
    return np.sum(w)


POINTS = [(np.array([0.597, 1.054]),)]
SINGLE = True
