"""Central differences in float64: the yardstick that a derivative is measured with.

Complex numbers follow the convention of the rules: the derivative `g` of a real value along `d` is
the real part of `g * d`, without conjugation.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from srcgrad import trees
from srcgrad.errors import SrcgradError
from srcgrad.support_layout import laid_out

# Balances truncation (eps^2) against rounding (2.2e-16 / eps).
EPS = 6e-6
TINY = 1e-30  # a complex step has no cancellation, so it need not be balanced against it


def central_differences(
    f: Callable[..., Any],
    args: Sequence[Any],
    argnums: int | tuple[int, ...] | None = None,
    *,
    eps: float = EPS,
    complex_step: bool = False,
) -> Any:
    """The gradient of a scalar function by differences, one coordinate at a time.

    An int for `argnums` gives one gradient, a tuple a tuple of them; None means every argument.
    Each has the structure and shape of its argument, in float64 (complex128); leaves that are not
    float pass through. Steps are `eps * max(1, |x|)`. Costs two calls for each number. Raises
    `SrcgradError` if `f` returns anything but a scalar. For `complex_step` see `slope`.
    """
    points = [trees.map_leaves(as_double, arg) for arg in args]
    if isinstance(argnums, int):
        return _gradient(f, points, argnums, eps, complex_step)
    wanted = range(len(args)) if argnums is None else argnums
    return tuple(_gradient(f, points, argnum, eps, complex_step) for argnum in wanted)


def _gradient(
    f: Callable[..., Any], points: Sequence[Any], argnum: int, eps: float, complex_step: bool
) -> Any:
    leaves, structure = trees.flatten(points[argnum])
    directions = [trees.map_leaves(trees.zeros_like, point) for point in points]
    still = [trees.zeros_like(leaf) for leaf in leaves]

    def along(position: int, index: tuple[int, ...], unit: complex) -> float:
        leaf = leaves[position]
        unit_leaf = np.zeros(np.shape(leaf), np.asarray(leaf).dtype)
        unit_leaf[index] = unit
        moved = [*still[:position], _like(unit_leaf, leaf), *still[position + 1 :]]
        directions[argnum] = trees.unflatten(structure, moved)
        step = eps * max(1.0, float(abs(np.asarray(leaf)[index])))
        return slope(f, points, directions, eps=step, complex_step=complex_step)

    out = []
    for position, leaf in enumerate(leaves):
        if not trees.is_float_leaf(leaf):
            out.append(leaf)
            continue
        gradient = np.zeros(np.shape(leaf), np.asarray(leaf).dtype)
        for index in np.ndindex(gradient.shape):
            gradient[index] = along(position, index, 1)
            if np.iscomplexobj(leaf):
                gradient[index] -= 1j * along(position, index, 1j)
        out.append(_like(gradient, leaf))
    return trees.unflatten(structure, out)


def _like(array: Any, leaf: Any) -> Any:
    return array if isinstance(leaf, np.ndarray) else array[()]


def slope(
    f: Callable[..., Any],
    points: Sequence[Any],
    directions: Sequence[Any],
    *,
    eps: float = EPS,
    complex_step: bool = False,
) -> float:
    """Derivative of a scalar function at `points` along `directions`, trees of the same structure.

    `complex_step` calls it once, a tiny step along the imaginary axis, which is exact to rounding:
    for functions of real arguments that are analytic and accept complex ones.
    """
    if complex_step:
        return float(np.imag(as_scalar(f(*_shifted(points, directions, 1j * TINY))))) / TINY
    ahead = as_scalar(f(*_shifted(points, directions, eps)))
    behind = as_scalar(f(*_shifted(points, directions, -eps)))
    return float(np.real(ahead - behind)) / (2 * eps)


def _shifted(points: Sequence[Any], directions: Sequence[Any], step: complex) -> list[Any]:
    """`points + step * directions`, as new values: the function may write into its arguments."""

    def move(leaf: Any, direction: Any) -> Any:
        if not trees.is_float_leaf(leaf):
            return leaf if callable(leaf) else copy.deepcopy(leaf)
        if isinstance(leaf, np.ndarray) and isinstance(step, float):
            moved = laid_out(leaf)
            moved += step * direction
            return moved
        return _like(np.asarray(leaf + step * direction), leaf)  # 0-d arrays stay arrays

    pairs = zip(points, directions, strict=True)
    return [trees.map_leaves(move, point, direction) for point, direction in pairs]


def as_double(leaf: Any) -> Any:
    """A float leaf in float64 or complex128 (wider ones stay); any other as it is."""
    if isinstance(leaf, np.ndarray | np.inexact) and trees.is_float_leaf(leaf):
        wide = np.promote_types(leaf.dtype, np.float64)
        return leaf if leaf.dtype == wide else leaf.astype(wide)  # with the strides it has
    return leaf


def as_scalar(value: Any) -> Any:
    """The value, if it is one number. Raises `SrcgradError` otherwise."""
    if not isinstance(value, int | float | complex | np.number) and np.shape(value) != ():
        raise SrcgradError(f"the function must return a scalar; its shape is {np.shape(value)}")
    return value


def random_like(leaf: Any, rng: np.random.Generator) -> Any:
    """A random number or array of the type and shape of a float leaf; any other leaf itself."""
    if not trees.is_float_leaf(leaf):
        return leaf
    dtype, shape = np.asarray(leaf).dtype, np.shape(leaf)
    draw = rng.standard_normal(shape)
    if dtype.kind == "c":
        draw = draw + 1j * rng.standard_normal(shape)
    array = np.asarray(draw).astype(dtype)
    if isinstance(leaf, np.ndarray):
        return array
    return array[()] if isinstance(leaf, np.generic) else type(leaf)(array.item())
