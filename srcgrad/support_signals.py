"""Carried helpers for `scipy.signal`, `scipy.ndimage`, `scipy.fft` and `scipy.integrate`.

As in `srcgrad.support`: their source goes into the files that use them, which import the parts of
SciPy that they name. `g` is the cotangent of the result.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from srcgrad.distant import Distant
from srcgrad.support import unbroadcast

scipy = Distant("scipy")


def in_full(g: Any, a: Any, b: Any, mode: Any) -> Any:
    """The cotangent of the full convolution of `a` and `b` from that of the part `mode`."""
    widths = []
    for m, n, have in zip(np.shape(a), np.shape(b), np.shape(g), strict=True):
        starts = {"full": 0, "same": (n - 1) // 2, "same2d": n // 2, "valid": min(m, n) - 1}
        before = starts[mode]
        widths.append((before, m + n - 1 - have - before))
    return np.pad(g, widths)


def convolved_adjoint(g: Any, a: Any, b: Any, mode: Any, method: Any) -> Any:
    """Cotangent of `a` in `scipy.signal.convolve(a, b, mode)`."""
    return scipy.signal.convolve(in_full(g, a, b, mode), np.flip(b), "valid", method)


def convolved_adjoint_b(g: Any, a: Any, b: Any, mode: Any, method: Any) -> Any:
    """Cotangent of `b` in `scipy.signal.convolve(a, b, mode)`."""
    return scipy.signal.convolve(in_full(g, a, b, mode), np.flip(a), "valid", method)


def correlated(mode: Any) -> Any:
    """The part of a convolution that a mode of `scipy.signal.correlate2d` means."""
    return "same2d" if mode == "same" else mode


def lagged(g: Any, x: Any, count: Any, axis: Any) -> Any:
    """The products of `g` with `x`, delayed by 0, 1, ... steps along an axis."""
    g, x = np.moveaxis(g, axis, -1), np.moveaxis(x, axis, -1)
    n = np.shape(x)[-1]
    return np.array([np.sum(g[..., k:] * x[..., : max(n - k, 0)]) for k in range(count)])


def filter_adjoint(g: Any, y: Any, a: Any, x: Any, count: Any, axis: Any, of_a: Any) -> Any:
    """Cotangent of the coefficients `b` or `a` in `y = scipy.signal.lfilter(b, a, x)`."""
    one = np.ones_like(a[:1])
    if of_a:
        return -lagged(g, scipy.signal.lfilter(one, a, y, axis), count, axis)
    return lagged(g, scipy.signal.lfilter(one, a, x, axis), count, axis)


# --- integrals of samples ------------------------------------------------------------------------


def trapezoid_weights(g: Any, x: Any, dx: Any, axis: Any, shape: Any) -> Any:
    """Cotangent of the samples in `scipy.integrate.trapezoid`."""
    steps = np.diff(interval_points(x, dx, axis, shape))
    ends = np.pad(steps, [(0, 0)] * (np.ndim(steps) - 1) + [(0, 1)])
    starts = np.pad(steps, [(0, 0)] * (np.ndim(steps) - 1) + [(1, 0)])
    weights = np.moveaxis((ends + starts) / 2, -1, axis)
    return np.expand_dims(g, axis) * weights.astype(np.result_type(g))


def trapezoid_points(g: Any, samples: Any, x: Any, axis: Any) -> Any:
    """Cotangent of the points in `scipy.integrate.trapezoid`."""
    samples = np.moveaxis(samples, axis, -1)
    means = np.expand_dims(g, -1) * (samples[..., 1:] + samples[..., :-1]) / 2
    zeros = [(0, 0)] * (np.ndim(means) - 1)
    moved = np.pad(means, [*zeros, (1, 0)]) - np.pad(means, [*zeros, (0, 1)])
    if np.ndim(x) == 1:
        return np.sum(np.reshape(moved, (-1, np.shape(moved)[-1])), axis=0)
    return np.moveaxis(unbroadcast(moved, np.moveaxis(x, axis, -1)), -1, axis)


def interval_points(x: Any, dx: Any, axis: Any, shape: Any) -> Any:
    """The points of samples of a shape, their axis moved to the end."""
    rank, n = len(shape), shape[axis]
    if x is None:
        points = dx * np.arange(n)
    elif np.ndim(x) == 1:
        points = x
    else:
        return np.moveaxis(x, axis, -1)
    return np.reshape(points, (1,) * (rank - 1) + (n,))


def cumulated_adjoint(g: Any, x: Any, dx: Any, axis: Any, initial: Any, shape: Any) -> Any:
    """Cotangent of the samples in `scipy.integrate.cumulative_trapezoid`."""
    g = np.moveaxis(g, axis, -1)
    if initial is not None:
        g = g[..., 1:]
    steps = np.diff(interval_points(x, dx, axis, shape)).astype(g.dtype)
    sums = np.flip(np.cumsum(np.flip(g, -1), -1), -1) * steps
    zeros = [(0, 0)] * (np.ndim(sums) - 1)
    both = np.pad(sums, [*zeros, (0, 1)]) + np.pad(sums, [*zeros, (1, 0)])
    return np.moveaxis(both / 2, -1, axis)


def linear_adjoint(g: Any, weights: Any, axis: Any) -> Any:
    """Cotangent of samples that `weights` sum along an axis."""
    rank = np.ndim(g) + 1
    along = [1] * rank
    along[axis] = -1
    return np.expand_dims(g, axis) * np.reshape(weights, along).astype(np.result_type(g))


def simpson_weights(n: Any, x: Any, dx: Any) -> Any:
    """What `scipy.integrate.simpson` multiplies `n` samples by: it is linear in them."""
    return scipy.integrate.simpson(np.eye(n), x, dx=dx, axis=-1)


# --- cosine and sine transforms ------------------------------------------------------------------


def end_scaled(g: Any, place: Any, factor: Any, axis: Any) -> Any:
    """`g` with its entry at a place along an axis multiplied."""
    weights = np.ones(np.shape(g)[axis], dtype=g.dtype)
    weights[place] = factor
    return np.moveaxis(np.moveaxis(g, axis, -1) * weights, -1, axis)


def dct_adjoint(g: Any, type: Any, axis: Any, norm: Any) -> Any:
    """Cotangent of the signal in `scipy.fft.dct(x, type, axis=axis, norm=norm)`."""
    if norm == "ortho":
        return scipy.fft.idct(g, type, axis=axis, norm=norm)
    n = np.shape(g)[axis]
    scale = 1.0 if norm != "forward" else 1 / (2 * (n - (type == 1)))
    if type == 2:
        return scipy.fft.dct(end_scaled(g * scale, 0, 2.0, axis), 3, axis=axis)
    if type == 3:
        return end_scaled(scipy.fft.dct(g * scale, 2, axis=axis), 0, 0.5, axis)
    if type == 1:
        inner = end_scaled(end_scaled(g * scale, 0, 2.0, axis), -1, 2.0, axis)
        whole = scipy.fft.dct(inner, 1, axis=axis)
        return end_scaled(end_scaled(whole, 0, 0.5, axis), -1, 0.5, axis)
    return scipy.fft.dct(g * scale, 4, axis=axis)


def dst_adjoint(g: Any, type: Any, axis: Any, norm: Any) -> Any:
    """Cotangent of the signal in `scipy.fft.dst(x, type, axis=axis, norm=norm)`."""
    if norm == "ortho":
        return scipy.fft.idst(g, type, axis=axis, norm=norm)
    n = np.shape(g)[axis]
    scale = 1.0 if norm != "forward" else 1 / (2 * (n + (type == 1)))
    if type == 2:
        return scipy.fft.dst(end_scaled(g * scale, -1, 2.0, axis), 3, axis=axis)
    if type == 3:
        return end_scaled(scipy.fft.dst(g * scale, 2, axis=axis), -1, 0.5, axis)
    return scipy.fft.dst(g * scale, type, axis=axis)


def inverse_type(type: Any) -> Any:
    """The type of cosine and sine transform that another one undoes, but for a factor."""
    return 5 - type if type in (2, 3) else type


def inverse_norm(norm: Any) -> Any:
    """The factor of an inverse transform is that of a transform with the other convention."""
    return "ortho" if norm == "ortho" else "backward" if norm == "forward" else "forward"


def along_axes(g: Any, axes: Any) -> Any:
    """The axes of a transform along several, as a list."""
    return list(range(np.ndim(g))) if axes is None else [int(i) for i in np.atleast_1d(axes)]


def dctn_adjoint(g: Any, type: Any, axes: Any, norm: Any) -> Any:
    """Cotangent of the signal in `scipy.fft.dctn(x, type, axes=axes, norm=norm)`."""
    for axis in along_axes(g, axes):
        g = dct_adjoint(g, type, axis, norm)
    return g


def dstn_adjoint(g: Any, type: Any, axes: Any, norm: Any) -> Any:
    """Cotangent of the signal in `scipy.fft.dstn(x, type, axes=axes, norm=norm)`."""
    for axis in along_axes(g, axes):
        g = dst_adjoint(g, type, axis, norm)
    return g
