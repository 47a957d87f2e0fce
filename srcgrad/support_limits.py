"""Carried helpers of loops that converge: what is differentiated is their limit.

As in `srcgrad.support`: plain NumPy, their source goes into the files that use them.
"""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np


def converging(loop: Any, tol: float = 1e-6) -> Any:
    """What a loop runs over, or its condition: the loop goes on until its values stay as they are.

    `for _ in converging(range(100))` and `while converging(change > 1e-12)` are the loops without
    it. Differentiated is their limit, by the equation that it satisfies: one more step gives the
    same values. So no step is recorded, and nothing flows through the values before the loop.
    A derivative warns where one more step would move them by more than `tol` of their size.
    """
    return loop


def settled(step: int, new: Any, old: Any) -> bool:
    """Whether values change by no more than rounding errors after so many steps.

    Warns where they do not settle in 100000 steps, and where they overflow.
    """
    new, old = (part if isinstance(part, tuple) else (part,) for part in (new, old))
    size = sum(np.max(np.abs(now), initial=0.0) for now in new)
    move = sum(np.max(np.abs(now - then), initial=0.0) for now, then in zip(new, old, strict=True))
    if step == 99999 or not np.isfinite(move):
        message = "the derivative of a loop did not converge, and is wrong"
        warnings.warn(message, RuntimeWarning, stacklevel=3)
        return True
    rounding = max(np.finfo(np.result_type(np.asarray(now), np.float16)).eps for now in new)
    return bool(move <= (8 + step) * rounding * size)


def check_limit(loop: str, tol: float, new: Any, old: Any) -> None:
    """Warns where the values that a loop ends with still change in one more step."""
    new, old = (part if isinstance(part, tuple) else (part,) for part in (new, old))
    for now, then in zip(new, old, strict=True):
        if isinstance(now, (list, tuple, dict)):
            raise TypeError(f"{loop} carries a container: use numbers and arrays")
        move = np.max(np.abs(np.subtract(now, then, dtype=complex)), initial=0.0)
        if not move <= tol * (1.0 + np.max(np.abs(now), initial=0.0)):
            message = f"{loop} did not converge (one more step moves it by {move:.1e})"
            warnings.warn(f"{message}: its derivative would be wrong", RuntimeWarning, stacklevel=3)
            return
