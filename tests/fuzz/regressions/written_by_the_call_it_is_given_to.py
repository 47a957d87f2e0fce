"""An element is given to a function that writes into its array and reads what it was given."""

import numpy as np


def scale(v, s):
    v[0] = 2.0
    return v[1] * s


def two(v, s, t):
    v[0] = t
    v[1] = s
    return s * t


def run(v, s):
    for i in range(2):
        v[i] = v[i] * s
    return np.sin(v[1] * s)


def f(x):
    a = x * x
    t = scale(a, a[0])
    b = x * 3.0
    r = two(b, b[0], b[1])
    c = np.cos(x)
    q = run(c, c[0])
    for i in range(2):
        q = scale(c, c[i])
    return t * r + q


POINTS = [
    (np.array([0.3, 0.5, 0.7]),),
    (np.array([1.2, 0.4, -0.7]),),
]
