"""Gradients compiled by Numba beside adjoints written by hand for it, and beside NumPy's.

All are called in turn in one process, on one core, and medians of processor time are compared, so
that a machine that does other things does not count; compiling is timed apart.
Run: python benchmarks/compiled.py [SECONDS_PER_CASE [NAME...]]
"""

from __future__ import annotations

import copy
import os
import subprocess
import sys
from collections.abc import Callable
from statistics import geometric_mean, median
from time import perf_counter, thread_time
from typing import Any, NamedTuple

import compiled_by_hand as hand
import numpy as np

from srcgrad import grad


class Case(NamedTuple):
    """A kernel by name, arguments, and the parameters differentiated."""

    name: str
    args: tuple[Any, ...]
    wrt: int | tuple[int, ...] = 0


def cases() -> list[Case]:
    rng = np.random.default_rng(0)
    definite = rng.random((60, 60))
    definite = definite @ definite.T + 60 * np.eye(60)
    return [
        Case("scalar_loop", (0.3, 3.7, 1000)),
        Case("logsumexp", (rng.random(10**5),)),
        Case("jacobi", (rng.random((150, 150)), rng.random((150, 150)), 50)),
        Case("seidel", (rng.random((60, 60)), 0.1, 10)),
        Case("heat", (rng.random(1000), rng.random(1000), 100), (0, 1)),
        Case("softmax", (rng.random((500, 100)), rng.random((500, 100)))),
        Case("cholesky", (definite,)),
        Case("network", (rng.random((64, 64)), rng.random(64), rng.random((256, 64)),
                         rng.random((256, 64))), (0, 1)),
    ]  # fmt: skip


def seconds(function: Callable[..., Any], args: tuple[Any, ...], calls: int) -> float:
    start = thread_time()
    for _ in range(calls):
        function(*args)
    return (thread_time() - start) / calls


def check(case: Case, ours: Any, theirs: Any) -> None:
    """A fast wrong gradient is of no interest."""
    pairs = zip(ours, theirs, strict=True) if isinstance(theirs, tuple) else [(ours, theirs)]
    for a, b in pairs:
        np.testing.assert_allclose(a, b, rtol=1e-8, atol=1e-10, err_msg=case.name)


def measure(case: Case, budget: float) -> tuple[float, float, float, float, float]:
    """Median seconds per call: by hand, compiled, NumPy's backend; seconds to compile either."""
    primal, by_hand = getattr(hand, case.name), getattr(hand, f"{case.name}_by_hand")
    start = thread_time()
    compiled = grad(primal, case.wrt, backend="numba").lower(*case.args).function
    compiling = thread_time() - start
    start = thread_time()
    expected = by_hand(*copy.deepcopy(case.args))
    by_hand_compiling = thread_time() - start
    plain = grad(primal, case.wrt).lower(*case.args).function
    check(case, compiled(*copy.deepcopy(case.args)), expected)
    check(case, plain(*copy.deepcopy(case.args)), expected)
    contenders = (by_hand, compiled, plain)
    calls = [max(1, round(2e-3 / max(seconds(f, case.args, 1), 1e-7))) for f in contenders]
    rounds = max(5, round(budget / 6e-3))
    times: list[list[float]] = [[], [], []]
    start = perf_counter()
    for number in range(rounds):
        for f, count, column in zip(contenders, calls, times, strict=True):
            column.append(seconds(f, case.args, count))
        if perf_counter() - start > budget and number >= 4:
            break
    by, ours, numpy = map(median, times)
    return by, ours, numpy, compiling, by_hand_compiling


def on_one_core() -> int:
    """The same with one thread for products of matrices: NumPy asks when it is imported."""
    threads = {f"{name}_NUM_THREADS": "1" for name in ("OMP", "OPENBLAS", "MKL")}
    return subprocess.run([sys.executable, *sys.argv], env={**os.environ, **threads}).returncode


def main() -> None:
    budget = float(sys.argv[1]) if len(sys.argv) > 1 else 2.0
    head = ("by hand us", "compiled us", "NumPy us", "to hand", "to NumPy", "compile s", "hand s")
    print(f"{'kernel':14}" + "".join(f"{title:>13}" for title in head))
    ratios, gains = [], []
    for case in cases():
        if len(sys.argv) > 2 and case.name not in sys.argv[2:]:
            continue
        by, ours, numpy, compiling, hand_compiling = measure(case, budget)
        ratios.append(ours / by)
        gains.append(numpy / ours)
        print(
            f"{case.name:14}{by * 1e6:13.1f}{ours * 1e6:13.1f}{numpy * 1e6:13.1f}"
            f"{ratios[-1]:13.2f}{gains[-1]:12.1f}x{compiling:13.2f}{hand_compiling:13.2f}"
        )
    print(f"{'geometric mean':53}{geometric_mean(ratios):13.2f}{geometric_mean(gains):12.1f}x")


if __name__ == "__main__":
    if "OMP_NUM_THREADS" not in os.environ:
        raise SystemExit(on_one_core())
    main()
