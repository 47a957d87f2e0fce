"""What the modes cost: products with Hessians, Jacobians at once and one by one, sparse matrices.

Each line is a ratio of two times taken in turn in this process, which runs on one core, or a time
where it says so.
Run: python benchmarks/modes.py [SECONDS_PER_CASE]
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from functools import partial
from statistics import median
from time import perf_counter, process_time
from typing import Any

import numpy as np
from comparison.one_core import on_one_core

from srcgrad import (
    grad,
    hessian,
    hvp,
    jacfwd,
    jacrev,
    jvp,
    sparse_hessian,
    sparse_jacobian,
    value_and_grad,
    vjp,
)


def timed(call: Callable[[], Any]) -> float:
    """Processor time: what else the machine does is not counted."""
    start = process_time()
    call()
    return process_time() - start


def ratio(one: Callable[[], Any], other: Callable[[], Any], seconds: float) -> float:
    """How many times as long the first takes."""
    one(), other()
    ones, others = [], []
    end = perf_counter() + seconds
    while perf_counter() < end or len(ones) < 3:
        ones.append(timed(one))
        others.append(timed(other))
    return median(ones) / median(others)


# --- programs


def network(w: Any, X: Any, t: Any) -> Any:
    h = np.tanh(X @ w)
    return np.mean((np.sum(h, axis=1) - t) ** 2)


def valley(x: Any) -> Any:
    return np.sum(100.0 * (x[1:] - x[:-1] ** 2) ** 2 + (1.0 - x[:-1]) ** 2)


def layers(x: Any, A: Any) -> Any:
    h = x
    for _ in range(4):
        h = np.tanh(A @ h) + 0.1 * x
    return h


def stencil(x: Any) -> Any:
    y = 2.0 * x + x**3
    y[1:] -= x[:-1] * x[1:]
    y[:-1] += np.sin(x[1:])
    return y


def bones(theta: Any, base: Any) -> Any:
    """Points of a chain of turned bones: the shape of hand tracking, 22 angles and their points."""
    position = np.zeros(3)
    points = []
    R = np.eye(3)
    for k in range(len(base)):
        c, s = np.cos(theta[k]), np.sin(theta[k])
        turn = np.array([[c, -s, 0.0], [s, c, 0.0], [0.0, 0.0, 1.0]])
        R = R @ turn
        position = position + R @ base[k]
        points.append(position)
    return np.concatenate(points)


def one_by_one(f: Callable[..., Any], x: Any, *rest: Any) -> Any:
    """A Jacobian by separate calls of `jvp`."""
    columns = []
    for unit in np.eye(len(x)):
        columns.append(jvp(f, (x, *rest), (unit, *[None] * len(rest)))[1])
    return np.stack(columns, axis=-1)


def products(seconds: float) -> None:
    """Products with Hessians, against the gradient."""
    rng = np.random.default_rng(0)
    print("Hessian times a vector / value and gradient")
    data = rng.normal(size=(2000, 50)), rng.normal(size=2000)
    for name, f, args in [
        ("network, 2000 x 64", network, (rng.normal(size=(50, 64)), *data)),
        ("Rosenbrock, 10^6", valley, (rng.normal(size=10**6),)),
    ]:
        v = rng.normal(size=args[0].shape)
        gradient = partial(value_and_grad(f), *args)
        times = ratio(partial(hvp(f), *args, v), gradient, seconds)
        rest = [None] * (len(args) - 1)
        forward = ratio(partial(jvp, grad(f), args, (v, *rest)), gradient, seconds)
        print(f"  {name:24} {times:6.2f}   by jvp of grad {forward:6.2f}")


def rows_one_by_one(f: Callable[..., Any], x: Any, *rest: Any) -> Any:
    """A Jacobian by a pullback that is called for each row."""
    value, pull = vjp(f, x, *rest)
    return np.stack([pull(unit.reshape(value.shape))[0] for unit in np.eye(value.size)])


def jacobians(seconds: float) -> None:
    """All directions at once, against one after another."""
    rng = np.random.default_rng(1)
    print("Jacobian, one after another / all at once")
    A, x = rng.normal(size=(100, 100)) / 10.0, rng.normal(size=100)
    for name, f, args in [
        ("layers, 100 x 100", layers, (x, A)),
        ("stencil, 100 x 100", stencil, (x,)),
        ("22 bones, 66 x 22", bones, (rng.normal(size=22), rng.normal(size=(22, 3)))),
    ]:
        columns, rows = jacfwd(f), jacrev(f)
        forward = ratio(partial(one_by_one, f, *args), partial(columns, *args), seconds)
        reverse = ratio(partial(rows_one_by_one, f, *args), partial(rows, *args), seconds)
        how = columns.reason or rows.reason
        print(f"  {name:24} columns {forward:6.1f}   rows {reverse:6.1f}   {how}")
    gradients = partial(rows_one_by_one, grad(valley), x)
    rows = ratio(gradients, partial(hessian(valley), x), seconds)
    print(f"  {'Hessian, 100 x 100':24} {rows:14.1f}")


def matrices() -> None:
    """Sparse matrices of a hundred thousand variables."""
    print("sparse matrices, 10^5 variables, three diagonals: seconds")
    x = np.random.default_rng(2).normal(size=10**5)
    for name, made in [
        ("Jacobian", sparse_jacobian(stencil)),
        ("Hessian of Rosenbrock", sparse_hessian(valley)),
    ]:
        first, again = timed(partial(made, x)), timed(partial(made, x))
        plan = made.plan(x)
        known = f"{plan.count} colours, {plan.pattern.nnz} elements"
        print(f"  {name:24} first {first:6.2f}   again {again:6.3f}   {known}")


if __name__ == "__main__":
    on_one_core()
    given = float(sys.argv[1]) if len(sys.argv) > 1 else 1.0
    products(given)
    jacobians(given)
    matrices()
