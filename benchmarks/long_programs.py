"""Texts of long functions of several shapes, for `transform_speed.py`."""

from __future__ import annotations

from collections.abc import Callable

SCALARS = (
    "a = a * b + {i}.5",
    "b = math.sin(a) - b / 3",
    "c = a if b > {i} else b * b",
    "a += c * math.exp(-b * b)",
)
ARRAYS = (
    "y = np.sin(x) * z + {i}.5",
    "z = np.exp(-y * y) / 3",
    "x = np.where(z > 0.5, y, x * 2)",
    "x += z * np.sum(y)",
)
STORES = (
    "y[{k}] = y[{j}] * x[{k}]",
    "x[{k}] += y[{k}]",
    "y[1:{k}] = np.sin(x[1:{k}])",
    "y[:] = y * x",
)
VIEWS = (
    "v{n} = y[1:]",
    "w{n} = v{n}.reshape(-1)",
    "v{n}[{j}] = x[{j}] * x[0]",
    "x = x + np.sum(w{n}) * 0.01",
)
LOOPS = (
    "for i in range(3):",
    "    s = s * 1.1",
    "    for j in range(2):",
    "        s = s + x[i] * x[j]",
    "        for k in range(2):",
    "            t = np.sin(s) * x[k]",
    "            s = s - t * t",
)


def function(
    head: str, first: tuple[str, ...], lines: tuple[str, ...], last: str, count: int
) -> str:
    """A function of so many statements: the lines in turn."""
    body = [*first]
    for i in range(count - len(first) - 1):
        line = lines[i % len(lines)]
        body.append(line.format(i=i, j=i % 3, k=i % 7 + 2, n=i // len(lines)))
    text = "\n".join(f"    {line}" for line in [*body, last])
    return f"import math\n\nimport numpy as np\n\n\n{head}\n{text}\n"


def scalars(count: int) -> str:
    head = "def f(a: float, b: float) -> float:"
    return function(head, ("c = 0.0",), SCALARS, "return a + c", count)


def arrays(count: int) -> str:
    first = "z = x * 2.0", "y = x + 1.0"
    return function("def f(x: np.ndarray) -> float:", first, ARRAYS, "return np.sum(x * y)", count)


def stores(count: int) -> str:
    first = "y = x * 2.0", "x = x + 1.0"
    return function("def f(x: np.ndarray) -> float:", first, STORES, "return np.sum(x + y)", count)


def views(count: int) -> str:
    count = 2 + (count - 2) // len(VIEWS) * len(VIEWS)
    first = ("y = x * 2.0",)
    return function("def f(x: np.ndarray) -> float:", first, VIEWS, "return np.sum(x * y)", count)


def loops(count: int) -> str:
    """Loops of depth three, one after another."""
    count = 1 + max(1, count // len(LOOPS)) * len(LOOPS)
    head = "def f(x: np.ndarray, s: float) -> float:"
    return function(head, (), LOOPS, "return s", count)


def calls(count: int) -> str:
    """Small functions, called many times."""
    small = max(1, count // 10)
    texts = [
        f"def g{i}(a, b):\n    c = a * b + {i}.5\n    return np.sin(c) - a" for i in range(small)
    ]
    lines = tuple(f"{'ab'[i % 2]} = g{i}(a, b)" for i in range(small))
    head = "\n\n\n".join([*texts, "def f(a: float, b: float) -> float:"])
    return function(head, (), lines, "return a + b", count - 3 * small)


SHAPES: dict[str, Callable[[int], str]] = {
    "scalars": scalars,
    "arrays": arrays,
    "stores": stores,
    "views": views,
    "loops": loops,
    "calls": calls,
}
