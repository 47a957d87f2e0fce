"""Carried helpers for the spectra of `scipy.signal`.

As in `srcgrad.support`: their source goes into the files that use them, which import the parts of
SciPy that they name. `g` is the cotangent of the spectrum: frequencies, then segments, come last.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from srcgrad.distant import Distant

scipy = Distant("scipy")


def segment_window(window: Any, nperseg: Any, size: Any, default: Any) -> Any:
    """The weights of the samples of a segment."""
    if not isinstance(window, (str, tuple)):
        return np.asarray(window)
    count = min(default if nperseg is None else int(nperseg), size)
    return scipy.signal.get_window(window, count)


def windowed_parts(x: Any, win: Any, step: Any, detrend: Any) -> Any:
    """Overlapping parts of a signal along its last axis, without their trend, weighted."""
    starts = range(0, np.shape(x)[-1] - len(win) + 1, step)
    parts = np.stack([x[..., i : i + len(win)] for i in starts], -2)
    return (scipy.signal.detrend(parts, -1, detrend) if detrend else parts) * win


def segments_adjoint(g: Any, size: Any, win: Any, step: Any, detrend: Any) -> Any:
    """Cotangent of the signal in `windowed_parts`: detrending is symmetric."""
    g = g * win
    if detrend:
        g = scipy.signal.detrend(g, -1, detrend)
    x_bar = np.zeros((*np.shape(g)[:-2], size), dtype=g.dtype)
    for i in range(np.shape(g)[-2]):
        x_bar[..., i * step : i * step + len(win)] += g[..., i, :]
    return x_bar


def half_transform_adjoint(h: Any, nfft: Any, count: Any) -> Any:
    """Cotangent of real segments from that of the first half of their Fourier transforms."""
    return np.real(np.fft.fft(h, nfft))[..., :count]


def spectrum_scale(win: Any, fs: Any, scaling: Any, nfft: Any) -> Any:
    """The weights of the squares in a one-sided spectrum, frequency by frequency."""
    whole = 1 / (fs * np.sum(win**2)) if scaling == "density" else 1 / np.sum(win) ** 2
    weights = np.full(nfft // 2 + 1, 2.0 * whole)
    weights[0] = whole
    if nfft % 2 == 0:
        weights[-1] = whole
    return weights


def cross_adjoints(
    g: Any, x: Any, y: Any, fs: Any, window: Any, nperseg: Any, noverlap: Any, nfft: Any,
    detrend: Any, scaling: Any, axis: Any,
) -> Any:  # fmt: skip
    """Cotangents of both signals in `scipy.signal.csd(x, y)`; their sum is that of `welch(x)`."""
    if np.shape(x) != np.shape(y):
        raise ValueError("the derivative of a cross spectrum needs signals of one shape")
    x, y, g = np.moveaxis(x, axis, -1), np.moveaxis(y, axis, -1), np.moveaxis(g, axis, -1)
    size = np.shape(x)[-1]
    win = segment_window(window, nperseg, size, 256)
    step = len(win) - (len(win) // 2 if noverlap is None else noverlap)
    points = len(win) if nfft is None else nfft
    of_x = np.fft.rfft(windowed_parts(x, win, step, detrend), points)
    of_y = np.fft.rfft(windowed_parts(y, win, step, detrend), points)
    share = np.expand_dims(g, -2) * spectrum_scale(win, fs, scaling, points)
    share = share / np.shape(of_x)[-2]
    bars = []
    for h in (np.conj(share * of_y), share * np.conj(of_x)):
        parts = half_transform_adjoint(h, points, len(win))
        bars.append(np.moveaxis(segments_adjoint(parts, size, win, step, detrend), -1, axis))
    return bars


def stft_adjoint(
    g: Any, x: Any, fs: Any, window: Any, nperseg: Any, noverlap: Any, nfft: Any, detrend: Any,
    boundary: Any, padded: Any, axis: Any, scaling: Any,
) -> Any:  # fmt: skip
    """Cotangent of the signal in `scipy.signal.stft(x)`, extended by zeros or not at all."""
    size = np.shape(x)[axis]
    win = segment_window(window, nperseg, size, 256)
    step = len(win) - (len(win) // 2 if noverlap is None else noverlap)
    points = len(win) if nfft is None else nfft
    before = 0 if boundary is None else len(win) // 2
    whole = size + 2 * before
    if padded:
        whole += (-(whole - len(win)) % step) % len(win)
    scale = 1 / np.sum(win) if scaling == "spectrum" else 1 / np.sqrt(fs * np.sum(win**2))
    if axis not in (-1, np.ndim(x) - 1):
        raise ValueError("the derivative of scipy.signal.stft is supported along the last axis")
    parts = half_transform_adjoint(np.swapaxes(g, -1, -2) * scale, points, len(win))
    x_bar = segments_adjoint(parts, whole, win, step, detrend)[..., before : before + size]
    return x_bar
