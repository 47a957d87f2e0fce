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


def changed(new: Any, old: Any) -> Any:
    """Where a loop has changed a value; what it leaves as it was is no unknown of its equation."""
    return np.not_equal(new, old) if np.shape(new) == np.shape(old) else True


def some_kept(*free: Any) -> bool:
    """Whether a loop leaves some part of its values as it was."""
    return not all(np.all(part) for part in free)


def probe(free: Any, like: Any) -> Any:
    """Whole numbers where a value is not free, no two neighbours the same; else 0."""
    numbers = 1.0 + np.reshape(np.arange(np.size(like)), np.shape(like)) % 127
    return (np.logical_not(free) * numbers).astype(np.result_type(like, np.float16))


def unknowns(free: Any, like: Any, step: Any) -> Any:
    """What of the values is free to move, for each of them, from cotangents that were pulled.

    `step`: what a step makes of `probe`. Where all is left as it is by the step itself, that comes
    back unchanged. Otherwise a value was at its limit from the beginning, and free to leave it.
    """
    same = all(
        np.array_equal(pulled, probe(*part)) for pulled, *part in zip(step, free, like, strict=True)
    )
    return free if same else tuple(True for _ in free)


def free_part(free: Any, value: Any) -> Any:
    """What there is of `value` where it is free; zeros elsewhere."""
    return free * value


def unchanged_part(like: Any, free: Any, value: Any) -> Any:
    """What there is of `value` where nothing is free; zeros in the shape of `like` elsewhere."""
    if np.shape(like) != np.shape(value) or np.all(free):
        return np.zeros_like(like) if isinstance(like, np.ndarray) else 0.0
    return np.logical_not(free) * value


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


def check_attractive(loop: str, step: Any, values: Any, free: Any, places: Any, reads: Any) -> None:
    """Warns where a loop does not come back to its limit from a little beside it: then the limit
    depends on more than the equation that it satisfies, as where an interval is halved.

    `places`: of the `values` in what `step` gives.
    """
    nudges = [1e-5 * part * (1.0 + np.abs(x)) for x, part in zip(values, free, strict=True)]
    size = max(np.max(nudge, initial=0.0) for nudge in nudges)
    moved = [x + nudge if np.any(nudge) else x for x, nudge in zip(values, nudges, strict=True)]
    for _ in range(100000):
        given = step(*moved, *reads)
        moved = [given[k] for k in places] if isinstance(given, tuple) else [given]
        pairs = zip(moved, values, free, strict=True)
        away = [np.max(part * np.abs(now - x), initial=0.0) for now, x, part in pairs]
        if max(away) <= 0.05 * size:
            return
        if not max(away) <= 1e3 * size:
            break
    message = f"{loop} does not come back to its limit from beside it"
    warnings.warn(f"{message}: its tangent may be wrong", RuntimeWarning, stacklevel=3)
