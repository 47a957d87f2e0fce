"""Functions that call themselves with ever other arguments: of a length, a rank, a list's items."""

from __future__ import annotations

import numpy as np
import pytest

from srcgrad.check import check_grads

RNG = np.random.default_rng()
VECTOR, MATRIX = RNG.normal(size=3), RNG.normal(size=(4, 4))


def minors(a):
    n = len(a)
    if n == 1:
        return a[0, 0]
    total = 0.0
    for i in range(n):
        rest = np.empty((n - 1, n - 1))
        for row in range(1, n):
            rest[row - 1, :i] = a[row, :i]
            rest[row - 1, i:] = a[row, i + 1 :]
        total += (-1.0) ** i * a[0, i] * minors(rest)
    return total


def squares(x):
    if len(x) == 0:
        return 0.0
    return x[0] ** 2 + squares(x[1:])


def squares_of_many(x):
    """Of an array whose length the text tells."""
    return squares(np.ones(40) * x[0])


def halves(x):
    if len(x) < 2:
        return np.sum(x**3)
    middle = len(x) // 2
    return halves(x[:middle]) * 2.0 + halves(x[middle:])


def grown(x):
    if len(x) > 6:
        return np.sum(x**3)
    return grown(np.concatenate([x, x[:1]]))


def with_axes(x, count=0):
    if count > 3:
        return np.sum(np.asarray(x) ** 2)
    return with_axes(x[None], count + 1)


def listed(x, seen):
    if len(seen) > 3:
        return sum(seen)
    return listed(x * 1.1, seen + [x * x])


def with_a_list(x):
    return listed(x[0], [])


@pytest.mark.parametrize(
    "program, arg",
    [(minors, MATRIX), (squares, VECTOR), (squares_of_many, VECTOR), (halves, VECTOR),
     (grown, VECTOR), (with_axes, VECTOR), (with_a_list, VECTOR)],
)  # fmt: skip
def test_derivatives(program, arg):
    check_grads(program, (arg,))
