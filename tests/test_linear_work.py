"""The work of a transformation grows with the program and no faster.

Calls of functions are counted, which, unlike time, are the same on every machine.
"""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from srcgrad import transform
from srcgrad.ad.kindtable import KindTable
from srcgrad.ir.kinds import FLOAT, INT, UNKNOWN

BENCHMARKS = Path(__file__).resolve().parent.parent / "benchmarks"


def long_programs() -> ModuleType:
    spec = importlib.util.spec_from_file_location("long_programs", BENCHMARKS / "long_programs.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


SHAPES = long_programs().SHAPES


def calls(text: str) -> int:
    """Functions called while a program is transformed."""
    count = 0

    def note(frame: Any, event: str, arg: Any) -> None:
        nonlocal count
        count += event in ("call", "c_call")

    sys.setprofile(note)
    try:
        transform(text, filename="long.py", functions=["f"])
    finally:
        sys.setprofile(None)
    return count


@pytest.mark.parametrize("shape", SHAPES)
def test_four_times_the_statements_take_four_times_the_calls(shape: str) -> None:
    calls(SHAPES[shape](20))  # reads the rules, and fills caches
    few, many = (calls(SHAPES[shape](size)) for size in (120, 480))
    assert many < 4.2 * few


def nested(depth: int) -> str:
    lines = ["def f(x: np.ndarray, s: float) -> float:"]
    for level in range(depth):
        blanks = "    " * (level + 1)
        lines += [f"{blanks}for i{level} in range(2):", f"{blanks}    s = s + x[{level}] * s"]
    return "\n".join(["import numpy as np", "", "", *lines, "    return s", ""])


def test_loops_within_loops_are_not_looked_at_twice_as_often_at_each_level() -> None:
    calls(nested(2))
    few, many = calls(nested(3)), calls(nested(6))
    assert many < 4 * few  # 2**3 of it, if each level looked twice


def test_kinds_turn_back_to_a_moment() -> None:
    kinds = KindTable()
    kinds["x"] = FLOAT
    moment = kinds.moment
    kinds["x"] = INT
    kinds["x"] = UNKNOWN
    kinds["new"] = INT
    assert kinds.before(moment) == {"x": FLOAT}
    assert kinds.changed(moment) == {"x": UNKNOWN, "new": INT}
    kinds.turn_to(moment, {"new": FLOAT})
    assert kinds == {"x": FLOAT, "new": FLOAT}
