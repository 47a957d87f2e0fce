"""Loops that are checkpointed: `for i in checkpointed(range(n), snapshots=8)`."""

from __future__ import annotations

import copy

from srcgrad.frontend.calls import ON_ATOMS, Kwargs
from srcgrad.frontend.context import Context, Node
from srcgrad.frontend.expressions import Op, atom
from srcgrad.frontend.lazy import library_call
from srcgrad.ir.core import Atom, Const, Var

NAMES = ("srcgrad.checkpointed", "srcgrad.support_checkpoints.checkpointed")
REMEDY = "write `for i in checkpointed(range(n), snapshots=8)`"


def is_checkpointed(ctx: Context, node: Node) -> bool:
    return library_call(ctx, node) in NAMES


def unmarked(ctx: Context, node: Node, field: str, changed: set[str]) -> tuple[Node, Atom | None]:
    """A loop without the call of `checkpointed` in its header, and the number of snapshots."""
    marked = getattr(node, field)
    if not is_checkpointed(ctx, marked):
        return node, None
    given = {keyword.arg: keyword.value for keyword in marked.keywords}
    parts = [*marked.args, *(given[name] for name in ("snapshots",) if name in given)]
    if len(parts) != 2 or given.keys() - {"snapshots"}:
        ctx.problem(marked, "this call of `checkpointed` is not known", REMEDY)
        return node, None
    node = copy.copy(node)
    setattr(node, field, parts[0])
    number = atom(ctx, parts[1], "snapshots")
    if isinstance(number, Var) and number.name in changed:
        number = ctx.emit("snapshots", "copy", (number,))
    if isinstance(number, Const) and (type(number.value) is not int or number.value < 1):
        ctx.problem(marked, "a loop is checkpointed with at least one snapshot", REMEDY)
    ctx.rewritten += 1
    return node, number


def _elsewhere(ctx: Context, args: tuple[Atom, ...], kwargs: Kwargs) -> Op | Atom:
    message = "`checkpointed` stands around what a `for` runs over, or the condition of a `while`"
    return ctx.problem(ctx.node, message, REMEDY)


ON_ATOMS.update(dict.fromkeys(NAMES, _elsewhere))
