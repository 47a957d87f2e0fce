"""The benchmarks' programs: adjoints by hand against differences, generated ones against them."""

from __future__ import annotations

import sys
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

FOLDER = Path(__file__).resolve().parent.parent / "benchmarks"


@pytest.fixture(scope="module")
def comparison() -> SimpleNamespace:
    """The modules of `benchmarks/`, which are scripts beside each other and no package."""
    sys.path.insert(0, str(FOLDER))
    others = {name: sys.modules.pop(name) for name in ("hand", "kernels") if name in sys.modules}
    try:
        from comparison import contenders, measure, suites, tables
    finally:
        sys.path.remove(str(FOLDER))
        sys.modules.update(others)  # `tests/kernels` may go by that name, too
    return SimpleNamespace(contenders=contenders, measure=measure, suites=suites, tables=tables)


@pytest.mark.parametrize("suite", ["micro", "loops", "objectives"])
def test_gradients_agree_with_each_other_and_with_differences(comparison, suite: str) -> None:
    cases = [case for case in comparison.suites.SUITES[suite]() if not case.name.endswith(", M")]
    assert len(cases) >= 5
    for case in cases:
        reference = None
        for tool in ("hand", "srcgrad"):
            if tool == "hand" and case.by_hand is None:
                continue
            _, result, _ = comparison.contenders.ready(tool, case)
            reference = comparison.measure.compare(tool, case, result, reference)


def test_wrong_gradients_are_refused(comparison) -> None:
    case = comparison.suites.SUITES["loops"]()[0]
    _, result, _ = comparison.contenders.ready("hand", case)
    wrong = [result[0] + 1e-3, result[1]]
    refused = pytest.raises(comparison.contenders.Refused, match="WRONG")
    with refused:
        comparison.measure.compare("srcgrad", case, wrong, None)
    with refused:
        comparison.measure.compare("srcgrad", case, wrong, result)
    with refused:
        comparison.measure.compare("srcgrad", case, [result[0][1:], result[1]], result)


@pytest.mark.parametrize(
    ("number", "text"), [(0.0, "0.000000"), (0.01234, "0.0123"), (1.0, "1.00"), (123.4, "123")]
)
def test_significant_digits(comparison, number: float, text: str) -> None:
    assert comparison.tables.significant(number) == text


def test_arguments_are_left_alone(comparison) -> None:
    for case in comparison.suites.SUITES["loops"]():
        if case.name.endswith(", S"):
            before = case.copies()
            comparison.contenders.primal(case)()
            comparison.contenders.hand(case)()
            for old, new in zip(before, case.args, strict=True):
                np.testing.assert_array_equal(old, new)
