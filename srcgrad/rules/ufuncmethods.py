"""Derivatives of `np.add.reduce`, `np.maximum.accumulate` and their like.

They reduce or run along the first axis where none is given.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from srcgrad.ir.kinds import Kind
from srcgrad.rules.call import Call
from srcgrad.rules.naming import canonical_name
from srcgrad.rules.reductions import of_whole_array, sum_dtype
from srcgrad.rules.registry import TABLE, holds_for_complex, primitive, pullback
from srcgrad.rules.results import COMPLEX
from srcgrad.rules.shapes import array_like, operand, reduction
from srcgrad.support_arrays import (
    cumprod_adjoint,
    divide_or_zero,
    expand_reduced,
    running_extremum_adjoint,
)
from srcgrad.support_segments import (
    add_reduceat_adjoint,
    extremum_reduceat_adjoint,
    multiply_reduceat_adjoint,
)

_REDUCE = "a, axis=0, {} *, keepdims=False, initial={}, where=True"
_MORE = {"add": ("dtype=None,", 0), "multiply": ("dtype=None,", 1)}

# `np.add.reduce` is `np.sum` but for the axis where none is given, and so on
for _name, _whole in (
    ("add", np.sum),
    ("multiply", np.prod),
    ("maximum", np.max),
    ("minimum", np.min),
):
    _prim = TABLE[canonical_name(_whole)]
    _reduce = f"numpy.{_name}.reduce"
    primitive(_reduce, _REDUCE.format(*_MORE.get(_name, ("", None))), kind=_prim.kind)
    _rules = tuple(rule for rule in _prim.rules if rule.when is not of_whole_array)
    TABLE[_reduce] = replace(TABLE[_reduce], rules=_rules)
_REDUCE = "a, axis=0, *, keepdims=False"
primitive("numpy.logaddexp.reduce", _REDUCE, kind=reduction(lambda d: d if d != "i" else "f8"))
primitive("numpy.hypot.reduce", _REDUCE, kind=reduction(lambda d: d if d != "i" else "f8"))
pullback(
    "numpy.hypot.reduce",
    a=lambda g, y, a, axis: expand_reduced(divide_or_zero(g, y), a, axis) * a,
)
# y >= a, so that the exponentials cannot overflow
pullback(
    "numpy.logaddexp.reduce",
    a=lambda g, y, a, axis: expand_reduced(g, a, axis) * np.exp(a - expand_reduced(y, a, axis)),
)


def _running_kind(call: Call) -> Kind:
    a = operand(call, "a")
    return Kind("array", sum_dtype(a.dtype), a.shape)


for _name in ("numpy.add.accumulate", "numpy.multiply.accumulate"):
    primitive(_name, "a, axis=0", kind=_running_kind)
for _name in ("numpy.maximum.accumulate", "numpy.minimum.accumulate"):
    primitive(_name, "a, axis=0", kind=array_like("a"))
    pullback(_name, a=lambda g, y, a, axis: running_extremum_adjoint(g, a, y, axis))
pullback(
    "numpy.add.accumulate",
    a=lambda g, y, axis: np.flip(np.cumsum(np.flip(g, axis), axis), axis),
)
pullback(
    "numpy.multiply.accumulate",
    a=lambda g, y, a, axis: cumprod_adjoint(g, a, y, axis),
)


def _reduced_at_kind(call: Call) -> Kind:
    a = operand(call, "a")
    return Kind("array", sum_dtype(a.dtype) if "m.reduceat" not in call.name else a.dtype)


def _real(call: Call) -> bool:
    return operand(call, "a").dtype not in COMPLEX


for _name in ("add", "multiply", "maximum", "minimum"):
    primitive(f"numpy.{_name}.reduceat", "a, indices, axis=0", kind=_reduced_at_kind)
pullback(
    "numpy.add.reduceat",
    a=lambda g, y, a, indices, axis: add_reduceat_adjoint(g, a, indices, axis),
)
pullback(
    "numpy.multiply.reduceat",
    a=lambda g, y, a, indices, axis: multiply_reduceat_adjoint(g, a, indices, axis),
)
for _name in ("numpy.maximum.reduceat", "numpy.minimum.reduceat"):
    pullback(
        _name,
        a=lambda g, y, a, indices, axis: extremum_reduceat_adjoint(g, a, y, indices, axis),
        when=_real,
    )
holds_for_complex("numpy.add.reduceat", "numpy.multiply.reduceat")
