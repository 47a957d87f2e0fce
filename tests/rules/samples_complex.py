"""Sample arguments of functions of complex numbers."""

from __future__ import annotations

import builtins
import cmath
from dataclasses import replace
from typing import Any

import numpy as np

from srcgrad.support_complex import like_argument, like_memory, real_only
from tests.rules.harness import Row, lit, row

_RNG = np.random.default_rng(11)


def complexes(*shape: int) -> np.ndarray:
    return _RNG.uniform(0.3, 1.2, shape) + 1j * _RNG.uniform(0.3, 1.2, shape)


Z = complexes(3)
ZM = complexes(2, 4)
X = _RNG.uniform(0.3, 1.2, 6)
XM = _RNG.uniform(0.3, 1.2, (2, 5))
z = 0.7 + 0.4j

_ELEMENTWISE = [
    getattr(cmath, name)
    for name in [
        "exp",
        "log10",
        "sqrt",
        "sin",
        "cos",
        "tan",
        "asin",
        "acos",
        "atan",
        "sinh",
        "cosh",
        "tanh",
        "asinh",
        "acosh",
        "atanh",
        "log",
        "phase",
        "polar",
    ]
]

_SIZES: list[dict[str, Any]] = [
    {"s": (3, 4), "axes": (0, 1)},
    {"s": (2, 7), "axes": (-1, 0), "norm": lit("forward")},
    {"axes": (1, 0)},
]
FOURIER: list[Row] = [
    *(
        row(fn, a, **more)
        for fn in (np.fft.fft, np.fft.ifft)
        for a in (X, XM, ZM)
        for more in ({}, {"n": lit(4)}, {"n": lit(8)}, {"axis": lit(0)}, {"norm": lit("ortho")})
    ),
    *(
        row(fn, a, **more)
        for fn in (np.fft.rfft, np.fft.ihfft)
        for a in (X, XM)
        for more in ({}, {"n": lit(4)}, {"n": lit(7)}, {"axis": lit(0)}, {"norm": lit("forward")})
    ),
    *(
        row(fn, a, loose=True, **more)
        for fn in (np.fft.irfft, np.fft.hfft)
        for a in (ZM, XM, Z)
        for more in ({}, {"n": lit(3)}, {"n": lit(9)}, {"norm": lit("ortho")})
    ),
    *(
        row(fn, a, norm=lit(norm))
        for fn in (np.fft.fft2, np.fft.ifft2, np.fft.fftn, np.fft.ifftn)
        for a, norm in ((XM, "ortho"), (ZM, None), (complexes(2, 3, 2), "forward"))
    ),
    *(
        row(fn, a, loose=True, **more)
        for fn in (np.fft.fft2, np.fft.ifft2, np.fft.fftn, np.fft.ifftn)
        for a in (XM, ZM)
        for more in _SIZES
    ),
    row(np.fft.fftn, complexes(2, 3, 2), axes=(0, 0)),
    row(np.fft.fftn, complexes(2, 3, 2), (3, 2), (2, 0), loose=True),
    *(
        row(fn, a, loose=True, **more)
        for fn in (np.fft.rfft2, np.fft.rfftn)
        for a in (XM, _RNG.uniform(0.3, 1.2, (3, 4)))
        for more in ({}, {"norm": lit("ortho")}, {"s": (2, -1), "axes": (1, 0)}, *_SIZES)
    ),
    *(
        row(fn, a, loose=True, **more)
        for fn in (np.fft.irfft2, np.fft.irfftn)
        for a in (XM, ZM)
        for more in ({}, {"norm": lit("ortho")}, {"s": (2, -1), "axes": (0, 1)}, *_SIZES)
    ),
    row(np.fft.rfftn, _RNG.uniform(0.3, 1.2, (2, 3, 4))),
    row(np.fft.irfftn, complexes(2, 3, 4), (3, 5), (0, 2), loose=True),
    *(row(fn, a) for fn in (np.fft.fftshift, np.fft.ifftshift) for a in (X, XM, Z)),
    row(np.fft.fftshift, XM, axes=lit(1)),
    row(np.fft.fftfreq, 5, 0.3),
    row(np.fft.rfftfreq, 5, 0.3),
]
CMATH: list[Row] = [
    *(row(fn, z) for fn in _ELEMENTWISE),
    row(cmath.log, z, 1.2 - 0.3j),
    row(cmath.rect, 0.8, 0.3),
]
PARTS: list[Row] = [
    *(row(fn, Z) for fn in ("attr.real", "attr.imag", np.real, np.imag, np.angle, np.conj)),
    row("method.conj", Z),
    *(row("method.astype", ZM, dtype) for dtype in (np.complex128, complex)),
    row("method.astype", XM, np.complex128),
    row(np.astype, ZM, np.complex128),
    row(np.sort_complex, X),
    row(np.angle, Z, deg=lit(True)),
    row(np.sort_complex, ZM),
    row(real_only, X),
    row(like_argument, Z, Z),
    row(like_memory, Z, Z),
    row(np.complex64, 0.7, step=1e-2),
    row(np.complex128, z),
    row(builtins.complex, 0.3, 0.8),
    row(builtins.complex, z, 0.8),
    row(np.vdot, Z, complexes(3)),
    row(np.vdot, ZM, complexes(4, 2)),
    row(np.linalg.norm, ZM),
    row(np.linalg.norm, ZM, axis=lit(0)),
    row(np.linalg.norm, Z, keepdims=lit(True)),
    row(np.linalg.slogdet, complexes(3, 3)),
    row(np.linalg.slogdet, complexes(2, 3, 3)),
    row(np.linalg.det, complexes(2, 3, 3)),
    row(np.arccosh, Z - 1.5),
    row(np.arccosh, -Z),
]
SCIPY: list[Row] = [
    row("scipy.special.sph_harm_y", 3, 1, np.array([0.4, 1.3]), np.array([2.1, 0.3]), loose=True),
    row("scipy.special.sph_harm_y", 2, 2, 0.4, 2.1, loose=True),
    row("scipy.special.sph_harm_y", 3, 1, np.array([0.4, 1.3]), np.array([2.1]), loose=True),
    row("scipy.special.sph_harm_y", 3, 1, np.array([[0.4], [1.3]]), np.ones(2), loose=True),
    row("scipy.special.wofz", np.array([0.4, 1.3]), loose=True),
    row("scipy.special.wofz", Z, loose=True),
    *(row(np.sign, operand) for operand in (Z, ZM, z)),
    row("scipy.signal.hilbert", np.array([0.4, 1.3, -0.2, 0.7, 0.1]), loose=True),
]


def _has_distinct_axes(found: Row) -> bool:
    """SciPy refuses to transform along an axis twice."""
    axes = found.kwargs.get("axes", ())
    return not isinstance(axes, tuple) or len({a % 3 for a in axes}) == len(axes)


SCIPY += [
    replace(found, name=found.name.replace("numpy.", "scipy."), loose=True)
    for found in FOURIER
    if found.name.startswith("numpy.fft.") and _has_distinct_axes(found)
]
MORE: list[Row] = [*FOURIER, *CMATH, *PARTS, *SCIPY]
