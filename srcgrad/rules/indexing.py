"""Derivatives of functions that pick elements by index or condition, or look them up in a table.

An element that is picked twice gets both cotangents.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from srcgrad.ir.kinds import Kind, broadcast, promote
from srcgrad.rules.call import Call
from srcgrad.rules.creation import stacked_kind
from srcgrad.rules.registry import computed, primitive, pullback
from srcgrad.rules.results import strong
from srcgrad.rules.shapes import axis_of, is_none, operand
from srcgrad.support_arrays import (
    choose_adjoint,
    interp_slope,
    interp_values_adjoint,
    select_adjoint,
    select_default_adjoint,
)
from srcgrad.support_selection import scatter_along_axis, scatter_take
from srcgrad.support_series import trimmed_adjoint

_fn: Any


# By index
def _take_kind(call: Call) -> Kind:
    a, indices = operand(call, "a"), operand(call, "indices")
    if a.shape is None or indices.shape is None:
        return Kind("unknown", a.dtype)
    if is_none(call, "axis"):
        shape = indices.shape
    else:
        axis = axis_of(call, len(a.shape))
        if axis is None:
            return Kind("unknown", a.dtype)
        shape = (*a.shape[:axis], *indices.shape, *a.shape[axis + 1 :])
    if shape == () and not call.kind("indices").is_scalar:
        return Kind("unknown", a.dtype)  # a 0-d array of indices
    return Kind("array" if shape else "scalar", a.dtype, shape)


def _usual_bounds(call: Call) -> bool:
    return not call.given("mode")


def _flat(call: Call) -> bool:
    return is_none(call, "axis")


primitive(np.take, "a, indices, axis=None, *, mode='raise'", kind=_take_kind)
pullback(
    np.take,
    a=lambda g, y, a, indices, axis: scatter_take(g, a, indices, axis),
    when=_usual_bounds,
)
pullback(
    np.take,
    a=lambda g, y, a, indices, mode: scatter_take(
        g, a, np.take(np.arange(np.size(a)), indices, mode=mode), None
    ),
    when=_flat,
)
pullback(
    np.take,
    a=lambda g, y, a, indices, axis, mode: scatter_take(
        g, a, np.take(np.arange(np.shape(a)[axis]), indices, mode=mode), axis
    ),
    when=lambda call: call.kind("axis").is_scalar,
)


def _along_kind(call: Call) -> Kind:
    arr, indices = operand(call, "arr"), operand(call, "indices")
    if is_none(call, "axis"):
        return Kind("array", arr.dtype, indices.shape)
    if arr.shape is None or indices.shape is None or len(arr.shape) != len(indices.shape):
        return Kind("array", arr.dtype)
    axis = axis_of(call, len(arr.shape))
    if axis is None:
        return Kind("array", arr.dtype)
    length = indices.shape[axis]
    others = [
        tuple(1 if i == axis else n for i, n in enumerate(s.shape or ())) for s in (arr, indices)
    ]
    shape = broadcast(*others) or ()
    return Kind("array", arr.dtype, tuple(length if i == axis else n for i, n in enumerate(shape)))


primitive(np.take_along_axis, "arr, indices, axis=-1", kind=_along_kind)
pullback(
    np.take_along_axis,
    arr=lambda g, y, arr, indices, axis: scatter_along_axis(g, arr, indices, axis),
)


# By condition; the lengths of the results are known to the program alone
def _some_of(name: str) -> Any:
    def kind(call: Call) -> Kind:
        return Kind("array", operand(call, name).dtype)

    return kind


primitive(np.compress, "condition, a, axis=None", kind=_some_of("a"))
pullback(
    np.compress,
    a=lambda g, y, condition, a, axis: scatter_take(g, a, np.flatnonzero(condition), axis),
)
primitive(np.extract, "condition, arr", kind=_some_of("arr"))
pullback(
    np.extract,
    arr=lambda g, y, condition, arr: scatter_take(g, arr, np.flatnonzero(condition), None),
)


primitive(np.delete, "arr, obj, axis=None", kind=_some_of("arr"))
pullback(
    np.delete,
    arr=lambda g, y, arr, obj: scatter_take(g, arr, np.delete(np.arange(np.size(arr)), obj), None),
    when=_flat,
)
pullback(
    np.delete,
    arr=lambda g, y, arr, obj, axis: scatter_take(
        g, arr, np.delete(np.arange(np.shape(arr)[axis]), obj), axis
    ),
    when=lambda call: call.kind("axis").is_scalar,
)


def _select_kind(call: Call) -> Kind:
    choices = call.kind("choicelist")
    if choices.tag not in ("list", "tuple") or not choices.items:
        return Kind("array")
    kinds = [stacked_kind(item) for _, item in choices.items]
    if call.given("default"):
        kinds.append(stacked_kind(call.kind("default")))
    dtypes = {strong(kind.dtype) for kind in kinds}
    dtype = dtypes.pop() if len(dtypes) == 1 else "?"
    conditions = call.kind("condlist")
    if conditions.tag not in ("list", "tuple") or not conditions.items:
        return Kind("array", dtype)
    kinds += [stacked_kind(item) for _, item in conditions.items]
    return Kind("array", dtype, broadcast(*(kind.shape for kind in kinds)))


primitive(np.select, "condlist, choicelist, default=0", kind=_select_kind)
pullback(
    np.select,
    choicelist=lambda g, y, condlist, choicelist: select_adjoint(g, condlist, choicelist),
    default=lambda g, y, condlist, default: select_default_adjoint(g, condlist, default),
    when=lambda call: call.kind("choicelist").tag in ("list", "tuple"),
)


def _choose_kind(call: Call) -> Kind:
    return Kind("array" if call.kind("a").is_array else "unknown", "?")


primitive(np.choose, "a, choices", kind=_choose_kind)
pullback(
    np.choose,
    choices=lambda g, y, a, choices: choose_adjoint(g, a, choices),
    when=lambda call: call.kind("choices").tag in ("list", "tuple"),
)


# By the zeros around them; `filt` is a vector
primitive(np.trim_zeros, "filt, trim='fb'", kind=_some_of("filt"), view="filt")
pullback(
    np.trim_zeros,
    filt=lambda g, y, filt, trim: trimmed_adjoint(g, filt, trim),
)


# In a table
def _interp_kind(call: Call) -> Kind:
    x, fp = operand(call, "x"), operand(call, "fp")
    dtype = "f8" if promote(x.dtype, fp.dtype) in ("f2", "f4", "f8", "i") else "?"
    if x.shape is None:
        return Kind("unknown", "?" if dtype == "?" else "f8")
    return Kind("array" if x.shape else "scalar", "?" if dtype == "?" else "f8", x.shape)


def _interp(call: Call) -> Mapping[str, str] | None:
    """A value given for points on one side takes the place of the first or last of `fp`."""
    if not all(call.kind(name).tag in ("scalar", "array", "unknown") for name in call.args):
        return None
    inside, formulas = [], {}
    for name, test, beyond in (
        ("left", "(x >= xp[0])", "(x < xp[0])"),
        ("right", "(x <= xp[-1])", "(x > xp[-1])"),
    ):
        if call.given(name) and not is_none(call, name):
            inside.append(test)
            formulas[name] = f"np.sum(g * {beyond})"
    within = " * ".join(["g", *inside])
    return {
        "x": "g * interp_slope(x, xp, fp)",
        "xp": "interp_values_adjoint(-g * interp_slope(x, xp, fp), x, xp, xp)",
        "fp": f"interp_values_adjoint({within}, x, xp, fp)",
        **formulas,
    }


primitive(np.interp, "x, xp, fp, left=None, right=None", kind=_interp_kind)
computed(
    np.interp,
    _interp,
    {
        "np": np,
        "interp_slope": interp_slope,
        "interp_values_adjoint": interp_values_adjoint,
        "__name__": __name__,
    },
)
