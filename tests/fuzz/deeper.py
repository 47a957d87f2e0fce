"""Second derivatives of a program in three ways, and its gradient without any optimisation."""

from __future__ import annotations

import copy
import inspect
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from srcgrad import UnsupportedError, grad, hessian, hvp, jvp
from srcgrad.api import pullbacks
from tests.forward import drawn_like
from tests.fuzz.slopes import leaf

STEP = 1e-5
RTOL, ATOL = 1e-4, 1e-5
LARGEST = 1e4
Point = tuple[tuple[Any, ...], dict[Any, float], float]


class WrongDeeper(Exception):
    """A gradient, or a derivative of one, that is not what differences say."""


def deeper(f: Callable[..., Any], points: Sequence[Point], wrt: Sequence[int]) -> str:
    """`right`, or what was refused and why. Raises `WrongDeeper`."""
    said, of = "right", tuple(wrt)
    for number, (args, slopes, value) in enumerate(points):
        scale = max(1.0, abs(value), *map(abs, slopes.values()))
        said = first_order(f, args, slopes, of, scale) or said
        rng = np.random.default_rng(number)
        direction = tuple(drawn_like(args[i], rng) for i in of)
        expected = along(f, args, slopes, of, direction)
        nested = any(isinstance(args[i], list | tuple | dict) for i in of)
        for name, way in WAYS.items() if expected is not None else ():
            if nested and way is by_many:
                continue  # the matrix has the structure twice
            try:
                found = flat(way(f, of, copy.deepcopy(args), direction), slopes, of)
            except UnsupportedError as error:
                said = f"{name}: {error.problems[0].message}"
                continue
            except TypeError as error:
                if "annotate the parameters" not in str(error):
                    raise
                said = f"{name}: when it runs: {error}"  # a refusal that needs the values
                continue
            agree(name, found, expected, RTOL, ATOL * max(scale, np.max(np.abs(expected))))
    return said


def first_order(
    f: Callable[..., Any], args: Any, slopes: Any, of: tuple[int, ...], scale: float
) -> str:
    """The gradient that no pass improves, and the pullback, which may be called again. What is
    refused, if anything is."""
    expected = np.array([*slopes.values()])
    plain = flat(grad(f, of, optimize=0)(*copy.deepcopy(args)), slopes, of)
    agree("without optimisation", plain, expected, 2e-5, 2e-6 * scale)
    names = tuple([*inspect.signature(f).parameters][i] for i in of)
    try:
        value, pull = pullbacks(f, names)(*copy.deepcopy(args))
    except UnsupportedError as error:
        return f"pullback: {error.problems[0].message}"
    for factor in 1.0, -0.5:
        pulled = flat(pull(type(value)(factor)), slopes, of)
        agree("pullback", pulled, factor * expected, 2e-5, 2e-6 * scale)
    return ""


def agree(name: str, found: Any, expected: Any, rtol: float, atol: float) -> None:
    if not np.allclose(found, expected, rtol=rtol, atol=atol):
        raise WrongDeeper(f"{name}: {found}, differences say {expected}")


def flat(tree: Any, slopes: Any, of: Sequence[int]) -> np.ndarray:
    """The numbers of a gradient, in the order of the slopes."""
    return np.array([float(leaf(tree, (of.index(k[0]), *k[1:]))) for k in slopes])


def along(
    f: Callable[..., Any], args: Any, slopes: Any, of: tuple[int, ...], direction: Any
) -> np.ndarray | None:
    """How the gradient changes along a direction; None where that cannot be trusted."""
    derivative = grad(f, of)

    def at(step: float) -> np.ndarray:
        given = list(copy.deepcopy(args))
        for i, dot in zip(of, direction, strict=True):
            given[i] = moved(given[i], dot, step)
        return flat(derivative(*given), slopes, of)

    near = {k: at(k * STEP) for k in (-10, -1, 1, 10)}
    fine, coarse = (near[1] - near[-1]) / (2 * STEP), (near[10] - near[-10]) / (20 * STEP)
    scale = 1 + np.max(np.abs(coarse), initial=0)
    if not scale < LARGEST or np.max(np.abs(fine - coarse), initial=0) > 1e-4 * scale:
        return None
    ahead, behind = (near[10] - at(0)) / (10 * STEP), (at(0) - near[-10]) / (10 * STEP)
    if np.max(np.abs(ahead - behind), initial=0) > 3e-2 * scale:
        return None
    return np.asarray((4 * fine - coarse) / 3)


def moved(value: Any, dot: Any, step: float) -> Any:
    """A value and what is in it, moved along its direction; what holds no floats stays."""
    if isinstance(value, list | tuple):
        return type(value)(moved(v, d, step) for v, d in zip(value, dot, strict=True))
    if isinstance(value, dict):
        return {key: moved(part, dot[key], step) for key, part in value.items()}
    if isinstance(value, float) or (isinstance(value, np.ndarray) and value.dtype.kind == "f"):
        return value + step * dot
    return value


def by_reverse(f: Any, of: Any, args: Any, direction: Any) -> Any:
    return hvp(f, of)(*args, direction)


def by_forward(f: Any, of: Any, args: Any, direction: Any) -> Any:
    dots = [None] * len(args)
    for i, dot in zip(of, direction, strict=True):
        dots[i] = dot
    return jvp(grad(f, of), args, dots)[1]


def by_many(f: Any, of: Any, args: Any, direction: Any) -> Any:
    """The whole matrix, of arguments that are arrays or numbers."""
    rows = hessian(f, of)(*args)
    return tuple(
        sum(
            np.tensordot(block, dot, np.ndim(dot))
            for block, dot in zip(row, direction, strict=True)
        )
        for row in rows
    )


WAYS: dict[str, Callable[..., Any]] = {
    "reverse over reverse": by_reverse,
    "forward over reverse": by_forward,
    "all at once": by_many,
}
