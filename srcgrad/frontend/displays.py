"""Displays with `*` and `**` in them, and sets: built piece by piece, as a loop would."""

from __future__ import annotations

import gast

from srcgrad.frontend.comprehensions import loops
from srcgrad.frontend.context import Context, Node
from srcgrad.frontend.expressions import HANDLERS, Op, atom
from srcgrad.ir.core import Atom, Store, Var


def _sequence(ctx: Context, node: Node, stem: str) -> Op | Atom:
    """`[a, *b]` appends each item of `b`; a tuple is made from such a list."""
    if not any(isinstance(item, gast.Starred) for item in node.elts):
        return _PLAIN[type(node).__name__](ctx, node, stem)
    name = ctx.fresh(stem)
    ctx.assign((name,), "list", ())
    for item in node.elts:
        if isinstance(item, gast.Starred):
            _append_all(ctx, item, name, stem)
        else:
            ctx.assign((), "method.append", (Var(name), atom(ctx, item, stem)))
    return Var(name) if isinstance(node, gast.List) else Op("builtins.tuple", (Var(name),))


def _append_all(ctx: Context, node: Node, name: str, stem: str) -> None:
    item = _name(ctx, stem, node)
    loop = _loop(item, node.value, item)
    loops(ctx, loop, lambda: ctx.assign((), "method.append", (Var(name), Var(item.id))))


def _set(ctx: Context, node: Node, stem: str) -> Op:
    items = gast.copy_location(gast.Tuple(node.elts, gast.Load()), node)
    return Op("builtins.set", (atom(ctx, items, stem),))


def _dict(ctx: Context, node: Node, stem: str) -> Op | Atom:
    """`{**a, "k": b}` stores each item of `a`."""
    if None not in node.keys:
        return _PLAIN["Dict"](ctx, node, stem)
    name = ctx.fresh(stem)
    ctx.assign((name,), "dict", ())
    for key, value in zip(node.keys, node.values, strict=True):
        if key is None:
            ctx.assign((), "method.update", (Var(name), atom(ctx, value, stem)))
        else:
            place = atom(ctx, key, stem)
            ctx.add(Store(Var(name), place, atom(ctx, value, stem), "set", ctx.unit))
    return Var(name)


def _name(ctx: Context, stem: str, place: Node) -> Node:
    """A target that no other name stands in the way of."""
    name = ctx.fresh(stem)
    ctx.locals.add(name)
    return gast.copy_location(gast.Name(name, gast.Store(), None, None), place)


def _loop(target: Node, iterable: Node, element: Node) -> Node:
    clause = gast.comprehension(target, iterable, [], 0)
    return gast.copy_location(gast.GeneratorExp(element, [clause]), iterable)


_PLAIN = {name: HANDLERS[name] for name in ("List", "Tuple", "Dict")}
HANDLERS.update({"List": _sequence, "Tuple": _sequence, "Set": _set, "Dict": _dict})
