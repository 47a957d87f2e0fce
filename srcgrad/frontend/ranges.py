"""`range` and `reversed(range(...))` as the bounds of a loop."""

from __future__ import annotations

import gast

from srcgrad.frontend.context import Context, Node
from srcgrad.frontend.expressions import atom
from srcgrad.frontend.names import resolve
from srcgrad.ir.core import Atom, Const, Var


def builtin_call(ctx: Context, node: Node) -> str:
    """The name of the builtin that an expression calls, if it is a plain call of one."""
    if not isinstance(node, gast.Call) or isinstance(node.func, gast.Attribute):
        return ""
    path = resolve(ctx, node.func)
    if path is None or not path.dotted.startswith("builtins."):
        return ""
    if any(isinstance(arg, gast.Starred) for arg in node.args):
        return ""
    return path.dotted.removeprefix("builtins.")


def kept(ctx: Context, value: Atom, stem: str, changed: set[str]) -> Atom:
    """The value as it is before the loop: a copy where the body assigns its name."""
    if isinstance(value, Var) and value.name in changed:
        return ctx.emit(stem, "copy", (value,))
    return value


def _range_arguments(ctx: Context, node: Node) -> list[Node] | None:
    if builtin_call(ctx, node) != "range" or node.keywords or not 1 <= len(node.args) <= 3:
        return None
    return list(node.args)


def bounds_of(
    ctx: Context, node: Node, stem: str, changed: set[str]
) -> tuple[Atom, Atom, Atom] | None:
    """Start, stop and step of `range(...)`, or of `reversed(range(...))` by single steps."""
    args = _range_arguments(ctx, node)
    if args is None:
        return _reversed_bounds(ctx, node, stem, changed)
    return _range_bounds(ctx, args, stem, changed)


def _range_bounds(
    ctx: Context, args: list[Node], stem: str, changed: set[str]
) -> tuple[Atom, Atom, Atom]:
    atoms = [kept(ctx, atom(ctx, arg, stem), stem, changed) for arg in args]
    if len(atoms) == 1:
        return Const(0), atoms[0], Const(1)
    step = atoms[2] if len(atoms) == 3 else Const(1)
    if step == Const(0):
        ctx.problem(args[2], "the step of a range must not be zero")
    return atoms[0], atoms[1], step


def _reversed_bounds(
    ctx: Context, node: Node, stem: str, changed: set[str]
) -> tuple[Atom, Atom, Atom] | None:
    if builtin_call(ctx, node) != "reversed" or len(node.args) != 1 or node.keywords:
        return None
    args = _range_arguments(ctx, node.args[0])
    if args is None or len(args) == 3:
        return None
    start, stop, _ = _range_bounds(ctx, args, stem, changed)

    def before(bound: Atom) -> Atom:
        if isinstance(bound, Const) and type(bound.value) is int:
            return Const(bound.value - 1)
        return ctx.emit(stem, "operator.sub", (bound, Const(1)))

    return before(stop), before(start), Const(-1)
