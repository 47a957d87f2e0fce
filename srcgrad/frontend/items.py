"""What a loop runs over: how many items there are, and how each follows from its position.

`enumerate`, `zip`, `reversed` and the views of dicts are taken apart here; `iterators.py` and
`higher.py` add what libraries and functions give.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from typing import TypeAlias

import gast

from srcgrad.frontend.context import Context, Node
from srcgrad.frontend.expressions import Op, atom
from srcgrad.frontend.lazy import SPREAD_OVER, library_call, spread_call
from srcgrad.frontend.names import resolve
from srcgrad.frontend.ranges import builtin_call, kept
from srcgrad.frontend.scopes import own_scope
from srcgrad.frontend.statics import Sequence as StaticSequence
from srcgrad.frontend.statics import at_run_time, is_static, static_of
from srcgrad.frontend.targets import assign_atom, bind
from srcgrad.ir.classes import dataclass
from srcgrad.ir.core import Atom, Const, Steady, Var

Sources: TypeAlias = tuple[tuple[str, Steady], ...]  # names, and what must not change: see `For`

# Builtins that give items one by one, by name; `calls.py` adds those that take functions.
ITEMS: dict[str, Callable[[Context, Node, str, set[str]], Items]] = {}

# Functions of libraries that do so, by dotted name; `iterators.py` has them.
LIBRARY_ITEMS: dict[str, Callable[[Context, Node, str, set[str]], Items]] = {}

# What gives items of `zip(*rows)`; `iterators.py` has it.
SPREAD_ITEMS: list[Callable[[Context, Node, Node, str, set[str]], Items]] = []

ENDLESS = Const(sys.maxsize)  # the length of `itertools.count()`


@dataclass(frozen=True, slots=True)
class Items:
    """What a loop runs over: how many, and how to assign the one at a position to a target."""

    length: Atom
    assign: Callable[[Atom, Node], None]
    plain_index: bool = False  # the item of `enumerate`: its first target is the position
    count: int = -1  # how many, where some of them are functions
    sources: Sources = ()  # names that the items are read from


def items_of(ctx: Context, node: Node, stem: str, changed: set[str]) -> Items:
    rows = spread_call(ctx, node, SPREAD_OVER)
    if rows is not None:
        return SPREAD_ITEMS[0](ctx, node, rows, stem, changed)
    name = builtin_call(ctx, node)
    count = len(node.args) if name else 0
    if name == "enumerate" and count in (1, 2):
        return _enumerate(ctx, node, stem, changed)
    if name == "zip" and count:
        return _zip(ctx, node, stem, changed)
    if name == "reversed" and count == 1 and not node.keywords:
        return _reversed(ctx, node, stem, changed)
    special = LIBRARY_ITEMS.get(library_call(ctx, node))
    if special is not None:
        return special(ctx, node, stem, changed)
    if name in ITEMS:
        return ITEMS[name](ctx, node, stem, changed)
    if _is_dict_view(ctx, node):
        return _dict_items(ctx, node.func, stem, changed)
    if isinstance(node, gast.GeneratorExp) and _is_plain(node):
        return _generated(ctx, node, stem, changed)
    return _sequence(ctx, kept(ctx, atom(ctx, node, stem), stem, changed), stem)


def _is_plain(node: Node) -> bool:
    """A generator expression that gives one item for each of its iterable."""
    clause = node.generators[0]
    return len(node.generators) == 1 and not clause.ifs and not clause.is_async


def _generated(ctx: Context, node: Node, stem: str, changed: set[str]) -> Items:
    """`(e for a in x)`: an item is made when the loop takes it."""
    node = own_scope(ctx, node)
    clause = node.generators[0]
    inner = items_of(ctx, clause.iter, stem, changed)

    def assign(k: Atom, target: Node) -> None:
        inner.assign(k, clause.target)
        assign_atom(ctx, target, atom(ctx, node.elt, stem))

    return Items(inner.length, assign, sources=inner.sources)


def _is_dict_view(ctx: Context, node: Node) -> bool:
    """`d.items()`, `d.keys()` or `d.values()`."""
    if not isinstance(node, gast.Call) or not isinstance(node.func, gast.Attribute):
        return False
    named = node.func.attr in ("items", "keys", "values")
    return named and not (node.args or node.keywords) and resolve(ctx, node.func) is None


def _sequence(ctx: Context, xs: Atom, stem: str) -> Items:
    held = static_of(ctx, xs)
    assign = partial(_assign_item, ctx, xs, stem)
    if isinstance(held, StaticSequence) and any(is_static(ctx, item) for item in held.items):
        return Items(Const(len(held.items)), assign, count=len(held.items))
    if held is not None:
        xs = at_run_time(ctx, xs)
        assign = partial(_assign_item, ctx, xs, stem)
    length = ctx.emit(stem, "builtins.len", (xs,))
    return Items(length, assign, sources=source(xs))


def _assign_item(ctx: Context, xs: Atom, stem: str, k: Atom, target: Node) -> None:
    bind(ctx, target, Op("operator.getitem", (xs, k)), stem)


def _enumerate(ctx: Context, node: Node, stem: str, changed: set[str]) -> Items:
    keywords = {k.arg: k.value for k in node.keywords}
    offset = node.args[1] if len(node.args) == 2 else keywords.pop("start", None)
    if keywords:
        ctx.problem(node, "this call of `enumerate` is not supported")
    inner = items_of(ctx, node.args[0], stem, changed)
    start = Const(0) if offset is None else kept(ctx, atom(ctx, offset, stem), stem, changed)
    from_zero = start == Const(0)

    def assign(k: Atom, target: Node) -> None:
        parts = parts_of(target, 2)
        if parts is None:
            pair = as_tuple(
                ctx, [_position(ctx, k, start, stem), item_at(ctx, inner, k, stem)], stem
            )
            assign_atom(ctx, target, pair)
            return
        if not (from_zero and isinstance(parts[0], gast.Name) and Var(parts[0].id) == k):
            op = Op("copy", (k,)) if from_zero else Op("operator.add", (k, start))
            bind(ctx, parts[0], op, stem)
        inner.assign(k, parts[1])

    return Items(inner.length, assign, from_zero, inner.count, inner.sources)


def _position(ctx: Context, k: Atom, start: Atom, stem: str) -> Atom:
    return k if start == Const(0) else ctx.emit(stem, "operator.add", (k, start))


def _zip(ctx: Context, node: Node, stem: str, changed: set[str]) -> Items:
    strict = {k.arg: k.value for k in node.keywords}.pop("strict", None)
    literal = isinstance(strict, gast.Constant)
    if len(node.keywords) > (strict is not None) or strict is not None and not literal:
        ctx.problem(node, "these keywords of `zip` are not supported", "write `strict=True`")
    inner = [items_of(ctx, arg, stem, changed) for arg in node.args]
    exact = literal and strict.value
    length = _zipped_length(ctx, [items.length for items in inner], exact, stem)

    def assign(k: Atom, target: Node) -> None:
        parts = parts_of(target, len(inner))
        if parts is None:
            values = [item_at(ctx, items, k, stem) for items in inner]
            assign_atom(ctx, target, as_tuple(ctx, values, stem))
            return
        for items, part in zip(inner, parts, strict=True):
            items.assign(k, part)

    lengths = [items.length.value for items in inner if isinstance(items.length, Const)]
    known = len(lengths) == len(inner) and any(items.count >= 0 for items in inner)
    return Items(length, assign, False, min(lengths) if known else -1, sources_of(inner))


def _zipped_length(ctx: Context, lengths: Sequence[Atom], exact: bool, stem: str) -> Atom:
    lengths = [length for length in lengths if length != ENDLESS] or [ENDLESS]
    known = {atom.value for atom in lengths if isinstance(atom, Const)}
    if len(known) == 1 and all(isinstance(atom, Const) for atom in lengths):
        return lengths[0]
    if exact and len(lengths) > 1:
        return ctx.emit(stem, "srcgrad.support.same_length", tuple(lengths))
    length = lengths[0]
    for other in lengths[1:]:
        if isinstance(length, Const) and isinstance(other, Const):
            length = Const(min(length.value, other.value))
        else:
            length = ctx.emit(stem, "builtins.min", (length, other))
    return length


def _reversed(ctx: Context, node: Node, stem: str, changed: set[str]) -> Items:
    inner = items_of(ctx, node.args[0], stem, changed)
    last = ctx.emit(stem, "operator.sub", (inner.length, Const(1)))

    def assign(k: Atom, target: Node) -> None:
        if inner.count >= 0 and isinstance(k, Const):
            inner.assign(Const(inner.count - 1 - k.value), target)
        else:
            inner.assign(ctx.emit(stem, "operator.sub", (last, k)), target)

    return Items(inner.length, assign, False, inner.count, inner.sources)


def _dict_items(ctx: Context, method: Node, stem: str, changed: set[str]) -> Items:
    """`d.items()`, `d.keys()`, `d.values()`: over a list of the keys."""
    base = kept(ctx, atom(ctx, method.value, stem), stem, changed)
    keys = ctx.emit(stem, "builtins.list", (ctx.emit(stem, "method.keys", (base,)),))
    length = ctx.emit(stem, "builtins.len", (keys,))

    def assign(k: Atom, target: Node) -> None:
        item = Op("operator.getitem", (keys, k))
        if method.attr == "keys":
            bind(ctx, target, item, stem)
            return
        parts = parts_of(target, 2) if method.attr == "items" else None
        key: Atom
        if parts is not None and isinstance(parts[0], gast.Name):
            bind(ctx, parts[0], item, stem)
            key = Var(parts[0].id)
        else:
            key = ctx.emit(stem, item.fn, item.args)
        value = Op("operator.getitem", (base, key))
        if method.attr == "values":
            bind(ctx, target, value, stem)
        elif parts is None:
            pair = [key, ctx.emit(stem, value.fn, value.args)]
            assign_atom(ctx, target, as_tuple(ctx, pair, stem))
        else:
            if not isinstance(parts[0], gast.Name):
                assign_atom(ctx, parts[0], key)
            bind(ctx, parts[1], value, stem)

    return Items(length, assign, sources=source(base))


def source(held: Atom) -> Sources:
    """What a loop takes its items from, whose length is taken once."""
    return ((held.name, "length"),) if isinstance(held, Var) else ()


def sources_of(inner: Iterable[Items]) -> Sources:
    return tuple(found for items in inner for found in items.sources)


def parts_of(target: Node, count: int) -> list[Node] | None:
    """The targets that take the items of a tuple apart, where there is one for each."""
    if not isinstance(target, gast.Tuple | gast.List) or len(target.elts) != count:
        return None
    if any(isinstance(item, gast.Starred) for item in target.elts):
        return None
    return list(target.elts)


def item_at(ctx: Context, items: Items, k: Atom, stem: str) -> Atom:
    """The item at a position as an atom."""
    name = ctx.fresh(stem)
    items.assign(k, gast.Name(name, gast.Store(), None, None))
    return Var(name)


def as_tuple(ctx: Context, atoms: Sequence[Atom], stem: str) -> Atom:
    return ctx.emit(stem, "tuple", tuple(atoms))
