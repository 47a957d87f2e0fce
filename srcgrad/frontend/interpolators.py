"""Objects of `scipy.interpolate`: a call of one is a call of a helper, with what it was made of.

s = CubicSpline(x, y)       # s_1 = CubicSpline(x, y)
s(v)                        # interpolated(s_1, v, 0, x, y, "CubicSpline", "not-a-knot")
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, TypeAlias

import numpy as np

from srcgrad.frontend.context import Context
from srcgrad.frontend.expressions import Op
from srcgrad.frontend.statics import Function, snapshot, static_of
from srcgrad.ir.classes import dataclass
from srcgrad.ir.core import Atom, Const, Var
from srcgrad.rules.interpolation import FLAT, LINEAR, MADE, ROWS
from srcgrad.rules.registry import TABLE, BindError, bind

_HELPERS = "srcgrad.support_splines."
_NU = ("nu",)
_DEGREES = {"linear": 1, "slinear": 1, "quadratic": 2, "cubic": 3}


@dataclass(eq=False)
class Interpolator(Function):
    """An object that interpolates: `obj` holds it. `call` is the helper, `data` what follows."""

    obj: Var
    call: str
    before: tuple[Atom, ...]  # between the points and the data: which derivative
    data: tuple[Atom, ...]
    names: tuple[str, ...]  # parameters of its call, after the points
    free: bool = False  # it may be used as a value, too

    @property
    def what(self) -> str:
        return "an object of scipy.interpolate"

    @property
    def run_time(self) -> Var | None:
        return self.obj if self.free else None

    def called(
        self, ctx: Context, args: tuple[Atom, ...], kwargs: tuple[tuple[str, Atom], ...]
    ) -> Atom:
        first = ("xi",) if self.call == "gridded" else ("x",)
        given = dict(zip((*first, *self.names), args, strict=False)) | dict(kwargs)
        extra = sorted(given.keys() - {*first, *self.names})
        if extra or len(args) > 1 + len(self.names) or first[0] not in given:
            message = f"this call of {self.what} is not supported"
            return ctx.problem(ctx.node, message, f"give {', '.join((*first, *self.names))}")
        before = tuple(
            given.get(name, old) for name, old in zip(self.names, self.before, strict=True)
        )
        if not all(isinstance(atom, Const) for atom in before):
            return ctx.problem(ctx.node, "`nu` of a spline is known at run time only")
        points, data = given[first[0]], self.data
        if self.call == "tabulated" and self.free:
            data = (*(ctx.emit(n, f"attr.{n}", (self.obj,)) for n in ("x", "y")), *data)
        return ctx.emit("out", f"{_HELPERS}{self.call}", (self.obj, points, *before, *data))


def _make(
    ctx: Context, args: tuple[Atom, ...], kwargs: tuple[tuple[str, Atom], ...], name: str
) -> Op | Atom:
    """An object made in the function."""
    try:
        given = bind(TABLE[f"scipy.interpolate.{name}"], args, dict(kwargs))
    except BindError as error:
        return ctx.problem(ctx.node, str(error), "leave it out, or make the object outside")
    order = list(TABLE[f"scipy.interpolate.{name}"].params)
    data = [snapshot(ctx, given[n]) for n in order[:2]]
    computed = [n for n, atom in given.items() if n not in order[:2] and not _is_const(atom)]
    if computed:
        message = f"`{computed[0]}` of scipy.interpolate.{name} is known at run time only"
        return ctx.problem(ctx.node, message, "write it in the call")
    option = _option(name, given)
    if option is None:
        message = f"an option of scipy.interpolate.{name} that is not known to be linear"
        return ctx.problem(ctx.node, message, "make the object outside of the function")
    kept = dict(zip((given[n] for n in order[:2]), data, strict=True))
    args = tuple(kept.get(atom, atom) for atom in args)
    kwargs = tuple((n, kept.get(atom, atom)) for n, atom in kwargs)
    made = ctx.emit("spline", f"scipy.interpolate.{name}", args, kwargs)
    obj = ctx.settled("spline", made)
    assert isinstance(obj, Var)
    if name == "RegularGridInterpolator":
        return ctx.static(Interpolator(obj, "gridded", (), tuple(data), ()))
    if name == "interp1d":
        return ctx.static(Interpolator(obj, "tabulated", (), (*data, option), ()))
    rest = (*data, Const(name), option)
    return ctx.static(Interpolator(obj, "interpolated", (Const(0),), rest, _NU))


def _option(name: str, given: dict[str, Atom]) -> Atom | None:
    """What makes one function of several: the degree, or what holds at the ends."""
    if name == "interp1d":
        kind = given.get("kind", Const("linear"))
        fill = given.get("fill_value", Const("extrapolate"))
        degree = _DEGREES.get(str(kind.value)) if isinstance(kind, Const) else None
        return None if degree is None or fill != Const("extrapolate") else Const(degree)
    if name == "RegularGridInterpolator":
        return Const(0) if given.get("method", Const("linear")) == Const("linear") else None
    if name not in LINEAR:
        return Const(0)
    default, key = (Const("not-a-knot"), "bc_type") if name == "CubicSpline" else (Const(3), "k")
    option = given.get(key, default)
    return None if option == Const("periodic") else option


def _is_const(atom: Atom) -> bool:
    return isinstance(atom, Const)


def outside(ctx: Context, obj: Any, atom: Var) -> Interpolator | None:
    """An object from outside, which the variable holds."""
    cls = next((c for c in type(obj).__mro__ if c.__module__.startswith("scipy.interpolate")), None)
    if cls is None:
        return None
    names = {c.__name__ for c in type(obj).__mro__}
    if {"PPoly", "BSpline"} & names:
        rows = obj.c.ndim > (2 if "PPoly" in names else 1)
        if getattr(obj, "axis", 0) != 0 or np.iscomplexobj(obj.c):
            return None
        return _given(atom, ROWS if rows else FLAT)
    if "UnivariateSpline" in names and getattr(obj, "ext", 0) in (0, 1, 2):
        return _given(atom, FLAT)
    real = not np.iscomplexobj(getattr(obj, "values", getattr(obj, "y", 0.0)))
    if "RegularGridInterpolator" in names and obj.method == "linear" and real:
        return Interpolator(atom, "gridded", (), (), (), True)
    if "interp1d" in names and _extends(obj) and real:
        return Interpolator(atom, "tabulated", (), (Const(1),), (), True)
    return None


def _given(atom: Var, maker: str) -> Interpolator:
    data = (Const(None), Const(None), Const(maker), Const(None))
    return Interpolator(atom, "interpolated", (Const(0),), data, _NU, True)


def _extends(obj: Any) -> bool:
    """Linear between its values, and nothing else outside of them."""
    return getattr(obj, "_kind", "") == "linear" and (obj.bounds_error or obj._extrapolate)


def _again(
    ctx: Context, args: tuple[Atom, ...], kwargs: tuple[tuple[str, Atom], ...], name: str
) -> Op | Atom:
    """A call of a helper in a text that is differentiated again."""
    found = static_of(ctx, args[0])
    obj = found.obj if isinstance(found, Interpolator) else args[0]
    return Op(f"{_HELPERS}{name}", (obj, *args[1:]), kwargs)


Handler: TypeAlias = Callable[[Context, tuple[Atom, ...], tuple[tuple[str, Atom], ...]], Op | Atom]
HANDLERS: dict[str, Handler] = {}
for _name in MADE:
    HANDLERS[f"scipy.interpolate.{_name}"] = partial(_make, name=_name)
for _name in ("interpolated", "tabulated", "gridded"):
    HANDLERS[f"{_HELPERS}{_name}"] = partial(_again, name=_name)
