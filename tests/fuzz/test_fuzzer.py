"""The fuzzer itself: programs are reproducible and run, planted faults are found and shrunk."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from tests.fuzz import oracle
from tests.fuzz.grammar import FEATURES, PROFILES
from tests.fuzz.oracle import judge, known_slopes, load
from tests.fuzz.program import from_seed
from tests.fuzz.shrink import shrink
from tests.fuzz.slopes import LeftOut

PRODUCT = """import numpy as np


def f(x, s):
    y = x * s
    if s > 0.1:
        y[0] = np.sin(y[1])
    z = y[::-1]
    return np.sum(y * z) + s


POINTS = [(np.array([0.3, 0.7]), 0.5), (np.array([1.3, 0.2]), -0.5)]
"""


def test_a_seed_is_a_program() -> None:
    assert from_seed(5).text == from_seed(5).text
    assert len({from_seed(seed).text for seed in range(50)}) == 50


def test_nearly_every_program_runs() -> None:
    outs = []
    for seed in range(120):
        module = load(from_seed(seed).text)
        try:
            known_slopes(module["f"], module["POINTS"])
        except LeftOut as reason:
            outs.append(str(reason))
    assert len(outs) < 20, outs  # and nothing else is raised


def test_every_feature_is_written() -> None:
    named = {feature for profile in PROFILES.values() for feature in profile}
    assert named == set(FEATURES)
    rows = [*oracle_rows()]
    assert {row.feature for row in rows} | {"parameters", "containers as arguments", "single",
            "matrices", "view helpers", "writing helpers"} == named  # fmt: skip


def oracle_rows() -> list[Any]:
    from tests.fuzz.grammar import ARRAYS, NUMBERS, STATEMENTS, TESTS

    return [row for table in (ARRAYS, NUMBERS, STATEMENTS, TESTS) for row in table.rows]


def test_a_right_program() -> None:
    verdict = judge(PRODUCT)
    assert (verdict.kind, verdict.ahead) == ("right", "right")


@pytest.mark.parametrize(
    ("change", "kind"),
    [
        (lambda g: tuple(2 * part for part in g), "wrong"),
        (lambda g: (g[0], g[1] + 1e-3), "wrong"),
        (lambda g: (g[0][:1], g[1]), "wrong"),
        (lambda g: 1 / 0, "crashed"),
    ],
)
def test_planted_faults(monkeypatch: pytest.MonkeyPatch, change: Any, kind: str) -> None:
    def faulty(entry: Any) -> Any:
        return lambda f, wrt: lambda *args: change(entry(f, wrt)(*args))

    monkeypatch.setattr(oracle, "grad", faulty(oracle.grad))
    monkeypatch.setattr(oracle, "value_and_grad", oracle.grad)
    monkeypatch.setattr(oracle.zlib, "crc32", lambda text: 1)
    assert judge(PRODUCT).kind == kind


def test_a_changed_argument_is_a_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    def faulty(entry: Any) -> Any:
        def derivative(*args: Any) -> Any:
            args[0][0] = 7.0
            return args

        return lambda f, wrt: derivative

    monkeypatch.setattr(oracle, "grad", faulty(oracle.grad))
    monkeypatch.setattr(oracle.zlib, "crc32", lambda text: 1)
    assert judge(PRODUCT).reason.endswith("an argument was changed")


def test_kinks_are_left_out() -> None:
    text = "def f(s):\n    return abs(s)\n\n\nPOINTS = [(0.0,)]\n"
    assert judge(text).kind == "left out"


def test_shrinking_keeps_the_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    """A derivative that forgets sines: what is left of a program is a sine."""

    def faulty(f: Any, wrt: Any) -> Any:
        return lambda *args: tuple(
            np.zeros_like(arg) if "sin" in TEXT[0] else part
            for arg, part in zip(args, real(f, wrt)(*args), strict=True)
        )

    TEXT = [""]
    real, judged = oracle.grad, oracle.load
    monkeypatch.setattr(oracle, "grad", faulty)
    monkeypatch.setattr(oracle.zlib, "crc32", lambda text: 1)
    monkeypatch.setattr(oracle, "load", lambda text: TEXT.__setitem__(0, text) or judged(text))
    small, verdict = shrink(PRODUCT)
    assert verdict.kind == "wrong"
    assert "sin" in small and "if" not in small and len(small) < len(PRODUCT) - 60
