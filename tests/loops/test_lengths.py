"""Lengths that loops take for granted: checked where the function begins, or as they were seen."""

from __future__ import annotations

import numpy as np
import pytest

from srcgrad import grad, transform
from tests.loops.survey import Outcome, Program, survey_text, without_numba

ANNOTATED = """
import numpy as np


def weighed(x: "Float64[np.ndarray, 'n 3']", y: "Float64[np.ndarray, 'n 1']"):
    s = 0.0
    for i in range(x.shape[0]):
        for j in range(3):
            s = s + x[i, j] ** 2 * y[i, 0]
    return s + np.sum(x * y)
"""


def loaded(text: str) -> dict:
    builtins = {**vars(__import__("builtins")), "__import__": without_numba}
    module = {"__name__": "loops", "__file__": "<loops>", "__builtins__": builtins}
    exec(text, module)
    return module


def test_annotations_are_checked() -> None:
    """An array of another shape than its annotation tells is not read beyond its end."""
    gradient = loaded(transform(ANNOTATED, backend="numba"))["weighed_grad"]
    rng = np.random.default_rng(0)
    x, y = rng.random((4, 3)), rng.random((4, 1))
    np.testing.assert_allclose(gradient(x, y), 2 * x * y + y, rtol=1e-12)
    for a, b in ((x[:, :2], y), (x, y[:3]), (x, x), (np.ones((4, 5)), y)):
        with pytest.raises(ValueError, match="lengths differ"):
            gradient(a.copy(), b.copy())


def last_columns(table, rows, p):
    """The columns from the eighth on: one for tables of nine, stretched along the others."""
    chosen = table[rows]
    return np.sum(p * (1.0 + chosen[:, 8:] * chosen[:, :2]) ** 2) + np.sum(chosen[:, 2:4] * p)


def arguments(columns: int):
    rng = np.random.default_rng(columns)
    return rng.random((5, columns)), rng.integers(0, 5, 7), rng.random((7, 2))


@pytest.mark.parametrize("columns", (9, 10))
def test_lengths_are_those_seen(columns) -> None:
    program = Program("last_columns", last_columns, lambda seed: arguments(columns), (0, 2))
    assert survey_text(program) == Outcome("right")


def test_other_lengths_than_those_seen() -> None:
    pytest.importorskip("numba", reason="numba is not installed: pip install srcgrad[numba]")
    derivative = grad(last_columns, (0, 2), backend="numba")
    for columns in (9, 10, 9):
        args = arguments(columns)
        for ours, theirs in zip(derivative(*args), grad(last_columns, (0, 2))(*args), strict=True):
            np.testing.assert_allclose(ours, theirs, rtol=1e-12)


TAILS = """
import numpy as np


def tails(a: "Float64[np.ndarray, 'n']", b: "Float64[np.ndarray, 'm']"):
    for i in range(b.shape[0]):
        b[i] += np.dot(a[i + 1 :], b[i + 1 :])
    return np.sum(b)
"""


def test_parts_that_meet_in_a_product_that_is_not_computed() -> None:
    """The gradient needs no product, and its parts must be as long as each other all the same."""
    gradient = loaded(transform(TAILS, wrt=("a", "b"), backend="numba"))["tails_grad"]
    rng = np.random.default_rng(0)
    a, b = rng.random(5), rng.random(5)
    a_bar, b_bar = gradient(a, b)
    assert a_bar[0] == 0.0 and b_bar[0] == 1.0
    with pytest.raises(ValueError, match="lengths differ"):
        gradient(rng.random(9), b)
