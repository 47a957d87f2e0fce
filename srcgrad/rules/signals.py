"""Derivatives of `scipy.signal`, of integrals of samples, and of cosine and sine transforms.

Signals are real. What is linear in a signal has its transpose for a derivative.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from srcgrad.distant import Distant
from srcgrad.ir.kinds import Kind
from srcgrad.rules.call import Call
from srcgrad.rules.registry import COMPLEX_READY, TABLE, holds_for_complex, primitive, pullback
from srcgrad.rules.results import COMPLEX
from srcgrad.rules.shapes import is_none, operand
from srcgrad.support_signals import (
    convolved_adjoint,
    convolved_adjoint_b,
    correlated,
    cumulated_adjoint,
    dct_adjoint,
    dctn_adjoint,
    dst_adjoint,
    dstn_adjoint,
    filter_adjoint,
    inverse_norm,
    inverse_type,
    linear_adjoint,
    simpson_weights,
    trapezoid_points,
    trapezoid_weights,
)

signal = Distant("scipy.signal")
_INPUTS = ("in1", "in2", "b", "a", "x", "data", "sos", "samples")


def _array(call: Call) -> Kind:
    return Kind("array", "?")


def _unknown(call: Call) -> Kind:
    return Kind("unknown")


def _real(call: Call) -> bool:
    return all(operand(call, name).dtype not in COMPLEX for name in call.kinds if name in _INPUTS)


# Convolution
for _name in ("convolve", "correlate"):
    primitive(f"scipy.signal.{_name}", "in1, in2, mode='full', method='auto'", kind=_array)
for _name in ("fftconvolve", "oaconvolve"):
    primitive(f"scipy.signal.{_name}", "in1, in2, mode='full'", kind=_array)
pullback(
    "scipy.signal.convolve",
    in1=lambda g, y, in1, in2, mode, method: convolved_adjoint(g, in1, in2, mode, method),
    in2=lambda g, y, in1, in2, mode, method: convolved_adjoint_b(g, in1, in2, mode, method),
    when=_real,
)
pullback(
    "scipy.signal.correlate",
    in1=lambda g, y, in1, in2, mode, method: convolved_adjoint(g, in1, np.flip(in2), mode, method),
    in2=lambda g, y, in1, in2, mode, method: np.flip(
        convolved_adjoint_b(g, in1, in2, mode, method)
    ),
    when=_real,
)
for _name in ("fftconvolve", "oaconvolve"):
    pullback(
        f"scipy.signal.{_name}",
        in1=lambda g, y, in1, in2, mode: convolved_adjoint(g, in1, in2, mode, "fft"),
        in2=lambda g, y, in1, in2, mode: convolved_adjoint_b(g, in1, in2, mode, "fft"),
        when=_real,
    )


def _zeros_outside(call: Call) -> bool:
    return _real(call) and call.is_literal("boundary") and call.literal("boundary") == "fill"


for _name in ("convolve2d", "correlate2d"):
    primitive(f"scipy.signal.{_name}", "in1, in2, mode='full', boundary='fill'", kind=_array)
pullback(
    "scipy.signal.convolve2d",
    in1=lambda g, y, in1, in2, mode: convolved_adjoint(g, in1, in2, mode, "auto"),
    in2=lambda g, y, in1, in2, mode: convolved_adjoint_b(g, in1, in2, mode, "auto"),
    when=_zeros_outside,
)
pullback(
    "scipy.signal.correlate2d",
    in1=lambda g, y, in1, in2, mode: convolved_adjoint(
        g, in1, np.flip(in2), correlated(mode), "auto"
    ),
    in2=lambda g, y, in1, in2, mode: np.flip(
        convolved_adjoint_b(g, in1, in2, correlated(mode), "auto")
    ),
    when=_zeros_outside,
)

# Filters
primitive("scipy.signal.lfilter", "b, a, x, axis=-1", kind=_array)
pullback(
    "scipy.signal.lfilter",
    b=lambda g, y, b, a, x, axis: filter_adjoint(g, y, a, x, len(b), axis, False),
    a=lambda g, y, a, x, axis: filter_adjoint(g, y, a, x, len(a), axis, True),
    x=lambda g, y, b, a, axis: np.flip(signal.lfilter(b, a, np.flip(g, axis), axis), axis),
    when=_real,
)
primitive("scipy.signal.sosfilt", "sos, x, axis=-1", kind=_array)
pullback(
    "scipy.signal.sosfilt",
    x=lambda g, y, sos, axis: np.flip(signal.sosfilt(sos, np.flip(g, axis), axis), axis),
    when=_real,
)
# The projection onto the trend is symmetric
primitive("scipy.signal.detrend", "data, axis=-1, type='linear', bp=0", kind=_array)
pullback(
    "scipy.signal.detrend",
    data=lambda g, y, axis, type, bp: signal.detrend(g, axis, type, bp),
)
holds_for_complex("scipy.signal.detrend")

# Integrals of samples
primitive(
    "scipy.integrate.trapezoid", "samples, x=None, dx=1.0, axis=-1",
    kind=_unknown, also={"y": "samples"},
)  # fmt: skip
primitive(
    "scipy.integrate.cumulative_trapezoid", "samples, x=None, dx=1.0, axis=-1, initial=None",
    kind=_array, also={"y": "samples"},
)  # fmt: skip
primitive(
    "scipy.integrate.simpson", "samples, x=None, *, dx=1.0, axis=-1",
    kind=_unknown, also={"y": "samples"},
)  # fmt: skip


def _even(call: Call) -> bool:
    return _real(call) and is_none(call, "x")


pullback(
    "scipy.integrate.trapezoid",
    samples=lambda g, y, samples, dx, axis: trapezoid_weights(g, None, dx, axis, np.shape(samples)),
    dx=lambda g, y, dx: np.sum(g * y) / dx,
    when=_even,
)
pullback(
    "scipy.integrate.trapezoid",
    samples=lambda g, y, samples, x, dx, axis: trapezoid_weights(g, x, dx, axis, np.shape(samples)),
    x=lambda g, y, samples, x, axis: trapezoid_points(g, samples, x, axis),
    when=_real,
)
pullback(
    "scipy.integrate.cumulative_trapezoid",
    samples=lambda g, y, samples, dx, axis, initial: cumulated_adjoint(
        g, None, dx, axis, initial, np.shape(samples)
    ),
    dx=lambda g, y, dx: np.sum(g * y) / dx,
    when=_even,
)
pullback(
    "scipy.integrate.cumulative_trapezoid",
    samples=lambda g, y, samples, x, dx, axis, initial: cumulated_adjoint(
        g, x, dx, axis, initial, np.shape(samples)
    ),
    when=_real,
)
pullback(
    "scipy.integrate.simpson",
    samples=lambda g, y, samples, x, dx, axis: linear_adjoint(
        g, simpson_weights(np.shape(samples)[axis], x, dx), axis
    ),
    dx=lambda g, y, dx: np.sum(g * y) / dx,
    when=_even,
)
pullback(
    "scipy.integrate.simpson",
    samples=lambda g, y, samples, x, dx, axis: linear_adjoint(
        g, simpson_weights(np.shape(samples)[axis], x, dx), axis
    ),
    when=lambda call: _real(call) and call.kind("x").rank == 1,
)


# Cosine and sine transforms
def _transform(call: Call) -> bool:
    """Of the length of the signal."""
    known = call.is_literal("norm") and call.is_literal("type")
    return _real(call) and known and call.literal("type") in (1, 2, 3, 4)


for _name in ("dct", "idct", "dst", "idst"):
    primitive(f"scipy.fft.{_name}", "x, type=2, *, axis=-1, norm=None", kind=_array)
    primitive(f"scipy.fft.{_name}n", "x, type=2, *, axes=None, norm=None", kind=_array)
pullback(
    "scipy.fft.dct",
    x=lambda g, y, type, axis, norm: dct_adjoint(g, type, axis, norm),
    when=_transform,
)
pullback(
    "scipy.fft.idct",
    x=lambda g, y, type, axis, norm: dct_adjoint(g, inverse_type(type), axis, inverse_norm(norm)),
    when=_transform,
)
pullback(
    "scipy.fft.dst",
    x=lambda g, y, type, axis, norm: dst_adjoint(g, type, axis, norm),
    when=_transform,
)
pullback(
    "scipy.fft.idst",
    x=lambda g, y, type, axis, norm: dst_adjoint(g, inverse_type(type), axis, inverse_norm(norm)),
    when=_transform,
)
pullback(
    "scipy.fft.dctn",
    x=lambda g, y, type, axes, norm: dctn_adjoint(g, type, axes, norm),
    when=_transform,
)
pullback(
    "scipy.fft.idctn",
    x=lambda g, y, type, axes, norm: dctn_adjoint(g, inverse_type(type), axes, inverse_norm(norm)),
    when=_transform,
)
pullback(
    "scipy.fft.dstn",
    x=lambda g, y, type, axes, norm: dstn_adjoint(g, type, axes, norm),
    when=_transform,
)
pullback(
    "scipy.fft.idstn",
    x=lambda g, y, type, axes, norm: dstn_adjoint(g, inverse_type(type), axes, inverse_norm(norm)),
    when=_transform,
)


# The others compute what NumPy's do
def _like_numpy(name: str) -> None:
    prim = TABLE[f"numpy.fft.{name}"]
    TABLE[f"scipy.fft.{name}"] = replace(
        prim, name=f"scipy.fft.{name}", also={**prim.also, "x": prim.params[0]}
    )
    if prim.name in COMPLEX_READY:
        COMPLEX_READY.add(f"scipy.fft.{name}")


for _name in (
    *("fft", "ifft", "rfft", "irfft", "hfft", "ihfft", "fft2", "ifft2", "fftn", "ifftn"),
    *("rfft2", "irfft2", "rfftn", "irfftn", "fftshift", "ifftshift", "fftfreq", "rfftfreq"),
):
    if f"numpy.fft.{_name}" in TABLE:
        _like_numpy(_name)
