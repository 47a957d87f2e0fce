"""Optimisers: value and gradient against central differences."""

from inspect import getmembers, isfunction

import pytest

from tests.programs import optimisers
from tests.programs.judged import judge

PROGRAMS = [f for _, f in getmembers(optimisers, isfunction)]


@pytest.mark.parametrize("level", [0, 2])
@pytest.mark.parametrize("program", PROGRAMS, ids=lambda f: f.__name__)
def test_value_and_gradient(program, level):
    judge(program, level)
