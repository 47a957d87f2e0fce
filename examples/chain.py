"""The chain rule: stages in a row, several paths from one input, and a thousand stages.

`@grad` puts the derivative in the function's place; the forward function stays as `.primal`.
"""

from __future__ import annotations

import math

from srcgrad import grad


@grad
def square(t: float) -> float:
    """The outer stage of `square_of_sum` alone: dz/dt = 2t."""
    return t**2


@grad(argnums=("x", "y"))
def square_of_sum(x: float, y: float) -> float:
    """Two stages through t = x + y: dz/dx = dz/dy = dz/dt = 2(x + y)."""
    t = x + y
    z = t**2
    return z


def halve(x: float) -> float:
    return x / 2


def bend(x: float) -> float:
    return math.sin(x) + x


def lift(x: float) -> float:
    return math.exp(x)


@grad
def composition(x: float) -> float:
    """f(g(h(x))): the local derivatives are multiplied."""
    return lift(bend(halve(x)))


@grad(argnums=("x", "y"))
def paths(x: float, y: float) -> float:
    """z(t1(x, y), t2(x, y), t3(x)): every path from x to z contributes, and they are added."""
    t1 = x * y
    t2 = x + math.sin(y)
    t3 = x**2
    z = t1 * t2 + t3 * t2
    return z


@grad
def deep(x: float, depth: int) -> float:
    """The same stage composed `depth` times: the derivative is the product of all local ones."""
    for _ in range(depth):
        x = 0.5 * math.sin(x) + x
    return x
