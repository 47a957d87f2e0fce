"""Marks in the headers of loops; of those that converge, `for _ in converging(range(100))`."""

from __future__ import annotations

import copy

import gast

from srcgrad.frontend.calls import ON_ATOMS, Kwargs
from srcgrad.frontend.checkpoints import unmarked
from srcgrad.frontend.context import Context, Node
from srcgrad.frontend.expressions import Op
from srcgrad.frontend.lazy import library_call
from srcgrad.ir.core import Atom
from srcgrad.rules.limits import CONVERGING, TOL

NAMES = ("srcgrad.converging", CONVERGING)
REMEDY = "write `for _ in converging(range(n))`, or `while converging(test, tol=1e-6)`"


def without_marks(
    ctx: Context, node: Node, field: str, changed: set[str]
) -> tuple[Node, Atom | None, float | None]:
    """A loop without the marks in its header, the number of snapshots, and the tolerance."""
    place = getattr(node, field)
    node, snapshots = unmarked(ctx, node, field, changed)
    node, tol = _without_mark(ctx, node, field)
    if snapshots is not None and tol is not None:
        message = "a loop that converges keeps no states that could be checkpointed"
        ctx.problem(place, message, "leave `checkpointed` out")
    return node, snapshots, tol


def of_functions(ctx: Context, node: Node, snapshots: Atom | None, converges: float | None) -> None:
    """A loop that is written out, once for each function it runs over, takes no marks."""
    if snapshots is not None:
        ctx.problem(node.iter, "a loop over functions is checkpointed", "loop over numbers")
    if converges is not None:
        ctx.problem(node.iter, "a loop over functions converges", "loop over numbers")


def _without_mark(ctx: Context, node: Node, field: str) -> tuple[Node, float | None]:
    """A loop without the call of `converging` in its header, and the tolerance of that."""
    marked = getattr(node, field)
    if library_call(ctx, marked) not in NAMES:
        return node, None
    given = {keyword.arg: keyword.value for keyword in marked.keywords}
    parts = [*marked.args, *(given[name] for name in ("tol",) if name in given)]
    tol = parts[1].value if parts[1:] and isinstance(parts[1], gast.Constant) else TOL
    written = len(parts) == 1 or len(parts) == 2 and isinstance(parts[1], gast.Constant)
    if not written or given.keys() - {"tol"} or type(tol) not in (int, float) or not tol > 0:
        ctx.problem(marked, "this call of `converging` is not known", REMEDY)
        return node, None
    node = copy.copy(node)
    setattr(node, field, parts[0])
    ctx.rewritten += 1
    return node, float(tol)


def _elsewhere(ctx: Context, args: tuple[Atom, ...], kwargs: Kwargs) -> Op | Atom:
    message = "`converging` stands around what a `for` runs over, or the condition of a `while`"
    return ctx.problem(ctx.node, message, REMEDY)


ON_ATOMS.update(dict.fromkeys(NAMES, _elsewhere))
