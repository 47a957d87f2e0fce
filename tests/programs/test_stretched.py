"""`x += y` where y is larger: NumPy raises, and so does the derivative."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from srcgrad import value_and_grad
from srcgrad.differences import central_differences
from tests.agreement import assert_near

Shape = tuple[int, ...]


def of_argument(x: Any, y: Any) -> Any:
    x += y
    return np.sum(x * x)


def of_product(x: Any, y: Any) -> Any:
    z = 2.0 * x
    z *= y
    return np.sum(z * x)


def in_loop(x: Any, y: Any) -> Any:
    z = np.sin(x)
    for i in range(3):
        z -= i * y
    return np.sum(z * z)


SHAPES: tuple[tuple[Shape, Shape], ...] = (
    ((3,), (2, 3)),
    ((1, 3), (2, 3)),
    ((3, 1), (3, 3)),
    ((1,), (3,)),
    ((20,), (1, 20)),
    ((), (3,)),
    ((3, 1), (1, 1)),
    ((2, 3), (3,)),
    ((2, 3), (2, 1)),
    ((1, 20), (20,)),
    ((1, 1), (1,)),
    ((20,), ()),
)


@pytest.mark.parametrize("program", [of_argument, of_product, in_loop])
@pytest.mark.parametrize("shapes", SHAPES)
@pytest.mark.parametrize("level", [0, 2])
def test_as_numpy_does(
    program: Callable[..., Any], shapes: tuple[Shape, Shape], level: int
) -> None:
    rng = np.random.default_rng()
    args = [np.asarray(rng.normal(size=shape)) for shape in shapes]
    derivative = value_and_grad(program, argnums=(0, 1), optimize=level)
    try:
        value = program(*[a.copy() for a in args])
    except ValueError:
        with pytest.raises(ValueError, match=r"broadcast"):
            derivative(*args)
        return
    found, gradients = derivative(*args)
    np.testing.assert_allclose(found, value, rtol=1e-12)
    expected = central_differences(lambda *a: program(*[b.copy() for b in a]), args, (0, 1))
    for gradient, wanted in zip(gradients, expected, strict=True):
        assert_near(gradient, wanted, atol=1e-6)
