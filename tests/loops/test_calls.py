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


# --- recursion


def minors(A):
    n = A.shape[0]
    if n == 1:
        return A[0, 0]
    total = 0.0
    for j in range(n):
        minor = np.concatenate([A[1:, :j], A[1:, j + 1 :]], axis=1)
        total = total + (-1.0) ** j * A[0, j] * minors(minor)
    return total


def powers(a, x, n):
    """Two active arguments, and an integer."""
    if n == 0:
        return a * 1.0
    if n % 2 == 0:
        return powers(a * x, x * 0.5, n - 1) + powers(a, x, n - 2)
    return powers(np.sin(a), x * a, n - 1)


def of_powers(x, n):
    s = 0.0
    for i in range(n):
        s = s + powers(x[i], x[0], i + 1) * powers(s, 0.3, 2)
    return s


def even(x, n):
    return x * 1.0 if n == 0 else odd(x * x, n - 1)


def odd(x, n):
    return 2.0 * x if n == 0 else even(np.sin(x), n - 1)


def writes(u, n):
    """Writes into its argument before it calls itself."""
    if n == 0:
        return np.sum(u * u)
    u[n] = u[n - 1] * 2.0
    return writes(u, n - 1) * u[0]


def called_with_copies(x, n):
    return writes(x * 1.0, n)


def halves(x):
    """Parts of an array."""
    n = x.shape[0]
    if n == 1:
        return x[0] ** 2
    return halves(x[: n // 2]) * 2.0 + np.sin(halves(x[n // 2 :]))


MATRIX = np.random.default_rng(3).random((4, 4))


def endless(x, n):
    if n == 0:
        return x * 1.0
    return x * endless(x, n - 1)


RECURSIVE = {minors: (MATRIX,), of_powers: (x, 4), even: (0.7, 4), called_with_copies: (x, 3),
             halves: (x[:8],)}  # fmt: skip
REASONS = {
    "even": "`odd` calls itself, and may return no number",
    "called_with_copies": "by srcgrad itself",
}


@pytest.mark.parametrize("function", RECURSIVE, ids=lambda f: f.__name__)
def test_recursion(function) -> None:
    program = Program(function.__name__, function, lambda seed: RECURSIVE[function], (0,))
    reason = REASONS.get(function.__name__)
    assert survey_text(program) == (Outcome("refused", reason) if reason else Outcome("right"))


def test_recursion_has_an_end() -> None:
    """A stack that is too deep is Python's RecursionError, not the end of the process."""
    kept = endless
    program = Program("endless", kept, lambda seed: (0.5, 50), (0,))
    assert survey_text(program) == Outcome("right")
    pytest.importorskip("numba", reason="numba is not installed: pip install srcgrad[numba]")
    derivative = grad(kept, backend="numba")
    assert derivative(0.5, 50) == pytest.approx(51 * 0.5**50)
    with pytest.raises(RecursionError):
        derivative(0.5, 10**7)


def signs(x, n):
    s = 0.0
    for j in range(n):
        s = s + (-1.0) ** j * x[j] ** 2 + (-2) ** 3 * x[j] - 0.5 * (-x[j]) ** 2
    return s


def test_powers_of_numbers_below_zero() -> None:
    """`(-1.0) ** j` was written as `-(1.0**j)`."""
    program = Program("signs", signs, lambda seed: (x, 5), (0,))
    assert survey_text(program) == Outcome("right")
