"""Derivatives of `np.add.reduce`, `np.maximum.accumulate` and their like.

They reduce or run along the first axis where none is given.
"""

from __future__ import annotations

import numpy as np

from srcgrad.ir.kinds import Kind
from srcgrad.rules.call import Call
from srcgrad.rules.reductions import sum_dtype
from srcgrad.rules.registry import primitive, pullback
from srcgrad.rules.shapes import array_like, operand, reduction
from srcgrad.support_arrays import (
    cumprod_adjoint,
    expand_reduced,
    product_of_others,
    running_extremum_adjoint,
    share_extremum,
)

_REDUCE = "a, axis=0, *, keepdims=False"


for _name in ("numpy.add.reduce", "numpy.multiply.reduce"):
    primitive(_name, _REDUCE, kind=reduction(sum_dtype))
for _name in ("numpy.maximum.reduce", "numpy.minimum.reduce"):
    primitive(_name, _REDUCE, kind=reduction())
    pullback(_name, a=lambda g, y, a, axis: share_extremum(g, a, y, axis))
primitive("numpy.logaddexp.reduce", _REDUCE, kind=reduction(lambda d: d if d != "i" else "f8"))
pullback("numpy.add.reduce", a=lambda g, y, a, axis: expand_reduced(g, a, axis))
pullback(
    "numpy.multiply.reduce",
    a=lambda g, y, a, axis: expand_reduced(g, a, axis) * product_of_others(a, axis),
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
