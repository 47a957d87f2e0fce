"""Central differences that notice where they mean nothing: a kink, a jump, a pole is near."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np

STEP = 1e-6
LARGEST = 1e5  # of a value or a slope: beyond it, rounding hides mistakes

Path = tuple[Any, ...]


class LeftOut(Exception):
    """The program has no slope that can be trusted here; the message says why."""


def gradient(f: Callable[..., Any], args: Sequence[Any]) -> dict[Path, float]:
    """The slope along every float in the arguments. Raises `LeftOut`."""
    try:
        with np.errstate(over="raise", divide="raise", invalid="raise"):
            value = number(f, args)
    except (FloatingPointError, OverflowError) as error:
        raise LeftOut("not finite inside") from error
    slopes = {}
    for path in floats(args):
        near = {k: number(f, moved(args, path, k * STEP)) for k in (-10, -1, 1, 10)}
        fine, coarse = (near[1] - near[-1]) / (2 * STEP), (near[10] - near[-10]) / (20 * STEP)
        right, left = (near[10] - value) / (10 * STEP), (value - near[-10]) / (10 * STEP)
        noise = 1e-9 * abs(value) / STEP * 1e-3
        if max(abs(fine), abs(value)) > LARGEST:
            raise LeftOut("values or slopes are large")
        if abs(fine - coarse) > 1e-5 * (1 + abs(coarse)) + noise:
            raise LeftOut("a kink or a jump is near")
        if abs(right - left) > 1e-2 * (1 + abs(coarse)):
            raise LeftOut("a kink or a jump is here")
        slopes[path] = (4 * fine - coarse) / 3 if abs(value) < 1 else coarse
    return slopes


def number(f: Callable[..., Any], args: Sequence[Any]) -> float:
    """The value at a point; arguments are copied, for the program may write into them."""
    value = float(f(*copy.deepcopy(args)))
    if not np.isfinite(value):
        raise LeftOut("not finite")
    return value


def floats(tree: Any, path: Path = ()) -> Iterator[Path]:
    """Where the floats are, in arguments that are nested lists, tuples, dicts and arrays."""
    if isinstance(tree, list | tuple):
        for k, part in enumerate(tree):
            yield from floats(part, (*path, k))
    elif isinstance(tree, dict):
        for key, part in tree.items():
            yield from floats(part, (*path, key))
    elif isinstance(tree, np.ndarray) and tree.dtype.kind == "f":
        for index in np.ndindex(tree.shape):
            yield (*path, index)
    elif isinstance(tree, float):
        yield path


def leaf(tree: Any, path: Path) -> Any:
    for key in path:
        tree = tree[key]
    return tree


def moved(tree: Any, path: Path, step: float) -> Any:
    """The same arguments with one number shifted."""
    if not path:
        return tree + step
    if isinstance(tree, np.ndarray):
        out = tree.copy()
        out[path[0]] += step
        return out
    if isinstance(tree, dict):
        return {**tree, path[0]: moved(tree[path[0]], path[1:], step)}
    parts = list(tree)
    parts[path[0]] = moved(parts[path[0]], path[1:], step)
    return type(tree)(parts)
