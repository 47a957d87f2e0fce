"""Checkpointed loops: how often the step is run, how often it must be, and the memory in use.

For a loop of N steps over a state of 10^5 numbers, with each number of snapshots: calls of the
step, the least number there can be (Griewank and Walther 2000), the peak of memory in states, and
the time beside that of the gradient that keeps every step.
Run: python benchmarks/checkpoint.py [N]
"""

from __future__ import annotations

import sys
import tracemalloc
from collections.abc import Callable
from math import comb
from time import perf_counter
from typing import Any

import numpy as np

from srcgrad import transform

SIZE = 100_000
PLAIN = """
import numpy as np
from srcgrad import checkpointed


def plain(u, k, n):
    for i in range(n):
        u = u + k * np.sin(u) / (i + 1)
    return np.sum(u**2)


def known(u, k, n, s):
    for i in checkpointed(range(n), snapshots=s):
        u = u + k * np.sin(u) / (i + 1)
    return np.sum(u**2)


def online(u, k, n, s):
    i = 0
    while checkpointed(i < n, snapshots=s):
        u = u + k * np.sin(u) / (i + 1)
        i += 1
    return np.sum(u**2)
"""


def least(steps: int, snapshots: int) -> int:
    """The least number of steps of a reversal, its first sweep included."""
    repeats = 0
    while comb(snapshots + repeats, snapshots) < steps:
        repeats += 1
    return repeats * steps - comb(snapshots + repeats, repeats - 1) + 1 if repeats else steps


def measured(f: Callable[..., Any], *args: Any) -> tuple[float, float]:
    """Seconds, and the peak of memory in states."""
    start = perf_counter()
    f(*args)
    seconds = perf_counter() - start
    tracemalloc.start()
    f(*args)
    peak = tracemalloc.get_traced_memory()[1] / (8 * SIZE)
    tracemalloc.stop()
    return seconds, peak


def counted(namespace: dict[str, Any], name: str) -> list[int]:
    """Counts the calls of a function of the namespace from now on."""
    inner, count = namespace[name], [0]

    def call(*args: Any) -> Any:
        count[0] += 1
        return inner(*args)

    namespace[name] = call
    return count


def main(steps: int) -> None:
    namespace: dict[str, Any] = {}
    exec(transform(PLAIN), namespace)
    u = np.linspace(0.0, 1.0, SIZE)
    whole, peak = measured(namespace["plain_grad"], u, 0.1, steps)
    print(f"{steps} steps; all kept: {peak:.0f} states, {whole:.2f} s")
    print(f"{'loop':8}{'snapshots':>10}{'calls':>8}{'least':>8}{'states':>8}{'time':>7}")
    for name in ("known", "online"):
        for snapshots in (2, 3, 5, 10, 20, 40):
            args = (u, 0.1, steps, snapshots)
            seconds, peak = measured(namespace[f"{name}_grad"], *args)
            count = counted(namespace, f"{name}_step")
            namespace[f"{name}_grad"](*args)
            bound = least(steps, snapshots)
            print(f"{name:8}{snapshots:10}{count[0]:8}{bound:8}{peak:8.1f}{seconds / whole:6.1f}x")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 200)
