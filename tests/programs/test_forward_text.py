"""What forward mode writes, in full, and what it keeps apart."""

from __future__ import annotations

import textwrap
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from srcgrad import grad, jvp, transform
from tests.programs.test_programs import inputs

TEXTS = {
    "tangents below the user's own text": (
        """
        def f(w, x, b):
            h = np.tanh(x @ w + b)  # hidden
            return np.sum(h)
        """,
        ["w", "b"],
        """
            h = np.tanh(x @ w + b)  # hidden
            h_dot = (x @ w_dot + b_dot) * (1 - h**2)
            return np.sum(h), np.sum(h_dot)
        """,
    ),
    "above what overwrites their operands": (
        """
        def f(x):
            x = x * x
            x = np.sin(x)
            return x
        """,
        ["x"],
        """
            x_dot = 2 * (x_dot * x)
            x = x * x
            x_dot = x_dot * np.cos(x)
            x = np.sin(x)
            return x, x_dot
        """,
    ),
}


def body_of(text: str, name: str) -> str:
    """The statements of a function in a generated file, without its docstring."""
    after = text.split(f"def {name}(")[1].split('"""', 2)[2]
    return after.split("\n\n\ndef ")[0].strip("\n")


@pytest.mark.parametrize("case", TEXTS)
def test_text(case: str) -> None:
    program, wrt, expected = TEXTS[case]
    source = "import numpy as np\n" + textwrap.dedent(program)
    found = body_of(transform(source, functions=["f"], wrt=wrt, mode="jvp"), "f_jvp")
    assert found == textwrap.indent(textwrap.dedent(expected).strip("\n"), "    ")


def own_argument(x: Any) -> Any:
    return x


def part_and_whole(x: Any) -> Any:
    return x[1:], x + 1.0, x


@pytest.mark.parametrize("f", [own_argument, part_and_whole])
def test_results_share_no_memory_with_what_was_given(f: Any) -> None:
    x, x_dot = inputs(1)["x"], inputs(2)["x"]
    path = Path(__file__)
    space: dict[str, Any] = {}
    exec(transform(path, functions=[f.__name__], mode="jvp"), space)
    for value, tangent in (jvp(f, (x,), (x_dot,)), space[f"{f.__name__}_jvp"](x, x_dot)):
        leaves = [*value, *tangent] if isinstance(value, tuple) else [value, tangent]
        assert not any(np.shares_memory(a, b) for a in leaves for b in (x, x_dot))


def curved(x: Any) -> Any:
    y = np.zeros(5)
    for i in range(5):
        y[i] = np.sin(x[i]) * x[0]
    return np.sum(y**2)


def test_forward_over_reverse_and_reverse_over_forward() -> None:
    x, v = inputs(3)["x"], inputs(4)["x"]
    gradient = grad(curved)
    step = 1e-6
    expected = (gradient(x + step * v) - gradient(x - step * v)) / (2 * step)
    np.testing.assert_allclose(jvp(gradient, (x,), (v,))[1], expected, rtol=1e-6)
    again = grad(lambda at: jvp_of_curved(at, v)[1])
    np.testing.assert_allclose(again(x), expected, rtol=1e-6)


def jvp_of_curved(x: Any, x_dot: Any) -> Any:
    """What is written for `curved`, by hand."""
    y, y_dot = np.zeros(5), np.zeros(5)
    for i in range(5):
        y_dot[i] = x_dot[i] * np.cos(x[i]) * x[0] + x_dot[0] * np.sin(x[i])
        y[i] = np.sin(x[i]) * x[0]
    return np.sum(y**2), np.sum(y_dot * (2 * y))
