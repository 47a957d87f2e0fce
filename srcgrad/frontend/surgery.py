"""`with on_gradient(h) as h_bar:` -> a function of `h_bar`, which the derivative calls.

For the program it is `h = h_hooked(h)`, a function that gives what it is given. The same of
`gradient_of(h, hook)`, where the function calls the hook.
"""

from __future__ import annotations

from dataclasses import replace

import gast

from srcgrad.frontend.calls import Kwargs, call
from srcgrad.frontend.context import Context, Node, walk_scope
from srcgrad.frontend.expressions import Op, atom, method_of
from srcgrad.frontend.higher import ON_NODES
from srcgrad.frontend.inline import define
from srcgrad.frontend.lazy import library_call, name_of
from srcgrad.frontend.lifting import lifted
from srcgrad.frontend.names import resolve
from srcgrad.frontend.nested import written_out
from srcgrad.frontend.statics import Function as Called
from srcgrad.frontend.statics import is_static, shown, static_of
from srcgrad.ir.classes import dataclass
from srcgrad.ir.core import Assign, Atom, Const, Exit, Function, Global, If, Param, Stmt, Var
from srcgrad.ir.walk import walk
from srcgrad.rules.registry import lookup

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
    hooked = _hooked(ctx, Var(name), stem, bar, fn)
    if hooked is not None:
        ctx.assign((name,), hooked.fn, hooked.args)
    ctx.unit = -1


def _hooked(ctx: Context, value: Var, stem: str, bar: str, fn: Var) -> Op | None:
    """The call of a function that gives `value`, whose gradient goes through `fn`."""
    made = lifted(ctx, f"on_{stem}_gradient", fn, [bar], {bar: value}, {bar}, stem)
    if made is None:
        return None
    taken = {*ctx.locals, *ctx.globals}
    line = ctx.units[ctx.unit].line
    doc = f"What is done with the gradient of `{stem}` on line {line}."
    hook = ctx.env.requests.lift(replace(made.fn, doc=doc), taken)
    ctx.globals[hook.name] = Global(hook.name, "function", "", hook)
    params = (Param(_free(stem, made.captured_names)), *map(Param, made.captured_names))
    body = (Exit("return", Var(params[0].name)),)
    file = ctx.file.name
    whole = Function(f"{stem}_hooked", params, body, {}, ctx.globals, "", file, line, hook=hook)
    hooked = ctx.env.requests.lift(whole, taken)
    ctx.globals[hooked.name] = Global(hooked.name, "function", "", hooked)
    return Op(hooked, (value, *map(Var, made.captured)))


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


# --- `gradient_of(h, hook)`

_GIVING_NONE = ("builtins.print", "method.append", "method.extend", "method.update")
_HOOK = "write `h = gradient_of(h, hook)`, with a function `hook` of one argument"


@dataclass(eq=False)
class _Passing(Called):
    """A function of the gradient: what the hook gives, or the gradient where that is None.

    `method`: the call of a method of `receiver`, a value that is known at run time only.
    """

    hook: Atom
    method: Node | None = None

    def called(self, ctx: Context, args: tuple[Atom, ...], kwargs: Kwargs) -> Atom:
        (bar,) = args
        with ctx.collect() as code:
            made = self.result(ctx, bar)
            found: Atom = Const(None)
            if not isinstance(made, Op):
                found = made
            elif made.fn in _GIVING_NONE:
                ctx.assign((), made.fn, made.args, made.kwargs)
            else:
                found = ctx.emit("passed", made.fn, made.args, made.kwargs)
        ctx.block.extend(code)
        if _is_none(found, code):
            return bar
        if not isinstance(found, Var) or _is_some(found, code):
            return found
        result = ctx.variable("passed")
        test = ctx.emit("test", "operator.is_", (found, Const(None)))
        then = Assign((result,), "copy", (bar,), unit=ctx.unit)
        orelse = Assign((result,), "copy", (found,), unit=ctx.unit)
        ctx.add(If(test, (then,), (orelse,), "ifexp", ctx.unit))
        return Var(result)

    def result(self, ctx: Context, bar: Atom) -> Op | Atom:
        if self.method is None:
            return call(ctx, self.hook, (bar,), (), "passed")
        assert isinstance(bar, Var)
        ctx.known.add(bar.name)
        made = gast.Call(self.method, [name_of(bar.name, self.method)], [])
        return method_of(ctx, self.hook, gast.copy_location(made, self.method), "passed")


def _is_none(value: Atom, code: list[Stmt]) -> bool:
    """True for the result of a function that returns nothing, on none of its paths."""
    if not isinstance(value, Var):
        return value == Const(None)
    made = _assignments(value, code)
    return bool(made) and all(
        s.fn in _GIVING_NONE or s.fn == "copy" and s.args == (Const(None),) for s in made
    )


def _is_some(value: Var, code: list[Stmt]) -> bool:
    """True for the result of arithmetic, which is not None."""
    made = _assignments(value, code)
    found = [lookup(s.fn) if isinstance(s.fn, str) else None for s in made]
    return bool(made) and all(one is not None and one.elementwise for one in found)


def _assignments(value: Var, code: list[Stmt]) -> list[Assign]:
    return [s for s in walk(tuple(code)) if isinstance(s, Assign) and value.name in s.targets]


def _gradient_of(ctx: Context, node: Node, stem: str) -> Op | Atom:
    given = {keyword.arg: keyword.value for keyword in node.keywords}
    parts = [*node.args, *(given.pop(n) for n in ("value", "hook") if n in given)]
    if given or len(parts) != 2 or any(isinstance(part, gast.Starred) for part in parts):
        return ctx.problem(node, "this call of `gradient_of` is not known", _HOOK)
    value = atom(ctx, parts[0], stem)
    hook = _hook(ctx, parts[1])
    if is_static(ctx, value) or isinstance(hook.hook, Const):
        return ctx.problem(node, "this use of `gradient_of` is not known", _HOOK)
    if not isinstance(value, Var):
        return value  # a constant
    ctx.rewritten += 1
    stem = shown(stem)
    found = _hooked(ctx, value, stem, f"{stem}_bar", ctx.static(hook))
    return Const(None) if found is None else found


def _hook(ctx: Context, node: Node) -> _Passing:
    """What is called: a function that lowering knows, a method or an object of the run."""
    if isinstance(node, gast.Attribute) and resolve(ctx, node) is None:
        base = atom(ctx, node.value, "hook")
        if static_of(ctx, base) is None:
            return _Passing(base, node)
    fn = atom(ctx, node, "hook")
    return _Passing(written_out(ctx, fn) if isinstance(fn, Var) and is_static(ctx, fn) else fn)


ON_NODES["srcgrad.gradient_of"] = ON_NODES["srcgrad.surgery.gradient_of"] = _gradient_of
