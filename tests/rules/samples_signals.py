"""Sample arguments of `scipy.signal`, `scipy.fft` and `scipy.integrate`."""

from __future__ import annotations

from typing import Any

import numpy as np

from tests.rules.harness import Row, lit, row

_random = np.random.default_rng(23)


def real(*shape: int) -> Any:
    return _random.normal(size=shape)


def _of(name: str, *args: Any, **kwargs: Any) -> Row:
    return row(f"scipy.{name}", *args, loose=True, **kwargs)


MODES = [lit(mode) for mode in ("full", "same", "valid")]
CONVOLVED: list[Row] = [
    *(
        _of(f"signal.{name}", real(m), real(n), mode)
        for name in ("convolve", "correlate")
        for m, n in ((6, 3), (6, 4), (3, 6), (5, 5))
        for mode in MODES
    ),
    *(
        _of(f"signal.{name}", real(4, 5), real(3, 2), mode=mode)
        for name in ("convolve", "correlate", "fftconvolve", "oaconvolve")
        for mode in MODES
    ),
    *(
        _of(f"signal.{name}", real(4, 5), real(*shape), mode)
        for name in ("convolve2d", "correlate2d")
        for shape in ((3, 2), (2, 2), (3, 3))
        for mode in MODES
    ),
    _of("signal.convolve", real(6), real(3), mode=lit("same"), method=lit("direct")),
    _of("signal.convolve", real(2, 3, 4), real(2, 2, 2), mode=lit("valid"), method=lit("fft")),
]
FILTERED: list[Row] = [
    *(
        _of("signal.lfilter", b, a, real(7))
        for b in (real(3), real(1))
        for a in (np.array([1.0]), np.array([1.4, -0.4, 0.2]))
    ),
    _of("signal.lfilter", real(3), np.array([1.2, 0.3]), real(5, 2), axis=lit(0)),
    _of("signal.sosfilt", np.array([[1, 2, 1, 1, 0, 1], [1, 0, -1, 1, 1, 0]]), real(6)),
    _of("signal.detrend", real(6)),
    _of("signal.detrend", real(6, 2), axis=lit(0), type=lit("constant")),
    _of("signal.detrend", real(8), bp=lit(4)),
]
POINTS = np.array([0.0, 0.4, 1.1, 1.3, 2.0])
INTEGRALS: list[Row] = [
    *(_of(f"integrate.{name}", real(5)) for name in ("trapezoid", "simpson")),
    *(_of(f"integrate.{name}", real(3, 4), dx=0.3) for name in ("trapezoid", "simpson")),
    *(_of(f"integrate.{name}", real(3, 4), axis=lit(0)) for name in ("trapezoid", "simpson")),
    _of("integrate.trapezoid", real(5), POINTS),
    _of("integrate.trapezoid", real(5, 2), POINTS, axis=lit(0)),
    _of("integrate.trapezoid", real(2, 5), np.stack([POINTS, POINTS**2])),
    _of("integrate.simpson", real(5), np.arange(5) ** 2),
    _of("integrate.simpson", real(2, 6), x=np.arange(6) ** 2),
    _of("integrate.cumulative_trapezoid", real(5)),
    _of("integrate.cumulative_trapezoid", real(5), np.arange(5) ** 2, initial=lit(0)),
    _of("integrate.cumulative_trapezoid", real(3, 4), dx=0.3, axis=lit(0)),
    _of("integrate.cumulative_trapezoid", real(3, 4), dx=0.3, axis=lit(0), initial=lit(0)),
]
TRANSFORMS: list[Row] = [
    *(
        _of(f"fft.{name}", real(5), lit(type), norm=lit(norm))
        for name in ("dct", "idct", "dst", "idst")
        for type in (1, 2, 3, 4)
        for norm in (None, "ortho", "forward", "backward")
    ),
    *(_of(f"fft.{name}", real(3, 4), axis=lit(0)) for name in ("dct", "idct", "dst", "idst")),
    *(_of(f"fft.{name}", real(3, 4)) for name in ("dctn", "idctn", "dstn", "idstn")),
    *(_of(f"fft.{name}", real(3, 4), axes=(1,)) for name in ("dctn", "idctn")),
]
SPECTRA: list[Row] = [
    _of("signal.welch", real(11), nperseg=4),
    _of(
        "signal.welch",
        real(2, 9),
        2.0,
        nperseg=4,
        noverlap=1,
        nfft=7,
        detrend=lit("linear"),
        fixed=("fs",),
    ),
    _of("signal.welch", real(9, 2), nperseg=5, detrend=lit(False), scaling=lit("spectrum"), axis=0),
    _of("signal.welch", real(7), window=np.array([0.3, 1.0, 0.4]), fixed=("window",)),
]
SIGNALS = [*SPECTRA, *CONVOLVED, *FILTERED, *INTEGRALS, *TRANSFORMS]
