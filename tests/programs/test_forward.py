"""Every program in forward mode against reverse mode: live, and ahead of time."""

from __future__ import annotations

import copy
import inspect
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from srcgrad import jvp, transform
from tests.forward import check_forward, drawn_like, pair
from tests.programs.test_programs import ROWS, UNKNOWN_REFUSED, Inputs, differentiated, inputs


@pytest.mark.parametrize("seed", [1, 2])
@pytest.mark.parametrize(("program", "make"), ROWS, ids=lambda v: getattr(v, "__name__", ""))
def test_tangent(program: Callable[..., Any], make: Inputs, seed: int) -> None:
    check_forward(program, make(**inputs(seed)), seed)


@pytest.mark.parametrize(("program", "make"), ROWS, ids=lambda v: getattr(v, "__name__", ""))
def test_ahead_of_time(program: Callable[..., Any], make: Inputs) -> None:
    if program.__name__ in UNKNOWN_REFUSED:
        return
    args = make(**inputs(5))
    wrt, rng = differentiated(args), np.random.default_rng(6)
    names = list(inspect.signature(program).parameters)
    path = Path(inspect.getsourcefile(program) or "")
    chosen = [names[i] for i in wrt]
    text = transform(path, functions=[program.__name__], wrt=chosen, mode="jvp")
    assert "srcgrad." not in text.split('"""', 2)[2]
    namespace: dict[str, Any] = {}
    exec(text, namespace)
    dots = [drawn_like(arg, rng) if i in wrt else None for i, arg in enumerate(args)]
    value, tangent = jvp(program, args, dots)
    named = {f"{names[i]}_dot": dots[i] for i in wrt}
    found = namespace[f"{program.__name__}_jvp"](*copy.deepcopy(args), **named)
    np.testing.assert_allclose(found[0], value, rtol=1e-12)
    assert pair(found[1], 1.0) == pytest.approx(pair(tangent, 1.0), rel=1e-10)
