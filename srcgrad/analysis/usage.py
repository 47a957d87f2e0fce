"""Kinds that a function's own text tells: of `n, m = A.shape` only an array of two axes is right.

For anything else the function would raise. So only statements count that surely run, before the
first early return, and before the parameter is bound anew.
"""

from __future__ import annotations

from srcgrad.ir.core import Assign, Const, Exit, Function, Stmt, Var
from srcgrad.ir.kinds import Dim, Kind, array
from srcgrad.ir.walk import walk, writes


def kinds_by_use(fn: Function) -> dict[str, Kind]:
    """Kinds of the parameters whose `shape` is taken apart."""
    if not any(map(_is_shape, fn.body)):
        return {}
    params = {p.name for p in fn.params}
    shapes: dict[str, str] = {}  # variable -> parameter whose shape it holds
    found: dict[str, Kind] = {}
    for stmt in fn.body:
        if isinstance(stmt, Assign):
            name, kind = _told(stmt, shapes)
            known = found.get(name)
            if name and (known is None or known.shape is None):
                found[name] = kind
        for part in walk((stmt,)):
            params.difference_update(writes(part))
            for target in writes(part):
                shapes.pop(target, None)
        if isinstance(stmt, Assign) and _is_shape(stmt):
            (base,) = stmt.args
            if isinstance(base, Var) and base.name in params:
                shapes[stmt.target] = base.name
        if _may_leave(stmt):
            break
    return found


def _is_shape(stmt: Stmt) -> bool:
    return type(stmt) is Assign and stmt.fn == "attr.shape" and len(stmt.targets) == 1


def _told(stmt: Assign, shapes: dict[str, str]) -> tuple[str, Kind]:
    """The parameter that a statement tells of, and what."""
    base = stmt.args[0] if stmt.args else None
    param = shapes.get(base.name, "") if isinstance(base, Var) else ""
    if stmt.fn == "unpack":
        return param, array("?", tuple(Dim(f"{param}.{i}") for i in range(len(stmt.targets))))
    item = stmt.fn == "operator.getitem" and isinstance(stmt.args[1], Const)
    return param if item else "", array("?", None)


def _may_leave(stmt: Stmt) -> bool:
    return any(isinstance(part, Exit) and part.kind == "return" for part in walk((stmt,)))
