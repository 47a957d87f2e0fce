"""A path that ends without a value has no gradient: it raises, where other paths return one."""

from __future__ import annotations

from dataclasses import replace

from srcgrad.ir.core import Assign, Block, Const, Exit, Function, Stmt, Var
from srcgrad.ir.walk import rebuild, walk


def raising_where_none(fn: Function) -> Function:
    """The function with `raise TypeError(...)` for each `return None`, if it returns values too."""
    exits = [stmt for stmt in walk(fn.body) if isinstance(stmt, Exit) and stmt.kind == "return"]
    empty = [stmt for stmt in exits if _is_none(stmt)]
    if not empty or len(empty) == len(exits):
        return fn
    message = Const(f"{fn.name} returned None, which has no gradient")

    def block(old: Block) -> Block:
        new: list[Stmt] = []
        for stmt in old:
            if _is_none(stmt):
                made = Assign(("error@none",), "builtins.TypeError", (message,), unit=stmt.unit)
                new += [made, Assign((), "raise", (Var("error@none"),), unit=stmt.unit)]
            else:
                new.append(rebuild(stmt, block))
        same = len(new) == len(old) and all(a is b for a, b in zip(new, old, strict=True))
        return old if same else tuple(new)

    return replace(fn, body=block(fn.body))


def _is_none(stmt: Stmt) -> bool:
    return isinstance(stmt, Exit) and stmt.kind == "return" and stmt.value == Const(None)
