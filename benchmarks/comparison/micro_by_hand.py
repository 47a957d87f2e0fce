"""Adjoints of `micro.py` by hand."""

from __future__ import annotations

import numpy as np
from hand import logsumexp_by_hand as logsumexp
from hand import mlp_by_hand as mlp
from hand import scalar_loop_by_hand as scalar_loop
from kernels import ten_operations_by_hand as ten_operations

__all__ = ["array_loop", "logsumexp", "mlp", "scalar_loop", "ten_operations"]


def array_loop(x: np.ndarray, steps: int) -> np.ndarray:
    x_tape = []
    for _ in range(steps):
        x_tape.append(x)
        x = x + 0.1 * np.sin(x)
    x_bar = np.ones_like(x)
    for _ in range(steps):
        x_bar = x_bar * (1.0 + 0.1 * np.cos(x_tape.pop()))
    return x_bar
