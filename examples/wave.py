"""A wave on a string, seen at one place: which speeds explain what was recorded there?

The derivative of a simulation needs its states backward. This one keeps eight of them.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from srcgrad import checkpointed


def misfit(speed: NDArray[np.float64], u: NDArray[np.float64], seen: NDArray[np.float64]) -> Any:
    """Sum of squares between the height in the middle and what was seen there."""
    before = u
    total = 0.0
    for height in checkpointed(seen, snapshots=8):
        after = 2 * u - before
        after[1:-1] += speed[1:-1] ** 2 * (u[2:] - 2 * u[1:-1] + u[:-2])
        before, u = u, after
        total = total + (u[len(u) // 2] - height) ** 2
    return total
