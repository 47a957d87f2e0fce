"""Derivatives of functions of grids: their points, and differences between neighbours.

The spacing of a grid may be a number, whose derivative is simple: differences fall as it grows.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np

from srcgrad.ir.kinds import Kind, Length, promote
from srcgrad.rules.call import Call
from srcgrad.rules.creation import length_of, weighed
from srcgrad.rules.registry import computed, primitive
from srcgrad.rules.results import COMPLEX, strong
from srcgrad.rules.shapes import is_none, operand, product
from srcgrad.support import unbroadcast
from srcgrad.support_series import gradient_adjoint

_SPACINGS = ("h", "h1", "h2", "h3")
_POINTS = ("a", "b", "c", "e")
_NAMES = {
    "math": math,
    "np": np,
    "gradient_adjoint": gradient_adjoint,
    "unbroadcast": unbroadcast,
    "__name__": __name__,
}


# Differences
def _axes(call: Call) -> tuple[int, ...] | None:
    """The axes along which differences are taken; None where they are not known."""
    rank = call.kind("f").rank
    if call.given("axis") and not is_none(call, "axis"):
        axes = call.axes()
        return axes if axes is not None else None
    return None if rank is None else tuple(range(rank))


def _one_axis(call: Call) -> bool:
    """An array comes back, no tuple."""
    single = call.given("axis") and call.kind("axis").is_scalar or call.is_literal("axis")
    if single and not is_none(call, "axis"):
        return True
    axes = _axes(call)
    return axes is not None and len(axes) == 1 and call.kind("axis").tag != "unknown"


def _gradient_kind(call: Call) -> Kind:
    f, axes = operand(call, "f"), _axes(call)
    # integers become float64, and spacings of another dtype may widen
    plain = f.dtype == "f8" or f.dtype in ("f2", "f4") and not call.given("h")
    piece = Kind("array", f.dtype if plain else "?", f.shape)
    if _one_axis(call):
        return piece
    if axes is None:
        return Kind("unknown")
    return Kind("tuple", items=tuple((i, piece) for i in range(len(axes))))


def _gradient(call: Call) -> Mapping[str, str] | None:
    axes, spacings = _axes(call), [name for name in _SPACINGS if call.given(name)]
    order = call.literal("edge_order") if call.is_literal("edge_order") else None
    if operand(call, "f").dtype in COMPLEX or order not in (1, 2):
        return None
    if axes is None or len(spacings) not in (0, 1, len(axes)):
        return None
    one = _one_axis(call)
    names = spacings or ["1.0"]
    names = names * len(axes) if len(names) == 1 else names
    parts = [
        f"gradient_adjoint({'g' if one else f'g[{i}]'}, f, {name}, {axis}, {order})"
        for i, (axis, name) in enumerate(zip(axes, names, strict=True))
    ]
    formulas = {"f": " + ".join(parts)}
    for name in spacings:
        if call.kind(name).is_scalar:
            used = [i for i, other in enumerate(names) if other == name]
            terms = ["np.sum(g * y)" if one else f"np.sum(g[{i}] * y[{i}])" for i in used]
            formulas[name] = f"-({' + '.join(terms)}) / {name}"
    return formulas


primitive(
    np.gradient,
    "f, h=None, h1=None, h2=None, h3=None, *, axis=None, edge_order=1",
    kind=_gradient_kind,
)
computed(np.gradient, _gradient, _NAMES)


# Points
def _mesh_kind(call: Call) -> Kind:
    points = [operand(call, name) for name in _POINTS if call.given(name)]
    plain = call.is_literal("sparse") and not call.literal("sparse")
    lengths: list[Length] = []
    for point in points:
        if point.shape is not None:
            lengths.append(product(point.shape))
    swapped = call.is_literal("indexing") and call.literal("indexing") == "xy"
    known = plain and call.is_literal("indexing") and len(lengths) == len(points)
    if swapped and len(lengths) > 1:
        lengths[:2] = lengths[1::-1]
    shape = tuple(lengths) if known else None
    return Kind(
        "tuple", items=tuple((i, Kind("array", p.dtype, shape)) for i, p in enumerate(points))
    )


def _mesh(call: Call) -> Mapping[str, str] | None:
    """Each array is summed along all axes but its own."""
    if not (call.is_literal("indexing") and call.is_literal("sparse")):
        return None
    names = [name for name in _POINTS if call.given(name)]
    axes = list(range(len(names)))
    if call.literal("indexing") == "xy" and len(axes) > 1:
        axes[:2] = [1, 0]
    formulas = {}
    for i, name in enumerate(names):
        others = [axis for axis in range(len(names)) if axis != axes[i]]
        summed = f"np.sum(g[{i}], axis={tuple(others)})" if others else f"g[{i}]"
        if call.literal("sparse"):
            summed = f"g[{i}]"
        plain = call.kind(name).rank == 1 and not call.literal("sparse")
        formulas[name] = summed if plain else f"np.reshape({summed}, np.shape({name}))"
    return formulas


primitive(
    np.meshgrid,
    "a, b=None, c=None, e=None, *, sparse=False, indexing='xy'",
    kind=_mesh_kind,
)
computed(np.meshgrid, _mesh, _NAMES)


def _spaced_kind(call: Call) -> Kind:
    ends = (call.kind("start"), call.kind("stop"))
    if not all(k.is_scalar for k in ends):
        return Kind("array", "?")
    num = length_of(call, "num")
    dtype = strong(promote("pf", *(k.dtype for k in ends)))
    weak = dtype == "f8" and (not call.given("base") or call.kind("base").dtype in ("pi", "pf"))
    return Kind("array", dtype if weak else "?", None if num is None else (num,))


def _geometric(call: Call) -> Mapping[str, str]:
    return {
        "start": f"{weighed(call, 'start', 'g * y')} / start",
        "stop": f"{weighed(call, 'stop', 'g * y')} / stop",
    }


def _logarithmic(call: Call) -> Mapping[str, str] | None:
    if not (call.is_literal("base") or call.kind("base").is_scalar):
        return None
    formulas = {
        "start": f"{weighed(call, 'start', 'g * y')} * math.log(base)",
        "stop": f"{weighed(call, 'stop', 'g * y')} * math.log(base)",
    }
    if all(call.kind(name).is_scalar for name in ("start", "stop")):
        more = ", endpoint=endpoint" if call.given("endpoint") else ""
        formulas["base"] = f"np.sum(g * y * np.linspace(start, stop, num{more})) / base"
    return formulas


primitive(np.geomspace, "start, stop, num=50, endpoint=True", kind=_spaced_kind)
computed(np.geomspace, _geometric, _NAMES)
primitive(np.logspace, "start, stop, num=50, endpoint=True, base=10.0", kind=_spaced_kind)
computed(np.logspace, _logarithmic, _NAMES)
