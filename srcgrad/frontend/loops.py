"""`for` and `while`: every loop over items becomes a loop over their positions (see `items.py`)."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

import gast

from srcgrad.frontend.context import Context, Node, stored_names, walk_scope
from srcgrad.frontend.expressions import atom
from srcgrad.frontend.items import ENDLESS, Items, items_of
from srcgrad.frontend.marks import of_functions, without_marks
from srcgrad.frontend.meeting import forget
from srcgrad.frontend.ranges import bounds_of
from srcgrad.frontend.targets import stem_of
from srcgrad.ir.core import Const, For, Stmt, Var, While

Body: TypeAlias = Callable[[Context, list[Node]], None]

_GROWS = frozenset({"append", "clear", "extend", "insert", "pop", "remove"})


def lower_for(ctx: Context, node: Node, body: Body, header_text: str = "") -> None:
    """A `for` statement, or a `for` clause, which brings its own text."""
    before = len(ctx.block)
    number = ctx.open(node)
    changed = stored_names(node.target, *node.body)
    node, snapshots, tol = without_marks(ctx, node, "iter", changed)
    reassigned = stored_names(*node.body)
    stem = stem_of(node.target)
    plain = isinstance(node.target, gast.Name)
    bounds = bounds_of(ctx, node.iter, stem, changed) if plain else None
    if bounds is not None:
        start, stop, step = bounds
        own = node.target.id not in reassigned and not _may_stay(ctx, node.target.id)
        index = node.target.id if own else ctx.fresh(stem)
        items = None if own else Items(stop, lambda k, target: ctx.copy(target.id, k))
    else:
        _refuse_growth(ctx, node)
        items = items_of(ctx, node.iter, stem, changed)
        if items.length == ENDLESS:
            ctx.problem(node.iter, "a loop without end is not supported", "write `while`")
        start, stop, step = Const(0), items.length, Const(1)
        index = _own_index(ctx, node, items, reassigned) or ctx.fresh(stem)
    header = ctx.block[before:]
    ctx.known |= changed
    if items is not None and items.count >= 0 and not _leaves(node):
        of_functions(ctx, node, snapshots, tol)
        _unroll(ctx, node, body, items, number, header_text)
        return
    with ctx.iteration(changed) as block:
        if items is not None:
            items.assign(Var(index), node.target)
        prologue = len(block)
        if header_text:
            ctx.close(number, node, header_text, "", (*header, *block))
        else:
            ctx.close_header(number, node, (*header, *block))
        body(ctx, node.body)
    steady = () if items is None else items.sources
    loop = For(
        index, start, stop, step, tuple(block), prologue, unit=number, snapshots=snapshots,
        converges=tol, steady=steady,
    )  # fmt: skip
    _finish(ctx, loop, node, body)


def lower_while(ctx: Context, node: Node, body: Body) -> None:
    """A `while` statement."""
    number = ctx.open(node)
    changed = stored_names(node)
    node, snapshots, tol = without_marks(ctx, node, "test", changed)
    ctx.known |= changed
    forget(ctx, changed | ctx.cells)
    with ctx.collect() as test:
        cond = atom(ctx, node.test, "test")
    ctx.close_header(number, node, tuple(test))
    with ctx.iteration(changed) as block:
        body(ctx, node.body)
    _finish(ctx, While(tuple(test), cond, tuple(block), number, snapshots, tol), node, body)


def _leaves(node: Node) -> bool:
    """Whether a loop has an `else`, or may be left or cut short inside."""
    exits = gast.Break | gast.Continue
    return bool(node.orelse) or any(isinstance(n, exits) for n in walk_scope(*node.body))


def _unroll(
    ctx: Context, node: Node, body: Body, items: Items, number: int, header_text: str
) -> None:
    """A loop over functions: its body once for each."""
    ctx.rewritten += 1
    if header_text:
        ctx.close(number, node, header_text, "", ())
    else:
        ctx.close_header(number, node, ())
    for position in range(items.count):
        ctx.unit = number
        items.assign(Const(position), node.target)
        body(ctx, node.body)


def _finish(ctx: Context, loop: Stmt, node: Node, body: Body) -> None:
    if node.orelse:
        with ctx.collect() as orelse:
            body(ctx, node.orelse)
        ctx.orelse[loop] = tuple(orelse)
    ctx.add(loop)


def _refuse_growth(ctx: Context, node: Node) -> None:
    """The number of iterations is taken once, so the list must keep its length."""
    names = {n.id for n in walk_scope(node.iter) if isinstance(n, gast.Name)}
    for inner in walk_scope(*node.body):
        if not (isinstance(inner, gast.Call) and isinstance(inner.func, gast.Attribute)):
            continue
        base = inner.func.value
        if inner.func.attr in _GROWS and isinstance(base, gast.Name) and base.id in names:
            ctx.problem(
                inner, f"`{base.id}` changes its length while it is looped over", "loop over a copy"
            )


def _own_index(ctx: Context, node: Node, items: Items, reassigned: set[str]) -> str:
    """The user's own name of the position, where `enumerate` gives one that nothing reassigns."""
    if not items.plain_index or not isinstance(node.target, gast.Tuple | gast.List):
        return ""
    first, *others = node.target.elts
    if not isinstance(first, gast.Name) or first.id in reassigned | stored_names(*others):
        return ""
    return "" if _may_stay(ctx, first.id) else str(first.id)


def _may_stay(ctx: Context, name: str) -> bool:
    """True if a loop of no steps may leave a name its value, and that is read then."""
    return name in ctx.known and name in ctx.past
