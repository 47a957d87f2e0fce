"""Calls of functions that lowering knows, written out where they stand.

The parameters and locals of the callee become variables of the caller under fresh names. Names it
captures are the caller's own variables, so that late binding, `nonlocal`, and closures over active
values mean here what they mean in Python.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import gast

from srcgrad.frontend.binding import bind_arguments
from srcgrad.frontend.context import Context, Frame, Node, stored_names
from srcgrad.frontend.exits import normalise
from srcgrad.frontend.expressions import atom
from srcgrad.frontend.renaming import (
    assigned_inside,
    free_names,
    has_functions,
    local_names,
    parameters,
    renamed,
    starred_names,
    statements,
)
from srcgrad.frontend.scopes import read_past_loops
from srcgrad.frontend.source import lambda_body
from srcgrad.frontend.statics import (
    Choice,
    Closure,
    Unknown,
    is_static,
    shown,
    snapshot,
    static_of,
)
from srcgrad.ir.core import Assign, Atom, Block, Const, Exit, If, Stmt, Var
from srcgrad.ir.walk import rebuild

MOST = 400  # calls written out in one function
DEEPEST = 30  # of one function inside itself
LowerBody = Callable[[Context, list[Node]], None]

_LITERALS = (bool, int, float, complex, str, type(None))


def inline(
    ctx: Context,
    fn: Closure,
    args: Sequence[Atom],
    kwargs: Mapping[str, Atom],
    stem: str,
    lower_body: LowerBody,
) -> Atom:
    """Lower the body of `fn` here; the value it returns."""
    place = ctx.node
    if not _allowed(ctx, fn):
        return Const(None)
    if ctx.attempts and any(isinstance(node, gast.Nonlocal) for node in gast.walk(fn.node)):
        return ctx.problem(
            ctx.node,
            f"`{fn.name}` assigns names of its surroundings where an exception is caught",
            "call it before or after the `try`",
        )
    given = bind_arguments(ctx, fn, args, kwargs)
    if given is None:
        return Const(None)
    outer = ctx.unit, ctx.file, ctx.volatile
    ctx.inlined += 1
    ctx.rewritten += 1
    tree = _own_copy(ctx, fn, given)
    ctx.past |= read_past_loops([tree])
    frame = Frame(fn, unit=ctx.unit, first=args[0] if args else None)
    ctx.frames.append(frame)
    ctx.file = fn.file
    with ctx.inner_block() as block:
        _lower(ctx, tree, lower_body)
        body = list(normalise(ctx, tuple(block)))
    ctx.frames.pop()
    ctx.unit, ctx.file, ctx.volatile = outer
    ctx.node = place
    _settle(ctx, frame)
    return _result(ctx, frame, body, stem)


def _allowed(ctx: Context, fn: Closure) -> bool:
    depth = sum(frame.closure.node is fn.node for frame in ctx.frames)
    if ctx.inlined >= MOST or depth >= DEEPEST:
        ctx.problem(
            ctx.node,
            f"`{fn.name}` calls itself, or is called, too often to be written out",
            "define it in the module, and pass numbers and arrays only",
        )
        return False
    return True


def _own_copy(ctx: Context, fn: Closure, given: Mapping[str, Atom]) -> Node:
    """The callee's tree with names of its own, its parameters bound."""
    tree = fn.node
    names: dict[str, Any] = {}

    def fresh(name: str) -> str:
        new = ctx.variable(name)
        ctx.locals.add(new)
        return new

    changed = assigned_inside(tree)
    stored = changed | stored_names(*statements(tree))
    kept = has_functions(tree)  # what it returns may read its variables long after
    for name in parameters(tree.args):
        value = given[name]
        literal = isinstance(value, Const) and type(value.value) in _LITERALS
        if literal and name not in stored:
            assert isinstance(value, Const)
            names[name] = gast.Constant(value.value, None)
        elif isinstance(value, Var) and name not in stored and not is_static(ctx, value):
            names[name] = _bound(ctx, name, value, kept)
        else:
            names[name] = fresh(name)
            ctx.copy(names[name], value)
    for name in sorted(local_names(tree) - set(names)):
        names[name] = fresh(name)
    ctx.cells |= {names[n] for n in changed & names.keys() if isinstance(names[n], str)}
    if fn.foreign:
        for name in sorted(free_names(tree) - names.keys()):
            names[name] = _foreign(ctx, fn, name)
    new = _with_body(tree, names, fresh)
    ctx.starred |= starred_names([new])
    return new


def _bound(ctx: Context, name: str, value: Var, kept: bool) -> str:
    """The variable that a parameter is, which nothing in the callee assigns."""
    own = "@" not in value.name or "@v" in value.name
    if own and not kept:  # the caller's own variable: it does not change while the callee runs
        return value.name
    found = ctx.settled(name, value)
    assert isinstance(found, Var)
    return found.name


def _foreign(ctx: Context, fn: Closure, name: str) -> str:
    for spelled, (env, own) in ctx.foreign.items():
        if env is fn.env and own == name:
            return spelled
    spelled = f"{name}@g{len(ctx.foreign) + 1}"
    ctx.foreign[spelled] = (fn.env, name)
    return spelled


def _with_body(tree: Node, names: Mapping[str, Any], fresh: Callable[[str], str]) -> Node:
    if isinstance(tree, gast.Lambda):
        new: Node = gast.Lambda(tree.args, renamed(tree.body, names, fresh))
    else:
        body = [renamed(part, names, fresh) for part in tree.body]
        new = gast.Module(body, [])
    new.origin = tree
    return new


def _lower(ctx: Context, tree: Node, lower_body: LowerBody) -> None:
    if isinstance(tree, gast.Lambda):
        origin = tree.origin
        with ctx.simple(origin.body, lambda_body(ctx.file, origin)):
            leave(ctx, atom(ctx, tree.body, "out"))
        return
    lower_body(ctx, tree.body)


def leave(ctx: Context, value: Atom) -> None:
    """`return value`, from the function at hand."""
    if ctx.frames:
        frame = ctx.frames[-1]
        frame.exits.append(dict(ctx.statics))
        found = static_of(ctx, value)
        if found is not None:
            value = Const(len(frame.returned))
            frame.returned.append(found)
        else:
            frame.plain = True
    ctx.add(Exit("return", value, ctx.unit))


def _settle(ctx: Context, frame: Frame) -> None:
    """Names that hold one function at one `return`, and another one at another."""
    for known in frame.exits:
        for name in known.keys() | ctx.statics.keys():
            if known.get(name) is not ctx.statics.get(name) and name in ctx.cells:
                reason = f"`{shown(name)}` is a function on some paths only"
                ctx.statics[name] = Unknown(reason)


def _result(ctx: Context, frame: Frame, body: list[Stmt], stem: str) -> Atom:
    """Add the callee's statements; the value they end with."""
    if frame.returned:
        return _static_result(ctx, frame, body)
    last = body[-1] if body else None
    if isinstance(last, Exit) and sum(map(_returns, body)) == 1:
        ctx.block.extend(body[:-1])
        ctx.unit = frame.unit
        assert last.value is not None
        value = last.value
        own = isinstance(value, Var) and ("@" not in value.name or "@v" in value.name)
        if isinstance(value, Var) and own and value.name not in ctx.cells:
            return value
        return ctx.settled(stem, value)
    result = ctx.variable(stem)
    ctx.block.extend(_assigning(tuple(body), result))
    ctx.known.add(result)
    return Var(result)


def _static_result(ctx: Context, frame: Frame, body: list[Stmt]) -> Atom:
    mixed = frame.plain or any(e.value == Const(None) for e in _exits(tuple(body)))
    if mixed:
        return ctx.problem(
            ctx.node,
            f"`{frame.closure.name}` returns a function on some paths only",
            "return one on every path",
        )
    if len(frame.returned) == 1:
        ctx.block.extend(_assigning(tuple(body), ""))
        return ctx.static(frame.returned[0])
    which = ctx.variable("which")
    ctx.block.extend(_assigning(tuple(body), which))
    return ctx.static(Choice(Var(which), tuple(ctx.static(value) for value in frame.returned)))


def _exits(block: Block) -> list[Exit]:
    found: list[Exit] = []
    for stmt in block:
        if isinstance(stmt, Exit) and stmt.kind == "return":
            found.append(stmt)
        elif isinstance(stmt, If):
            found += _exits(stmt.then) + _exits(stmt.orelse)
    return found


def _returns(stmt: Stmt) -> int:
    return len(_exits((stmt,)))


def _assigning(block: Block, result: str) -> Block:
    """The block with `result = value` in place of each `return value`."""
    out: list[Stmt] = []
    for stmt in block:
        if isinstance(stmt, Exit) and stmt.kind == "return":
            assert stmt.value is not None
            if result:
                out.append(Assign((result,), "copy", (stmt.value,), unit=stmt.unit))
        else:
            out.append(rebuild(stmt, lambda inner: _assigning(inner, result)))
    return tuple(out)


def define(ctx: Context, node: Node, name: str) -> Var:
    """The value of a `def` or `lambda`: its defaults are evaluated now."""
    args = node.args
    plain = [*args.posonlyargs, *args.args]
    pairs = [*zip(plain[len(plain) - len(args.defaults) :], args.defaults, strict=True)]
    pairs += [(a, d) for a, d in zip(args.kwonlyargs, args.kw_defaults, strict=True) if d]
    defaults = {p.id: snapshot(ctx, atom(ctx, default, p.id)) for p, default in pairs}
    return ctx.static(Closure(node, ctx.env, ctx.file, name, defaults))
