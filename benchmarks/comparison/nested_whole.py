"""The programs of `nested.py` as one function for each mixture of modes, for `standalone`."""

from __future__ import annotations

from typing import Any

import numpy as np
from nested import (
    RIGHT,
    UP,
    descended,
    landing_forward,
    landing_reverse,
    worst_forward,
    worst_reverse,
)

from srcgrad import grad, jvp


def saddle_reverse_reverse(start: Any) -> Any:
    def f(x: Any) -> Any:
        return worst_reverse(x, start)

    return descended(f, grad(f), start)


def saddle_reverse_forward(start: Any) -> Any:
    def f(x: Any) -> Any:
        return worst_forward(x, start)

    return descended(f, grad(f), start)


def saddle_forward_reverse(start: Any) -> Any:
    def f(x: Any) -> Any:
        return worst_reverse(x, start)

    def slope(x: Any) -> Any:
        return np.array([jvp(f, (x,), (RIGHT,))[1], jvp(f, (x,), (UP,))[1]])

    return descended(f, slope, start)


def saddle_forward_forward(start: Any) -> Any:
    def f(x: Any) -> Any:
        return worst_forward(x, start)

    def slope(x: Any) -> Any:
        return np.array([jvp(f, (x,), (RIGHT,))[1], jvp(f, (x,), (UP,))[1]])

    return descended(f, slope, start)


def particle_reverse_reverse(w: Any) -> Any:
    slope = grad(landing_reverse)
    curve = grad(slope)
    for _ in range(3):
        w = w - slope(w) / curve(w)
    return w


def particle_reverse_forward(w: Any) -> Any:
    slope = grad(landing_forward)
    curve = grad(slope)
    for _ in range(3):
        w = w - slope(w) / curve(w)
    return w


def particle_forward_reverse(w: Any) -> Any:
    def slope(w: Any) -> Any:
        return jvp(landing_reverse, (w,), (1.0,))[1]

    for _ in range(3):
        w = w - slope(w) / jvp(slope, (w,), (1.0,))[1]
    return w


def particle_forward_forward(w: Any) -> Any:
    def slope(w: Any) -> Any:
        return jvp(landing_forward, (w,), (1.0,))[1]

    for _ in range(3):
        w = w - slope(w) / jvp(slope, (w,), (1.0,))[1]
    return w
