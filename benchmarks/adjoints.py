"""Generated gradients beside adjoints written by hand: the ratio of their times, in one process.

Both are called in turn, so that a change of the machine's speed meets both; medians are compared.
Run: python benchmarks/adjoints.py [SECONDS_PER_CASE]
"""

from __future__ import annotations

import copy
import sys
from collections.abc import Callable
from statistics import geometric_mean, median
from time import perf_counter
from typing import Any, NamedTuple

import hand
import kernels
import numpy as np

from srcgrad import grad


class Case(NamedTuple):
    """A primal, its adjoint by hand, and arguments."""

    name: str
    primal: Callable[..., Any]
    by_hand: Callable[..., Any]
    args: tuple[Any, ...]
    wrt: int | tuple[int, ...] = 0


def cases() -> list[Case]:
    rng = np.random.default_rng(0)

    def normal(*shape: int) -> np.ndarray:
        return 0.2 * rng.normal(size=shape)

    network = {"W1": normal(64, 50), "b1": normal(50), "W2": normal(50, 10), "b2": normal(10)}
    images, labels = rng.random((100, 64)), rng.integers(0, 10, 100)
    layers = [(normal(64, 64), normal(64)) for _ in range(3)]
    batch = normal(32, 64), normal(32, 64)
    ones = np.ones(80)
    band = 0.3 * rng.random(80), 2.0 + ones, 0.3 * rng.random(80), rng.random(80)
    centres, points = rng.random((200, 16)), rng.random((5000, 16))
    both = 0, 1
    return [
        Case("S1, a line", hand.line, hand.line_by_hand, (1.0, 4.0, -3.0, 3.0)),
        Case("scalar loop, 100", hand.scalar_loop, hand.scalar_loop_by_hand, (0.3, 3.7, 100)),
        Case("S13, batch 100", hand.digits, hand.digits_by_hand, (network, images, labels)),
        Case("MLP, 3 layers of 64", hand.mlp, hand.mlp_by_hand, (layers, *batch)),
        Case("logsumexp of 1000", hand.logsumexp, hand.logsumexp_by_hand, (normal(1000),)),
        Case("logsumexp of 10^6", hand.logsumexp, hand.logsumexp_by_hand, (normal(10**6),)),
        Case("ten operations", *pair("ten_operations"), (0.7, 1.3), both),
        Case("scalar loop, 1000", hand.scalar_loop, hand.scalar_loop_by_hand, (0.3, 3.7, 1000)),
        Case(
            "softmax regression",
            *pair("softmax_regression"),
            (normal(20, 10), normal(10), normal(200, 20), rng.integers(0, 10, 200), 0.1),
            both,
        ),
        Case("jacobi 60 x 60", *pair("jacobi"), (normal(60, 60), normal(60, 60), 20)),
        Case("seidel 12 x 12", *pair("seidel"), (normal(12, 12), 0.1, 5)),
        Case("advection of 2000", *pair("advection"), (normal(2000), normal(2000), 0.4, 30)),
        Case("Runge-Kutta, Lorenz", *pair("rk4"), (1.0 + normal(3), 10.0, 28.0, 8 / 3, 0.01, 50)),
        Case(
            "40 bodies",
            *pair("bodies"),
            (normal(40, 3), normal(40, 3), 1 + rng.random(40), 0.01, 10),
        ),
        Case("convolution", *pair("convolution"), (normal(4, 12, 12, 3), normal(3, 3, 3, 8)), both),
        Case("Thomas solver, 80", *pair("thomas"), band, 3),
        Case("k-means, ties shared", *pair("k_means"), (centres, points)),
        Case("Kalman filter, 200", *pair("kalman"), (0.1, 0.5, rng.random(200).tolist()), both),
    ]


def pair(name: str) -> tuple[Callable[..., Any], Callable[..., Any]]:
    """A kernel and its adjoint by hand."""
    return getattr(kernels, name), getattr(kernels, f"{name}_by_hand")


def leaves(tree: Any) -> list[Any]:
    """The arrays and numbers of a nested gradient, in order."""
    if isinstance(tree, dict):
        tree = list(tree.values())
    if isinstance(tree, (list, tuple)):
        return [leaf for item in tree for leaf in leaves(item)]
    return [tree]


def copied(case: Case) -> tuple[Any, ...]:
    """Arguments of its own for a primal that writes into them."""
    return copy.deepcopy(case.args)


def check(case: Case, generated: Callable[..., Any]) -> None:
    """Compare both gradients: a fast wrong one is of no interest."""
    pairs = zip(leaves(generated(*copied(case))), leaves(case.by_hand(*copied(case))), strict=True)
    for ours, theirs in pairs:
        np.testing.assert_allclose(ours, theirs, rtol=1e-9, atol=1e-12, err_msg=case.name)


def seconds(function: Callable[..., Any], args: tuple[Any, ...], calls: int) -> float:
    start = perf_counter()
    for _ in range(calls):
        function(*args)
    return (perf_counter() - start) / calls


def measure(case: Case, budget: float) -> tuple[float, float, float, float]:
    """Median seconds per call: primal, by hand, generated function, derivative object."""
    derivative = grad(case.primal, case.wrt)
    generated = derivative.lower(*case.args).function
    check(case, generated)
    contenders = (case.primal, case.by_hand, generated, derivative)
    once = max(seconds(case.by_hand, case.args, 3), 1e-7)
    calls = max(1, round(2e-3 / once))
    rounds = max(11, round(budget / (once * calls * len(contenders))))
    times = [[seconds(f, case.args, calls) for f in contenders] for _ in range(rounds)]
    primal, by_hand, ours, wrapped = (median(column) for column in zip(*times, strict=True))
    return primal, by_hand, ours, wrapped


def main() -> None:
    budget = float(sys.argv[1]) if len(sys.argv) > 1 else 2.0
    head = ("program", "primal us", "hand us", "generated us", "ratio", "with dispatch")
    print(f"{head[0]:22}" + "".join(f"{title:>14}" for title in head[1:]))
    ratios = []
    for case in cases():
        primal, by_hand, ours, wrapped = measure(case, budget)
        ratios.append(ours / by_hand)
        print(
            f"{case.name:22}{primal * 1e6:14.2f}{by_hand * 1e6:14.2f}{ours * 1e6:14.2f}"
            f"{ours / by_hand:14.2f}{wrapped / by_hand:14.2f}"
        )
    print(f"{'geometric mean':22}{geometric_mean(ratios):56.2f}")


if __name__ == "__main__":
    main()
