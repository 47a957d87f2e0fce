"""Carried helpers for `scipy.ndimage` and `scipy.spatial.distance`.

As in `srcgrad.support`: their source goes into the files that use them, which import the parts of
SciPy that they name. `g` is the cotangent of the result.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from srcgrad.distant import Distant
from srcgrad.support_arrays import divide_or_zero

scipy = Distant("scipy")


def impulse(rank: Any, radius: Any) -> Any:
    """A single 1 amid zeros, as far as a filter reaches: it answers with its kernel."""
    size = 2 * int(radius) + 1
    return np.reshape(np.eye(1, size**rank, (size**rank - 1) // 2), (size,) * rank)


def padding(mode: Any) -> Any:
    """What `np.pad` calls a mode of `scipy.ndimage`."""
    names = {"reflect": "symmetric", "mirror": "reflect", "nearest": "edge", "wrap": "wrap"}
    names["grid-mirror"], names["grid-wrap"] = "symmetric", "wrap"
    return names.get(mode, "constant")


def folded(g: Any, size: Any, before: Any, axis: Any, mode: Any) -> Any:
    """Cotangent of what was extended along an axis, from that of the whole."""
    g = np.moveaxis(g, axis, 0)
    after = len(g) - size - before
    if padding(mode) == "constant":
        return np.moveaxis(g[before : before + size], 0, axis)
    source = np.pad(np.arange(size), (before, after), padding(mode))
    spread = np.expand_dims(np.arange(size), 1) == source
    return np.moveaxis(np.tensordot(spread.astype(g.dtype), g, 1), 0, axis)


def filtered_adjoint(g: Any, kernel: Any, mode: Any) -> Any:
    """Cotangent of an image that a filter with a kernel, its answer to an impulse, was put on."""
    whole = scipy.signal.convolve(g, np.flip(kernel).astype(g.dtype))
    for axis in range(np.ndim(g)):
        whole = folded(whole, np.shape(g)[axis], np.shape(kernel)[axis] // 2, axis, mode)
    return whole


def kernel_adjoint(g: Any, x: Any, weights: Any, mode: Any) -> Any:
    """Cotangent of the weights in `scipy.ndimage.correlate(x, weights)`."""
    widths = [(n // 2, n - 1 - n // 2) for n in np.shape(weights)]
    return scipy.signal.correlate(np.pad(x, widths, padding(mode)), g, "valid")


def corners(coordinates: Any, shape: Any, order: Any) -> Any:
    """The grid points about each coordinate, and how much of each is taken: corner by corner."""
    flat = np.reshape(coordinates, (len(shape), -1))
    if order == 0:
        return [(tuple(np.floor(flat + 0.5).astype(int)), [np.ones_like(c) for c in flat])]
    low = np.clip(np.floor(flat).astype(int), 0, np.reshape(np.array(shape) - 2, (-1, 1)))
    low = np.maximum(low, 0)
    found = []
    for number in range(2 ** len(shape)):
        corner = ups(number, len(shape))
        shares = [c - i if up else 1 - (c - i) for c, i, up in zip(flat, low, corner, strict=True)]
        at = [np.minimum(i + up, n - 1) for i, up, n in zip(low, corner, shape, strict=True)]
        found.append((tuple(at), shares))
    return found


def ups(number: Any, rank: Any) -> Any:
    """For each axis 1 at the upper corners of a cell, else 0; its corners are numbered."""
    return [(number >> axis) & 1 for axis in range(rank)]


def sampled_adjoint(g: Any, x: Any, coordinates: Any, order: Any) -> Any:
    """Cotangent of the image in `scipy.ndimage.map_coordinates`; outside of it nothing is read."""
    x_bar = np.zeros_like(x)
    inside = within(coordinates, np.shape(x))
    for at, shares in corners(np.where(inside, coordinates, 0.0), np.shape(x), order):
        weights = np.prod(np.array(shares), axis=0) * np.ravel(g * inside)
        np.add.at(x_bar, at, weights.astype(x_bar.dtype))
    return x_bar


def within(coordinates: Any, shape: Any) -> Any:
    """Which coordinates lie inside of an image."""
    last = np.reshape(np.array(shape) - 1, (-1,) + (1,) * (np.ndim(coordinates) - 1))
    return np.all((coordinates >= 0) & (coordinates <= last), axis=0)


def coordinates_adjoint(g: Any, x: Any, coordinates: Any) -> Any:
    """Cotangent of the coordinates in `scipy.ndimage.map_coordinates` of order 1."""
    inside = within(coordinates, np.shape(x))
    rows = []
    found = corners(np.where(inside, coordinates, 0.0), np.shape(x), 1)
    for axis in range(np.ndim(x)):
        slope = 0.0
        for number in range(len(found)):
            at, shares = found[number]
            sign = 2.0 * ups(number, np.ndim(x))[axis] - 1.0
            others = [share for i, share in enumerate(shares) if i != axis]
            slope = slope + sign * x[at] * np.prod(np.array([np.ones_like(shares[0]), *others]), 0)
        rows.append(np.ravel(g * inside) * slope)
    return np.reshape(np.array(rows), np.shape(coordinates)).astype(coordinates.dtype)


# --- distances -----------------------------------------------------------------------------------


def distance_adjoint(g: Any, y: Any, a: Any, b: Any, metric: Any) -> Any:
    """Cotangent of the points `a` in `scipy.spatial.distance.cdist(a, b)`; 0 where points meet."""
    steps = np.expand_dims(a, 1) - b
    if metric == "sqeuclidean":
        slopes = 2 * steps * np.expand_dims(g, 2)
    elif metric == "cityblock":
        slopes = np.sign(steps) * np.expand_dims(g, 2)
    elif metric == "chebyshev":
        size = np.abs(steps)
        most = size == np.max(size, axis=2, keepdims=True)
        slopes = np.sign(steps) * most / np.sum(most, axis=2, keepdims=True) * np.expand_dims(g, 2)
    else:
        slopes = steps * np.expand_dims(divide_or_zero(g, y), 2)
    return np.sum(slopes, axis=1)
