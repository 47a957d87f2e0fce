"""Carried helpers for interpolation: objects of `scipy.interpolate` and what they are made of.

As in `srcgrad.support`: plain NumPy and SciPy, their source goes into the files that use them.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from srcgrad.distant import Distant

scipy = Distant("scipy")


def interpolated(
    spline: Any, v: Any, nu: Any, x: Any = None, c: Any = None, maker: Any = "", option: Any = None
) -> Any:
    """`spline(v, nu)`, of one that `maker` puts through `x` and `c`, to which derivatives flow."""
    return spline(v, nu)


def tabulated(table: Any, v: Any, x: Any, c: Any, k: Any) -> Any:
    """`table(v)`, of `interp1d` through `x` and `c` with splines of degree `k`."""
    if np.ndim(c) != 1:
        raise ValueError("the derivative of interp1d of more than one row: call it for each row")
    return table(v)


def remade(maker: Any, x: Any, c: Any, option: Any) -> Any:
    """The spline that a function of SciPy puts through `x` and `c`."""
    if maker == "CubicSpline":
        return scipy.interpolate.CubicSpline(x, c, bc_type=option)
    if maker == "BSpline":
        return scipy.interpolate.BSpline(x, c, option)
    return scipy.interpolate.make_interp_spline(x, c, option)


def spline_adjoint(w: Any, v: Any, nu: Any, x: Any, c: Any, maker: Any, option: Any) -> Any:
    """Cotangent of the values `c`, in which a spline is linear, from that of what it gives."""
    basis = remade(maker, x, np.eye(len(c)), option)(v, nu)
    axes = list(range(np.ndim(v)))
    precision = np.result_type(np.asarray(c), np.float16)  # SciPy computes in double precision
    return np.tensordot(basis, w, (axes, axes)).astype(precision)


def along_points(g: Any, slope: Any, v: Any) -> Any:
    """Cotangent of the points `v`, at each of which there may be several values."""
    return np.sum(g * slope, axis=tuple(range(np.ndim(v), np.ndim(slope))))


def at_points(d: Any, slope: Any) -> Any:
    """Tangent of several values at each point, from that of the points."""
    return np.reshape(d, np.shape(d) + (1,) * (np.ndim(slope) - np.ndim(d))) * slope


def gridded(grid: Any, v: Any, points: Any = None, c: Any = None) -> Any:
    """`grid(v)`, of a grid with linear interpolation between the values `c` at `points`."""
    return grid(v)


def grid_slopes(grid: Any, v: Any) -> Any:
    """Slopes of linear interpolation on a grid: one row for each point, one column for each axis.

    They are those of the cell that begins at a point.
    """
    if grid.values.ndim != len(grid.grid):
        raise ValueError("the derivative of a grid with several values at each point")
    v = np.reshape(np.asarray(v, dtype=float), (-1, len(grid.grid)))
    slopes = []
    for k, edges in enumerate(grid.grid):
        cell = np.clip(np.searchsorted(edges, v[:, k], side="right") - 1, 0, len(edges) - 2)
        low, high = v.copy(), v.copy()
        low[:, k], high[:, k] = edges[cell], edges[cell + 1]
        slopes.append((grid(high) - grid(low)) / (edges[cell + 1] - edges[cell]))
    return np.stack(slopes, axis=-1)


def grid_points_adjoint(g: Any, grid: Any, v: Any) -> Any:
    """Cotangent of the points at which a grid is interpolated."""
    return np.reshape(np.reshape(g, (-1, 1)) * grid_slopes(grid, v), np.shape(v))


def grid_points_tangent(d: Any, y: Any, grid: Any, v: Any) -> Any:
    """Tangent of the value of a grid from that of the points."""
    moved = np.reshape(d, (-1, len(grid.grid))) * grid_slopes(grid, v)
    return np.reshape(np.sum(moved, axis=-1), np.shape(y))


def grid_adjoint(g: Any, v: Any, points: Any, c: Any) -> Any:
    """Cotangent of the values at the points of a grid, in which interpolation is linear."""
    if np.ndim(c) != len(points):
        raise ValueError("the derivative of a grid with several values at each point")
    v = np.reshape(v, (-1, len(points)))
    values_bar = np.zeros(np.shape(c), np.result_type(np.asarray(c), np.float16))
    corners: list[Any] = [(np.ravel(g), ())]
    for k, edges in enumerate(points):
        edges = np.asarray(edges, dtype=float)
        cell = np.clip(np.searchsorted(edges, v[:, k], side="right") - 1, 0, len(edges) - 2)
        part = (v[:, k] - edges[cell]) / (edges[cell + 1] - edges[cell])
        corners = [
            (weight * share, (*index, cell + step))
            for weight, index in corners
            for share, step in ((1.0 - part, 0), (part, 1))
        ]
    for weight, index in corners:
        np.add.at(values_bar, index, weight)
    return values_bar


def gridded_of(points: Any, c: Any, v: Any) -> Any:
    """Values at `v` of the grid with the values `c`."""
    return scipy.interpolate.RegularGridInterpolator(points, c)(v)
