"""The programs of `nested.py` in JAX. Loops that end when a test says so are `while_loop`, which
has tangents and no cotangents; where the outer mode is reverse, they are scans over more steps than
are needed, of which the last ones change nothing."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import jax
import jax.numpy as np
from jax import grad, jit, jvp, lax

jax.config.update("jax_enable_x64", True)

Function = Callable[..., Any]
MOST = {"saddle": 256, "particle": 512}  # steps of scans


def forward_slope(f: Function, x: Any) -> Any:
    """The gradient in two variables, by two directions."""
    return np.stack([jvp(f, (x,), (unit,))[1] for unit in np.eye(2)])


def repeat(step: Function, more: Function, state: Any, most: int | None) -> Any:
    """`state = step(state)` while there is more to do; in a scan of so many steps, if that is
    given."""
    if most is None:
        return lax.while_loop(more, step, state)

    def masked(state: Any, _: Any) -> Any:
        going = more(state)
        chosen = jax.tree.map(lambda new, old: np.where(going, new, old), step(state), state)
        return chosen, None

    return lax.scan(masked, state, None, length=most)[0]


# --- saddle


def cost(x: Any, y: Any) -> Any:
    return np.sum(x**2) - np.sum(y**2)


def descended(f: Function, slope: Function, x: Any, most: int | None = None) -> Any:
    """Descent that doubles its step after ten successes, and halves it on failure."""

    def more(state: Any) -> Any:
        _, _, gx, _, _, stopped = state
        return (np.sqrt(np.sum(gx**2)) > 1e-5) & ~stopped

    def double(state: Any) -> Any:
        x, fx, gx, rate, _, _ = state
        return x, fx, gx, 2.0 * rate, 0, False

    def move(state: Any) -> Any:
        x, fx, gx, rate, successes, _ = state
        step = rate * gx
        small = np.sqrt(np.sum(step**2)) <= 1e-5
        there = f(x - step)
        better = ~small & (there < fx)
        x, fx = np.where(better, x - step, x), np.where(better, there, fx)
        rate = np.where(better | small, rate, rate / 2.0)
        gx = lax.cond(better, slope, lambda _: gx, x)
        return x, fx, gx, rate, np.where(better, successes + 1, 0), small

    def step(state: Any) -> Any:
        return lax.cond(state[4] == 10, double, move, state)

    return repeat(step, more, (x, f(x), slope(x), 1e-5, 0, False), most)[0]


@partial(jit, static_argnums=(0, 1))
def saddle(outer: str, inner: str, start: Any) -> Any:
    most = MOST["saddle"] if outer == "reverse" else None

    def worst(x: Any) -> Any:
        def f(y: Any) -> Any:
            return -cost(x, y)

        slope = grad(f) if inner == "reverse" else partial(forward_slope, f)
        return cost(x, descended(f, slope, start, most))

    slope = grad(worst) if outer == "reverse" else partial(forward_slope, worst)
    return descended(worst, slope, start)


# --- particle


def potential(x: Any, charges: Any) -> Any:
    return np.sum(1.0 / np.sqrt(np.sum((x - charges) ** 2, axis=1)))


def landed(w: Any, force: Function, most: int | None) -> Any:
    charges, dt = np.array([[10.0, 10.0], [10.0, 0.0]]).at[0, 1].add(-w), 0.1

    def more(state: Any) -> Any:
        x, v = state
        return x[1] + dt * v[1] > 0

    def step(state: Any) -> Any:
        x, v = state
        return x + dt * v, v - dt * force(x, charges)

    x, v = repeat(step, more, (np.array([0.0, 8.0]), np.array([0.75, 0.0])), most)
    return (x[0] - x[1] / v[1] * v[0]) ** 2


@partial(jit, static_argnums=(0, 1))
def particle(outer: str, inner: str, w: Any) -> Any:
    """Newton's method: derivatives of the first and second order of the landing."""
    most = MOST["particle"] if outer == "reverse" else None

    def force(x: Any, charges: Any) -> Any:
        if inner == "reverse":
            return grad(potential)(x, charges)
        return forward_slope(lambda x: potential(x, charges), x)

    def f(w: Any) -> Any:
        return landed(w, force, most)

    def along(f: Function) -> Function:
        return grad(f) if outer == "reverse" else lambda w: jvp(f, (w,), (1.0,))[1]

    slope, curve = along(f), along(along(f))
    for _ in range(3):
        w = w - slope(w) / curve(w)
    return w
