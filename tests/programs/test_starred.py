"""Calls with stars: derivatives, and calls that Python refuses are refused as well."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from srcgrad import UnsupportedError, grad, jvp
from srcgrad.check import check_grads
from tests.programs import starred

X = np.array([0.3, 0.7, 1.2, 0.4, 0.9])


@pytest.mark.parametrize("program", starred.PROGRAMS)
def test_derivatives(program: Callable[..., float]) -> None:
    check_grads(program, (X,), ("reverse", "forward"), 1 if program in starred.LISTS else 2)
    expected = grad(program)(X)
    for optimize in (0, 1):
        np.testing.assert_allclose(grad(program, optimize=optimize)(X), expected, rtol=1e-12)


def test_number_that_nothing_tells() -> None:
    with pytest.raises(UnsupportedError, match=r"how many items `\*x` gives is not known"):
        grad(starred.any_number)(X[:2])


@pytest.mark.parametrize("optimize", [0, 1, 2])
@pytest.mark.parametrize("program", [starred.another_number, starred.too_many_for_the_callee])
def test_calls_that_python_refuses(program: Callable[..., float], optimize: int) -> None:
    with pytest.raises(TypeError):
        program(X)
    with pytest.raises((TypeError, ValueError)):
        grad(program, optimize=optimize)(X)
    with pytest.raises((TypeError, ValueError)):
        jvp(program, (X,), (X,))
