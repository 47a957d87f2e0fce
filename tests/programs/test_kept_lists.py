"""Lists that calls give back, or keep in their result: refused where none brings them in step."""

from inspect import getmembers, isfunction

import numpy as np
import pytest

from srcgrad import UnsupportedError, grad, jvp
from tests.programs import kept_lists

PROGRAMS = [f for name, f in getmembers(kept_lists, isfunction) if not name.startswith("_")]
REASON = r"memory it may share|no derivative rule"
RNG = np.random.default_rng()


@pytest.mark.parametrize("level", [0, 2])
@pytest.mark.parametrize("program", PROGRAMS, ids=lambda f: f.__name__)
def test_refused(program, level):
    x = RNG.normal(size=3)
    assert np.isfinite(program(x))
    with pytest.raises(UnsupportedError, match=REASON):
        grad(program, optimize=level)(x)
    with pytest.raises(UnsupportedError, match=REASON):
        jvp(program, (x,), (x,))
