"""Milliseconds to transform functions of many statements, and a gradient through a million steps.

Time of the processor is measured, so that other programs on the machine matter less.
Run: python benchmarks/transform_speed.py [STATEMENTS ...]
"""

from __future__ import annotations

import sys
from time import perf_counter, process_time

import hand
from long_programs import SHAPES

from srcgrad import grad, transform

SIZES = (10, 100, 1000, 3000)


def milliseconds(text: str) -> float:
    """The least of three for short programs."""
    times = []
    for _ in range(3 if len(text) < 10_000 else 1):
        start = process_time()
        transform(text, filename="long.py", functions=["f"])
        times.append(process_time() - start)
    return 1e3 * min(times)


def main() -> None:
    sizes = [int(size) for size in sys.argv[1:]] or SIZES
    for name, write in SHAPES.items():
        milliseconds(write(20))  # reads the rules
        for size in sizes:
            took = milliseconds(write(size))
            per_hundred = 100 * took / size
            print(f"{name:8} {size:5d} statements: {took:9.1f} ms, {per_hundred:7.1f} per 100")
    gradient = grad(hand.scalar_loop)
    gradient(0.3, 1.0, 10)
    start = perf_counter()
    value = gradient(0.3, 1.0, 1_000_000)
    print(f"1,000,000 scalar steps: {perf_counter() - start:.2f} s, gradient {value:.3e}")


if __name__ == "__main__":
    main()
