"""Milliseconds to transform functions of many statements, and a gradient through a million steps.

Time of the processor is measured, so that other programs on the machine matter less. Beside it
stands what Python alone takes to read the program and its gradient, and to print and compile that.
Run: python benchmarks/transform_speed.py [STATEMENTS ...]
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Callable
from functools import partial
from time import perf_counter, process_time

import hand
from long_programs import SHAPES

from srcgrad import grad, transform

SIZES = (10, 100, 1000, 3000)


def milliseconds(run: Callable[[], object], times: int) -> float:
    """The least of so many."""
    found = []
    for _ in range(times):
        start = process_time()
        run()
        found.append(process_time() - start)
    return 1e3 * min(found)


def by_python(text: str, gradient: str) -> None:
    """What no tool that writes source can do without."""
    ast.parse(text)
    ast.unparse(ast.parse(gradient))
    compile(gradient, "gradient.py", "exec")


def gradient_of(text: str) -> str:
    return transform(text, filename="long.py", functions=["f"])


def main() -> None:
    sizes = [int(size) for size in sys.argv[1:]] or SIZES
    for name, write in SHAPES.items():
        gradient_of(write(20))  # reads the rules
        for size in sizes:
            text = write(size)
            times = 3 if len(text) < 10_000 else 1
            took = milliseconds(partial(gradient_of, text), times)
            least = milliseconds(partial(by_python, text, gradient_of(text)), times)
            each = 100 / size
            print(
                f"{name:8} {size:5d} statements: {took:9.1f} ms, {each * took:7.1f} per 100;"
                f" Python alone {each * least:7.1f}"
            )
    gradient = grad(hand.scalar_loop)
    gradient(0.3, 1.0, 10)
    start = perf_counter()
    value = gradient(0.3, 1.0, 1_000_000)
    print(f"1,000,000 scalar steps: {perf_counter() - start:.2f} s, gradient {value:.3e}")


if __name__ == "__main__":
    main()
