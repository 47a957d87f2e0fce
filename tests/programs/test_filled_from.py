"""Lists filled from lists that are given: right, and refused where one sees the other change."""

from __future__ import annotations

import copy
from collections.abc import Callable

import numpy as np
import pytest

from srcgrad import UnsupportedError, grad
from srcgrad.check import check_grads
from tests.programs import filled_from

ARRAYS = [np.array([0.3, 0.7]), np.array([0.7, 1.2])]


@pytest.mark.parametrize("program", filled_from.PROGRAMS)
def test_derivatives(program: Callable[..., float]) -> None:
    check_grads(program, (copy.deepcopy(ARRAYS),), ("reverse", "forward"))
    for optimize in (0, 1):
        made = grad(program, optimize=optimize)(copy.deepcopy(ARRAYS))
        np.testing.assert_allclose(made, grad(program)(copy.deepcopy(ARRAYS)), rtol=1e-12)


@pytest.mark.parametrize("optimize", [0, 2])
@pytest.mark.parametrize("program", filled_from.DOUBTFUL)
def test_refused(program: Callable[..., float], optimize: int) -> None:
    with pytest.raises(UnsupportedError, match=r"memory|length"):
        grad(program, optimize=optimize)(copy.deepcopy(ARRAYS))
