"""Microseconds that a call of a derivative adds to the generated function it ends in.

A call makes the key of its arguments, looks up the version, and checks its guards. Both functions
are timed in turn, and the least time of each counts, so that other programs matter less.
Run: python benchmarks/overhead.py
"""

from __future__ import annotations

from timeit import Timer
from typing import Any

import numpy as np

from srcgrad import grad

CALLS, REPEATS = 2000, 200


def two_numbers(a, b):
    return a * b


def six_numbers(a, b, c, d, e, f):
    return a * b * c * d * e * f


def two_arrays(w, x):
    return np.sum(w * x)


def four_arrays(w, x, b, y):
    return np.sum((w * x + b - y) ** 2)


def parameters_in_dict(p, x):
    return np.sum(p["w"] * x) + p["b"]


def layers_in_list(p, x):
    return np.sum(p[0] * x) + np.sum(p[1] * x) + np.sum(p[2] * x)


X = np.ones(3)
ROWS: tuple[tuple[Any, tuple[Any, ...]], ...] = (
    (two_numbers, (1.0, 2.0)),
    (six_numbers, (1.0, 2.0, 3.0, 4.0, 5.0, 6.0)),
    (two_arrays, (X, X)),
    (four_arrays, (X, X, X, X)),
    (parameters_in_dict, ({"w": X, "b": 1.0}, X)),
    (layers_in_list, ([X, X, X], X)),
)


def microseconds(*functions: Any, args: tuple[Any, ...]) -> list[float]:
    """The least time of one call of each."""
    timers = [Timer("f(*args)", globals={"f": f, "args": args}) for f in functions]
    best = [float("inf")] * len(timers)
    for _ in range(REPEATS):
        for i, timer in enumerate(timers):
            best[i] = min(best[i], timer.timeit(CALLS))
    return [1e6 * time / CALLS for time in best]


def main() -> None:
    for function, args in ROWS:
        derivative = grad(function)
        plain = derivative.lower(*args).function
        call, bare = microseconds(derivative, plain, args=args)
        print(f"{function.__name__:20} {call:6.2f} us, {bare:6.2f} plain: {call - bare:5.2f} added")


if __name__ == "__main__":
    main()
