"""Programs judged: value and gradient against differences, those in files and those at random."""

from __future__ import annotations

import copy
import linecache
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from srcgrad import UnsupportedError, jvp, value_and_grad, vjp
from srcgrad.differences import central_differences
from tests.agreement import assert_near

RNG = np.random.default_rng()


def judge(program: Callable[..., Any], level: int) -> Any:
    """Compare what a program of one array of three gives; returns its gradient."""
    x = RNG.normal(size=3)
    value, found = value_and_grad(program, optimize=level)(x)
    np.testing.assert_allclose(value, program(x), rtol=1e-12)
    assert_near(found, central_differences(program, (x,), (0,))[0], atol=1e-6)
    return found


def judge_both_modes(program: Callable[..., Any], rtol: float = 1e-10) -> None:
    """A tangent of a program of one array of three, by forward and by reverse mode."""
    x, direction = RNG.normal(size=3), RNG.normal(size=3)
    _, pullback = vjp(program, x)
    _, slope = jvp(program, (x,), (direction,))
    np.testing.assert_allclose(slope, pullback(1.0)[0] @ direction, rtol=rtol, atol=1e-12)


def made(text: str) -> Callable[..., Any]:
    """The function `f` of a text."""
    name = f"<{hash(text)}>"
    linecache.cache[name] = (len(text), None, text.splitlines(True), name)
    names: dict[str, Any] = {"np": np}
    exec(compile(text, name, "exec"), names)
    return names["f"]


def numerical(f: Callable[..., Any], args: Any, step: float) -> list[Any]:
    """Gradients by differences of one step."""
    found = [np.zeros(3), np.zeros(3)]
    for which, values in enumerate(found):
        for k in range(3):
            ends = []
            for sign in (1, -1):
                moved = copy.deepcopy(args)
                moved[which][k] += sign * step
                ends.append(f(*moved))
            values[k] = (ends[0] - ends[1]) / (2 * step)
    return found


def judge_random(maker: Any, number: int, loud: tuple[type[Exception], ...]) -> None:
    """The first of forty programs that is accepted, and smooth, is right.

    `loud`: what a program that is accepted may raise when it runs, as where an item is no number.
    """
    for seed in range(40 * number, 40 * number + 40):
        f = made(maker(seed).program())
        args = RNG.normal(size=3) * 0.5, RNG.normal(size=3) * 0.5
        try:
            with np.errstate(over="raise", invalid="raise"):
                wanted = f(*copy.deepcopy(args))
        except (IndexError, KeyError, ValueError, ArithmeticError):
            continue  # the program's own
        near, far = (numerical(f, args, step) for step in (1e-6, 1e-4))
        if not abs(wanted) < 1e3 or not np.allclose(near, far, rtol=1e-3, atol=1e-3):
            continue
        try:
            value, found = value_and_grad(f, (0, 1))(*args)
        except (UnsupportedError, *loud):
            continue
        np.testing.assert_allclose(value, wanted, rtol=1e-9, err_msg=str(seed))
        for one, other in zip(found, near, strict=True):
            scale = 1 + abs(wanted) + np.max(np.abs(other))
            np.testing.assert_allclose(one, other, atol=1e-4 * scale, err_msg=str(seed))
        return
    pytest.fail("none of forty programs was accepted")
