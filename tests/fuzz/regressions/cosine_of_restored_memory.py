"""A sine that an adjoint reads twice, of memory that the backward sweep restores in between under
another name: both names come out of the residuals."""

import numpy as np


def f(x):
    y = x
    x[2] = np.prod(np.cos(y))
    return np.sum(np.sin(y))


POINTS = [
    (np.array([-0.584, 0.752, -0.641, 0.176, -0.823]),),
    (np.array([0.784, -0.014, -0.147, 1.166, 0.956]),),
]
