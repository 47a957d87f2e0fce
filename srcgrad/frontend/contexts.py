"""`with` -> what enters the context, the body, what leaves it; the printer puts them together.

An exit from the body becomes a flag, see `exits.py`, so that the context is left on every path. A
manager may swallow what its body raises; the derivative then raises, for it reverses whole bodies.
"""

from __future__ import annotations

from collections.abc import Callable

import gast

from srcgrad.frontend.context import Context, Node, Region
from srcgrad.frontend.expressions import atom
from srcgrad.frontend.names import resolve
from srcgrad.frontend.targets import assign_atom
from srcgrad.ir.core import Assign, Atom, Block, Const, If, Stmt, Var

# Managers that let every exception pass.
_TRANSPARENT = frozenset(
    {
        "contextlib.closing",
        "contextlib.nullcontext",
        "contextlib.redirect_stderr",
        "contextlib.redirect_stdout",
        "builtins.open",
        "numpy.errstate",
        "numpy.printoptions",
        "warnings.catch_warnings",
    }
)


def lower_with(ctx: Context, node: Node, body: Callable[[Context, list[Node]], None]) -> None:
    """A `with` statement; several items are contexts inside each other."""
    number = ctx.open(node)
    header: list[Stmt] = []

    def level(depth: int) -> None:
        if depth == len(node.items):
            ctx.close_header(number, node, tuple(header))
            body(ctx, node.body)
            return
        item = node.items[depth]
        name = _manager(ctx, item.context_expr)
        before = len(ctx.block)
        ctx.unit = number
        ctx.whole_objects = True  # a manager of the user's exists at run time
        manager = atom(ctx, item.context_expr, "context")
        ctx.whole_objects = False
        with ctx.collect() as enter:
            _enter(ctx, item.optional_vars, manager)
        header.extend([*ctx.block[before:], *enter])
        with ctx.collect() as inner:
            level(depth + 1)
        end: Block = ()
        check: Block = ()
        if name not in _TRANSPARENT:
            enter, end, check = _checked(ctx, item, enter, number)
        leave = Assign((), "with.leave", (), unit=number)
        region = If(Const(True), tuple(inner), (), "if", number)
        ctx.regions[region] = Region(tuple(enter), (*end, leave, *check))
        ctx.add(region)

    level(0)
    ctx.unit = -1


def _manager(ctx: Context, node: Node) -> str:
    """The library's name of the function or class that makes the manager."""
    path = resolve(ctx, node.func) if isinstance(node, gast.Call) else None
    name = "" if path is None else path.dotted
    if name == "contextlib.suppress":
        ctx.problem(
            node,
            "`suppress` leaves its body in the middle, which cannot be reversed",
            "test the condition with `if` instead, or catch the exception with `try`",
        )
    return name


def is_transparent(ctx: Context, node: Node) -> bool:
    """Whether the manager that an expression makes lets every exception pass."""
    path = resolve(ctx, node.func) if isinstance(node, gast.Call) else None
    return path is not None and path.dotted in _TRANSPARENT


def _enter(ctx: Context, target: Node | None, manager: Atom) -> None:
    if target is None:
        ctx.assign((), "with.enter", (manager,))
    elif isinstance(target, gast.Name):
        ctx.assign((target.id,), "with.enter", (manager,))
    else:
        value = ctx.emit("context", "with.enter", (manager,))
        assign_atom(ctx, target, value)


def _checked(
    ctx: Context, item: Node, enter: list[Stmt], unit: int
) -> tuple[list[Stmt], Block, Block]:
    """A flag that tells after the context whether its body ran to the end."""
    flag = ctx.fresh("finished")
    text = ctx.file.segment(item.context_expr).split("\n")[0]
    message = f"`with {text}` swallowed an exception: its derivative is not known"
    with ctx.collect() as failed:
        ctx.unit = unit
        error = ctx.emit("error", "builtins.RuntimeError", (Const(message),))
        ctx.assign((), "raise", (error,))
    start = Assign((flag,), "copy", (Const(False),), unit=unit)
    end = Assign((flag,), "operator.not_", (Var(flag),), unit=unit)  # so the start is read
    return [start, *enter], (end,), (If(Var(flag), (), tuple(failed), "if", unit),)
