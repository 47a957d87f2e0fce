"""Derivatives of Fourier transforms along several axes.

As along one: the matrix of a transform is symmetric, so that the cotangent goes through the same
transform, and what was cut off or filled up to the sizes `s` gets zeros or is cut off. Of real
numbers half of the last axis is kept.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from srcgrad.ir.kinds import Dtype, Kind, Length, Shape
from srcgrad.rules.call import Call, KindRule
from srcgrad.rules.registry import holds_for_complex, primitive, pullback, zero
from srcgrad.rules.shapes import is_none, operand, valid_axes
from srcgrad.support_complex import each_once, fitted, half_weights, rfftn_adjoint

_fn: Any
_SINGLE = ("f4", "c8")


def _axes(call: Call) -> tuple[int, ...] | None:
    """The axes, counted from the front; None where they are not known."""
    shape, axes = operand(call, "a").shape, call.axes("axes")
    if shape is None:
        return None
    rank = len(shape)
    if axes is None and call.name.endswith("2") and not call.given("axes"):
        axes = (-2, -1)
    if axes is None and is_none(call, "axes") and is_none(call, "s"):
        axes = tuple(range(rank))
    if axes is None or not valid_axes(axes, rank):
        return None
    return tuple(axis % rank for axis in axes)


def _shape(call: Call) -> Shape | None:
    """The shape of a full transform."""
    shape, axes = operand(call, "a").shape, _axes(call)
    if shape is None or axes is None or not is_none(call, "s"):
        return None
    return shape


def _full(call: Call) -> Kind:
    dtype: Dtype = "c8" if operand(call, "a").dtype in _SINGLE else "c16"
    return Kind("array", dtype, _shape(call))


def _halved(call: Call, n: Length) -> Length | None:
    return n // 2 + 1 if isinstance(n, int) else None


def _doubled(call: Call, n: Length) -> Length | None:
    return 2 * (n - 1) if isinstance(n, int) else None


def _real(of_last: Any, dtypes: tuple[Dtype, Dtype]) -> KindRule:
    """Half of the last axis is dropped, or added."""

    def kind(call: Call) -> Kind:
        given = operand(call, "a").dtype
        dtype = dtypes[0] if given in _SINGLE else dtypes[1]
        dtype = "?" if given in ("f2", "f16", "?", "c?") and dtype == "f8" else dtype
        shape, axes = _shape(call), _axes(call)
        n = of_last(call, shape[axes[-1]]) if shape and axes else None
        if not shape or not axes or n is None:
            return Kind("array", dtype)
        return Kind("array", dtype, (*shape[: axes[-1]], n, *shape[axes[-1] + 1 :]))

    return kind


# Which of the formulas hold
def _usual_axes(call: Call) -> bool:
    return not call.given("axes") and is_none(call, "s")


def _no_axes(call: Call) -> bool:
    return not call.given("axes")


def _any_axes(call: Call) -> bool:
    return is_none(call, "s")


def _distinct(call: Call) -> bool:
    """No axis is known to be transformed twice, to another length each time."""
    if is_none(call, "axes") or not call.given("axes"):
        return True
    axes = _axes(call) or call.axes("axes")
    return axes is not None and len(set(axes)) == len(axes)


def _all_axes(call: Call) -> bool:
    return is_none(call, "axes")


_PLANE = "a, s=None, axes=(-2, -1), norm=None"
_SPACE = "a, s=None, axes=None, norm=None"
for _fn, _signature in (
    (np.fft.fft2, _PLANE),
    (np.fft.ifft2, _PLANE),
    (np.fft.fftn, _SPACE),
    (np.fft.ifftn, _SPACE),
):
    primitive(_fn, _signature, kind=_full)
pullback(np.fft.fft2, a=lambda g, y, norm: np.fft.fft2(g, norm=norm), when=_usual_axes)
pullback(np.fft.ifft2, a=lambda g, y, norm: np.fft.ifft2(g, norm=norm), when=_usual_axes)
pullback(
    np.fft.fft2, a=lambda g, y, axes, norm: np.fft.fft2(g, axes=axes, norm=norm), when=_any_axes
)
pullback(
    np.fft.ifft2, a=lambda g, y, axes, norm: np.fft.ifft2(g, axes=axes, norm=norm), when=_any_axes
)
pullback(
    np.fft.fftn, a=lambda g, y, axes, norm: np.fft.fftn(g, axes=axes, norm=norm), when=_any_axes
)
pullback(
    np.fft.ifftn, a=lambda g, y, axes, norm: np.fft.ifftn(g, axes=axes, norm=norm), when=_any_axes
)
pullback(
    np.fft.fft2,
    a=lambda g, y, a, s, norm: fitted(np.fft.fft2(g, s, norm=norm), a),
    when=_no_axes,
)
pullback(
    np.fft.ifft2,
    a=lambda g, y, a, s, norm: fitted(np.fft.ifft2(g, s, norm=norm), a),
    when=_no_axes,
)
for _fn in (np.fft.fft2, np.fft.fftn):
    pullback(
        _fn,
        a=lambda g, y, a, s, axes, norm: fitted(np.fft.fftn(g, s, axes, norm), a),
        when=_distinct,
    )
    pullback(
        _fn,
        a=lambda g, y, a, s, axes, norm: fitted(np.fft.fftn(g, s, each_once(axes, a), norm), a),
    )
for _fn in (np.fft.ifft2, np.fft.ifftn):
    pullback(
        _fn,
        a=lambda g, y, a, s, axes, norm: fitted(np.fft.ifftn(g, s, axes, norm), a),
        when=_distinct,
    )
    pullback(
        _fn,
        a=lambda g, y, a, s, axes, norm: fitted(np.fft.ifftn(g, s, each_once(axes, a), norm), a),
    )

# Of real numbers, and back to them
for _fn, _signature in ((np.fft.rfft2, _PLANE), (np.fft.rfftn, _SPACE)):
    primitive(_fn, _signature, kind=_real(_halved, ("c8", "c16")))
for _fn, _signature in ((np.fft.irfft2, _PLANE), (np.fft.irfftn, _SPACE)):
    primitive(_fn, _signature, kind=_real(_doubled, ("f4", "f8")))
pullback(
    np.fft.rfft2,
    a=lambda g, y, a, norm: np.real(np.fft.fft2(g, a.shape[-2:], norm=norm)),
    when=lambda call: _usual_axes(call) and operand(call, "a").is_array,
)
pullback(
    np.fft.rfft2,
    a=lambda g, y, a, s, norm: rfftn_adjoint(g, a, s, (-2, -1), norm),
    when=_no_axes,
)
for _fn in (np.fft.rfft2, np.fft.rfftn):
    pullback(
        _fn,
        a=lambda g, y, a, s, axes, norm: rfftn_adjoint(g, a, s, axes, norm),
    )
pullback(
    np.fft.irfft2,
    a=lambda g, y, a, s, norm: fitted(half_weights(g, -1) * np.fft.ifft2(g, s, norm=norm), a),
    when=_no_axes,
)
for _fn in (np.fft.irfft2, np.fft.irfftn):
    pullback(
        _fn,
        a=lambda g, y, a, s, norm: fitted(half_weights(g, -1) * np.fft.ifftn(g, s, norm=norm), a),
        when=_all_axes,
    )
    pullback(
        _fn,
        a=lambda g, y, a, s, axes, norm: fitted(
            half_weights(g, axes[-1]) * np.fft.ifftn(g, s, each_once(axes, a), norm), a
        ),
    )
zero(each_once, signature="axes, a", kind=lambda call: call.kind("axes"))

holds_for_complex(
    *(np.fft.fft2, np.fft.ifft2, np.fft.fftn, np.fft.ifftn),
    *(np.fft.rfft2, np.fft.rfftn, np.fft.irfft2, np.fft.irfftn),
)
