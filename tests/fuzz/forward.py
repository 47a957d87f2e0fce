"""Forward mode of a program: its tangent against the slopes, live and ahead of time."""

from __future__ import annotations

import copy
import inspect
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from srcgrad import UnsupportedError, jvp, transform
from tests.forward import drawn_like
from tests.fuzz.slopes import leaf

RTOL, ATOL = 2e-5, 2e-6
Point = tuple[tuple[Any, ...], dict[Any, float], float]


class WrongTangent(Exception):
    """A tangent that is not what differences say, or a value that is not the program's."""


def tangents(f: Callable[..., Any], points: Sequence[Point], wrt: Sequence[int], text: str) -> str:
    """`right`, or the reason why forward mode was refused. Raises `WrongTangent`."""
    said, names = "right", list(inspect.signature(f).parameters)
    for number, (args, slopes, value) in enumerate(points):
        rng = np.random.default_rng(number)
        dots = [drawn_like(arg, rng) if i in wrt else None for i, arg in enumerate(args)]
        expected = sum(slope * float(leaf(dots, path)) for path, slope in slopes.items())
        scale = max(1.0, abs(value), *map(abs, slopes.values()))
        try:
            compare(jvp(f, copy.deepcopy(args), dots), value, expected, scale)
        except UnsupportedError as error:
            return error.problems[0].message
        try:
            written = transform(text, functions=["f"], wrt=[names[i] for i in wrt], mode="jvp")
        except UnsupportedError as error:
            said = f"right; ahead of time: {error.problems[0].message}"
            continue
        alone: dict[str, Any] = {"__name__": "written"}
        exec(compile(written, "<tangent ahead of time>", "exec"), alone)
        named = {f"{names[i]}_dot": copy.deepcopy(dots[i]) for i in wrt}
        try:
            compare(alone["f_jvp"](*copy.deepcopy(args), **named), value, expected, scale)
        except TypeError as error:
            if "annotate the parameters" not in str(error):
                raise
    return said


def compare(found: tuple[Any, Any], value: float, expected: float, scale: float) -> None:
    if not np.isclose(float(found[0]), value, rtol=1e-9, atol=1e-9):
        raise WrongTangent(f"the value: {found[0]!r}, the program says {value!r}")
    if not abs(float(found[1]) - expected) <= RTOL * abs(expected) + 4 * ATOL * scale:
        raise WrongTangent(f"the tangent: {found[1]!r}, differences say {expected!r}")
