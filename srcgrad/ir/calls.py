"""Calls of user functions: which argument each parameter gets."""

from __future__ import annotations

from srcgrad.ir.core import Assign, Atom, Const, Function


def arguments(fn: Function, stmt: Assign) -> dict[str, Atom] | None:
    """Arguments by parameter; None if the call does not fit or a default is no literal."""
    positional = [p.name for p in fn.params if p.kind != "keyword"]
    if len(stmt.args) > len(positional):
        return None
    given = dict(zip(positional, stmt.args, strict=False)) | dict(stmt.kwargs)
    for param in fn.params:
        if param.name not in given:
            if not param.has_value or type(param.value) not in (int, float, bool, str, type(None)):
                return None
            given[param.name] = Const(param.value)
    return given if len(given) == len(fn.params) else None
