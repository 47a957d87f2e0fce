"""An array of a list is read, then popped: its adjoint in the list is replaced, never written."""

import numpy as np


def f(x):
    parts = [x + x]
    named = {"a": parts[0]}
    y = parts.pop()
    return np.sum(named["a"]) * 0.95 + 0.6 * np.sum(y)


POINTS = [(np.array([0.9, 0.1, 0.5]),), (np.array([-0.9, 0.6, 0.2]),)]
