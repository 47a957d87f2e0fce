"""Second order against differences of the first: the Hessian times a vector."""

from __future__ import annotations

import copy
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from srcgrad import grad, hvp, trees
from tests.forward import drawn_like

STEP = 1e-6


def moved(arg: Any, along: Any, by: float) -> Any:
    """`arg + by * along`, in every number."""
    leaves, structure = trees.flatten(arg)
    steps = trees.flatten(along)[0]
    pairs = zip(leaves, steps, strict=True)
    return trees.unflatten(
        structure, [a + by * d if trees.is_float_leaf(a) else a for a, d in pairs]
    )


def check_second(
    f: Callable[..., Any], args: Sequence[Any], wrt: tuple[int, ...], seed: int = 0
) -> None:
    """Raise `AssertionError` where `hvp` is not the slope of the gradient."""
    rng = np.random.default_rng(seed)
    dots = [drawn_like(args[i], rng) for i in wrt]
    df = grad(f, wrt)

    def gradient(by: float) -> list[Any]:
        given = list(copy.deepcopy(tuple(args)))
        for i, dot in zip(wrt, dots, strict=True):
            given[i] = moved(given[i], dot, by)
        return list(df(*given))

    found = hvp(f, wrt)(*copy.deepcopy(tuple(args)), tuple(dots))
    for ahead, behind, ours in zip(gradient(STEP), gradient(-STEP), found, strict=True):
        pairs = zip(*(trees.flatten(tree)[0] for tree in (ahead, behind, ours)), strict=True)
        for a, b, own in pairs:
            expected = (np.asarray(a) - np.asarray(b)) / (2 * STEP)
            scale = 1.0 + float(np.max(np.abs(expected), initial=0.0))
            assert np.shape(own) == np.shape(expected)
            assert np.max(np.abs(own - expected), initial=0.0) <= 1e-5 * scale
