"""Names, attributes, lambdas and calls in expressions, where lowering may know their value."""

from __future__ import annotations

import copy

import gast

from srcgrad.frontend import interpolators as _interpolators
from srcgrad.frontend import nested as _nested  # noqa: F401  (its handlers)
from srcgrad.frontend import respelled as _respelled  # noqa: F401  (its handlers)
from srcgrad.frontend import solvers as _solvers  # noqa: F401  (its handlers)
from srcgrad.frontend import special as _special  # noqa: F401  (its handlers)
from srcgrad.frontend.calls import ON_ATOMS, call, read
from srcgrad.frontend.context import Context, Node
from srcgrad.frontend.environment import library_name
from srcgrad.frontend.expressions import HANDLERS, SPREAD, Op, arguments, atom, method_of
from srcgrad.frontend.frozen import Frozen
from srcgrad.frontend.higher import KEYED, ON_NODES
from srcgrad.frontend.inline import define
from srcgrad.frontend.lazy import lazy_arguments, name_of
from srcgrad.frontend.names import Path, callee, read_name, read_path, resolve
from srcgrad.frontend.objects import Class, Instance, Record, Super, lift
from srcgrad.frontend.parse import CHAIN
from srcgrad.frontend.spread import by_keywords, unpacked
from srcgrad.frontend.statics import Choice, Library, Sequence, Table, User, snapshot, static_of
from srcgrad.ir.core import Atom, Const, UserFunction, Var


def _call(ctx: Context, node: Node, stem: str) -> Op | Atom:
    func = node.func
    if isinstance(func, gast.Name) and func.id == CHAIN:
        return _plain_call(ctx, node, stem)
    fn = _known_callee(ctx, func, stem)
    higher = static_of(ctx, fn) if isinstance(fn, Var) else None
    keyed = any(keyword.arg == "key" for keyword in node.keywords)
    if isinstance(higher, Library) and higher.dotted in KEYED and not keyed:
        fn = None
    if fn is None:
        return _plain_call(ctx, lazy_arguments(ctx, node), stem)
    if isinstance(fn, Op):
        return _method(ctx, fn, node, stem)
    found = static_of(ctx, fn)
    if found is None:
        args, kwargs = arguments(ctx, node, stem)
        return Op("call", (fn, *args), kwargs)
    if isinstance(found, Library):
        return _library(ctx, found.dotted, node, stem)
    args, kwargs = arguments(ctx, node, stem, fn)
    ctx.node = node
    return call(ctx, fn, args, kwargs, stem)


def _known_callee(ctx: Context, func: Node, stem: str) -> Atom | Op | None:
    """The callee as an atom; the receiver of a method (an `Op`), if it is static; else None."""
    if isinstance(func, gast.Name):
        if func.id in ctx.statics:
            return atom(ctx, func, stem)
        if ctx.is_local(func.id):
            return None
    path = resolve(ctx, func)
    if path is not None:
        return _of_path(ctx, path, func)
    if not isinstance(func, gast.Attribute):
        return None if isinstance(func, gast.Name) else atom(ctx, func, stem)
    base = func.value
    if isinstance(base, gast.Name) and ctx.is_local(base.id) and base.id not in ctx.statics:
        return None
    return Op(func.attr, (_base(ctx, base, stem),))


def _of_path(ctx: Context, path: Path, func: Node) -> Atom | None:
    fn = callee(ctx, path)
    if isinstance(fn, UserFunction):
        return ctx.static(User(fn, path.root if not path.depth else ""))
    if path.obj is not None and not library_name(path.obj):
        lifted = lift(ctx, path.obj, None if path.depth else Var(path.root))
        if lifted is not None:
            return lifted
    if fn in ON_NODES or fn in ON_ATOMS:
        return ctx.static(Library(str(fn)))
    return None


def _method(ctx: Context, receiver: Op, node: Node, stem: str) -> Op | Atom:
    (base,) = receiver.args
    found = static_of(ctx, base)
    if isinstance(found, Sequence) and found.kind == "list" and receiver.fn == "append":
        args, _ = arguments(ctx, node, stem)
        if ctx.depth != found.depth or len(args) != 1:
            return ctx.problem(
                node,
                "a list of functions changes in a branch, a loop or a callee",
                "write the list out",
            )
        found.items.append(snapshot(ctx, args[0]))
        return Const(None)
    if isinstance(found, Table) and receiver.fn == "get":
        args, _ = arguments(ctx, node, stem)
        if args and isinstance(args[0], Const):
            return found.items.get(args[0], args[1] if len(args) > 1 else Const(None))
    if isinstance(found, Record | Instance | Class | Super | Choice | Frozen):
        method = read(ctx, found, str(receiver.fn), node.func, stem)
        fn = ctx.emit(stem, method.fn, method.args) if isinstance(method, Op) else method
        args, kwargs = arguments(ctx, node, stem)
        ctx.node = node
        return call(ctx, fn, args, kwargs, stem)
    if found is not None:
        return method_of(ctx, base, node, stem)
    node, value = copy.copy(node), node.func.value
    node.func = copy.copy(node.func)
    if isinstance(base, Const):
        known = gast.Constant(base.value, None)
    else:
        known = name_of(base.name, value)
    node.func.value = gast.copy_location(known, value)
    return _plain_call(ctx, lazy_arguments(ctx, node), stem)


def _library(ctx: Context, dotted: str, node: Node, stem: str) -> Op | Atom:
    special = ON_NODES.get(dotted)
    if special is not None:
        return special(ctx, node, stem)
    args, kwargs = arguments(ctx, lazy_arguments(ctx, node), stem, ctx.static(Library(dotted)))
    handler = ON_ATOMS.get(dotted)
    ctx.node = node
    return handler(ctx, args, kwargs) if handler else Op(dotted, args, kwargs)


def _lambda(ctx: Context, node: Node, stem: str) -> Atom:
    return define(ctx, node, "<lambda>")


def _path(ctx: Context, node: Node, stem: str) -> Op | Atom:
    """A path to a function, as a value."""
    path = resolve(ctx, node)
    if path is not None and path.obj is not None and not library_name(path.obj):
        lifted = lift(ctx, path.obj, None)
        if lifted is not None:
            return lifted
    if path is not None:
        user = ctx.env.user_function(path.obj)
        if user is not None:
            return ctx.static(User(user, ""))
        return read_path(ctx, path, node, stem)
    base = _base(ctx, node.value, stem)
    found = static_of(ctx, base)
    if found is None:
        return Op(f"attr.{node.attr}", (base,))
    return read(ctx, found, node.attr, node, stem)


def _base(ctx: Context, node: Node, stem: str) -> Atom:
    """What an attribute is taken of: an object itself, where a loop carries it."""
    if isinstance(node, gast.Name) and node.id in ctx.carried and node.id in ctx.statics:
        ctx.rewritten += 1
        return ctx.static(ctx.statics[node.id])
    return atom(ctx, node, stem)


def _global(ctx: Context, node: Node, stem: str) -> Atom:
    """A name; an object of the module's that lowering can take apart."""
    found = read_name(ctx, node, stem)
    if isinstance(found, Var) and not ctx.is_local(node.id):
        binding = ctx.binding(node.id)
        if binding is not None and binding.glob.kind == "opaque":
            return lift(ctx, binding.obj, found) or found
    return found


ON_ATOMS.update(_interpolators.HANDLERS)
_plain_call = HANDLERS["Call"]
HANDLERS.update({"Attribute": _path, "Call": _call, "Lambda": _lambda, "Name": _global})
SPREAD.update(unpacked=unpacked, by_keywords=by_keywords)
