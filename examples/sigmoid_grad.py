"""Derivative of `sigmoid_nodes` (sigmoid.py:8), `sigmoid` (sigmoid.py:17), generated
by srcgrad; it is not needed to run it.

Regenerate: srcgrad transform examples/sigmoid.py -o examples/sigmoid_grad.py
"""

import numpy as np


def sigmoid_nodes_grad(x):
    """Gradient of `sigmoid_nodes(x)` with respect to x."""
    # forward
    a = -x
    b = np.exp(a)
    c = 1 + b
    y = 1 / c

    # backward
    # :10 a = -x
    x_bar = y / c * b
    return x_bar


def sigmoid_grad(x):
    """Gradient of `sigmoid(x)` with respect to x."""
    # forward
    out_1 = 1 / (1 + np.exp(-x))

    # backward
    # :19 return 1 / (1 + np.exp(-x))
    x_bar = out_1 * (1 - out_1)
    return x_bar
