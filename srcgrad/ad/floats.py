"""Arrays of integers have no derivative: where only the run can tell, that is checked first.

    x_bar = np.zeros_like(x)  ->  floats(x)
    x_bar[i] += g                 x_bar = np.zeros_like(x)
                                  x_bar[i] += g

What is stored into an array of integers is cut off, in the program and in its derivative. Before a
call of `grad` the arguments are looked at; a file that is used alone has to do that itself. Nothing
is cut off where nothing is read or stored by place.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from srcgrad import support
from srcgrad.ir.core import Assign, Function, Param, Stmt, Store, UserFunction, Var
from srcgrad.ir.kinds import Kind
from srcgrad.ir.walk import walk
from srcgrad.rules.naming import canonical_name

FLOATS = canonical_name(support.floats)


def of_floats(fn: Function, kinds: Mapping[str, Kind], wrt: tuple[str, ...]) -> Function:
    """The function with a check of those differentiated parameters of which nothing tells that
    they are of floats."""
    untold = [p.name for p in fn.params if p.name in wrt and _is_untold(p, kinds[p.name])]
    if not untold or not any(map(_takes_place, walk(fn.body))):
        return fn
    check = Assign((), FLOATS, tuple(map(Var, untold)))
    return replace(fn, body=(check, *fn.body))


def _is_untold(param: Param, kind: Kind) -> bool:
    if (param.annotation or "").strip("'\"").startswith(("Float", "jaxtyping.Float")):
        return False  # of any width, which is not known
    return kind.tag == "unknown" or kind.is_array and kind.dtype == "?"


def _takes_place(stmt: Stmt) -> bool:
    """Whether a statement reads or writes by place, or calls a function that may."""
    if isinstance(stmt, Store):
        return True
    return isinstance(stmt, Assign) and (
        stmt.fn == "operator.getitem" or isinstance(stmt.fn, UserFunction)
    )
