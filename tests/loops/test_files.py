"""Files of compiled loops that are used alone: what the live object checks, they check."""

from __future__ import annotations

import numpy as np
import pytest

from srcgrad import transform
from srcgrad.backends.numpy import compile_source

TEXT = """
import numpy as np


def step(x: np.ndarray, p: dict):
    x[0] = p["y"][0] * x[1]
    x[1] = x[0] * p["y"][1]
    return np.sum(x * p["y"])
"""


def test_arguments_that_are_written_share_no_memory(tmp_path) -> None:
    pytest.importorskip("numba")
    file = tmp_path / "steps.py"
    file.write_text(TEXT)
    at = {"x": np.ones(2), "p": {"y": np.ones(2)}}
    text = transform(file, functions=["step"], wrt="x", at=at, backend="numba")
    step_grad = compile_source(text, "step_grad", {})
    memory = np.array([1.0, 2.0, 3.0, 4.0])
    found = step_grad(memory[:2], memory[2:])
    np.testing.assert_allclose(found, step_grad(memory[:2].copy(), memory[2:].copy()))
    np.testing.assert_allclose(found, [0.0, 57.0])
    for x, y in ((memory[:2], memory[:2]), (memory[:2], memory[1:3]), (memory[::-1], memory)):
        with pytest.raises(ValueError, match="shares memory with another"):
            step_grad(x, y)
