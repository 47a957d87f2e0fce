"""Functions with loops and branches that loops call, and tuples of integers, run by Python."""

from __future__ import annotations

import numpy as np
import pytest

from srcgrad import grad
from tests.loops.survey import Outcome, Program, survey_text


def clipped(x, low):
    if x < low:
        return low * 1.0
    total = 0.0
    for k in range(3):
        total = total + x**k
    return total


def filled(u, k):
    """Writes into its argument, and binds a parameter anew."""
    for i in range(u.shape[0]):
        k = k * 0.5
        u[i] = u[i] * k
    return k


def caller(x, n):
    s = 0.0
    for i in range(n):
        s = s + clipped(x[i] * s + x[0], 0.4)
    return s


def caller_of_writer(x, n):
    u = x * 1.0
    k = x[0]
    for _ in range(n):
        k = k + filled(u, k + 1.0)
    return k * np.sum(u)


def deep(x, n):
    """A call within a call, twice in one statement."""

    def outer(y, n):
        return caller(y, n) * y[0] - caller(y * 0.5, n - 1)

    return outer(x, n) + outer(x + 1.0, 2)


def chain(x, parents):
    places = [x[0] * 1.0]
    for b in range(1, len(parents)):
        places.append(places[parents[b]] * x[b] + places[parents[b] - 1])
    return sum(places)


def ends(x, parents):
    """Indices of a tuple from the end, and of an array by it."""
    s = 0.0
    for b in range(len(parents)):
        s = s + x[parents[-1 - b]] * x[b] ** 2
    return s


def beyond(x, parents):
    s = 0.0
    for b in range(len(parents) + 1):
        s = s + x[parents[b]]
    return s


x = 0.3 + np.random.default_rng(0).random(20)
PARENTS = (0, 0, 1, 1, 3, 2, 5, 5, 0, 8, 4, 10, 2, 12)
CASES = {
    caller: (x, 4), caller_of_writer: (x, 3), deep: (x, 4), chain: (x, PARENTS),
    ends: (x, list(PARENTS)),
}  # fmt: skip


@pytest.mark.parametrize("function", CASES, ids=lambda f: f.__name__)
def test_calls(function) -> None:
    program = Program(function.__name__, function, lambda seed: CASES[function], (0,))
    assert survey_text(program) == Outcome("right")


def test_index_beyond_a_tuple() -> None:
    """Compiled code checks no index of an array; that of a tuple it does."""
    pytest.importorskip("numba", reason="numba is not installed: pip install srcgrad[numba]")
    with pytest.raises(IndexError):
        grad(beyond, backend="numba").lower(x, PARENTS).function.compiled(x, PARENTS)
    with pytest.raises(IndexError, match="tuple"):
        grad(beyond, backend="numba")(x, PARENTS)
