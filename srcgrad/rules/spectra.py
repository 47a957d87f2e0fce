"""Derivatives of the spectra of `scipy.signal`, of real signals, one-sided."""

from __future__ import annotations

import numpy as np

from srcgrad.distant import Distant
from srcgrad.ir.kinds import Kind
from srcgrad.rules.call import Call
from srcgrad.rules.registry import primitive, pullback
from srcgrad.rules.results import COMPLEX
from srcgrad.rules.shapes import is_none, operand
from srcgrad.support_spectra import cross_adjoints, stft_adjoint

signal = Distant("scipy.signal")


def _real(call: Call) -> bool:
    return all(operand(call, name).dtype not in COMPLEX for name in ("x", "values", "a"))


def _spectrum(call: Call) -> Kind:
    return Kind("tuple", items=((0, Kind("array", "?")), (1, Kind("array", "?"))))


def _segments(call: Call) -> bool:
    detrend = call.literal("detrend") if call.is_literal("detrend") else "?"
    return _real(call) and detrend in ("constant", "linear", False)


_SEGMENTS = "fs=1.0, window='hann', nperseg=None, noverlap=None, nfft=None, detrend='constant'"
_REST = "scaling='density', axis=-1"
primitive("scipy.signal.welch", f"x, {_SEGMENTS}, *, {_REST}", kind=_spectrum)
pullback(
    "scipy.signal.welch",
    x=lambda g, y, x, fs, window, nperseg, noverlap, nfft, detrend, scaling, axis: sum(
        cross_adjoints(g[1], x, x, fs, window, nperseg, noverlap, nfft, detrend, scaling, axis)
    ),
    when=_segments,
)
# SciPy calls the second signal `y`, which is the result here
primitive(
    "scipy.signal.csd", f"x, values, {_SEGMENTS}, *, {_REST}", kind=_spectrum, also={"y": "values"}
)
pullback(
    "scipy.signal.csd",
    x=lambda g, y, x, values, fs, window, nperseg, noverlap, nfft, detrend, scaling, axis: (
        cross_adjoints(
            g[1], x, values, fs, window, nperseg, noverlap, nfft, detrend, scaling, axis
        )[0]
    ),
    values=lambda g, y, x, values, fs, window, nperseg, noverlap, nfft, detrend, scaling, axis: (
        cross_adjoints(
            g[1], x, values, fs, window, nperseg, noverlap, nfft, detrend, scaling, axis
        )[1]
    ),
    when=_segments,
)


def _zeros_beyond(call: Call) -> bool:
    known = call.is_literal("boundary") and call.literal("boundary") in ("zeros", None)
    detrend = call.is_literal("detrend") and call.literal("detrend") is False
    return _real(call) and known and detrend


primitive(
    "scipy.signal.stft",
    "x, fs=1.0, window='hann', nperseg=256, noverlap=None, nfft=None, detrend=False, *, "
    "boundary='zeros', padded=True, axis=-1, scaling='spectrum'",
    kind=lambda call: Kind("tuple", items=tuple((i, Kind("array", "?")) for i in range(3))),
)
pullback(
    "scipy.signal.stft",
    x=lambda g, y, x, fs, window, nperseg, noverlap, nfft, boundary, padded, axis, scaling: (
        stft_adjoint(
            g[2], x, fs, window, nperseg, noverlap, nfft, False, boundary, padded, axis, scaling
        )
    ),
    when=_zeros_beyond,
)

# The imaginary part of an analytic signal is its Hilbert transform, which is antisymmetric
primitive("scipy.signal.hilbert", "x, N=None, axis=-1", kind=lambda call: Kind("array", "?"))
pullback(
    "scipy.signal.hilbert",
    x=lambda g, y, axis: np.real(g) + np.imag(signal.hilbert(np.imag(g), axis=axis)),
    when=lambda call: _real(call) and is_none(call, "N"),
)
