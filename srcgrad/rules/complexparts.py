"""Derivatives of the parts of complex numbers, and of conversions between number types.

A real part has a real cotangent, the engine sees to that, and passes it on. The formulas of the
imaginary part and the angle hold where the operand is complex. Of a real one they are constant.
"""

from __future__ import annotations

import builtins
from typing import Any

import numpy as np

from srcgrad.ir.kinds import Kind, scalar
from srcgrad.rules.call import Call
from srcgrad.rules.registry import (
    broadcast_kind,
    computed,
    elementwise,
    holds_for_complex,
    partials,
    primitive,
    pullback,
)
from srcgrad.rules.results import (
    COMPLEX,
    REAL,
    float_kind,
    is_real,
    like,
    real_part,
    shares,
    ufunc_kind,
)
from srcgrad.support_complex import like_argument, like_memory, real_only

_FORMULA_NAMES = {"np": np, "__name__": __name__}
_fn: Any


def _real(call: Call) -> bool:
    return is_real(call.kind("x"))


def _part_kind(call: Call) -> Kind:
    """An attribute of the operand: Python numbers have Python parts, 0-d arrays 0-d arrays."""
    kind = call.kind("x")
    if kind.is_container:
        return Kind("array")
    return kind.with_dtype(real_part(kind.dtype))


def _angle_kind(call: Call) -> Kind:
    kind = float_kind(call)
    return kind.with_dtype(real_part(kind.dtype))


for _fn in (np.conj, "method.conj"):
    elementwise(_fn, lambda d, y, x: np.conj(d), kind=ufunc_kind)
    partials(_fn, lambda d, y, x: d, when=_real)
shares("method.conj", "x")  # the method of a real array gives the array itself

for _fn in (np.real, "attr.real"):
    elementwise(_fn, lambda d, y, x: d, kind=_part_kind)
    shares(_fn, "x")

for _fn in (np.imag, "attr.imag"):
    primitive(_fn, "x", kind=_part_kind, view="x")
    computed(_fn, lambda call: _complex_only(call, "-1j * g"), _FORMULA_NAMES)


def _angle(call: Call) -> dict[str, str] | None:
    if not call.is_literal("deg"):
        return None
    return _complex_only(call, "-1j * np.rad2deg(g) / x" if call.literal("deg") else "-1j * g / x")


primitive(np.angle, "x, deg=False", kind=_angle_kind, also={"z": "x"})
computed(np.angle, _angle, _FORMULA_NAMES)


def _complex_only(call: Call, formula: str) -> dict[str, str] | None:
    return {"x": formula if call.kind("x").dtype in COMPLEX else "0 * g"}


def _closed_kind(call: Call) -> Kind:
    """Only the run can tell whether imaginary parts are small enough to go."""
    kind = like("x")(call)
    return kind if is_real(call.kind("x")) else kind.with_dtype("?")


primitive(np.real_if_close, "x, tol=100", kind=_closed_kind, view="x")
pullback(np.real_if_close, x=lambda g, y: g)

elementwise(builtins.float, lambda d, y, x: d, kind=REAL)


def _cast_kind(dtype: Any) -> Any:
    return lambda call: broadcast_kind(call).with_dtype(dtype)


elementwise(np.float64, lambda d, y, x: d, kind=_cast_kind("f8"))
elementwise(np.float32, lambda d, y, x: d, kind=_cast_kind("f4"))
elementwise(np.complex128, lambda d, y, x: d, kind=_cast_kind("c16"))
elementwise(np.complex64, lambda d, y, x: d, kind=_cast_kind("c8"))
for _fn in (np.float64, np.float32, np.complex128, np.complex64):
    shares(_fn, "x")  # an array of that dtype comes back as it is
primitive(builtins.complex, "real=0, imag=0", kind=lambda call: scalar("pc"))
pullback(builtins.complex, real=lambda g, y: g, imag=lambda g, y: 1j * g)


# What keeps the numbers of a derivative real where the run alone can tell
def _same_kind(call: Call) -> Kind:
    return call.kind("x")


def _kind_like(call: Call) -> Kind:
    return call.kind("value").with_dtype("?")


elementwise(real_only, lambda d, y, x: d, kind=_same_kind)
for _fn in (like_argument, like_memory):
    primitive(_fn, "value, x", kind=_kind_like, silent=("x",), view="value")
    pullback(_fn, value=lambda g, y: g)
    holds_for_complex(_fn)
