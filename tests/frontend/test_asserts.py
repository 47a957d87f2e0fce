"""Functions of test modules, whose `assert`s pytest has rewritten."""

from __future__ import annotations

import ast
import os
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from _pytest.assertion.rewrite import rewrite_asserts  # what pytest itself does to a module

from srcgrad import SourceError, grad


def test_asserts_of_every_form() -> None:
    def of_items(x):
        assert x[0] > 0
        assert 0 < x[1:].sum() < 100, f"sum of {x[1:]}"
        return np.sum(x**2)

    def of_calls(x):
        assert isinstance(x, np.ndarray) and x.shape == (2,)
        for i in range(2):
            assert not x[i] < 0 and all([x[i] > 0, x[i - 1] > 0]), ("bad", i)
        return np.sum(x**2)

    def in_a_branch(x):
        if x[0] > 5.0:
            assert x is not None
        else:
            assert len(x) == 2 or x[0] in (1.0, 2.0)
        return np.sum(x**2)

    for f in (of_items, of_calls, in_a_branch):
        np.testing.assert_array_equal(grad(f)(np.array([1.0, 2.0])), [2.0, 4.0])


@pytest.mark.parametrize("change", [("x**2", "x**3"), ("x[0] > 0", "x[1] > 0"), ("+", "-")])
def test_an_edited_function_with_rewritten_asserts(tmp_path: Path, change: tuple[str, str]) -> None:

    text = "def f(x):\n    assert x[0] > 0\n    return sum(x + x**2)\n"
    path = tmp_path / "rewritten.py"
    path.write_text(text)
    tree = ast.parse(text)
    rewrite_asserts(tree, text.encode())
    code = compile(tree, str(path), "exec")
    space: dict[str, Any] = {}
    exec(code, space)
    np.testing.assert_array_equal(grad(space["f"])(np.ones(2)), [3.0, 3.0])
    exec(code, space)  # a function that no derivative was made of yet
    path.write_text(text.replace(*change))
    os.utime(path, (time.time() + 9, time.time() + 9))
    with pytest.raises(SourceError, match="has changed"):
        grad(space["f"])(np.ones(2))
