"""Gradients of programs that fill texts in, against differences."""

from inspect import getmembers, isfunction

import pytest

from tests.programs import filling_texts
from tests.programs.judged import judge

PROGRAMS = [f for _, f in getmembers(filling_texts, isfunction)]


@pytest.mark.parametrize("level", [0, 2])
@pytest.mark.parametrize("program", PROGRAMS, ids=lambda f: f.__name__)
def test_gradient(program, level):
    judge(program, level)
