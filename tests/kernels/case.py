"""What a case is, and the draws that several of them share."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

Rng = np.random.Generator


@dataclass(frozen=True)
class Case:
    """A kernel by name, so that the table reads as a list; `wrt` are names of its parameters."""

    name: str
    wrt: tuple[str, ...]
    make: Callable[[Rng], tuple[Any, ...]]
    ahead: bool = True  # False: live only, as what is written ahead of time has a known fault


def positive(rng: Rng, *shape: int) -> Any:
    return rng.random(shape) + 0.5


def definite(rng: Rng, n: int) -> Any:
    A = rng.standard_normal((n, n))
    return A @ A.T + n * np.eye(n)


def dominant(rng: Rng, n: int) -> Any:
    return rng.random((n, n)) + n * np.eye(n)


def levels(rng: Rng) -> Any:
    """Vertical wind, staggered in the first axis, and the field it carries."""
    return rng.random((3, 3, 4)), rng.random((2, 3, 4))


def grid_points(rng: Rng) -> Any:
    return 1.2 * np.array([[i, j, k] for i in (0, 1) for j in (0, 1) for k in (0, 1)])


def springs(rng: Rng) -> Any:
    return {"x0": np.arange(5) + rng.random(5), "rest": 0.8, "k": 2.0, "drag": 0.1, "dt": 0.1}


def directions(rng: Rng) -> Any:
    """Unit vectors around the third axis."""
    d = rng.standard_normal((6, 3)) * 0.15 + np.array([0.0, 0.0, 1.0])
    return d / np.linalg.norm(d, axis=1, keepdims=True)


def layers(rng: Rng) -> Any:
    sizes = [3, 4, 3, 1]
    params = {}
    for n, (a, b) in enumerate(zip(sizes[:-1], sizes[1:], strict=True), 1):
        params[f"W{n}"] = rng.standard_normal((a, b))
        params[f"b{n}"] = rng.random(b)
    return params


def gates(rng: Rng) -> Any:
    return {
        "Wx": rng.standard_normal((12, 2)),
        "Wh": rng.standard_normal((12, 3)),
        "b": rng.random(12),
    }
