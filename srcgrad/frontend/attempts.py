"""`try` -> a branch that an exception decides, and `finally` as what runs on every path.

The body counts as done or not at all: what it computes gets names of its own, which the user's
names take over at its end. Where a program could see a part of the body, it is refused.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator
from typing import TypeAlias

import gast

from srcgrad.frontend.context import (
    COMPREHENSIONS,
    SCOPES,
    Context,
    Node,
    Region,
    stored_names,
    walk_scope,
)
from srcgrad.frontend.contexts import is_transparent
from srcgrad.frontend.expressions import atom
from srcgrad.frontend.scopes import outer_names, rename_all
from srcgrad.frontend.statics import at_run_time
from srcgrad.ir.core import Assign, Atom, Const, Exit, If, Var

Body: TypeAlias = Callable[[Context, list[Node]], None]

_SIMPLE = (gast.Assign, gast.AugAssign, gast.AnnAssign)
_REMEDY = "test the condition with `if` instead"


def lower_try(ctx: Context, node: Node, body: Body) -> None:
    """A `try` statement."""
    if not node.finalbody:
        _handled(ctx, node, body)
        return
    for leave in _leaving(node.finalbody):
        ctx.problem(leave, "`finally` that leaves the function or the loop", _REMEDY)
    with ctx.collect() as inner:
        if node.handlers:
            _handled(ctx, node, body)
        else:
            body(ctx, node.body)
    with ctx.collect() as last:
        body(ctx, node.finalbody)
    start, middle, end = (Assign((), f"finally.{part}", ()) for part in ("try", "begin", "end"))
    region = If(Const(True), tuple(inner), (), "if")
    ctx.regions[region] = Region((start,), (middle, *last, end))
    ctx.add(region)


def _handled(ctx: Context, node: Node, body: Body) -> None:
    """`try` and `except`: an `if` that defines its own test."""
    _check(ctx, node)
    number = ctx.open(node)
    ctx.close(number, node, "try", "", ())
    done = ctx.fresh("completed")
    types = [part for handler in node.handlers for part in _types(ctx, handler)]
    kept = ctx.read_outside(node.body) | _exposed(node.body)
    statements, moved = _moved(ctx, node, kept)
    outer, ctx.altered = ctx.altered, ctx.altered or bool(moved)
    with ctx.collect() as then:
        ctx.attempts += 1
        body(ctx, statements)
        ctx.attempts -= 1
        leave = ctx.block.pop() if then and isinstance(then[-1], Exit) else None
        for name in sorted(kept & moved.keys()):
            ctx.copy(name, Var(moved[name]))
        if leave is not None:
            ctx.add(leave)
    ctx.altered = outer
    with ctx.collect() as orelse:
        caught = ctx.emit("caught", "try.caught", tuple(types))
        _handlers(ctx, list(node.handlers), caught, body)
    ctx.add(If(Var(done), tuple(then), tuple(orelse), "try", number))
    if node.orelse:
        with ctx.collect() as after:
            body(ctx, node.orelse)
        ctx.add(If(Var(done), tuple(after), (), "if", number))


def _handlers(ctx: Context, handlers: list[Node], caught: Var, body: Body) -> None:
    handler, *others = handlers
    if not others:
        _handler(ctx, handler, caught, body)
        return
    types = _types(ctx, handler)
    kind = types[0] if len(types) == 1 else ctx.emit("caught", "tuple", tuple(types))
    test = ctx.emit("caught", "builtins.isinstance", (caught, kind))
    with ctx.collect() as then:
        _handler(ctx, handler, caught, body)
    with ctx.collect() as orelse:
        _handlers(ctx, others, caught, body)
    ctx.add(If(test, tuple(then), tuple(orelse)))


def _handler(ctx: Context, handler: Node, caught: Var, body: Body) -> None:
    if handler.name is not None:
        ctx.copy(handler.name.id, caught)
    outer, ctx.caught = ctx.caught, caught
    body(ctx, handler.body)
    ctx.caught = outer


def _types(ctx: Context, handler: Node) -> list[Atom]:
    """The exceptions that a handler takes."""
    if handler.type is None:
        return [ctx.emit("caught", "load.builtins.BaseException", ())]
    is_tuple = isinstance(handler.type, gast.Tuple)
    parts = handler.type.elts if is_tuple else [handler.type]
    for part in parts:
        if not isinstance(part, gast.Name | gast.Attribute):
            ctx.problem(part, "an exception that is computed cannot be caught", "name it")
            return []
    return [_now(ctx, atom(ctx, part, "caught")) for part in parts]


def _now(ctx: Context, value: Atom) -> Atom:
    """A class as a run-time value from here on: it is loaded before the `try`."""
    found = at_run_time(ctx, value)
    if isinstance(found, Var):
        ctx.fixed.pop(found.name, None)
    return found


# --- the body as a whole


def _moved(ctx: Context, node: Node, kept: set[str]) -> tuple[list[Node], dict[str, str]]:
    """The body with names of its own for what it assigns, and these names by the user's.

    What the last statement assigns needs none: nothing can fail after it. `kept`: names that are
    read elsewhere, or before the body assigns them.
    """
    names = sorted(_partial(node.body) & ctx.locals)
    moved = {name: ctx.fresh(name) for name in names}
    ctx.locals.update(moved.values())
    sure = _surely_assigned(node.body)
    for name, own in moved.items():
        if name in kept and (name in _exposed(node.body) or name not in sure):
            if name in ctx.known:
                ctx.copy(own, Var(name))
            elif name not in sure:
                ctx.problem(
                    node, f"`{name}` may get no value in this `try`", "assign it before the `try`"
                )
    statements = copy.deepcopy(list(node.body))
    if moved and statements:
        end = _last_target(node.body)
        rename_all(statements, {name: own for name, own in moved.items() if name != end})
    return statements, moved


def _last_target(body: list[Node]) -> str:
    """The name that a body assigns at its end, by an operation that is done or not."""
    *before, last = body[:-1] if isinstance(body[-1], gast.Break | gast.Continue) else body
    if not isinstance(last, gast.Assign) or len(last.targets) != 1:
        return ""
    target, piecewise = last.targets[0], (*COMPREHENSIONS, gast.IfExp)
    if not isinstance(target, gast.Name) or isinstance(last.value, piecewise):
        return ""
    return "" if target.id in stored_names(*before, last.value) else str(target.id)


def _partial(body: list[Node]) -> set[str]:
    return stored_names(*body) - {_last_target(body)}


def _surely_assigned(body: list[Node]) -> set[str]:
    return _follow(body, set(), set())


def _exposed(body: list[Node]) -> set[str]:
    """Names that the body may read before it assigns them."""
    found: set[str] = set()
    _follow(body, set(), found)
    return found


def _follow(body: list[Node], sure: set[str], exposed: set[str]) -> set[str]:
    """What is certainly assigned after a block; what it may read of before is added to
    `exposed`."""
    for stmt in body:
        if isinstance(stmt, gast.If):
            exposed |= outer_names([stmt.test], reads=True) - sure
            arms = [_follow(arm, set(sure), exposed) for arm in (stmt.body, stmt.orelse)]
            sure = set.intersection(*arms)
        elif isinstance(stmt, gast.For):
            exposed |= outer_names([stmt.iter], reads=True) - sure
            _follow(stmt.body, sure | stored_names(stmt.target), exposed)
            _follow(stmt.orelse, set(sure), exposed)
        elif isinstance(stmt, gast.With):
            exposed |= outer_names(stmt.items, reads=True) - sure
            sure = _follow(stmt.body, sure | stored_names(*stmt.items), exposed)
        else:
            exposed |= outer_names([stmt], reads=True) - sure
            if isinstance(stmt, gast.AugAssign):
                exposed |= stored_names(stmt.target) - sure
            if isinstance(stmt, _SIMPLE):
                sure = sure | stored_names(stmt)
    return sure


def _loads(*nodes: Node) -> set[str]:
    names = [n for n in _walk(*nodes) if isinstance(n, gast.Name)]
    return {n.id for n in names if isinstance(n.ctx, gast.Load)}


def _walk(*nodes: Node) -> Iterator[Node]:
    for node in nodes:
        yield from gast.walk(node)


# --- what is refused


def _check(ctx: Context, node: Node) -> None:
    for inner in walk_scope(*node.body):
        if isinstance(inner, gast.Try):
            ctx.problem(inner, "a `try` inside a `try` is not supported", "move it to a function")
        elif isinstance(inner, gast.With) and not all(map(_transparent(ctx), inner.items)):
            ctx.problem(
                inner, "a context inside a `try` is not supported", "put the `try` inside it"
            )
    last = node.body[-1]
    for leave in _leaving(node.body):
        if leave is not last:
            ctx.problem(
                leave, "leaves a `try` in the middle", "leave after the `try`, or in `else`"
            )
    for handler in node.handlers:
        for name in sorted(_partial(node.body) & ctx.locals):
            if _sees(ctx, node, handler, name):
                ctx.problem(
                    handler,
                    f"`{name}` may hold what a part of the `try` has assigned",
                    "assign it before the `try`, or compute it into a name used in the `try` only",
                )


def _transparent(ctx: Context) -> Callable[[Node], bool]:
    return lambda item: is_transparent(ctx, item.context_expr)


def _sees(ctx: Context, node: Node, handler: Node, name: str) -> bool:
    """Whether a name that the body assigned before it failed may be read afterwards."""
    if name in _loads(*handler.body, *node.finalbody):
        return True
    if isinstance(handler.body[-1], gast.Return | gast.Raise):
        return False
    if name in _surely_assigned(handler.body):
        return False
    return name in ctx.read_outside(node.body) or name in _exposed(node.body)


def _leaving(statements: list[Node]) -> Iterator[Node]:
    """Exits that leave a block."""
    stack: list[tuple[Node, bool]] = [(stmt, False) for stmt in statements]
    while stack:
        node, in_loop = stack.pop()
        if (
            isinstance(node, gast.Return)
            or isinstance(node, gast.Break | gast.Continue)
            and not in_loop
        ):
            yield node
        elif isinstance(node, gast.For | gast.While):
            stack += [(inner, True) for inner in node.body]
            stack += [(inner, in_loop) for inner in node.orelse]
        elif not isinstance(node, SCOPES):
            stack += [(inner, in_loop) for inner in gast.iter_child_nodes(node)]
