"""Random programs: loops over rows whose turns may, or may not, need each other."""

from __future__ import annotations

from random import Random
from typing import Any

HEADS = (
    "range(5)", "range(x.shape[0])", "range(1, 5)", "range(4, -1, -1)", "range(-2, 3)",
    "range(0, 5, 2)",
)  # fmt: skip
VALUES = (
    "np.sin(x[i]) * w", "x[i] * x[i]", "np.tanh(y)", "y * z", "np.cos(z) + y", "x[(i + 1) % 5] * w",
    "v * y", "y + 0.5", "out[i] + y", "pair[i % 2] * y", "z * s",
)  # fmt: skip
SUMS = (
    "t += np.sum(y * z)", "t = t + np.sum(z * z)", "t -= np.sum(np.sin(y))",
    "t += o[i] * np.sum(y)",
    "t += np.sum(out[i] ** 2)", "s = s * 0.5 + 0.1 * np.sum(y)", "s += 0.1 * np.sum(z)",
    "v = v + y", "v += np.sin(y)", "t += s * np.sum(y)", "t += view[i] ** 2",
)  # fmt: skip
STORES = (
    "out[i] = y * z", "out[i] += np.sin(y)", "out[i, 0] = y[0] * z[1]", "o[i] = np.sum(y) * o[i]",
    "out[0] = out[0] + y", "o[i - 1] += y[0]", "out[i] *= y",
)  # fmt: skip
TESTS = "x[i, 0] > 0", "i % 2 == 0", "y[0] > z[1]", "t < 3.0"
INNER = (
    "y = np.sin(y) * w[k]", "t += np.sum(y * y)", "u = y * z", "t += x[i, k] ** 2",
    "z = z * 0.5 + y", "out[i, k] = y[k] * z[0]",
)  # fmt: skip
BETWEEN = (
    "t = 0.1 * t * t + np.sum(y * y)", "t = t + np.sum(out * out)", "t = np.sin(t) + np.sum(v * v)",
    "t = t + s * s", "y = np.cos(z)",
)  # fmt: skip
ENDS = "0.0", "np.sum(y * z)", "np.sum(out)", "np.sum(out ** 2)", "np.sum(o * o)", "s * t", "v[0]"


def program(rng: Random) -> str:
    """The text of `f(x, w)`, of five rows of three and of three numbers."""
    lines = [
        "out = np.zeros((5, 3))", "o = np.ones(5)", "s = 0.5", "t = 0.0", "v = np.sin(x[0])",
        "pair = [x[1], x[2]]", "y = x[0] * w", "z = y + 1.0",
        f"view = {rng.choice(('out[:, 0]', 'o', 'np.ones(5)', 'np.ones(5)'))}",
    ]  # fmt: skip
    for _ in range(rng.randint(1, 2)):
        lines += [f"for i in {rng.choice(HEADS)}:", *indented(turn(rng, 0))]
        lines += rng.choices(BETWEEN, k=rng.randint(0, 1))
    lines.append(f"return t + {rng.choice(ENDS)}")
    return "\n".join(["import numpy as np\n\n", "def f(x, w):", *indented(lines), ""])


def turn(rng: Random, depth: int) -> list[str]:
    """The statements of one turn, or of a part of it."""
    lines: list[str] = []
    for _ in range(rng.randint(1, 5)):
        what = rng.random()
        if what < 0.4:
            lines.append(f"{rng.choice('yzu')} = {rng.choice(VALUES)}")
        elif what < 0.6:
            lines.append(rng.choice(SUMS))
        elif what < 0.75:
            lines.append(rng.choice(STORES))
        elif what < 0.9 and depth < 2:
            lines += [f"if {rng.choice(TESTS)}:", *indented(turn(rng, depth + 1))]
            if rng.random() < 0.5:
                lines += ["else:", *indented(turn(rng, depth + 1))]
        elif depth < 1:
            lines += ["for k in range(3):", *indented(rng.sample(INNER, 2))]
        else:
            lines += ["b = np.zeros(3)", "b[1] = z[0] * y[1]", "t += np.sum(b * b)"]
    return lines


def indented(lines: list[str]) -> list[str]:
    return [f"    {line}" for line in lines]


def made(text: str) -> Any:
    names: dict[str, Any] = {}
    exec(text, names)
    function = names["f"]
    function.__source__ = text
    return function
