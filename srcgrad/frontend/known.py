"""The items of a sequence, where lowering knows how many there are."""

from __future__ import annotations

from srcgrad.frontend.context import Context
from srcgrad.frontend.statics import Sequence, static_of
from srcgrad.ir.core import Assign, Atom, Const, Var


def items_of(ctx: Context, value: Atom, stem: str) -> tuple[Atom, ...] | None:
    """The items of a tuple or list, where it is known how many there are; else None.

    That is one that lowering keeps, one made in this very expression, and a tuple of the
    surroundings.
    """
    found = static_of(ctx, value)
    if isinstance(found, Sequence):
        return tuple(found.items)
    if not isinstance(value, Var):
        return None
    if "@" in value.name and "@v" not in value.name:
        for stmt in reversed(ctx.block):
            if isinstance(stmt, Assign) and value.name in stmt.targets:
                return stmt.args if stmt.fn in ("tuple", "list") else None
        return None
    known = None if ctx.is_local(value.name) else ctx.globals.get(value.name)
    if known is None or type(known.value) is not tuple:
        return None
    count = len(known.value)
    return tuple(ctx.emit(stem, "operator.getitem", (value, Const(k))) for k in range(count))
