"""Two surfaces over the plane for gradient descent: a bowl, and one with several hollows.

`run_descent.py` walks down both with the derivative and with central differences.
"""

from __future__ import annotations

import numpy as np


def bowl(x: np.ndarray) -> float:
    """x0^2 + x1^2: one minimum, at the origin."""
    return x[0] ** 2 + x[1] ** 2


def hollows(x: np.ndarray) -> float:
    """A bowl with waves on it: where the path ends depends on where it starts."""
    x0, x1 = x
    waves = np.sin(2 * x0) * np.cos(2 * x1)
    return waves + 0.1 * (x0**2 + x1**2)
