"""A list that a loop fills, read as an array at two places: its tangents are a list, too."""

import numpy as np


def f(u):
    a = []
    for _ in range(2):
        a.append(u * u)
    return np.sum(np.mean(a, axis=0) ** 2) + np.sum(np.array(a) ** 2)


POINTS = [
    (np.array([0.584, 0.752, -0.641]),),
    (np.array([0.1, -1.2, 0.4]),),
]
