"""Small programs: what a call, a statement and a pass over an array cost."""

from __future__ import annotations

import numpy as np
from hand import logsumexp, mlp, scalar_loop
from kernels import ten_operations

__all__ = ["array_loop", "logsumexp", "mlp", "scalar_loop", "square", "ten_operations"]


def square(x: float) -> float:
    return x * x


def array_loop(x: np.ndarray, steps: int) -> float:
    for _ in range(steps):
        x = x + 0.1 * np.sin(x)
    return np.sum(x)
