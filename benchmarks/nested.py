"""Derivatives of programs that take derivatives, in all four mixtures of modes, beside others.

The outer mode is named first. A saddle point by descent along gradients (`examples/saddle.py`), and
a particle that falls through a field of force (`examples/particle.py`), whose landing is steered by
Newton's method. Every result is compared with that of the first row. Times are of a whole run, the
first one with compiling. Autograd and PyTorch run the same text with their own functions; for JAX
it is written anew, with loops that it compiles (`comparison/nested_jax.py`). With Numba, the
programs are functions of their own (`comparison/nested_whole.py`), compiled as a whole.

Run: python benchmarks/nested.py [PROGRAM]
"""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable
from pathlib import Path
from time import process_time
from types import SimpleNamespace
from typing import Any

import numpy as np
from comparison.one_core import on_one_core

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from srcgrad import UnsupportedError, grad, jvp, standalone

RIGHT, UP = np.array([1.0, 0.0]), np.array([0.0, 1.0])


# --- programs


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


# --- the same by other tools

Runs = dict[tuple[str, tuple[str, str]], Callable[[], Any]]  # by name, and both modes
START = {"saddle": np.ones(2), "particle": 0.0}
MODES = [(outer, inner) for outer in ("reverse", "forward") for inner in ("reverse", "forward")]


def rewritten(**names: Any) -> dict[str, Any]:
    """The programs of this file with other functions by these names."""
    code = Path(__file__).read_text(encoding="utf-8").partition("# --- programs")[2]
    found = {**globals(), **names}
    exec(code.partition("# --- the same by other tools")[0], found)
    return found


def by_autograd() -> Runs:
    """Reverse over reverse."""
    tool = importlib.import_module("autograd")
    names = rewritten(np=importlib.import_module("autograd.numpy"), grad=tool.grad)
    return {
        (name, ("reverse", "reverse")): lambda f=names[name], start=start: f(
            "reverse", "reverse", start
        )
        for name, start in START.items()
    }


def by_torch() -> Runs:
    """As written, operation by operation."""
    tool = importlib.import_module("torch")
    tool.set_num_threads(1)

    def array(items: Any) -> Any:
        if isinstance(items, list):
            return tool.stack([array(item) for item in items])
        return items if isinstance(items, tool.Tensor) else tool.tensor(items, dtype=tool.float64)

    def push(f: Callable[..., Any], primals: Any, tangents: Any) -> Any:
        return tool.func.jvp(f, tuple(map(array, primals)), tuple(map(array, tangents)))

    numpy = SimpleNamespace(
        sum=tool.sum,
        sqrt=tool.sqrt,
        array=array,
        zeros=lambda shape: tool.zeros(shape, dtype=tool.float64),
    )
    names = rewritten(
        np=numpy, grad=tool.func.grad, jvp=push, RIGHT=array([1.0, 0.0]), UP=array([0.0, 1.0])
    )
    begin = {name: array(np.asarray(start).tolist()) for name, start in START.items()}
    return {
        (name, modes): lambda name=name, modes=modes: names[name](*modes, begin[name]).numpy()
        for name in START
        for modes in MODES
    }


def by_jax() -> Runs:
    """Written anew with loops of JAX's, which are compiled."""
    from comparison import nested_jax

    return {
        (name, modes): lambda name=name, modes=modes, start=start: np.asarray(
            getattr(nested_jax, name)(*modes, start)
        )
        for name, start in START.items()
        for modes in MODES
    }


def by_numba() -> Runs:
    """Each program as one function, compiled with its derivatives by srcgrad and Numba."""
    importlib.import_module("numba")
    from comparison import nested_whole

    whole = {
        (name, modes): standalone(
            getattr(nested_whole, f"{name}_{'_'.join(modes)}"), backend="numba"
        )
        for name in START
        for modes in MODES
    }
    return {key: lambda f=f, start=START[key[0]]: f(start) for key, f in whole.items()}


def others() -> dict[str, Runs]:
    """What is installed."""
    found = {}
    tools = {
        "srcgrad, Numba": by_numba,
        "autograd": by_autograd,
        "PyTorch": by_torch,
        "JAX, written anew": by_jax,
    }
    for name, make in tools.items():
        try:
            found[name] = make()
        except ImportError:
            print(f"left out: {name}: it is not installed")
    return found


def timed(call: Callable[[], Any]) -> tuple[float, Any]:
    start = process_time()  # what else the machine does is not counted
    found = call()
    return process_time() - start, found


def table(name: str, run: Callable[..., Any], peers: dict[str, Runs]) -> None:
    print(f"{name}: milliseconds again, first; ratio to srcgrad in the same modes")
    expected = None
    for modes in MODES:
        runs = {"srcgrad": lambda modes=modes: run(*modes, START[name])}
        runs |= {tool: made[name, modes] for tool, made in peers.items() if (name, modes) in made}
        base = 0.0
        for tool, call in runs.items():
            title = f"{' over '.join(modes)}, {tool}"
            try:
                first, found = timed(call)
            except UnsupportedError as error:
                print(f"  {title:40} refused: {error.problems[0].message}")
                continue
            compiled = tool.endswith("Numba")  # the first call is slow, and no other
            again = min(timed(call)[0] for _ in range(3)) if compiled or first < 10 else first
            expected = found if expected is None else expected
            base = base or again
            np.testing.assert_allclose(found, expected, rtol=1e-6, atol=1e-6)
            print(f"  {title:40} {1e3 * again:9.2f} {1e3 * first:9.1f} {again / base:8.3f}")


if __name__ == "__main__":
    on_one_core()
    known = others()
    for program in sys.argv[1:] or START:
        table(program, globals()[program], known)
