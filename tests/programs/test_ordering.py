"""Order by a key: value and gradient against central differences."""

from inspect import getmembers, isfunction

import pytest

from srcgrad import UnsupportedError, grad
from tests.programs import ordering
from tests.programs.judged import RNG, judge

PROGRAMS = [f for _, f in getmembers(ordering, isfunction)]


@pytest.mark.parametrize("level", [0, 2])
@pytest.mark.parametrize("program", PROGRAMS, ids=lambda f: f.__name__)
def test_value_and_gradient(program, level):
    judge(program, level)


def test_order_that_is_known_at_run_time_is_refused():
    def either_way(x, backwards):
        return sorted(x, key=abs, reverse=backwards)[0]

    with pytest.raises(UnsupportedError, match="with `key`"):
        grad(either_way)(RNG.normal(size=3), True)
