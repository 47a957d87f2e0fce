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


GUARDS = (
    "x.shape[0] > 2", "x[0, 0] > 0", "len(w) == 3", "w[0] < w[1]", "s > 0.2", "not x.shape[1] < 2",
)  # fmt: skip
WITHIN = "t = 0.5", "y = np.sin(x[1])", "z = x[2] * w", "s = s * 2.0", "out = x * 2.0", "o[0] = 3.0"


def program(rng: Random, guarded: bool = False) -> str:
    """The text of `f(x, w)`, of five rows of three and of three numbers. `guarded`: loops are in
    branches."""
    lines = [
        "out = np.zeros((5, 3))", "o = np.ones(5)", "s = 0.5", "t = 0.0", "v = np.sin(x[0])",
        "pair = [x[1], x[2]]", "y = x[0] * w", "z = y + 1.0",
        f"view = {rng.choice(('out[:, 0]', 'o', 'np.ones(5)', 'np.ones(5)'))}",
    ]  # fmt: skip
    for _ in range(rng.randint(1, 2)):
        lines += branch(rng, 0) if guarded else loop(rng)
        lines += rng.choices(BETWEEN, k=rng.randint(0, 1))
    lines.append(f"return t + {rng.choice(ENDS)}")
    return "\n".join(["import numpy as np\n\n", "def f(x, w):", *indented(lines), ""])


def loop(rng: Random) -> list[str]:
    return [f"for i in {rng.choice(HEADS)}:", *indented(turn(rng, 0))]


def branch(rng: Random, depth: int) -> list[str]:
    """A branch with a loop in it, or one that leaves before it."""
    if rng.random() < 0.2:
        return [f"if x.shape[0] < {rng.choice((2, 9))}:", "    return t", *loop(rng)]
    arms = []
    for _ in range(2):
        inner = branch(rng, depth + 1) if depth < 1 and rng.random() < 0.3 else loop(rng)
        before, after = (rng.choices(WITHIN + BETWEEN, k=rng.choice((0, 0, 1))) for _ in range(2))
        arms.append(indented([*before, *inner, *after]))
    lines = [f"if {rng.choice(GUARDS)}:", *arms[0]]
    return [*lines, "else:", *arms[1]] if rng.random() < 0.5 else lines


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
