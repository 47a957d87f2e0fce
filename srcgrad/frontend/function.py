"""One function, located in its file -> an IR function, or every reason why not."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import gast

from srcgrad.errors import UnsupportedError
from srcgrad.frontend.arguments import take_apart
from srcgrad.frontend.calls import call
from srcgrad.frontend.context import Context, Node, stored_names, walk_scope
from srcgrad.frontend.deleted import without_deletions
from srcgrad.frontend.descend import descend
from srcgrad.frontend.environment import Environment
from srcgrad.frontend.exits import nesting, normalise
from srcgrad.frontend.expressions import Op, atom
from srcgrad.frontend.imports import take_imports
from srcgrad.frontend.objects import receiver_of
from srcgrad.frontend.outside import refuse_kept_defaults, refuse_writes
from srcgrad.frontend.parse import to_gast
from srcgrad.frontend.renaming import assigned_inside, free_names, starred_names
from srcgrad.frontend.requests import Rules
from srcgrad.frontend.scopes import outer_names, read_past_loops
from srcgrad.frontend.source import Located, lambda_body
from srcgrad.frontend.statements import lower_body
from srcgrad.frontend.statics import User
from srcgrad.frontend.subset import refusal
from srcgrad.ir.core import Assign, Block, Exit, Function, Global, Param, UserFunction, Var

_DEEPEST = 60  # Python itself stops at 100 levels of indentation


def lower_function(
    located: Located,
    env: Environment,
    defaults: Mapping[str, Any],
    receiver: Any = None,
    wrapper: UserFunction | None = None,
    classes: Mapping[str, type] | None = None,
) -> Function:
    """Lower one function. `defaults`: values of parameters' defaults, where they are known.

    `receiver`: the object that the first parameter stands for, if that is known. `wrapper`: what
    decorators made of the function, to be called in its place. `classes`: of parameters that are
    dataclasses, to be taken apart.

    Raises `UnsupportedError` with all problems of the function.
    """
    tree = to_gast(located.file, located.node)
    ctx = Context(located.file, env, set(), set())
    _check_signature(ctx, tree)
    params = _params(ctx, tree.args, defaults)
    names = {param.name for param in params}
    stored = stored_names(*_statements(tree))
    ctx.locals = names | stored
    ctx.known = set(names)
    ctx.statements = _statements(tree)
    ctx.past = read_past_loops(ctx.statements)
    there = set(map(type, descend(*ctx.statements)))  # most functions have none of these
    if not there.isdisjoint((gast.Import, gast.ImportFrom)):
        take_imports(ctx, ctx.statements)
    ctx.cells = assigned_inside(tree) if gast.Nonlocal in there else set()
    if not there.isdisjoint((gast.Starred, gast.keyword)):
        ctx.starred = starred_names(ctx.statements)
    ctx.steady = names - stored - ctx.cells
    ctx.outer = outer_names(ctx.statements)
    doc = ""
    if receiver is not None and params:
        receiver_of(ctx, params[0].name, receiver)
    for name, cls in (classes or {}).items():
        take_apart(ctx, name, cls)
    try:
        doc = _lower(ctx, tree) if wrapper is None else _call(ctx, tree, params, wrapper)
        body = _finish(ctx, tree)
        refuse_kept_defaults(ctx, body, params)
    except RecursionError:
        ctx.problem(tree, "an expression or block is nested too deeply", "split it up")
    if ctx.problems:
        raise UnsupportedError(ctx.problems)
    line = located.file.span(tree)[0]
    file = located.file.name
    read = tuple(ctx.guards)
    made = Function(located.name, params, body, ctx.units, ctx.globals, doc, file, line, read)
    return replace(made, changes=ctx.changes) if ctx.changes else made


def function_with_rule(
    located: Located,
    env: Environment,
    defaults: Mapping[str, Any],
    rules: Rules,
) -> Function:
    """A function that carries a rule: as it is, or else its parameters and what its text reads."""
    found = [rule for rule in (rules.rule, rules.tangent) if rule is not None]
    carried = {rule.name: Global(rule.name, "function", "", rule) for rule in found}
    try:
        known = lower_function(located, env, defaults)
    except UnsupportedError:
        pass
    else:
        return _ruled(replace(known, globals={**known.globals, **carried}), rules)
    tree = to_gast(located.file, located.node)
    ctx = Context(located.file, env, set(), set())
    _check_signature(ctx, tree)
    params = _params(ctx, tree.args, defaults)
    if any(p.kind != "plain" for p in params):
        ctx.problem(tree, "a function with a rule takes its arguments by name and position")
    for name in sorted(free_names(tree)):
        ctx.binding(name)
    if ctx.problems:
        raise UnsupportedError(ctx.problems)
    ctx.globals.update(carried)
    own = UserFunction(located.name, "")
    body: Block = (Assign(("out@1",), "srcgrad.opaque", ()), Exit("return", Var("out@1")))
    line, file = located.file.span(tree)[0], located.file.name
    return _ruled(Function(own.name, params, body, {}, ctx.globals, "", file, line), rules)


def _ruled(fn: Function, rules: Rules) -> Function:
    return replace(fn, rule=rules.rule, pushes=rules.pushes, tangent=rules.tangent)


def call_of(fn: Function, own: UserFunction) -> Function:
    """A program that is one call of a function."""
    args = tuple(Var(p.name) for p in fn.params)
    body: Block = (Assign(("out@1",), own, args), Exit("return", Var("out@1")))
    names = {own.name: Global(own.name, "function", "", own)}
    return replace(fn, body=body, units={}, globals=names, rule=None)


def _statements(tree: Node) -> list[Node]:
    return [tree.body] if isinstance(tree, gast.Lambda) else list(tree.body)


def _lower(ctx: Context, tree: Node) -> str:
    """Lower the body into the context's block; the docstring."""
    if isinstance(tree, gast.Lambda):
        with ctx.simple(tree.body, lambda_body(ctx.file, tree)):
            ctx.add(Exit("return", atom(ctx, tree.body, "out"), ctx.unit))
        return ""
    first, *others = tree.body
    if not isinstance(first, gast.Expr) or not isinstance(first.value, gast.Constant):
        lower_body(ctx, tree.body)
        return ""
    lower_body(ctx, others)
    return first.value.value if isinstance(first.value.value, str) else ""


def _call(ctx: Context, tree: Node, params: tuple[Param, ...], wrapper: UserFunction) -> str:
    """A decorated function: a call of what the decorators made of it."""
    if any(p.kind in ("varargs", "varkw") for p in params):
        ctx.problem(tree, "a decorated function with `*args` is not supported", "name them")
    args = tuple(Var(p.name) for p in params if p.kind in ("positional", "plain"))
    kwargs = tuple((p.name, Var(p.name)) for p in params if p.kind == "keyword")
    shown = ", ".join(p.name for p in params)
    with ctx.simple(tree, f"return {wrapper.name}({shown})"):
        ctx.node = tree
        found = call(ctx, ctx.static(User(wrapper)), args, kwargs, "out")
        value = (
            ctx.emit("out", found.fn, found.args, found.kwargs) if isinstance(found, Op) else found
        )
        ctx.add(Exit("return", value, ctx.unit))
    return ""


def _finish(ctx: Context, tree: Node) -> Block:
    body = without_deletions(ctx, normalise(ctx, tuple(ctx.block)))
    refuse_writes(ctx, body, ctx.objects)
    if nesting(body) > _DEEPEST:
        ctx.problem(
            tree,
            "too many blocks, or early exits one after another, are nested in this function",
            "split it into functions",
        )
    return body


def _check_signature(ctx: Context, tree: Node) -> None:
    if isinstance(tree, gast.AsyncFunctionDef):
        ctx.problem(tree, *refusal(tree))


def _params(ctx: Context, args: Node, defaults: Mapping[str, Any]) -> tuple[Param, ...]:
    plain = [*args.posonlyargs, *args.args]
    given = [None] * (len(plain) - len(args.defaults)) + list(args.defaults)
    out = []
    for i, (node, default) in enumerate(zip(plain, given, strict=True)):
        kind = "positional" if i < len(args.posonlyargs) else "plain"
        out.append(_param(ctx, node, kind, default, defaults))
    if args.vararg is not None:
        out.append(Param(args.vararg.id, "varargs"))
    for node, default in zip(args.kwonlyargs, args.kw_defaults, strict=True):
        out.append(_param(ctx, node, "keyword", default, defaults))
    if args.kwarg is not None:
        out.append(Param(args.kwarg.id, "varkw"))
    return tuple(out)


def _param(
    ctx: Context, node: Node, kind: Any, default: Node | None, values: Mapping[str, Any]
) -> Param:
    text = None if default is None else ctx.file.segment(default)
    annotation = None if node.annotation is None else ctx.file.segment(node.annotation)
    known = default is not None and node.id in values
    if default is not None:  # names in the text of a default are free names of the program too
        for inner in walk_scope(default):
            if isinstance(inner, gast.Name):
                ctx.binding(inner.id)
    return Param(node.id, kind, text, annotation, known, values.get(node.id) if known else None)
