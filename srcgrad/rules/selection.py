"""Derivatives of elementwise functions with operands that are optional or carry no derivative.

`np.where` masks the cotangent of each branch, so that it is 0 where the other one was taken.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from srcgrad.ir.kinds import Kind, broadcast, promote
from srcgrad.rules.call import Call
from srcgrad.rules.registry import TABLE, primitive, pullback
from srcgrad.rules.results import diagonal, float_kind, strong, ufunc_kind


def _where_kind(call: Call) -> Kind:
    """An array, 0-d if the operands are scalars; with one argument, a tuple of index arrays."""
    if not call.given("a"):
        rank = call.kind("condition").rank
        index = Kind("array", "i")
        if rank is None:
            return Kind("tuple", element=index)
        return Kind("tuple", items=tuple((i, index) for i in range(max(rank, 1))))
    kinds = [call.kind(name) for name in ("condition", "a", "b")]
    dtype = strong(promote(*(k.dtype for k in kinds[1:])))
    if any(k.tag not in ("scalar", "array") for k in kinds):
        return Kind("array", dtype)
    return Kind("array", dtype, broadcast(*(k.shape for k in kinds)))


primitive(np.where, "condition, a=None, b=None", kind=_where_kind)
pullback(
    np.where,
    a=lambda d, y, condition: np.where(condition, d, 0),
    b=lambda d, y, condition: np.where(condition, 0, d),
)
diagonal(np.where)


def _bounded(call: Call, name: str) -> bool:
    """The bound is not None."""
    return not (call.is_literal(name) and call.literal(name) is None)


def _clip_kind(call: Call) -> Kind:
    bounds = [name for name in ("a_min", "a_max") if _bounded(call, name)]
    return ufunc_kind(replace(call, kinds={name: call.kind(name) for name in ("a", *bounds)}))


# Either bound may be None. The closed interval counts as inside; a bound
# moves the result only where it cuts. Where bounds cross, NumPy gives the upper one.
primitive(
    np.clip,
    "a, a_min=None, a_max=None",
    kind=_clip_kind,
    also={"min": "a_min", "max": "a_max"},
)
pullback(
    np.clip,
    a=lambda d, y, a, a_min, a_max: d * ((a >= a_min) & (a <= a_max)),
    a_min=lambda d, y, a, a_min, a_max: d * ((a < a_min) & np.less_equal(a_min, a_max)),
    a_max=lambda d, y, a, a_min, a_max: d * (np.maximum(a, a_min) > a_max),
    when=lambda call: _bounded(call, "a_min") and _bounded(call, "a_max"),
)
pullback(
    np.clip,
    a=lambda d, y, a, a_min: d * (a >= a_min),
    a_min=lambda d, y, a, a_min: d * (a < a_min),
    when=lambda call: _bounded(call, "a_min"),
)
pullback(
    np.clip,
    a=lambda d, y, a, a_max: d * (a <= a_max),
    a_max=lambda d, y, a, a_max: d * (a > a_max),
    when=lambda call: _bounded(call, "a_max"),
)
pullback(np.clip, a=lambda d, y: d)
TABLE["numpy.clip"] = replace(TABLE["numpy.clip"], elementwise=True)


def _x_kind(call: Call) -> Kind:
    return ufunc_kind(replace(call, kinds={"x": call.kind("x")}))


# |a| with the sign of b; np.sign(y) is that sign, and np.sign(a) makes the slope 0 at a == 0.
# Nothing comes back to b, nor to the first argument of a step: constant but for a jump, as np.sign.
primitive(np.nextafter, "a, b", kind=float_kind, silent=("b",))
pullback(np.nextafter, a=lambda d, y: d)
primitive(np.copysign, "a, b", kind=float_kind, silent=("b",))
pullback(np.copysign, a=lambda d, y, a: d * (np.sign(a) * np.sign(y)))
primitive(np.heaviside, "a, b", kind=float_kind, silent=("a",))
pullback(np.heaviside, b=lambda d, y, a: d * (a == 0))


def _ldexp_kind(call: Call) -> Kind:
    kind = float_kind(call)
    first = float_kind(replace(call, kinds={"a": call.kind("a")}))
    return kind.with_dtype(first.dtype)


primitive(np.ldexp, "a, n", kind=_ldexp_kind)
pullback(np.ldexp, a=lambda d, y, n: np.ldexp(d, n))
for _fn in (np.copysign, np.nextafter, np.heaviside, np.ldexp):
    diagonal(_fn)


# Infinities are replaced by constants, as nan is.
primitive(
    np.nan_to_num,
    "x, copy=True, nan=0.0, posinf=None, neginf=None",
    kind=_x_kind,
    refuse=lambda call: (
        None
        if call.is_literal("copy") and call.literal("copy") is True
        else "np.nan_to_num with `copy` other than True is not supported"
    ),
)
pullback(
    np.nan_to_num,
    x=lambda d, y, x: np.where(np.isfinite(x), d, 0.0),
    when=lambda call: call.kind("x").is_array,
)
pullback(np.nan_to_num, x=lambda d, y, x: d * np.isfinite(x))
TABLE["numpy.nan_to_num"] = replace(TABLE["numpy.nan_to_num"], elementwise=True)
# The angle turns by whole periods.
primitive(
    np.unwrap,
    "p, discont=None, axis=-1, *, period=6.283185307179586",
    kind=lambda call: float_kind(replace(call, kinds={"p": call.kind("p")})),
)
pullback(np.unwrap, p=lambda g, y: g)
