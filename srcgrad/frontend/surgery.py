"""`with on_gradient(h) as h_bar:` -> a function of `h_bar`, which the derivative calls.

For the program it is `h = h_hooked(h)`, a function that gives what it is given.
"""

from __future__ import annotations

from dataclasses import replace

import gast

from srcgrad.frontend.context import Context, Node, walk_scope
from srcgrad.frontend.inline import define
from srcgrad.frontend.lazy import library_call
from srcgrad.frontend.lifting import lifted
from srcgrad.frontend.statics import shown
from srcgrad.ir.core import Exit, Function, Global, Param, Var

NAMES = ("srcgrad.on_gradient", "srcgrad.surgery.on_gradient")
REMEDY = "write `with on_gradient(h) as h_bar:`, with a variable `h` that has a value there"
_LEAVING = gast.Return | gast.Break | gast.Continue | gast.Yield | gast.Nonlocal | gast.Global


def is_surgery(ctx: Context, node: Node) -> bool:
    return any(library_call(ctx, item.context_expr) in NAMES for item in node.items)


def lower_surgery(ctx: Context, node: Node) -> None:
    number = ctx.open(node)
    found = _variable(ctx, node)
    ctx.close_header(number, node, ())
    if found is None or _refused(ctx, node):
        return
    ctx.unit = number
    name, bar = found
    stem = shown(name)
    fn = define(ctx, _function(node, bar), f"on_{stem}_gradient")
    made = lifted(ctx, f"on_{stem}_gradient", fn, [bar], {bar: Var(name)}, {bar}, stem)
    if made is None:
        return
    taken = {*ctx.locals, *ctx.globals}
    doc = f"What is done with the gradient of `{stem}` on line {ctx.units[number].line}."
    hook = ctx.env.requests.lift(replace(made.fn, doc=doc), taken)
    known = {**ctx.globals, hook.name: Global(hook.name, "function", "", hook)}
    line = ctx.units[number].line
    params = (Param(_free(stem, made.captured_names)), *map(Param, made.captured_names))
    body = (Exit("return", Var(params[0].name)),)
    file = ctx.file.name
    whole = Function(f"{stem}_hooked", params, body, {}, known, "", file, line, hook=hook)
    hooked = ctx.env.requests.lift(whole, taken)
    ctx.globals[hooked.name] = Global(hooked.name, "function", "", hooked)
    ctx.assign((name,), hooked, (Var(name), *map(Var, made.captured)))
    ctx.unit = -1


def _variable(ctx: Context, node: Node) -> tuple[str, str] | None:
    """The variable, and the name of its gradient."""
    (item, *others) = node.items
    call, target = item.context_expr, item.optional_vars
    plain = isinstance(call, gast.Call) and len(call.args) == 1 and not call.keywords
    value = call.args[0] if plain else None
    if others or not isinstance(value, gast.Name) or not isinstance(target, gast.Name):
        ctx.problem(node, "this use of `on_gradient` is not known", REMEDY)
        return None
    if value.id not in ctx.known or value.id in ctx.statics:
        ctx.problem(node, f"`{shown(value.id)}` has no value here", REMEDY)
        return None
    return value.id, target.id


def _refused(ctx: Context, node: Node) -> bool:
    """The body is a function of its own: it is not left, and what it assigns stays in it."""
    before = len(ctx.problems)
    for inner in walk_scope(*node.body):
        if isinstance(inner, _LEAVING):
            message = "the body of `on_gradient` is left, or declares names of other scopes"
            ctx.problem(inner, message, "it runs in the backward sweep: let it assign or print")
        if isinstance(inner, gast.With) and is_surgery(ctx, inner):
            message = "code on a gradient inside code on a gradient"
            ctx.problem(inner, message, "write it after the other block")
    return len(ctx.problems) > before


def _function(node: Node, bar: str) -> Node:
    """`def on_h_gradient(h_bar): ...; return h_bar`"""
    param = gast.Name(bar, gast.Param(), None, None)
    spec = gast.arguments([param], [], None, [], [], None, [])
    last = gast.Return(gast.Name(bar, gast.Load(), None, None))
    end = node.body[-1]
    gast.copy_location(last, end)
    gast.copy_location(last.value, end)
    made = gast.FunctionDef("on_gradient", spec, [*node.body, last], [], None, None)
    gast.copy_location(param, node)
    return gast.copy_location(made, node)


def _free(stem: str, taken: tuple[str, ...]) -> str:
    while stem in taken:
        stem += "_"
    return stem
