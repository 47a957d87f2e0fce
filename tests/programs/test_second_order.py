"""Second derivatives of all programs: Hessians times vectors against differences of gradients."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.programs.test_programs import ROWS, Inputs, differentiated, inputs
from tests.second import check_second


@pytest.mark.parametrize(("program", "make"), ROWS, ids=lambda v: getattr(v, "__name__", ""))
def test_hessian_times_a_vector(program: Callable[..., Any], make: Inputs) -> None:
    args = make(**inputs(3))
    wrt = differentiated(args)
    check_second(program, args, wrt)
