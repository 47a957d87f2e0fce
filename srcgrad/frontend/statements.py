"""Statements -> IR, with their text. Exits stand wherever the user wrote them: see `exits.py`."""

from __future__ import annotations

from collections.abc import Callable

import gast

from srcgrad.frontend import callees as _callees  # noqa: F401  (its handlers)
from srcgrad.frontend import displays as _displays  # noqa: F401  (its handlers, and below it)
from srcgrad.frontend import iterators as _iterators  # noqa: F401  (its handlers)
from srcgrad.frontend.attempts import lower_try
from srcgrad.frontend.calls import LOWER_BODY, call_value
from srcgrad.frontend.context import Context, Node, walk_scope
from srcgrad.frontend.contexts import lower_with
from srcgrad.frontend.decided import known_test
from srcgrad.frontend.deleted import DELETED
from srcgrad.frontend.expressions import atom, effect
from srcgrad.frontend.inline import define, leave
from srcgrad.frontend.loops import lower_for, lower_while
from srcgrad.frontend.matching import lower_match
from srcgrad.frontend.meeting import Arm, join
from srcgrad.frontend.names import read_name
from srcgrad.frontend.statics import shown
from srcgrad.frontend.subset import refusal
from srcgrad.frontend.surgery import is_surgery, lower_surgery
from srcgrad.frontend.targets import assign, augment, place
from srcgrad.ir.core import Atom, Const, Exit, If, Var


def lower_body(ctx: Context, statements: list[Node]) -> None:
    """Lower statements into the current block."""
    for node in statements:
        if ctx.frames and ctx.block and isinstance(ctx.block[-1], Exit):
            break  # what follows never runs, and a recursion may end here
        compound = _COMPOUND.get(type(node).__name__)
        if compound is not None:
            _note_walrus(ctx, _HEADS[type(node).__name__](node))
            compound(ctx, node)
            continue
        handler = _SIMPLE.get(type(node).__name__)
        if handler is None:
            ctx.problem(node, *refusal(node))
            ctx.known |= ctx.locals  # what it would have assigned is not worth a second problem
        elif handler is not _nothing:
            _note_walrus(ctx, node)
            with ctx.simple(node):
                handler(ctx, node)


def _note_walrus(ctx: Context, node: Node) -> None:
    """Names that change inside an expression are copied when read: operands keep their value."""
    found = [n.target.id for n in walk_scope(node) if isinstance(n, gast.NamedExpr)]
    ctx.volatile = frozenset(found)


def _if(ctx: Context, node: Node) -> None:
    decided = known_test(ctx, node.test)
    if decided is not None:
        lower_body(ctx, node.body if decided else node.orelse)
        return
    start = len(ctx.block)
    number = ctx.open(node)
    test = atom(ctx, node.test, "test")
    ctx.close_header(number, node, tuple(ctx.block[start:]))
    arms: list[Arm] = []
    with ctx.arm(arms) as then:
        lower_body(ctx, node.body)
    with ctx.arm(arms) as orelse:
        lower_body(ctx, node.orelse)
    join(ctx, arms)
    ctx.add(If(test, tuple(then), tuple(orelse), "if", number))


def _assign(ctx: Context, node: Node) -> None:
    assign(ctx, node.targets, node.value)


def _annotated(ctx: Context, node: Node) -> None:
    if node.value is not None:
        assign(ctx, [node.target], node.value)


def _return(ctx: Context, node: Node) -> None:
    value = Const(None) if node.value is None else atom(ctx, node.value, "out")
    leave(ctx, value)


def _break(ctx: Context, node: Node) -> None:
    ctx.add(Exit("break", None, ctx.unit))


def _continue(ctx: Context, node: Node) -> None:
    ctx.add(Exit("continue", None, ctx.unit))


def _expression(ctx: Context, node: Node) -> None:
    if not isinstance(node.value, gast.Constant):
        effect(ctx, node.value)


def _assert(ctx: Context, node: Node) -> None:
    parts = [node.test] if node.msg is None else [node.test, node.msg]
    ctx.assign((), "assert", tuple(atom(ctx, part, "test") for part in parts))


def _delete(ctx: Context, node: Node) -> None:
    """A name that is deleted costs nothing where it is; an item leaves its list or dict."""
    for target in node.targets:
        for item in target.elts if isinstance(target, gast.Tuple | gast.List) else [target]:
            if isinstance(item, gast.Subscript):
                base, index = place(ctx, item)
                ctx.assign((), "operator.delitem", (base, index))
            elif not isinstance(item, gast.Name):
                ctx.problem(item, "`del` of an attribute is not supported", "leave it be")
            elif item.id not in ctx.locals:
                ctx.problem(item, f"deletes the global `{item.id}`", "leave it be")
            else:
                found = read_name(ctx, item, "t")
                if isinstance(found, Var):
                    ctx.assign((), DELETED, (found,))


def _global(ctx: Context, node: Node) -> None:
    for name in node.names:
        if name in ctx.locals:
            ctx.problem(
                node,
                f"assigns the global `{name}`",
                "pass the value in, and return its new value",
            )


def _import(ctx: Context, node: Node) -> None:
    """Names that only an import binds are those of the library; see `imports.py`."""
    for name in {(alias.asname or alias.name).split(".")[0] for alias in node.names}:
        if name in ctx.locals:
            ctx.problem(
                node,
                f"`{name}` is imported and assigned in this function",
                "import it under a name of its own, or at the top of the module",
            )


def _raise(ctx: Context, node: Node) -> None:
    if node.exc is None and ctx.caught is not None:
        ctx.assign((), "raise", (ctx.caught,))
        return
    if node.exc is None:
        ctx.problem(node, "`raise` without an exception is not supported", "name the exception")
        return
    parts = [node.exc] if node.cause is None else [node.exc, node.cause]
    ctx.assign((), "raise", tuple(atom(ctx, part, "error") for part in parts))


def _function(ctx: Context, node: Node) -> None:
    """A `def`: nothing happens before it is called, but decorators and defaults are evaluated."""
    decorators = [atom(ctx, decorator, node.name) for decorator in node.decorator_list]
    value: Atom = define(ctx, node, shown(node.name))
    for decorator in reversed(decorators):
        value = call_value(ctx, decorator, (value,), node.name)
    ctx.copy(node.name, value)


def _with(ctx: Context, node: Node) -> None:
    if is_surgery(ctx, node):
        lower_surgery(ctx, node)
    else:
        lower_with(ctx, node, lower_body)


def _nothing(ctx: Context, node: Node) -> None:
    return None


_COMPOUND: dict[str, Callable[[Context, Node], None]] = {
    "For": lambda ctx, node: lower_for(ctx, node, lower_body),
    "If": _if,
    "Match": lambda ctx, node: lower_match(ctx, node, lower_body),
    "Try": lambda ctx, node: lower_try(ctx, node, lower_body),
    "While": lambda ctx, node: lower_while(ctx, node, lower_body),
    "With": _with,
}
_HEADS: dict[str, Callable[[Node], Node]] = {
    "For": lambda node: node.iter,
    "If": lambda node: node.test,
    "Match": lambda node: gast.Tuple(
        [node.subject, *(case.guard for case in node.cases if case.guard is not None)], gast.Load()
    ),
    "Try": lambda node: gast.Tuple([], gast.Load()),
    "While": lambda node: node.test,
    "With": lambda node: gast.Tuple([item.context_expr for item in node.items], gast.Load()),
}
_SIMPLE: dict[str, Callable[[Context, Node], None]] = {
    "AnnAssign": _annotated,
    "Assert": _assert,
    "Assign": _assign,
    "AugAssign": augment,
    "Break": _break,
    "Continue": _continue,
    "Delete": _delete,
    "Expr": _expression,
    "FunctionDef": _function,
    "Global": _global,
    "Import": _import,
    "ImportFrom": _import,
    "Nonlocal": _nothing,
    "Pass": _nothing,
    "Raise": _raise,
    "Return": _return,
}
LOWER_BODY.append(lower_body)
