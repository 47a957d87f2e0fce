"""Checkpointed loops: how often the step is run, how often it must be, and the memory in use.

For a loop of N steps over a state of 10^5 numbers, with each number of snapshots: calls of the
step, the least number there can be (Griewank and Walther 2000), the peak of memory in states, and
the time beside that of the gradient that keeps every step.

Then the gradients of three functions with memory budgets, which choose value by value what is kept:
what was planned, what a run takes, and the time.
Run: python benchmarks/checkpoint.py [N]
"""

from __future__ import annotations

import sys
import tracemalloc
import warnings
from collections.abc import Callable
from math import comb
from time import perf_counter
from typing import Any

import numpy as np

from srcgrad import grad, transform

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


def perceptron(X, U, V, W, y):
    h = np.tanh(X @ U)
    h = np.tanh(h @ V)
    h = np.tanh(h @ V.T)
    h = np.tanh(h @ V)
    h = np.tanh(h @ W)
    return np.sum((h - y) ** 2)


def elementwise(x, k):
    y = np.sin(x) * k
    y = np.exp(-y * y)
    y = np.sin(y) + x
    y = np.tanh(y) * y
    y = np.log(1 + y * y)
    y = np.cos(y) * y
    return np.sum(np.sqrt(1 + y * y))


def temporaries(u, k):
    for i in range(10):
        a = np.sin(u) * k
        b = np.exp(-a * a)
        c = np.cos(b) * a
        u = u + 0.01 * np.sqrt(1 + c * c) * c / (i + b)
    return np.sum(u * u)


def budgets() -> None:
    """Sizes are in arrays of SIZE numbers."""
    rng = np.random.default_rng(1)
    x, rows = rng.uniform(size=SIZE), rng.uniform(size=(SIZE // 50, 50))
    square = rng.uniform(-0.2, 0.2, size=(3, 50, 50))
    unit = 8 * SIZE
    print(f"{'':14}{'budget':>8}{'planned':>9}{'peak':>8}{'again':>7}{'loops':>7}{'time':>7}")
    cases = (perceptron, (rows, *square, rows)), (elementwise, (x, 0.7)), (temporaries, (x, 0.7))
    for f, args in cases:
        wrt = 1 if f is perceptron else 0
        grad(f, wrt)(*args)
        whole, peak = measured(grad(f, wrt), *args)
        everything = grad(f, wrt, memory_budget=10**12).plan(*args).everything / unit
        print(f"{f.__name__:14}{'none':>8}{everything:9.1f}{peak:8.1f}{0:7}{0:7}{1:6.1f}x")
        for share in (0.75, 0.5, 0.3, 0.1):
            kept = grad(f, wrt, memory_budget=int(share * everything * unit))
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                plan = kept.plan(*args)
            kept(*args)
            seconds, peak = measured(kept, *args)
            print(
                f"{'':14}{share * everything:8.1f}{plan.need / unit:9.1f}{peak:8.1f}"
                f"{len(plan.again):7}{len(plan.snapshots):7}{seconds / whole:6.1f}x"
            )


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
    budgets()


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 200)
