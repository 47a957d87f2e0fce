"""The kinds of node a computational graph is made of, one function each.

Every node multiplies the gradient from upstream by its local derivative and passes it downstream:
add 1, subtract 1 and -1, multiply the other factor, reciprocal -1/x^2, power n x^(n-1), exp e^x,
log 1/x, sin cos x, cos -sin x.
"""

from __future__ import annotations

import math

from srcgrad import grad


@grad(argnums=("x", "y"))
def add(x: float, y: float) -> float:
    return x + y


@grad(argnums=("x", "y"))
def subtract(x: float, y: float) -> float:
    return x - y


@grad(argnums=("x", "y"))
def multiply(x: float, y: float) -> float:
    return x * y


@grad
def reciprocal(x: float) -> float:
    return 1 / x


@grad
def power(x: float, n: int) -> float:
    return x**n


@grad
def exp(x: float) -> float:
    return math.exp(x)


@grad
def log(x: float) -> float:
    return math.log(x)


@grad
def sin(x: float) -> float:
    return math.sin(x)


@grad
def cos(x: float) -> float:
    return math.cos(x)
