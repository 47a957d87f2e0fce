"""The loops of `micro.py` as scans, which JAX compiles once and not for each step."""

from __future__ import annotations

from typing import Any

import jax.numpy as np
from jax.lax import fori_loop


def scalar_loop(x: Any, r: Any, steps: int) -> Any:
    return fori_loop(0, steps, lambda _, x: r * x * (1 - x), x)


def array_loop(x: Any, steps: int) -> Any:
    return np.sum(fori_loop(0, steps, lambda _, x: x + 0.1 * np.sin(x), x))
