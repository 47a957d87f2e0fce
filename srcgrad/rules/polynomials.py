"""Derivatives of `numpy.polynomial`: values, derivatives and Vandermonde matrices of each family.

The families have the same functions: a value is linear in the coefficients `c`, by the matrix of
the basis at `x`, and the slope is the value of the derived series.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from srcgrad.distant import Distant
from srcgrad.ir.kinds import Dim, Dtype, Kind
from srcgrad.rules.call import Call
from srcgrad.rules.registry import computed, primitive
from srcgrad.rules.results import COMPLEX
from srcgrad.rules.shapes import operand

_FAMILIES = {
    "polynomial": "poly",
    "chebyshev": "cheb",
    "legendre": "leg",
    "hermite": "herm",
    "hermite_e": "herme",
    "laguerre": "lag",
}
_NARROWER = ("f8", "f4", "f2", "pf", "pi", "i")


def _value_kind(call: Call) -> Kind:
    """Doubles of coefficients that are doubles; of narrower ones it depends on the points."""
    x, c = call.kind("x"), call.kind("c")
    dtype: Dtype = "f8" if c.dtype == "f8" and x.dtype in _NARROWER else "?"
    if not x.is_array or not x.shape or c.rank != 1:
        return Kind("unknown", dtype)
    return Kind("array", dtype, x.shape)


def _derived_kind(call: Call) -> Kind:
    """A vector of a vector; its length depends on the order."""
    c = call.kind("c")
    return Kind("array", "f8" if c.dtype == "f8" else "?", (Dim("?0"),) if c.rank == 1 else None)


def _basis_kind(call: Call) -> Kind:
    x = call.kind("x")
    shape = (*x.shape, Dim("?0")) if x.is_array and x.shape else None
    return Kind("array", "f8" if x.dtype == "f8" else "?", shape)


def _real(call: Call) -> bool:
    return all(operand(call, name).dtype not in COMPLEX for name in call.kinds)


def _declare(module: str, short: str) -> None:
    names = {"np": np, module: Distant(f"numpy.polynomial.{module}"), "__name__": __name__}
    value, derived, basis = (f"{module}.{short}{part}" for part in ("val", "der", "vander"))

    def values(call: Call) -> Mapping[str, str] | None:
        if call.kind("c").rank != 1 or not _real(call):
            return None
        bar = f"np.ravel(g) @ {basis}(np.ravel(x), len(c) - 1)"
        return {
            "x": f"g * {value}(x, {derived}(c))",
            "c": bar if call.kind("c").dtype == "f8" else f"({bar}).astype(c.dtype)",
        }

    def derivatives(call: Call) -> Mapping[str, str] | None:
        if call.kind("c").rank != 1 or not _real(call):
            return None
        return {"c": f"g @ {derived}(np.eye(len(c), dtype=g.dtype), m)"}

    def bases(call: Call) -> Mapping[str, str] | None:
        if not _real(call):
            return None
        slopes = f"{basis}(x, deg)[..., : max(deg, 1)] @ {derived}(np.eye(deg + 1, dtype=g.dtype))"
        return {"x": f"np.reshape(np.sum(g * ({slopes}), axis=-1), np.shape(x))"}

    primitive(f"numpy.polynomial.{value}", "x, c", kind=_value_kind)
    computed(f"numpy.polynomial.{value}", values, names)
    primitive(f"numpy.polynomial.{derived}", "c, m=1", kind=_derived_kind)
    computed(f"numpy.polynomial.{derived}", derivatives, names)
    primitive(f"numpy.polynomial.{basis}", "x, deg", kind=_basis_kind)
    computed(f"numpy.polynomial.{basis}", bases, names)


for _module, _short in _FAMILIES.items():
    _declare(_module, _short)
