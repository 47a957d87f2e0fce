"""Derivatives of what solves an equation, from the equation: how it was solved does not matter.

Where `residual(y, *args)` is zero, `J dy + K dargs = 0` with its Jacobians `J` by `y` and `K` by
the arguments. So the cotangents of the arguments are `-K.T w` with `J.T w = g`, one linear system;
and the tangent of `y` solves `J dy = -K dargs`. The rules are written as Python functions that take
these Jacobians by `grad` and `jvp`: they are differentiated as any rule, which gives the second
order.
"""

from __future__ import annotations

import importlib.util
import inspect
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np

from srcgrad.api import grad
from srcgrad.argnums import ArgNums, parameters
from srcgrad.backends.numpy import compile_source
from srcgrad.custom import CustomFunction
from srcgrad.directional import jvp
from srcgrad.errors import SrcgradError
from srcgrad.support_systems import factored, solve_by, solve_turned_by

_RULE = '''
def {name}_rule({g}, {y}, {params}):
    """Cotangents of the arguments, where `residual({y}, {params})` is zero."""
    {y} = np.asarray({y})
    {rows} = []
    for {unit} in np.eye(np.size({y})):
        {row} = grad(lambda {z}: np.sum({unit} * np.ravel(residual({z}, {params}))))({y})
        {rows}.append(np.ravel({row}))
    {rows} = np.array({rows})
    {weights} = {solved}
    {weights} = np.reshape({weights}, np.shape({y}))
    {bars} = grad(lambda {wrt}: -np.sum({weights} * residual({y}, {params})), {argnums})({wrt})
    return {result}
'''
_TANGENT = '''
def {name}_tangent({y}, {params}, {dots}):
    """The tangent of {y}, where `residual({y}, {params})` stays zero."""
    {y} = np.asarray({y})
    {rows} = []
    for {unit} in np.eye(np.size({y})):
        {row} = grad(lambda {z}: np.sum({unit} * np.ravel(residual({z}, {params}))))({y})
        {rows}.append(np.ravel({row}))
    {bars} = jvp(lambda {wrt}: residual({y}, {params}), ({wrt},), ({wrt_dots},))
    {rows} = np.array({rows})
    {weights} = {solved}
    return -np.reshape({weights}, np.shape({y}))
'''
# The factors serve the derivative of a rule, too; NumPy alone has none.
_BY_FACTORS = {
    "rule": "solve_turned_by(factored({rows}), {rows}, np.ravel({g}))",
    "tangent": "solve_by(factored({rows}), {rows}, np.ravel({bars}[1]))",
}
_ALONE = {
    "rule": "np.linalg.solve({rows}.T, np.ravel({g}))",
    "tangent": "np.linalg.solve({rows}, np.ravel({bars}[1]))",
}
_FACTORS = {function.__name__: function for function in (factored, solve_by, solve_turned_by)}
_LOCAL = ("g", "y", "z", "rows", "row", "unit", "weights", "bars")


def implicit(
    residual: Callable[..., Any], argnums: ArgNums | None = None, *, tol: float = 1e-6
) -> Callable[[Callable[..., Any]], CustomFunction]:
    """Differentiate a solver through its equation: `@implicit(residual)` above the solver.

    The solver's value `y`, a number or an array, satisfies `residual(y, *args) == 0` with as many
    equations as numbers in `y`; it is differentiated with respect to `argnums`, all arguments
    unless given. The solver itself is never read. Calling it warns where a residual is larger than
    `tol` times the size of `y`, or not finite: its derivative would be wrong. A singular system
    raises `numpy.linalg.LinAlgError`.
    """

    def decorate(solver: Callable[..., Any]) -> CustomFunction:
        signature = inspect.signature(solver)
        names = list(signature.parameters)
        if not names or len(inspect.signature(residual).parameters) != len(names) + 1:
            raise SrcgradError(
                f"implicit: the residual of {solver.__name__} must take the value and the "
                f"arguments ({', '.join(names)})"
            )
        wanted: ArgNums = tuple(names) if argnums is None else argnums
        wrt, _ = parameters(signature, wanted, solver.__name__)
        rule, tangent = _rules(solver.__name__, names, wrt, residual)
        return Solver(solver, rule, tangent, residual, tol)

    return decorate


class Solver(CustomFunction):
    """A solver whose derivative is that of the equation it solves."""

    def __init__(
        self,
        primal: Callable[..., Any],
        rule: Callable[..., Any],
        tangent: Callable[..., Any],
        residual: Callable[..., Any],
        tol: float,
    ) -> None:
        super().__init__(primal, rule, tangent=tangent)
        self.residual = residual
        self.tol = tol

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        bound = inspect.signature(self.primal).bind(*args, **kwargs)
        bound.apply_defaults()
        y = self.primal(*bound.args, **bound.kwargs)
        rest = np.max(np.abs(self.residual(y, *bound.args)), initial=0.0)
        if not rest <= self.tol * (1.0 + np.max(np.abs(y), initial=0.0)):
            message = f"{self.__name__} did not converge (residual {rest:.1e})"
            warnings.warn(f"{message}: its derivative would be wrong", RuntimeWarning, 2)
        return y


def _rules(
    name: str, names: list[str], wrt: tuple[str, ...], residual: Callable[..., Any]
) -> tuple[Callable[..., Any], Callable[..., Any]]:
    """The rules of a solver, for cotangents and for tangents."""
    known = {"np": np, "grad": grad, "jvp": jvp, "residual": residual, **_FACTORS}
    solved = _BY_FACTORS if importlib.util.find_spec("scipy") else _ALONE
    taken = {*names, *known}
    local = {stem: _free(stem, taken) for stem in _LOCAL}
    dots = {n: _free(f"{n}_dot", {*taken, *local.values()}) for n in names}
    parts = [f"{local['bars']}[{wrt.index(n)}]" if n in wrt else "None" for n in names]
    found: list[Any] = []
    for template, word in ((_RULE, "rule"), (_TANGENT, "tangent")):
        text = template.format(
            name=name if name.isidentifier() else "solver",
            params=", ".join(names),
            wrt=", ".join(wrt),
            argnums=repr(tuple(range(len(wrt)))),
            result=", ".join(parts),
            dots=", ".join(dots.values()),
            wrt_dots=", ".join(dots[n] for n in wrt),
            solved=solved[word].format(**local),
            **local,
        ).lstrip()
        own = name if name.isidentifier() else "solver"
        rule: Any = compile_source(text, f"{own}_{word}", dict(known))
        rule.__source__ = text  # `linecache.clearcache` forgets the lines
        found.append(rule)
    return found[0], found[1]


def _free(stem: str, taken: set[str]) -> str:
    """A name for the rule that no parameter of the solver has."""
    while stem in taken:
        stem += "_"
    return stem
