"""What is known of a parameter does not hold once its name stands for something else."""

import numpy as np


def f(x, w, A):
    w = A
    w *= 0.5 * (x[:]) ** 2
    return 0.39 * np.sum(w) + 0.55 * np.sum(A**2)


POINTS = [
    (
        np.array([0.416, -0.139, 0.508]),
        np.array([0.16, -0.814, 0.27]),
        np.array([[0.776, 0.245, -0.312], [-0.32, -0.194, -0.012]]),
    )
]
