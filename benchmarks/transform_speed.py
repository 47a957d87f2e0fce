"""Seconds to transform long functions, and a gradient through a million scalar steps.

Run: python benchmarks/transform_speed.py
"""

from __future__ import annotations

from time import perf_counter

import hand

from srcgrad import grad, transform

SIZES = (250, 500, 1000, 2000)

# Statements of different kinds, in turn; each reads what the one before has written.
LINES = (
    "a = a * b + {i}.5",
    "b = math.sin(a) - b / 3",
    "c = a if b > {i} else b * b",
    "a += c * math.exp(-b * b)",
)


def program(statements: int) -> str:
    """Text of a function with so many statements in one straight row."""
    body = [LINES[i % len(LINES)].format(i=i) for i in range(statements - 1)]
    lines = ["c = 0.0", *body, "return a + c"]
    text = "\n".join(f"    {line}" for line in lines)
    return f"import math\n\n\ndef f(a: float, b: float) -> float:\n{text}\n"


def main() -> None:
    previous = None
    for size in SIZES:
        text = program(size)
        start = perf_counter()
        written = transform(text, filename="long.py", functions=["f"])
        took = perf_counter() - start
        growth = f"{took / previous:.2f}x the one before" if previous else ""
        lines = written.count("\n")
        print(f"{size:5d} statements: {took:6.2f} s, {lines:6d} lines written  {growth}")
        previous = took
    gradient = grad(hand.scalar_loop)
    gradient(0.3, 1.0, 10)
    start = perf_counter()
    value = gradient(0.3, 1.0, 1_000_000)
    print(f"1,000,000 scalar steps: {perf_counter() - start:.2f} s, gradient {value:.3e}")


if __name__ == "__main__":
    main()
