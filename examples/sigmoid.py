"""The sigmoid built from its nodes and written as one line: the derivative of both is y(1 - y)."""

from __future__ import annotations

import numpy as np


def sigmoid_nodes(x: float) -> float:
    """Negate, exponentiate, add one, take the reciprocal."""
    a = -x
    b = np.exp(a)
    c = 1 + b
    y = 1 / c
    return y


def sigmoid(x: float) -> float:
    """The four nodes in one expression."""
    return 1 / (1 + np.exp(-x))
