"""Derivatives of programs that take derivatives, in all four mixtures of modes, beside autograd.

The outer mode is named first. A saddle point by descent along gradients (`examples/saddle.py`), and
a particle that falls through a field of force (`examples/particle.py`), whose landing is steered by
Newton's method. Every result is compared with that of the first row. Times are of a whole run, the
first one with compiling.

Run: python benchmarks/nested.py
"""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable
from pathlib import Path
from time import process_time
from typing import Any

import numpy as np
from comparison.one_core import on_one_core

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from srcgrad import grad, jvp

RIGHT, UP = np.array([1.0, 0.0]), np.array([0.0, 1.0])


def forward_slope(f: Callable[..., Any], x: Any) -> Any:
    """The gradient in two variables, by two directions."""
    return np.array([jvp(f, (x,), (RIGHT,))[1], jvp(f, (x,), (UP,))[1]])


# --- saddle


def cost(x: Any, y: Any) -> Any:
    return np.sum(x**2) - np.sum(y**2)


def descended(f: Callable[..., Any], slope: Callable[..., Any], x: Any) -> Any:
    """Descent that doubles its step after ten successes, and halves it on failure."""
    fx, gx = f(x), slope(x)
    rate, successes = 1e-5, 0
    while np.sqrt(np.sum(gx**2)) > 1e-5:
        if successes == 10:
            rate, successes = 2.0 * rate, 0
            continue
        step = rate * gx
        if np.sqrt(np.sum(step**2)) <= 1e-5:
            break
        there = f(x - step)
        if there < fx:
            x, fx, successes = x - step, there, successes + 1
            gx = slope(x)
        else:
            rate, successes = rate / 2.0, 0
    return x


def worst_reverse(x: Any, start: Any) -> Any:
    def f(y: Any) -> Any:
        return -cost(x, y)

    return cost(x, descended(f, grad(f), start))


def worst_forward(x: Any, start: Any) -> Any:
    def f(y: Any) -> Any:
        return -cost(x, y)

    def slope(y: Any) -> Any:
        return np.array([jvp(f, (y,), (RIGHT,))[1], jvp(f, (y,), (UP,))[1]])

    return cost(x, descended(f, slope, start))


def saddle(outer: str, inner: str, start: Any) -> Any:
    worst = worst_reverse if inner == "reverse" else worst_forward

    def f(x: Any) -> Any:
        return worst(x, start)

    slope = grad(f) if outer == "reverse" else lambda x: forward_slope(f, x)
    return descended(f, slope, start)


# --- particle


def potential(x: Any, charges: Any) -> Any:
    return np.sum(1.0 / np.sqrt(np.sum((x - charges) ** 2, axis=1)))


def landed(w: Any, force: Callable[..., Any]) -> Any:
    charges = np.array([[10.0, 10.0 - w], [10.0, 0.0]])
    x, v, dt = np.array([0.0, 8.0]), np.array([0.75, 0.0]), 0.1
    while True:
        a = -force(x, charges)
        ahead = x + dt * v
        if ahead[1] <= 0:
            break
        x, v = ahead, v + dt * a
    return (x[0] - x[1] / v[1] * v[0]) ** 2


def landing_reverse(w: Any) -> Any:
    return landed(w, grad(potential))


def landing_forward(w: Any) -> Any:
    right, up, still = np.array([1.0, 0.0]), np.array([0.0, 1.0]), np.zeros((2, 2))
    return landed(
        w,
        lambda x, charges: np.array([
            jvp(potential, (x, charges), (right, still))[1],
            jvp(potential, (x, charges), (up, still))[1],
        ]),
    )  # fmt: skip


def forward_slopes(f: Any) -> tuple[Any, Any]:
    """The first and the second derivative of a function of a number, in forward mode."""

    def slope(w: Any) -> Any:
        return jvp(f, (w,), (1.0,))[1]

    def curve(w: Any) -> Any:
        return jvp(slope, (w,), (1.0,))[1]

    return slope, curve


def particle(outer: str, inner: str, w: Any) -> Any:
    """Newton's method: derivatives of the first and second order of the landing."""
    f = landing_reverse if inner == "reverse" else landing_forward
    if outer == "reverse":
        slope: Any = grad(f)
        curve: Any = grad(slope)
    else:
        slope, curve = forward_slopes(f)
    for _ in range(3):
        w = w - slope(w) / curve(w)
    return w


# --- the same by autograd, reverse over reverse


def by_autograd() -> dict[str, Callable[[], Any]]:
    try:
        tool, module = (
            importlib.import_module("autograd"),
            importlib.import_module("autograd.numpy"),
        )
    except ImportError:
        print("left out: autograd: it is not installed")
        return {}
    names = {**globals(), "np": module, "grad": tool.grad}
    code = Path(__file__).read_text(encoding="utf-8").partition("# --- saddle")[2]
    exec(code.partition("# --- the same by autograd")[0], names)
    return {
        "saddle": lambda: names["saddle"]("reverse", "reverse", np.ones(2)),
        "particle": lambda: names["particle"]("reverse", "reverse", 0.0),
    }


def timed(call: Callable[[], Any]) -> tuple[float, Any]:
    start = process_time()  # what else the machine does is not counted
    found = call()
    return process_time() - start, found


def table(name: str, run: Callable[..., Any], start: Any, peers: dict[str, Any]) -> None:
    print(f"{name}: milliseconds again, first; ratio to the first row")
    expected, base = None, 0.0
    rows: list[tuple[str, Callable[[], Any]]] = [
        (f"{outer} over {inner}", lambda o=outer, i=inner: run(o, i, start))
        for outer in ("reverse", "forward")
        for inner in ("reverse", "forward")
    ]
    if name in peers:
        rows.append(("autograd", peers[name]))
    for title, call in rows:
        first, found = timed(call)
        again = min(timed(call)[0] for _ in range(3 if first < 10 else 1))
        expected, base = (found, again) if expected is None else (expected, base)
        np.testing.assert_allclose(found, expected, rtol=1e-6, atol=1e-6)
        print(f"  {title:22} {1e3 * again:9.1f} {1e3 * first:9.1f} {again / base:7.2f}")


if __name__ == "__main__":
    on_one_core()
    others = by_autograd()
    table("saddle", saddle, np.ones(2), others)
    table("particle", particle, 0.0, others)
