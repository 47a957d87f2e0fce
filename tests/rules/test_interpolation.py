"""Objects of `scipy.interpolate`, made in a function or outside, against differences."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from scipy import interpolate
from scipy.interpolate import (
    Akima1DInterpolator,
    BSpline,
    CubicSpline,
    InterpolatedUnivariateSpline,
    PchipInterpolator,
    RegularGridInterpolator,
    UnivariateSpline,
    interp1d,
    make_interp_spline,
)

from srcgrad import UnsupportedError, check_grads, grad, transform

X = np.linspace(0.0, 1.0, 6)
Y = np.sin(3 * X)
Z = np.outer(Y, Y[:4] ** 2)
V = np.array([0.21, 0.55, 0.93])
PLACES = np.array([[0.21, 0.3], [0.72, 0.11], [0.5, 0.5]])
KNOTS = np.array([0.0, 0.0, 0.0, 0.0, 0.3, 0.6, 1.0, 1.0, 1.0, 1.0])
SPLINE = CubicSpline(X, Y)
ROWS = CubicSpline(X, np.stack([Y, Y**2], 1))
PCHIP = PchipInterpolator(X, Y)
QUARTIC = make_interp_spline(X, Y, k=4)
SMOOTH = UnivariateSpline(X, Y, s=0.01)
TABLE = interp1d(X, Y)
GRID = RegularGridInterpolator((X, X[:4]), Z)
PHASES = CubicSpline(X, np.exp(1j * X))
FILLED = interp1d(X, Y, bounds_error=False, fill_value=0.0)


class Model:
    def __init__(self) -> None:
        self.spline = SPLINE

    def total(self, v: Any) -> Any:
        return np.sum(self.spline(v) ** 2)


MODEL = Model()


def outside(v):
    return np.sum(SPLINE(v) ** 2) + SPLINE(v[0], nu=1) * SPLINE(v[1], 2)


def several_rows(v):
    return np.sum(ROWS(v) ** 2)


def other_objects(v):
    return PCHIP(v[0]) * QUARTIC(v[1]) + SMOOTH(v)[0] + np.sum(TABLE(v) ** 2)


def on_a_grid(v):
    return np.sum(GRID(v) ** 2)


def in_an_object(v):
    return MODEL.total(v)


def made_inside(y, v):
    s = CubicSpline(X, y, bc_type="natural")
    return np.sum(s(v) ** 2) + s(0.33, 1)


def of_second_degree(y, v):
    return np.sum(np.sin(make_interp_spline(X, y, k=2)(v)))


def of_coefficients(c, v):
    return np.sum(BSpline(KNOTS, c, 3)(v) ** 2)


def by_tables(y, v):
    f, g = interp1d(X, y, kind="cubic"), interp1d(X, y**2)
    return np.sum(f(v) * g(v))


def by_grid_values(z, v):
    r = RegularGridInterpolator((X, X[:4]), z)
    return np.sum(r(v) ** 3)


def in_points_alone(v):
    whole = PchipInterpolator(X, Y)(v) + Akima1DInterpolator(X, Y)(v)
    return np.sum(whole * InterpolatedUnivariateSpline(X, Y)(v))


def rows_of_values(y, v):
    return np.sum(interpolate.CubicSpline(X, np.stack([y, y**2], 1))(v) ** 2)


def in_a_loop(y, a):
    s = CubicSpline(X, y)
    t = 0.1
    for _ in range(3):
        t = t + 0.1 * s(t) * a
    return t


PROGRAMS: list[tuple[Callable[..., Any], tuple[Any, ...], int]] = [
    (outside, (V,), 2),
    (several_rows, (V,), 2),
    (other_objects, (V,), 2),
    (on_a_grid, (PLACES,), 1),
    (in_an_object, (V,), 2),
    (made_inside, (Y, V), 2),
    (made_inside, (Y, 0.4), 2),
    (of_second_degree, (Y, V), 2),
    (of_coefficients, (Y, V), 2),
    (by_tables, (Y, V), 2),
    (by_grid_values, (Z, PLACES), 1),
    (by_grid_values, (Z, np.array([0.23, 0.31])), 1),
    (in_points_alone, (V,), 2),
    (rows_of_values, (Y, V), 2),
    (in_a_loop, (Y, 0.7), 2),
]


def _ids(value: Any) -> str | None:
    return value.__name__ if callable(value) else None


@pytest.mark.parametrize(("program", "args", "order"), PROGRAMS, ids=_ids)
def test_both_modes(program: Callable[..., Any], args: tuple[Any, ...], order: int) -> None:
    check_grads(program, args, modes=("reverse", "forward"))
    if order == 2:
        check_grads(program, args, modes=("reverse",), order=2)


@pytest.mark.parametrize(
    ("program", "args"),
    [(program, args) for program, args, _ in PROGRAMS if len(args) == 2],
    ids=_ids,
)
def test_ahead_of_time(program: Callable[..., Any], args: tuple[Any, ...]) -> None:
    name, wrt = program.__name__, program.__code__.co_varnames[:2]
    namespace: dict[str, Any] = {}
    exec(transform(__file__, functions=[name], wrt=wrt), namespace)
    for found, expected in zip(
        namespace[f"{name}_grad"](*args), grad(program, (0, 1))(*args), strict=True
    ):
        np.testing.assert_allclose(found, expected, rtol=1e-12)


def by_knots(x):
    return CubicSpline(x, Y)(0.3)


def of_other_values(y):
    return PchipInterpolator(X, y)(0.3)


def periodic(y):
    return CubicSpline(X, y, bc_type="periodic")(0.3)


def with_slopes(y):
    return CubicSpline(X, y, bc_type=((1, 0.5), (1, 0.2)))(0.3)


def coefficients(y):
    return CubicSpline(X, y).c[0, 0]


def weights(w):
    return UnivariateSpline(X, Y, w=w)(0.3)


def nearest(y):
    return interp1d(X, y, kind="nearest")(0.3)


def filled(y):
    return np.sum(FILLED(y))


def of_complex_values(y):
    return np.sum(np.abs(PHASES(y)))


def of_second_order(x):
    return SPLINE(0.3, x[0])


def along_an_axis(y):
    return CubicSpline(X, np.stack([y, y]), axis=1)(0.3)[0]


REFUSED: list[tuple[Callable[..., Any], str]] = [
    (by_knots, "`x` of .* is differentiated"),
    (of_other_values, "`c` of .* is differentiated"),
    (periodic, "not known to be linear"),
    (with_slopes, "`bc_type` of scipy.interpolate.CubicSpline"),
    (coefficients, "an attribute of an object of scipy.interpolate"),
    (weights, "`w` of scipy.interpolate.UnivariateSpline"),
    (nearest, "not known to be linear"),
    (filled, "`FILLED` has no derivative rule"),
    (of_complex_values, "`PHASES` has no derivative rule"),
    (of_second_order, "`nu` of a spline"),
    (along_an_axis, "keyword `axis` of scipy.interpolate.CubicSpline"),
]


@pytest.mark.parametrize(("program", "reason"), REFUSED, ids=_ids)
def test_refused(program: Callable[..., Any], reason: str) -> None:
    with pytest.raises(UnsupportedError, match=reason):
        grad(program)(Y + np.arange(6) * 0.1)


def rows_of_a_table(y):
    return np.sum(interp1d(X, np.stack([y] * 6))(V))


def test_tables_of_several_rows_raise() -> None:
    with pytest.raises(ValueError, match="more than one row"):
        grad(rows_of_a_table)(Y)


def of_a_grid(y):
    grid = RegularGridInterpolator((X[:3], X[:2]), y.reshape(3, 2))
    return np.sum(grid(np.array([[0.3, 0.2], [0.4, 0.1]])))


@pytest.mark.parametrize(
    "program",
    [
        lambda y: np.sum(CubicSpline(X, y)(V) ** 2),
        lambda y: np.sum(make_interp_spline(X, y)(V) ** 2),
        lambda y: np.sum(interp1d(X, y)(V) ** 2),
        of_a_grid,
    ],
)
def test_values_in_single_precision_have_such_a_gradient(program: Callable[..., Any]) -> None:
    found = grad(program)(Y.astype(np.float32))
    assert found.dtype == np.float32
    np.testing.assert_allclose(found, grad(program)(Y), rtol=1e-4, atol=1e-5)
