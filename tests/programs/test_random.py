"""Random programs against central differences: right, or refused with a reason.

A longer run: `python -m tests.programs.test_random FIRST COUNT` prints how many were right,
refused,
left out (no slope there) and wrong, and the wrong programs.
"""

from __future__ import annotations

import linecache
import sys
import warnings
from collections import Counter
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from srcgrad import UnsupportedError, grad
from tests.programs.random_programs import Generator


def compiled(seed: int) -> tuple[str, Callable[..., Any]]:
    text, name = Generator(seed).program(), f"<random program {seed}>"
    linecache.cache[name] = (len(text), None, text.splitlines(keepends=True), name)
    space: dict[str, Any] = {"np": np}
    exec(compile(text, name, "exec"), space)
    return text, space["f"]


def slopes(f: Callable[..., Any], x: Any, s: float, eps: float) -> np.ndarray:
    def value(*point: float) -> float:
        return float(f(np.array(point[:-1]), point[-1]))

    point = [*x, s]
    out = []
    for i in range(len(point)):
        above, below = list(point), list(point)
        above[i] += eps
        below[i] -= eps
        out.append((value(*above) - value(*below)) / (2 * eps))
    return np.array(out)


def outcome(seed: int) -> str:
    """`right`, `refused: reason`, `left out` or `wrong: program`."""
    text, f = compiled(seed)
    rng = np.random.default_rng(seed)
    x, s = rng.random(4) + 0.2, float(rng.random() + 0.3)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        coarse, fine = slopes(f, x, s, 1e-5), slopes(f, x, s, 1e-6)
        scale = abs(float(f(x.copy(), s)))
        if not np.all(np.isfinite(fine)) or scale > 1e6:
            return "left out"
        if not np.allclose(coarse, fine, rtol=1e-3, atol=1e-4):
            return "left out"  # a kink or a jump is near
        before = x.copy()
        try:
            x_bar, s_bar = grad(f, ("x", "s"))(x, s)
        except UnsupportedError as error:
            return f"refused: {error.problems[0].message}"
    found = np.array([*x_bar, s_bar])
    same = np.allclose(found, fine, rtol=1e-3, atol=1e-4 * max(1.0, scale))
    unchanged = np.array_equal(x, before)
    return "right" if same and unchanged else f"wrong: seed {seed}\n{text}"


@pytest.mark.parametrize("first", range(0, 160, 20))
def test_random_programs(first: int) -> None:
    outcomes = [outcome(seed) for seed in range(first, first + 20)]
    assert not [text for text in outcomes if text.startswith("wrong")]
    assert outcomes.count("right") >= 12


if __name__ == "__main__":
    start, count = int(sys.argv[1]), int(sys.argv[2])
    results = [outcome(seed) for seed in range(start, start + count)]
    for result, times in Counter(results).most_common():
        print(times, result)
