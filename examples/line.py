"""The squared error of a line at one point: the smallest system that has everything.

At w=1, x=4, b=-3, y=3 the values are z0 = w*x = 4, z1 = z0 + b = 1, z2 = z1 - y = -2 and L = 4;
the gradients are dL/dw = -16, dL/dx = -4, dL/db = -4, dL/dy = 4.
"""

from __future__ import annotations


def loss(w: float, x: float, b: float, y: float) -> float:
    """Squared error of the line `w * x + b` where it should give `y`."""
    L = (w * x + b - y) ** 2
    return L
