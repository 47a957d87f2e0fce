"""Interpolation: values of objects of `scipy.interpolate`, in the points and in the data.

A program's `spline(v)` becomes a call of a helper, which the object and what it was made of are
given: splines and linear interpolation are linear in their values, and the slope of a spline is a
value of it, too.
"""

from __future__ import annotations

from srcgrad.ir.kinds import OBJECT, UNKNOWN, Kind
from srcgrad.rules.call import Call
from srcgrad.rules.registry import primitive, pullback, zero
from srcgrad.rules.tangents import linear, pushforward
from srcgrad.support_splines import (
    along_points,
    at_points,
    grid_adjoint,
    grid_points_adjoint,
    grid_points_tangent,
    gridded,
    gridded_of,
    interpolated,
    remade,
    spline_adjoint,
    tabulated,
)

LINEAR = ("CubicSpline", "make_interp_spline", "BSpline")  # in the values they are made of
ROWS = "several rows"  # in place of a maker: what an object from outside gives at each point
FLAT = "one row"


def _is_flat(call: Call) -> bool:
    """One number at each point."""
    made = call.kind("c").is_array and call.kind("c").rank == 1
    return made or call.is_literal("maker") and call.literal("maker") == FLAT


def _linear(call: Call) -> bool:
    return call.is_literal("maker") and call.literal("maker") in LINEAR


def _both(call: Call) -> bool:
    return _is_flat(call) and _linear(call)


def _points(call: Call) -> Kind:
    """One number for each point."""
    points = call.kind("v")
    known = points.is_array and points.shape
    return Kind("array", "?", points.shape) if known else UNKNOWN


def _value(call: Call) -> Kind:
    return _points(call) if _is_flat(call) else UNKNOWN


# Making an object: what it is made of is handed to the helpers too, so nothing flows here
MADE = {
    "CubicSpline": "x, y, *, bc_type='not-a-knot'",
    "PchipInterpolator": "x, y",
    "Akima1DInterpolator": "x, y, *, method='akima'",
    "make_interp_spline": "x, y, k=3",
    "BSpline": "t, c, k",
    "InterpolatedUnivariateSpline": "x, y, *, k=3",
    "UnivariateSpline": "x, y, w=None, *, k=3, s=None",
    "interp1d": "x, y, kind='linear', *, fill_value=None",
    "RegularGridInterpolator": "points, values, method='linear'",
}
for _name, _signature in MADE.items():
    zero(f"scipy.interpolate.{_name}", signature=_signature, kind=lambda call: OBJECT)
zero(remade, signature="maker, x, c, option", kind=lambda call: OBJECT)

primitive(interpolated, "spline, v, nu, x=None, c=None, maker='', option=None", kind=_value)
pullback(
    interpolated,
    v=lambda g, y, spline, v, nu, x, c, maker, option: (
        g * interpolated(spline, v, nu + 1, x, c, maker, option)
    ),
    c=lambda g, y, v, nu, x, c, maker, option: spline_adjoint(g, v, nu, x, c, maker, option),
    when=_both,
)
pullback(
    interpolated,
    v=lambda g, y, spline, v, nu, x, c, maker, option: along_points(
        g, interpolated(spline, v, nu + 1, x, c, maker, option), v
    ),
    c=lambda g, y, v, nu, x, c, maker, option: spline_adjoint(g, v, nu, x, c, maker, option),
    when=_linear,
)
pullback(
    interpolated,
    v=lambda g, y, spline, v, nu, x, c, maker, option: (
        g * interpolated(spline, v, nu + 1, x, c, maker, option)
    ),
    when=_is_flat,
)
pullback(
    interpolated,
    v=lambda g, y, spline, v, nu, x, c, maker, option: along_points(
        g, interpolated(spline, v, nu + 1, x, c, maker, option), v
    ),
)
pushforward(
    interpolated,
    v=lambda d, y, spline, v, nu, x, c, maker, option: at_points(
        d, interpolated(spline, v, nu + 1, x, c, maker, option)
    ),
    c=lambda d, y, v, nu, x, maker, option: interpolated(
        remade(maker, x, d, option), v, nu, x, d, maker, option
    ),
)

primitive(
    spline_adjoint, "w, v, nu, x, c, maker, option", kind=lambda call: call.kind("c"), silent=("c",)
)
pullback(
    spline_adjoint,
    w=lambda g, y, v, nu, x, maker, option: interpolated(
        remade(maker, x, g, option), v, nu, x, g, maker, option
    ),
    v=lambda g, y, w, v, nu, x, maker, option: along_points(
        w, interpolated(remade(maker, x, g, option), v, nu + 1, x, g, maker, option), v
    ),
)
linear(spline_adjoint, of="w", when=lambda call: not call.kind("v").is_container)

primitive(tabulated, "table, v, x, c, k", kind=_points)
pullback(
    tabulated,
    v=lambda g, y, v, x, c, k: (
        g * interpolated(remade("make_interp_spline", x, c, k), v, 1, x, c, "make_interp_spline", k)
    ),
    c=lambda g, y, v, x, c, k: spline_adjoint(g, v, 0, x, c, "make_interp_spline", k),
)
pushforward(
    tabulated,
    v=lambda d, y, v, x, c, k: (
        d * interpolated(remade("make_interp_spline", x, c, k), v, 1, x, c, "make_interp_spline", k)
    ),
    c=lambda d, y, v, x, k: interpolated(
        remade("make_interp_spline", x, d, k), v, 0, x, d, "make_interp_spline", k
    ),
    knows="table",
)

primitive(gridded, "grid, v, points=None, c=None", kind=lambda call: UNKNOWN)
pullback(
    gridded,
    v=lambda g, y, grid, v: grid_points_adjoint(g, grid, v),
    c=lambda g, y, v, points, c: grid_adjoint(g, v, points, c),
)
pushforward(
    gridded,
    v=lambda d, y, grid, v: grid_points_tangent(d, y, grid, v),
    c=lambda d, y, v, points: gridded_of(points, d, v),
    knows="points c",
)
