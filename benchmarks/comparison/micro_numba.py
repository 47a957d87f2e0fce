"""Adjoints of `micro.py` by hand for Numba."""

from __future__ import annotations

import numpy as np
from compiled_by_hand import logsumexp_by_hand as logsumexp
from compiled_by_hand import scalar_loop_by_hand as scalar_loop
from kernels import ten_operations_by_hand
from numba import njit

__all__ = ["array_loop", "logsumexp", "scalar_loop", "ten_operations"]
ten_operations = njit(error_model="numpy")(ten_operations_by_hand)


@njit(error_model="numpy")
def array_loop(x, steps):
    """Elements do not know of each other: one after another, each with a short tape."""
    x_bar, tape = np.empty_like(x), np.empty(steps)
    for i in range(x.shape[0]):
        value = x[i]
        for t in range(steps):
            tape[t] = value
            value += 0.1 * np.sin(value)
        bar = 1.0
        for t in range(steps):
            bar *= 1.0 + 0.1 * np.cos(tape[t])
        x_bar[i] = bar
    return x_bar
