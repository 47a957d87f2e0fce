"""Forward mode against reverse mode: `<y_bar, J x_dot>` and `<J^T y_bar, x_dot>` are one number."""

from __future__ import annotations

import copy
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from srcgrad import jvp, trees, vjp

RTOL = 1e-10


def drawn_like(tree: Any, rng: np.random.Generator) -> Any:
    """Random numbers in the structure of a value; what holds no floats stays as it is."""

    def draw(leaf: Any) -> Any:
        if not trees.is_float_leaf(leaf):
            return leaf
        made = rng.standard_normal(np.shape(leaf))
        if np.iscomplexobj(leaf):
            made = made + 1j * rng.standard_normal(np.shape(leaf))
        array = np.asarray(made).astype(np.asarray(leaf).dtype)
        if isinstance(leaf, np.ndarray):
            return array
        return array[()] if isinstance(leaf, np.generic) else type(leaf)(array[()])

    return trees.map_leaves(draw, tree)


def pair(left: Any, right: Any) -> float:
    """The real part of the sum of products of two trees of numbers."""
    total: Any = 0.0
    for a, b in zip(trees.flatten(left)[0], trees.flatten(right)[0], strict=True):
        if trees.is_float_leaf(a) and trees.is_float_leaf(b):
            total = total + np.sum(np.asarray(a) * np.asarray(b))
    return float(np.real(total))


def check_forward(
    f: Callable[..., Any], args: Sequence[Any], seed: int = 0, rtol: float = RTOL
) -> None:
    """Raise `AssertionError` where `jvp` and `vjp` disagree, or arguments change."""
    rng = np.random.default_rng(seed)
    before = copy.deepcopy(tuple(args))
    value, pullback = vjp(f, *copy.deepcopy(tuple(args)))
    dots = [drawn_like(arg, rng) for arg in args]
    found, tangent = jvp(f, args, dots)
    for now, old in zip(trees.flatten(list(args))[0], trees.flatten(list(before))[0], strict=True):
        np.testing.assert_array_equal(now, old)
    ours, theirs = trees.flatten(found)[0], trees.flatten(value)[0]
    for a, b, d in zip(ours, theirs, trees.flatten(tangent)[0], strict=True):
        if trees.is_float_leaf(b):
            np.testing.assert_allclose(a, b, rtol=1e-12)
            assert np.shape(d) == np.shape(b)
    cotangent = drawn_like(value, rng)
    forward, reverse = pair(cotangent, tangent), pair(list(pullback(cotangent)), dots)
    scale = max(1.0, abs(forward), abs(reverse))
    assert abs(forward - reverse) <= rtol * scale, f"forward {forward}, reverse {reverse}"
