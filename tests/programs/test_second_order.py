"""Second derivatives of all programs: Hessians times vectors against differences of gradients."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from srcgrad import UnsupportedError, hvp
from tests.programs.test_programs import ROWS, Inputs, differentiated, inputs
from tests.second import check_second

# The gradient keeps what it reads backwards in a list that it empties again.
REFUSED = {"list_emptied_in_a_loop"}


@pytest.mark.parametrize(("program", "make"), ROWS, ids=lambda v: getattr(v, "__name__", ""))
def test_hessian_times_a_vector(program: Callable[..., Any], make: Inputs) -> None:
    args = make(**inputs(3))
    wrt = differentiated(args)
    if program.__name__ in REFUSED:
        with pytest.raises(UnsupportedError):
            hvp(program, wrt)(*args, tuple(args[i] for i in wrt))
        return
    check_second(program, args, wrt)
