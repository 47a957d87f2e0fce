"""Random programs in richer syntax against central differences: right, or refused."""

from __future__ import annotations

import linecache
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from srcgrad import UnsupportedError, value_and_grad
from srcgrad.differences import central_differences
from tests.programs.random_sugar import Generator


def compiled(seed: int) -> Callable[..., Any]:
    text, name = Generator(seed).program(), f"<random richer program {seed}>"
    linecache.cache[name] = (len(text), None, text.splitlines(keepends=True), name)
    space: dict[str, Any] = {}
    exec(compile(text, name, "exec"), space)
    found: Callable[..., Any] = space["f"]
    return found


def outcome(seed: int) -> str:
    """`right`, `refused`, `left out` (no slope there) or `wrong`."""
    f = compiled(seed)
    rng = np.random.default_rng(seed)
    args = (rng.random(3) + 0.4, float(rng.random() + 0.3))
    coarse, fine = (central_differences(f, args, (0, 1), eps=eps) for eps in (1e-5, 1e-6))
    if not all(np.allclose(a, b, rtol=1e-3, atol=1e-4) for a, b in zip(coarse, fine, strict=True)):
        return "left out"
    try:
        value, gradient = value_and_grad(f, (0, 1))(*args)
    except UnsupportedError:
        return "refused"
    same = np.isclose(value, f(*args), rtol=1e-12)
    right = [np.allclose(a, b, rtol=1e-3, atol=1e-4) for a, b in zip(gradient, fine, strict=True)]
    return "right" if same and all(right) else "wrong"


@pytest.mark.parametrize("first", range(0, 30, 10))
def test_random_programs(first: int) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found = [outcome(seed) for seed in range(first, first + 10)]
    assert "wrong" not in found
    assert found.count("right") >= 7
