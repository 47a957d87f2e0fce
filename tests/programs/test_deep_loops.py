"""Loops in loops in loops: right, and looked at not nearly 3**depth times."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from srcgrad import grad, transform
from srcgrad.ad.required import RequiredAnalysis
from srcgrad.differences import central_differences


def nest(depth: int) -> str:
    """A program with loops so deep, each of which writes what the others read."""
    lines = ["import numpy as np", "", "", "def f(x, s):"]
    for k in range(depth):
        lines.append("    " * (k + 1) + f"for i{k} in range(2):")
        lines.append("    " * (k + 2) + f"s = s + x[i{k}] * s * 0.1")
    lines += ["    " * (depth + 1) + "s = s - np.sin(s) * x[0]", "    return s", ""]
    return "\n".join(lines)


@pytest.mark.parametrize("depth", [1, 2, 3, 4])
def test_gradients_of_loops_in_loops(depth: int) -> None:
    space: dict[str, Any] = {}
    exec(nest(depth), space)
    space["f"].__source__ = nest(depth).split("\n\n\n")[1]
    x = np.random.default_rng(depth).random(2)
    expected = central_differences(space["f"], (x, 0.4), (0, 1))
    for found, known in zip(grad(space["f"], (0, 1))(x, 0.4), expected, strict=True):
        np.testing.assert_allclose(found, known, rtol=1e-5, atol=1e-7)


def test_deep_loops_are_not_looked_at_again_and_again(monkeypatch: pytest.MonkeyPatch) -> None:
    counts = []
    any_loop = RequiredAnalysis.any_loop

    def counted(self: RequiredAnalysis, *args: Any) -> None:
        counts[-1] += 1
        any_loop(self, *args)

    monkeypatch.setattr(RequiredAnalysis, "any_loop", counted)
    for depth in (3, 6):
        counts.append(0)
        transform(nest(depth), filename="nest.py", functions=["f"])
    assert counts[1] < 10 * counts[0]  # without a memory 27 times as many
