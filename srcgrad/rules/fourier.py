"""Derivatives of Fourier transforms.

A transform is linear, and its matrix is symmetric: without conjugation the cotangent goes through
the same transform. What is cut off or filled up to length `n` gets zeros or is cut off.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from srcgrad.ir.kinds import Dtype, Kind, Length, Shape
from srcgrad.rules.call import Call, KindRule
from srcgrad.rules.creation import length_of
from srcgrad.rules.registry import holds_for_complex, primitive, pullback
from srcgrad.rules.shapes import axis_of, is_none, operand
from srcgrad.support_complex import half_weights, length_along, resized

_fn: Any
_SINGLE = ("f2", "f4", "c8")


def _of_length(call: Call, given: Length | None, name: str = "n") -> Length | None:
    return given if is_none(call, name) else length_of(call, name)


def _kind(length: Any, real: bool) -> KindRule:
    def kind(call: Call) -> Kind:
        a = operand(call, "a")
        single = a.dtype in _SINGLE
        dtype: Dtype = ("f4" if single else "f8") if real else ("c8" if single else "c16")
        if a.dtype in ("f2", "f16", "?", "c?"):
            dtype = "?" if real else "c16"
        axis = axis_of(call, None if a.shape is None else len(a.shape))
        if a.shape is None or axis is None:
            return Kind("array", dtype)
        n = length(call, a.shape[axis])
        return Kind("array", dtype, _with_length(a.shape, axis, n))

    return kind


def _with_length(shape: Shape, axis: int, n: Length | None) -> Shape | None:
    return None if n is None else (*shape[:axis], n, *shape[axis + 1 :])


def _full(call: Call, given: Length) -> Length | None:
    return _of_length(call, given)


def _half(call: Call, given: Length) -> Length | None:
    n = _of_length(call, given)
    return n // 2 + 1 if isinstance(n, int) else None


def _twice(call: Call, given: Length) -> Length | None:
    n = None if is_none(call, "n") else length_of(call, "n")
    return 2 * (given - 1) if is_none(call, "n") and isinstance(given, int) else n


def _no_length(call: Call) -> bool:
    return is_none(call, "n") and operand(call, "a").is_array


def _given_length(call: Call) -> bool:
    """Known not to be None."""
    return call.kind("n").is_scalar or (call.is_literal("n") and not is_none(call, "n"))


_SIGNATURE = "a, n=None, axis=-1, norm=None"
for _fn in (np.fft.fft, np.fft.ifft):
    primitive(_fn, _SIGNATURE, kind=_kind(_full, real=False))
pullback(
    np.fft.fft, a=lambda g, y, axis, norm: np.fft.fft(g, axis=axis, norm=norm), when=_no_length
)
pullback(
    np.fft.fft,
    a=lambda g, y, a, axis, norm: resized(np.fft.fft(g, axis=axis, norm=norm), a, axis),
)
pullback(
    np.fft.ifft, a=lambda g, y, axis, norm: np.fft.ifft(g, axis=axis, norm=norm), when=_no_length
)
pullback(
    np.fft.ifft,
    a=lambda g, y, a, axis, norm: resized(np.fft.ifft(g, axis=axis, norm=norm), a, axis),
)

# Of real numbers: half of the transform, the rest follows by symmetry
for _fn in (np.fft.rfft, np.fft.ihfft):
    primitive(_fn, _SIGNATURE, kind=_kind(_half, real=False))
pullback(
    np.fft.rfft,
    a=lambda g, y, a, axis, norm: np.real(np.fft.fft(g, a.shape[axis], axis, norm)),
    when=_no_length,
)
pullback(
    np.fft.rfft,
    a=lambda g, y, a, n, axis, norm: resized(np.real(np.fft.fft(g, n, axis, norm)), a, axis),
    when=_given_length,
)
pullback(
    np.fft.rfft,
    a=lambda g, y, a, n, axis, norm: resized(
        np.real(np.fft.fft(g, length_along(a, n, axis), axis, norm)), a, axis
    ),
)
pullback(
    np.fft.ihfft,
    a=lambda g, y, a, axis, norm: np.real(np.fft.ifft(g, a.shape[axis], axis, norm)),
    when=_no_length,
)
pullback(
    np.fft.ihfft,
    a=lambda g, y, a, n, axis, norm: resized(np.real(np.fft.ifft(g, n, axis, norm)), a, axis),
    when=_given_length,
)
pullback(
    np.fft.ihfft,
    a=lambda g, y, a, n, axis, norm: resized(
        np.real(np.fft.ifft(g, length_along(a, n, axis), axis, norm)), a, axis
    ),
)
for _fn in (np.fft.irfft, np.fft.hfft):
    primitive(_fn, _SIGNATURE, kind=_kind(_twice, real=True))
pullback(
    np.fft.irfft,
    a=lambda g, y, a, axis, norm: resized(
        half_weights(g, axis) * np.fft.ifft(g, axis=axis, norm=norm), a, axis
    ),
)
pullback(
    np.fft.hfft,
    a=lambda g, y, a, axis, norm: resized(
        half_weights(g, axis) * np.fft.fft(g, axis=axis, norm=norm), a, axis
    ),
)


# The order of frequencies, and the frequencies themselves
def _shifted_kind(call: Call) -> Kind:
    x = operand(call, "x")
    return Kind("array", x.dtype, x.shape)


primitive(np.fft.fftshift, "x, axes=None", kind=_shifted_kind)
primitive(np.fft.ifftshift, "x, axes=None", kind=_shifted_kind)
pullback(np.fft.fftshift, x=lambda g, y, axes: np.fft.ifftshift(g, axes))
pullback(np.fft.ifftshift, x=lambda g, y, axes: np.fft.fftshift(g, axes))


def _frequencies_kind(call: Call) -> Kind:
    n = length_of(call, "n")
    half = call.name == "numpy.fft.rfftfreq"
    length = n // 2 + 1 if half and isinstance(n, int) else None if half else n
    return Kind("array", "f8", None if length is None else (length,))


for _fn in (np.fft.fftfreq, np.fft.rfftfreq):
    primitive(_fn, "n, spacing=1.0", kind=_frequencies_kind, also={"d": "spacing"})
    pullback(_fn, spacing=lambda g, y, spacing: -np.sum(g * y) / spacing)

holds_for_complex(
    *(np.fft.fft, np.fft.ifft, np.fft.rfft, np.fft.irfft, np.fft.hfft, np.fft.ihfft),
    *(np.fft.fftshift, np.fft.ifftshift, np.fft.fftfreq, np.fft.rfftfreq),
)
