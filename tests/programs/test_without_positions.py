"""Loops over sets and enumerations: value and gradient against central differences."""

from inspect import getmembers, isfunction

import pytest

from tests.programs import without_positions
from tests.programs.judged import judge, judge_both_modes

PROGRAMS = [f for _, f in getmembers(without_positions, isfunction)]


@pytest.mark.parametrize("level", [0, 2])
@pytest.mark.parametrize("program", PROGRAMS, ids=lambda f: f.__name__)
def test_value_and_gradient(program, level):
    judge(program, level)


@pytest.mark.parametrize("program", PROGRAMS, ids=lambda f: f.__name__)
def test_forward_agrees(program):
    judge_both_modes(program)
