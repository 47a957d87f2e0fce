"""Derivatives of convolution, of correlation and of polynomials, which are convolved.

NumPy calls the second operand of a convolution `v`. Polynomials have their highest power first.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from srcgrad.ir.kinds import Dtype, Kind, Shape, promote
from srcgrad.rules.call import Call
from srcgrad.rules.creation import length_of
from srcgrad.rules.registry import may_equal, primitive, pullback
from srcgrad.rules.results import COMPLEX, strong
from srcgrad.rules.shapes import is_none, operand
from srcgrad.support_linear import convolve_adjoint
from srcgrad.support_series import (
    correlate_adjoint_a,
    correlate_adjoint_v,
    poly_adjoint,
    polyder_adjoint,
    polyfit_adjoint,
    polyint_adjoint,
    polymul_adjoint,
    polyval_adjoint,
    polyval_slope,
    vander_adjoint,
)

_fn: Any


def _convolve_kind(call: Call) -> Kind:
    dtypes = [operand(call, name).dtype for name in ("a", "v")]
    return Kind("array", strong(promote(*dtypes)), _convolve_shape(call))


def _convolve_shape(call: Call) -> Shape | None:
    a, v = (operand(call, name).shape for name in ("a", "v"))
    if a is None or v is None or len(a) != 1 or len(v) != 1 or not call.is_literal("mode"):
        return None
    m, n = a[0], v[0]
    if not isinstance(m, int) or not isinstance(n, int):
        return None
    lengths = {"full": m + n - 1, "same": max(m, n), "valid": abs(m - n) + 1}
    length = lengths.get(call.literal("mode"))
    return None if length is None else (length,)


primitive(np.convolve, "a, v, mode='full'", kind=_convolve_kind)
pullback(
    np.convolve,
    a=lambda g, y, a, v, mode: convolve_adjoint(g, a, v, mode),
    v=lambda g, y, a, v, mode: convolve_adjoint(g, v, a, mode),
)


def _real_signals(call: Call) -> bool:
    return not any(operand(call, name).dtype in COMPLEX for name in ("a", "v"))


primitive(np.correlate, "a, v, mode='valid'", kind=_convolve_kind)
pullback(
    np.correlate,
    a=lambda g, y, a, v, mode: correlate_adjoint_a(g, a, v, mode),
    v=lambda g, y, a, v, mode: correlate_adjoint_v(g, a, v, mode),
    when=_real_signals,
)


# Polynomials
def _vector_of(*names: str) -> Any:
    def kind(call: Call) -> Kind:
        return Kind("array", strong(promote(*(operand(call, name).dtype for name in names))))

    return kind


def _polyval_kind(call: Call) -> Kind:
    """The shape of the point; a 0-d array may come out as a number."""
    x = operand(call, "x")
    dtype = strong(promote(operand(call, "p").dtype, x.dtype))
    if x.shape is None or x.shape == ():
        return Kind("unknown", dtype)
    return Kind("array", dtype, x.shape)


def _arrays(call: Call) -> bool:
    """Not `np.poly1d` objects."""
    return all(kind.tag != "object" for kind in call.kinds.values())


def _by_powers(dtype: Dtype) -> Dtype:
    """The class of numbers times the powers, which are integers of 64 bits."""
    return dtype if dtype in ("f8", "c16") else "?"


primitive(np.polyval, "p, x", kind=_polyval_kind)
pullback(
    np.polyval,
    p=lambda g, y, p, x: polyval_adjoint(g, p, x),
    x=lambda g, y, p, x: polyval_slope(g, p, x),
    when=_arrays,
)
for _fn in (np.polyadd, np.polysub, np.polymul):
    primitive(_fn, "a, b", kind=_vector_of("a", "b"), also={"a1": "a", "a2": "b"})
pullback(
    np.polyadd,
    a=lambda g, y, a: np.reshape(g[len(g) - np.size(a) :], np.shape(a)),
    b=lambda g, y, b: np.reshape(g[len(g) - np.size(b) :], np.shape(b)),
    when=_arrays,
)
pullback(
    np.polysub,
    a=lambda g, y, a: np.reshape(g[len(g) - np.size(a) :], np.shape(a)),
    b=lambda g, y, b: -np.reshape(g[len(g) - np.size(b) :], np.shape(b)),
    when=_arrays,
)


pullback(
    np.polymul,
    a=lambda g, y, a, b: polymul_adjoint(g, a, b),
    b=lambda g, y, a, b: polymul_adjoint(g, b, a),
    when=_arrays,
)
primitive(
    np.polyder,
    "p, m=1",
    kind=lambda call: Kind("array", _by_powers(operand(call, "p").dtype)),
    view="p",
    is_view=may_equal("m", 0),
)
pullback(np.polyder, p=lambda g, y, p, m: polyder_adjoint(g, p, m), when=_arrays)
primitive(
    np.polyint,
    "p, m=1",
    kind=lambda call: Kind("array", "?"),
    view="p",
    is_view=may_equal("m", 0),
)
pullback(np.polyint, p=lambda g, y, p, m: polyint_adjoint(g, p, m), when=_arrays)
primitive(np.poly, "zeros", kind=lambda call: Kind("unknown", "?"), also={"seq_of_zeros": "zeros"})
pullback(
    np.poly,
    zeros=lambda g, y, zeros: poly_adjoint(g, y, zeros),
    when=lambda call: operand(call, "zeros").dtype not in COMPLEX,
)


# NumPy calls the values to fit `y`, which is the result here
def _polyfit_kind(call: Call) -> Kind:
    return Kind("array", "f8" if call.kind("values").is_float else "?")


primitive(np.polyfit, "x, values, deg", kind=_polyfit_kind, also={"y": "values"})
pullback(
    np.polyfit,
    x=lambda g, y, x, values, deg: polyfit_adjoint(g, y, x, values, deg)[0],
    values=lambda g, y, x, values, deg: polyfit_adjoint(g, y, x, values, deg)[1],
)


def _vander_kind(call: Call) -> Kind:
    x = operand(call, "x")
    dtype = _by_powers(x.dtype)
    if not x.shape:
        return Kind("array", dtype)
    columns = x.shape[0] if is_none(call, "N") else length_of(call, "N")
    return Kind("array", dtype, None if columns is None else (x.shape[0], columns))


primitive(np.vander, "x, N=None, increasing=False", kind=_vander_kind)
pullback(np.vander, x=lambda g, y, x, increasing: vander_adjoint(g, x, increasing))
