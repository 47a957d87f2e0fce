"""Every kernel that is differentiated in reverse is so in forward mode, with the same numbers."""

from __future__ import annotations

import copy
from types import ModuleType

import numpy as np
import pytest

from srcgrad import jvp, value_and_grad
from tests.forward import RTOL, drawn_like, pair
from tests.kernels.cases import Case
from tests.kernels.test_kernels import LIVE, arguments, of, positions


@pytest.mark.parametrize(("module", "case"), LIVE, ids=of)
def test_tangent(module: ModuleType, case: Case) -> None:
    kernel, args, rng = getattr(module, case.name), arguments(case, 21), np.random.default_rng(3)
    wrt = positions(kernel, case)
    dots = [drawn_like(arg, rng) if i in wrt else None for i, arg in enumerate(args)]
    value, gradient = value_and_grad(kernel, wrt)(*copy.deepcopy(args))
    found, tangent = jvp(kernel, args, dots)
    assert found == pytest.approx(value, rel=1e-12)
    expected = pair(list(gradient), [dots[i] for i in wrt])
    assert abs(tangent - expected) <= RTOL * max(1.0, abs(expected))
