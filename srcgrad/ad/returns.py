"""A path that ends without a value has no gradient: it raises, where other paths return one.
So does one that ends with an array, which may be known in the run only."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from srcgrad import support
from srcgrad.ad.prepare import Prepared
from srcgrad.ir.core import Assign, Block, Const, Exit, Function, Stmt, Var
from srcgrad.ir.walk import rebuild, same, walk
from srcgrad.rules.naming import canonical_name

ALONE = canonical_name(support.alone)


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
        return same(old, new)

    return replace(fn, body=block(fn.body))


def _is_none(stmt: Stmt) -> bool:
    return isinstance(stmt, Exit) and stmt.kind == "return" and stmt.value == Const(None)


def is_untold(ready: Prepared) -> bool:
    """Whether only the run shows that a function does not return an array."""
    ends = [s for s in walk(ready.fn.body) if isinstance(s, Exit) and s.kind == "return"]
    found = [ready.kinds.before(s, s.value) for s in ends if s.value is not None]
    return any(k.tag == "unknown" or k.is_array and k.shape is None for k in found)


def checked(ready: Prepared, anew: Callable[[], Prepared]) -> Prepared:
    """As prepared with the checks: `anew` does so where the function returns before its end."""
    body = ready.fn.body
    ends = [s for s in walk(body) if isinstance(s, Exit) and s.kind == "return"]
    if ends != [body[-1]] or ends[0].value is None:
        return anew()
    end, value = ends[0], ends[0].value
    check = Assign((), ALONE, (value,), unit=end.unit)
    kinds, aliases = ready.kinds, ready.aliases  # it reads what the end does, and binds nothing
    kinds.reads[check], kinds.writes[check] = kinds.reads[end], {}
    aliases.reads[check], aliases.binds[check] = aliases.reads[end], {}
    return replace(ready, fn=replace(ready.fn, body=(*body[:-1], check, end)))


def with_checks(fn: Function) -> Function:
    """The function with a check, before each `return`, that the value is a number."""

    def block(old: Block) -> Block:
        new: list[Stmt] = []
        for stmt in old:
            if isinstance(stmt, Exit) and stmt.kind == "return" and stmt.value is not None:
                new.append(Assign((), ALONE, (stmt.value,), unit=stmt.unit))
            new.append(rebuild(stmt, block))
        return tuple(new)

    return replace(fn, body=block(fn.body))
