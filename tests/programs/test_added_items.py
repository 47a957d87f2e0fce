"""`items[0] += 1`: what is known of an item before is not known of it afterwards."""

from __future__ import annotations

import numpy as np
import pytest

from srcgrad import UnsupportedError, grad
from tests.agreement import assert_near


def widths(x):
    """Padding that grows."""
    width, total = [1, 0], 0.0
    for i in range(3):
        y = np.pad(x, width)
        total += np.sum(y[1:] * y[:-1]) * (i + 1)
        width[0] += 1
    return total


def shape(x):
    rows, total = {"n": 1}, 0.0
    for _ in range(2):
        y = np.reshape(x[:4], (rows["n"], -1))
        total += np.sum(y * np.ones((rows["n"], 1)) * np.arange(4.0 / rows["n"]))
        rows["n"] += 1
    return total * np.sum(np.ones((rows["n"], 1)) * x)


def longer(x):
    """`+=` of lists makes them longer."""
    items = [[x[0]], [x[1]]]
    items[0] += [x[2]]
    items[1] *= 3
    total = 0.0
    for i, v in enumerate(items[0]):
        total += v**2 * (i + 1)
    for i, v in enumerate(items[1]):
        total += v**3 * (i + 1)
    return total


def powers(x):
    exponent, total = [1], 0.0
    for v in x:
        total += v ** exponent[0]
        exponent[0] += 1
    return total


X = np.array([0.5, 1.2, 0.7, -0.4, 0.9])


@pytest.mark.parametrize("program", [widths, shape, powers])
@pytest.mark.parametrize("level", [0, 2])
def test_gradient(program, level):
    step = 1e-6
    expected = [(program(X + e) - program(X - e)) / (2 * step) for e in step * np.eye(len(X))]
    assert_near(grad(program, optimize=level)(X.copy()), np.array(expected))


def test_lists_in_lists_that_grow_are_refused():
    with pytest.raises(UnsupportedError, match="written through another name"):
        grad(longer)(X)
