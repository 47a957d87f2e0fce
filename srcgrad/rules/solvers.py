"""Functions of SciPy that are given a function and solve an equation with it, or integrate it.

`solver` says how such a function may be called and what its value satisfies: from that follow the
cotangents of what it is given, and of whatever the function reads (`srcgrad.ad.solvers`).

`equation`: of the value `y` and the given function `f`
    "zero": `f(y) = 0`; "fixed": `f(y) = y`; "minimum": `f(y)` is least; "squares": the sum of the
    squares of `f(y)` is; "rates": `f` gives the slopes of `y(t)`; "integral": over an interval.
"""

from __future__ import annotations

from typing import Literal, TypeAlias

from srcgrad import support_solvers
from srcgrad.ir.classes import dataclass
from srcgrad.ir.kinds import UNKNOWN, Dim, Kind
from srcgrad.rules.call import Call
from srcgrad.rules.registry import primitive, pullback, zero

Equation: TypeAlias = Literal["zero", "fixed", "minimum", "squares", "rates", "integral"]


@dataclass(frozen=True, slots=True)
class Solver:
    """A function that solves. `fn`: its parameter that takes the function, which is called with
    `leading`. `inputs`: parameters with a derivative; `start`: those on which the value does not
    depend. `scalar`: the value is a number. `attribute`: of what is returned, the value; else "".
    """

    name: str
    equation: Equation
    fn: str
    leading: tuple[str, ...]
    inputs: tuple[str, ...]
    start: tuple[str, ...]
    scalar: bool
    attribute: str


SOLVERS: dict[str, Solver] = {}
ARRAY = Kind("array", "f8", (Dim("?0"),))
MATRIX = Kind("array", "f8", (Dim("?0"), Dim("?1")))
NUMBER = Kind("scalar", "f8", ())


def solver(
    name: str,
    equation: Equation,
    signature: str,
    *,
    leading: str = "x",
    inputs: str = "",
    start: str = "",
    scalar: bool = False,
    attribute: str = "",
    kind: Kind | None = None,
) -> None:
    """Declare a function that solves an equation: the function it is given comes first."""
    value = kind or (NUMBER if scalar else ARRAY)

    def result(call: Call) -> Kind:
        return Kind("object") if attribute else value

    primitive(name, signature, kind=result)
    fn = signature.partition(",")[0]
    first, second, third = (tuple(text.split()) for text in (leading, inputs, start))
    SOLVERS[name] = Solver(name, equation, fn, first, second, third, scalar, attribute)


# Zeros of functions of one number, and of many
_BRACKETED = "f, a, b, args=(), xtol=2e-12, rtol=8.881784197001252e-16, maxiter=100, *, disp=True"
for _name in ("brentq", "brenth", "bisect", "ridder"):
    solver(f"scipy.optimize.{_name}", "zero", _BRACKETED, start="a b", scalar=True)
solver(
    "scipy.optimize.toms748",
    "zero",
    "f, a, b, args=(), k=1, xtol=2e-12, rtol=8.881784197001252e-16, maxiter=100, *, disp=True",
    start="a b",
    scalar=True,
)
solver(
    "scipy.optimize.root_scalar",
    "zero",
    "f, args=(), method=None, bracket=None, *, x0=None, x1=None, xtol=None, rtol=None,"
    " maxiter=None",
    start="bracket x0 x1",
    scalar=True,
    attribute="root",
)
solver(
    "scipy.optimize.newton",
    "zero",
    "func, x0, fprime=None, args=(), tol=1.48e-08, maxiter=50, fprime2=None, x1=None, rtol=0.0",
    start="x0 x1",
    kind=Kind("unknown"),
)
solver(
    "scipy.optimize.root",
    "zero",
    "fun, x0, args=(), method='hybr', jac=None, tol=None, callback=None, options=None",
    start="x0",
    attribute="x",
)
solver(
    "scipy.optimize.fsolve",
    "zero",
    "func, x0, args=(), fprime=None, full_output=0, col_deriv=0, xtol=1.49012e-08, maxfev=0",
    start="x0",
)
solver(
    "scipy.optimize.fixed_point",
    "fixed",
    "func, x0, args=(), xtol=1e-08, maxiter=500, method='del2'",
    start="x0",
    kind=Kind("unknown"),
)

# Minima
solver(
    "scipy.optimize.minimize",
    "minimum",
    "fun, x0, args=(), method=None, jac=None, hess=None, hessp=None, bounds=None, constraints=(),"
    " tol=None, callback=None, options=None",
    start="x0",
    attribute="x",
)
solver(
    "scipy.optimize.minimize_scalar",
    "minimum",
    "fun, bracket=None, bounds=None, args=(), method=None, tol=None, options=None",
    start="bracket",
    scalar=True,
    attribute="x",
)
solver(
    "scipy.optimize.least_squares",
    "squares",
    "fun, x0, jac='2-point', *, method='trf', ftol=1e-08, xtol=1e-08, gtol=1e-08, x_scale=None,"
    " max_nfev=None, verbose=0, args=()",
    start="x0",
    attribute="x",
)

# Integrals and differential equations
solver(
    "scipy.integrate.quad",
    "integral",
    "func, a, b, args=(), *, epsabs=1.49e-08, epsrel=1.49e-08, limit=50, points=None",
    inputs="a b",
    scalar=True,
)
solver(
    "scipy.integrate.odeint",
    "rates",
    "func, y0, t, args=(), *, rtol=None, atol=None, h0=0.0, hmax=0.0, hmin=0.0, mxstep=0, mxhnil=0,"
    " mxordn=12, mxords=5, tfirst=False",
    leading="t y",
    inputs="y0 t",
    kind=MATRIX,
)
solver(
    "scipy.integrate.solve_ivp",
    "rates",
    "fun, t_span, y0, method='RK45', t_eval=None, *, args=None, first_step=None, max_step=None,"
    " rtol=0.001, atol=1e-06, min_step=0.0",
    leading="t y",
    inputs="y0 t0 t1 t_eval",
    attribute="y",
)

# What their derivatives are made of, for the derivatives of these
primitive(
    support_solvers.solved, "x, step", kind=lambda call: call.kind("x"), view="x", silent=("step",)
)
pullback(support_solvers.solved, x=lambda g, y: g)
zero(support_solvers.is_stiff, signature="rates, y0, t, *args", kind=lambda call: UNKNOWN)
zero(support_solvers.tolerances, signature="y, start, z", kind=lambda call: UNKNOWN)
_ADJOINT = "g, y, times, t0, y0, rates, rates_grad, stiff, *args"
primitive(support_solvers.ode_adjoint, _ADJOINT, kind=lambda call: UNKNOWN)
