"""Carried helpers for reductions, reshapings, joins and picks, where no one expression will do.

As in `srcgrad.support`: plain NumPy, each alone or with others, their source goes into the files
that use them. `g` is the cotangent of the result, in its full shape; what comes back has the full
shape of the operand.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from srcgrad.support import unbroadcast


def expand_reduced(g: Any, x: Any, axis: Any) -> Any:
    """Repeat `g` along the axes that were reduced, to the shape of `x`."""
    if axis is not None and np.ndim(g) < np.ndim(x):
        g = np.expand_dims(g, axis)
    return np.broadcast_to(g, np.shape(x))


def reduced_count(g: Any, x: Any) -> int:
    """How many elements of `x` went into each element of `g`."""
    return int(np.size(x) // max(np.size(g), 1))


def divide_or_zero(g: Any, y: Any) -> Any:
    """`g / y`, and 0 where `y` is 0."""
    return g / np.where(y == 0, np.inf, y)


def deviation(x: Any, axis: Any) -> Any:
    """Conjugate of `x` minus its mean; taken twice, so that equal values give 0, not a rounding."""
    x = x - np.mean(x, axis=axis, keepdims=True)
    return np.conj(x - np.mean(x, axis=axis, keepdims=True))


def share_extremum(g: Any, x: Any, extremum: Any, axis: Any) -> Any:
    """Give `g` to the elements of `x` that are their extremum, in equal parts at a tie."""
    x = np.asarray(x)
    if x.ndim == 0:
        return (x == extremum) * g
    if axis is not None and np.ndim(extremum) < np.ndim(x):
        extremum = np.expand_dims(extremum, axis)
    if axis is not None and np.ndim(g) < np.ndim(x):
        g = np.expand_dims(g, axis)
    hit = x == extremum
    count, places = np.count_nonzero(hit), np.size(extremum)
    if isinstance(axis, int) and count == places and not np.isnan(extremum).any():
        x_bar = np.zeros(np.shape(x), np.result_type(x, g))  # there is no tie
        np.put_along_axis(x_bar, np.argmax(hit, axis=axis, keepdims=True), g, axis)
        return x_bar
    count = np.sum(hit, axis=axis, keepdims=True).astype(x.dtype)
    return hit * (g / np.maximum(count, 1))


def product_of_others(x: Any, axis: Any) -> Any:
    """For each element the product of all others along `axis`; right with zeros among them."""
    x = np.asarray(x)
    axes = tuple(range(x.ndim)) if axis is None else tuple(np.atleast_1d(axis) % max(x.ndim, 1))
    moved = np.moveaxis(x, axes, range(len(axes))) if x.ndim else x
    rest = moved.shape[len(axes) :]
    rows = np.reshape(moved, (x.size // max(int(np.prod(rest)), 1), *rest))
    ones = np.ones_like(rows[:1])
    before = np.cumprod(np.concatenate((ones, rows[:-1])), axis=0)
    after = np.cumprod(np.concatenate((ones, rows[:0:-1])), axis=0)[::-1]
    others = np.reshape(before * after, moved.shape)
    return np.moveaxis(others, range(len(axes)), axes) if x.ndim else others


def cumprod_adjoint(g: Any, x: Any, y: Any, axis: Any) -> Any:
    """Cotangent of `np.cumprod`: a quotient, or where there are zeros a recurrence from the end."""
    shape = np.shape(x)
    if axis is None or len(shape) == 0:
        x, axis = np.ravel(x), 0
    if np.all(y != 0):
        return np.reshape(np.flip(np.cumsum(np.flip(g * y, axis), axis), axis) / x, shape)
    g, x = np.moveaxis(g, axis, 0), np.moveaxis(x, axis, 0)
    before = np.cumprod(np.concatenate((np.ones_like(x[:1]), x[:-1])), axis=0)
    x_bar = np.empty_like(x)
    later = np.zeros_like(x[0])
    for i in range(len(x) - 1, -1, -1):
        later = g[i] + later
        x_bar[i] = before[i] * later
        later = x[i] * later
    return np.reshape(np.moveaxis(x_bar, 0, axis), shape)


def running_extremum_adjoint(g: Any, x: Any, y: Any, axis: Any) -> Any:
    """Cotangent of running maxima or minima `y`: to the element that set them; ties share."""
    g, x, y = (np.moveaxis(part, axis, 0) for part in (g, x, y))
    x_bar = np.empty_like(g)
    later = np.zeros_like(g[0])
    for i in range(len(g) - 1, 0, -1):
        later = g[i] + later
        stays = (y[i] == y[i - 1]) * (1.0 - 0.5 * (y[i] == x[i]))
        x_bar[i] = later * (1 - stays)
        later = later * stays
    x_bar[:1] = g[:1] + later
    return np.moveaxis(x_bar, 0, axis)


def average_adjoint(g: Any, x: Any, weights: Any, axis: Any) -> Any:
    """Cotangent of the values of `np.average`."""
    w = expand_weights(weights, x, axis)
    return expand_reduced(g, x, axis) * (w / np.sum(w, axis=axis, keepdims=True))


def average_weights_adjoint(g: Any, y: Any, x: Any, weights: Any, axis: Any) -> Any:
    """Cotangent of the weights of `np.average`."""
    w = expand_weights(weights, x, axis)
    share = expand_reduced(g, x, axis) / np.sum(w, axis=axis, keepdims=True)
    w_bar = share * (x - expand_reduced(y, x, axis))
    if np.shape(weights) == np.shape(x):
        return w_bar
    axes = np.atleast_1d(axis) % np.ndim(x)
    return np.sum(w_bar, axis=tuple(i for i in range(np.ndim(x)) if i not in axes))


def expand_weights(weights: Any, x: Any, axis: Any) -> Any:
    """The weights of `np.average` in the shape of `x`: given in full, or along one axis."""
    if weights is None:
        return np.ones_like(x)
    if np.shape(weights) == np.shape(x):
        return weights
    shape = [1] * np.ndim(x)
    shape[axis] = -1
    return np.broadcast_to(np.reshape(weights, shape), np.shape(x))


def scatter_diagonal(g: Any, x: Any, offset: Any, axis1: Any, axis2: Any) -> Any:
    """Zeros in the shape of `x` with `g` on a diagonal, along the last axis of `g`."""
    x_bar = np.zeros_like(x)
    planes = np.moveaxis(x_bar, (axis1, axis2), (-2, -1))
    rows = np.arange(np.shape(np.diagonal(x, offset, axis1, axis2))[-1]) + max(-offset, 0)
    planes[..., rows, rows + offset] = g
    return x_bar


def diag_adjoint(g: Any, v: Any, k: Any) -> Any:
    """Cotangent of `np.diag`, which makes a matrix of a vector or a vector of a matrix."""
    return np.diagonal(g, k) if np.ndim(v) == 1 else scatter_diagonal(g, v, k, 0, 1)


def fold_tiles(g: Any, x: Any) -> Any:
    """Cotangent of `np.tile`: the sum of the tiles."""
    shape = (1,) * (np.ndim(g) - np.ndim(x)) + np.shape(x)
    if np.size(x) == 0:
        return np.zeros_like(x)
    pairs = [part for n, m in zip(np.shape(g), shape, strict=True) for part in (n // m, m)]
    tiles = np.sum(np.reshape(g, pairs), axis=tuple(range(0, len(pairs), 2)))
    return np.reshape(tiles, np.shape(x))


def fold_repeats(g: Any, x: Any, repeats: Any, axis: Any) -> Any:
    """Cotangent of `np.repeat`: the sum of the repetitions of each element."""
    x_bar = np.zeros_like(x, order="C")
    rows = np.moveaxis(x_bar, axis, 0) if axis is not None else np.reshape(x_bar, -1)
    source = np.repeat(np.arange(len(rows)), repeats)
    np.add.at(rows, source, np.moveaxis(g, axis, 0) if axis is not None else g)
    return x_bar


def fold_resized(g: Any, x: Any) -> Any:
    """Cotangent of `np.resize`, which goes round the elements as often as it has to."""
    if np.size(x) == 0:
        return np.zeros_like(x)
    rounds = np.pad(np.ravel(g), (0, -np.size(g) % np.size(x)))
    return np.reshape(np.sum(np.reshape(rounds, (-1, np.size(x))), axis=0), np.shape(x))


def crop(g: Any, x: Any, pad_width: Any) -> Any:
    """The part of the padded `g` that is not padding."""
    before = np.broadcast_to(pad_width, (np.ndim(x), 2))[:, 0]
    return g[tuple(slice(b, b + n) for b, n in zip(before, np.shape(x), strict=True))]


def fold_padding(g: Any, x: Any, pad_width: Any, mode: Any) -> Any:
    """Cotangent of `np.pad` where the padding repeats elements: each gets the sum of its copies."""
    for axis, widths in enumerate(np.broadcast_to(pad_width, (np.ndim(x), 2))):
        source = np.pad(np.arange(np.shape(x)[axis]), widths, mode=mode)
        folded = np.zeros_like(np.moveaxis(g, axis, 0)[: np.shape(x)[axis]])
        np.add.at(folded, source, np.moveaxis(g, axis, 0))
        g = np.moveaxis(folded, 0, axis)
    return g


def padding_adjoint(g: Any, x: Any, pad_width: Any, mode: Any) -> Any:
    """Cotangent of `np.pad` in a mode that the text does not tell."""
    if mode == "constant":
        return crop(g, x, pad_width)
    if mode not in ("edge", "reflect", "symmetric", "wrap"):
        raise ValueError(f"the derivative of np.pad is not supported for the mode {mode!r}")
    return fold_padding(g, x, pad_width, mode)


def overlap_add(g: Any, x: Any, window_shape: Any, axis: Any) -> Any:
    """Cotangent of `sliding_window_view`: one sum over all windows for each place in the window."""
    x_bar = np.zeros_like(x)
    windows = np.lib.stride_tricks.sliding_window_view(x_bar, window_shape, axis, writeable=True)
    for place in np.ndindex(*np.shape(g)[np.ndim(x) :]):
        windows[(..., *place)] += g[(..., *place)]
    return x_bar


def filled_adjoint(g: Any, y: Any, value: Any) -> Any:
    """Cotangent of what an array was filled with; its integers would cut off fractions."""
    return unbroadcast(g, value) if y.dtype.kind in "fc" else np.zeros_like(value)


def cast_adjoint(g: Any, y: Any, x: Any) -> Any:
    """Cotangent of a cast of `x` to `y`: nothing flows through integers, and a real `x` is real."""
    if y.dtype.kind not in "fc":
        return np.zeros_like(x)
    g = g if np.iscomplexobj(x) else np.real(g)
    if np.ndim(x) == 0:
        g = np.asarray(g)  # it may be a number of Python's
    return g.astype(x.dtype)


def diff_adjoint(g: Any, n: Any, axis: Any) -> Any:
    """Cotangent of `np.diff`."""
    widths = [(0, 0)] * np.ndim(g)
    widths[axis] = (1, 1)
    for _ in range(n):
        g = -np.diff(np.pad(g, widths), axis=axis)
    return g


def short_diff_adjoint(g: Any, a: Any, n: Any, axis: Any) -> Any:
    """Cotangent of `np.diff` of an `a` that may be too short: NumPy stops where the axis ends."""
    return np.zeros_like(a) if np.shape(a)[axis] < n else diff_adjoint(g, n, axis)


def diff_joined_adjoint(g: Any, a: Any, n: Any, axis: Any, prepend: Any, append: Any) -> Any:
    """Cotangents of what `np.diff` puts before `a`, of `a` itself, and of what it puts after."""
    ends = [
        0 if x is None else 1 if np.ndim(x) == 0 else np.shape(x)[axis] for x in (prepend, append)
    ]
    lengths = [*np.shape(a)]
    lengths[axis] += sum(ends)
    whole = short_diff_adjoint(g, np.broadcast_to(g.dtype.type(0), lengths), n, axis)
    parts = np.split(whole, [ends[0], np.shape(whole)[axis] - ends[1]], axis)
    outer = [
        part if x is None else unbroadcast(part, x)
        for part, x in zip(parts[::2], (prepend, append), strict=True)
    ]
    return [outer[0], parts[1], outer[1]]


def split_like(g: Any, arrays: Any, axis: Any) -> Any:
    """Cotangents of arrays that were joined along `axis`: cut `g` into parts of their shapes."""
    if axis is None:
        axis = 0
    if np.size(g) == 0:
        return [np.zeros_like(x) for x in arrays]
    cross = np.size(g) // np.shape(g)[axis]
    before = (slice(None),) * (axis % np.ndim(g))
    parts, start = [], 0
    for x in arrays:
        stop = start + np.size(x) // cross
        parts.append(np.reshape(g[(*before, slice(start, stop))], np.shape(x)))
        start = stop
    return parts


def block_adjoint(g: Any, arrays: Any) -> Any:
    """Cotangents of nested lists of blocks that `np.block` joined."""
    depth, inner = 0, arrays
    while isinstance(inner, list):
        depth, inner = depth + 1, inner[0]
    return split_blocks(g, arrays, depth)


def split_blocks(g: Any, arrays: Any, depth: Any) -> Any:
    """Cut `g` along the axis that is `depth` from the end, and its parts along those after it."""
    if not isinstance(arrays, list):
        return np.reshape(g, np.shape(arrays))
    sizes = [np.shape(np.block(x))[-depth] if np.ndim(np.block(x)) >= depth else 1 for x in arrays]
    parts = np.split(g, np.cumsum(sizes)[:-1], axis=-depth)
    return [split_blocks(part, x, depth - 1) for part, x in zip(parts, arrays, strict=True)]


def choose_adjoint(g: Any, a: Any, choices: Any) -> Any:
    """Cotangents of the choices of `np.choose`."""
    chosen = np.asarray(a)
    return [unbroadcast(np.where(chosen == i, g, 0), choice) for i, choice in enumerate(choices)]


def select_adjoint(g: Any, condlist: Any, choicelist: Any) -> Any:
    """Cotangents of the choices of `np.select`: the first condition that holds takes `g`."""
    free = np.ones(np.shape(g), dtype=bool)
    bars = []
    for condition, choice in zip(condlist, choicelist, strict=True):
        bars.append(unbroadcast(np.where(free & condition, g, 0), choice))
        free = free & ~np.asarray(condition)
    return bars


def select_default_adjoint(g: Any, condlist: Any, default: Any) -> Any:
    """Cotangent of the default of `np.select`: what no condition took."""
    taken = np.zeros(np.shape(g), dtype=bool)
    for condition in condlist:
        taken = taken | condition
    return unbroadcast(np.where(taken, 0, g), default)


def unsort(g: Any, x: Any, y: Any, axis: Any) -> Any:
    """Cotangent of a rearrangement of `x` into `y` along `axis`: `g` put back in the old order."""
    if axis is None:
        return np.reshape(unsort(g, np.ravel(x), y, 0), np.shape(x))
    ordered = np.take_along_axis(g, np.argsort(y, axis=axis, kind="stable"), axis)
    ranks = np.argsort(np.argsort(x, axis=axis, kind="stable"), axis=axis)
    return np.take_along_axis(ordered, ranks, axis)


def unique_adjoint(g: Any, x: Any) -> Any:
    """Cotangent of `np.unique`; equal elements share."""
    _, places, counts = np.unique(x, return_inverse=True, return_counts=True)
    return np.reshape((g / counts.astype(g.dtype))[np.ravel(places)], np.shape(x))


def widened(x: Any) -> Any:
    """An array of floats: differences of narrow integers wrap, and bools have none."""
    x = np.asarray(x)
    return x if x.dtype.kind in "fc" else x.astype(float)


def interp_slope(x: Any, xp: Any, fp: Any) -> Any:
    """Slope of `np.interp` at `x`: 0 outside, that to the right at a knot."""
    x, xp, fp = np.asarray(x), widened(xp), widened(fp)
    left = np.clip(np.searchsorted(xp, x, side="right") - 1, 0, max(len(xp) - 2, 0))
    right = np.minimum(left + 1, len(xp) - 1)
    slope = divide_or_zero(fp[right] - fp[left], xp[right] - xp[left])
    return np.where((x >= xp[0]) & (x <= xp[-1]), slope, 0)


def interp_values_adjoint(g: Any, x: Any, xp: Any, fp: Any) -> Any:
    """Cotangent of the values `fp` of `np.interp`: each point gives to the two knots beside it."""
    x, xp = np.asarray(x), widened(xp)
    left = np.clip(np.searchsorted(xp, x, side="right") - 1, 0, max(len(xp) - 2, 0))
    right = np.minimum(left + 1, len(xp) - 1)
    weight = np.clip(divide_or_zero(x - xp[left], xp[right] - xp[left]), 0, 1)
    fp_bar = np.zeros_like(fp, dtype=np.result_type(fp, g))
    np.add.at(fp_bar, left, g * (1 - weight))
    np.add.at(fp_bar, right, g * weight)
    return fp_bar


def trapezoid_adjoint(g: Any, values: Any, x: Any, dx: Any, axis: Any) -> Any:
    """Cotangent of the values of the trapezoidal rule: half of each step goes to either end."""
    if x is None and np.ndim(dx) > 0:
        raise ValueError("an array of steps `dx` is not differentiated: pass points `x`")
    axis = axis % np.ndim(values)
    n = np.shape(values)[axis]
    steps = np.full(n - 1, dx) if x is None else np.diff(x)
    weights = (np.pad(steps, (1, 0)) + np.pad(steps, (0, 1))) / 2
    shape = (n,) + (1,) * (np.ndim(values) - 1 - axis)
    weights = np.reshape(weights, shape)
    if not np.iscomplexobj(weights):
        weights = weights.astype(np.result_type(values))
    return np.expand_dims(g, axis) * weights


def trapezoid_step_adjoint(g: Any, values: Any, dx: Any, axis: Any) -> Any:
    """Cotangent of the step `dx`, a number, of the trapezoidal rule."""
    if np.ndim(dx) > 0:
        raise ValueError("an array of steps `dx` is not differentiated: pass points `x`")
    return np.sum(g * np.trapezoid(values, axis=axis))


def trapezoid_points_adjoint(g: Any, values: Any, x: Any, axis: Any) -> Any:
    """Cotangent of the points `x`, a vector, of the trapezoidal rule."""
    values = np.moveaxis(values, axis, -1)
    means = np.expand_dims(g, -1) * (values[..., 1:] + values[..., :-1]) / 2
    steps_bar = np.sum(means, axis=tuple(range(np.ndim(values) - 1)))
    return -np.diff(np.pad(steps_bar, 1))
