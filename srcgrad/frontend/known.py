"""Sequences and tables that a call spreads over its parameters, where lowering knows their items.

These are containers that lowering keeps, displays, parts and sums of such, and containers of the
surroundings. The derivative is made anew when one of the latter holds other items.
"""

from __future__ import annotations

from typing import Any

import gast

from srcgrad.frontend.context import Context, Node
from srcgrad.frontend.expressions import HANDLERS, SPREAD, Op, atom
from srcgrad.frontend.higher import ON_NODES
from srcgrad.frontend.lazy import lazy_arguments
from srcgrad.frontend.names import resolve
from srcgrad.frontend.objects import constant
from srcgrad.frontend.statics import Sequence, Table, constant_of, snapshot, static_of
from srcgrad.frontend.watching import watch
from srcgrad.ir.core import Assign, Atom, Const, Var
from srcgrad.ir.walk import read_names

Items = tuple[Atom, ...]
_PLAIN = (bool, int, float, complex, str, type(None), type(Ellipsis))


def sequence_of(ctx: Context, node: Node, stem: str) -> Items | None:
    """The items of an expression; None where it is not known how many there are."""
    if isinstance(node, gast.Tuple | gast.List):
        return _display(ctx, node, stem)
    if isinstance(node, gast.BinOp) and isinstance(node.op, gast.Add):
        left, right = (sequence_of(ctx, side, stem) for side in (node.left, node.right))
        return None if left is None or right is None else (*left, *right)
    if isinstance(node, gast.Subscript) and isinstance(node.slice, gast.Slice):
        parts = (node.slice.lower, node.slice.upper, node.slice.step)
        bounds = [Const(None) if p is None else _bound(ctx, p, stem) for p in parts]
        whole = sequence_of(ctx, node.value, stem)
        if whole is None or not all(isinstance(bound, Const) for bound in bounds):
            return None
        return whole[slice(*(bound.value for bound in bounds if isinstance(bound, Const)))]
    if isinstance(node, gast.Call) and len(node.args) == 1 and not node.keywords:
        path = resolve(ctx, node.func)
        if path is not None and path.dotted in ("builtins.list", "builtins.tuple"):
            return sequence_of(ctx, node.args[0], stem)
    return items_of(ctx, atom(ctx, node, stem), stem)


def _bound(ctx: Context, node: Node, stem: str) -> Atom:
    """A whole number that is written, or computed of names of the surroundings: `n + 1`."""
    if not isinstance(node, gast.BinOp) or type(node.op) not in (gast.Add, gast.Sub):
        return constant_of(ctx, atom(ctx, node, stem))
    left, right = (_bound(ctx, side, stem) for side in (node.left, node.right))
    sides = [s.value for s in (left, right) if isinstance(s, Const) and type(s.value) is int]
    if len(sides) < 2:
        return atom(ctx, node, stem)
    return Const(sides[0] + (sides[1] if isinstance(node.op, gast.Add) else -sides[1]))


def _display(ctx: Context, node: Node, stem: str) -> Items | None:
    items: list[Atom] = []
    for item in node.elts:
        if not isinstance(item, gast.Starred):
            items.append(atom(ctx, item, stem))
            continue
        inner = sequence_of(ctx, item.value, stem)
        if inner is None:
            return None
        items += inner
    return tuple(items)


def items_of(ctx: Context, value: Atom, stem: str) -> Items | None:
    """The items of a tuple or list, where it is known how many there are; else None."""
    found = static_of(ctx, value)
    if isinstance(found, Sequence):
        return tuple(found.items)
    if not isinstance(value, Var):
        return None
    if "@" in value.name and "@v" not in value.name:
        for stmt in reversed(ctx.block):
            if isinstance(stmt, Assign) and value.name in stmt.targets:
                return stmt.args if stmt.fn in ("tuple", "list") else None
            if value.name in read_names((stmt,)):
                return None  # a list that a comprehension fills
        return None
    held = _surroundings(ctx, value)
    if type(held) is list:
        watch(ctx, held, range(len(held)))
    if type(held) not in (tuple, list):
        return None
    return tuple(_item(ctx, item, value, k, stem) for k, item in enumerate(held))


def table_of(ctx: Context, value: Atom, stem: str) -> dict[str, Atom] | None:
    """The items of a dict, where its keys are known and are texts; else None."""
    found = static_of(ctx, value)
    if isinstance(found, Table):
        table = {key.value: item for key, item in found.items.items()}
    else:
        held = _surroundings(ctx, value) if isinstance(value, Var) else None
        if type(held) is not dict:
            return None
        watch(ctx, held, held)
        table = {key: _item(ctx, item, value, key, stem) for key, item in held.items()}
    return table if all(type(key) is str for key in table) else None


def _surroundings(ctx: Context, value: Var) -> Any:
    """What a name of the surroundings holds."""
    known = None if ctx.is_local(value.name) else ctx.globals.get(value.name)
    return known.value if known is not None and known.kind in ("value", "opaque") else None


def _item(ctx: Context, item: Any, whole: Atom, key: Any, stem: str) -> Atom:
    """An item of a container of the surroundings: written out, if it is a literal."""
    if type(item) in _PLAIN:
        return Const(item)
    if type(item) is slice:
        return ctx.emit(stem, "slice", tuple(map(Const, (item.start, item.stop, item.step))))
    if type(item) in (tuple, list) and all(map(_is_literal, item)):
        parts = tuple(_item(ctx, inner, whole, key, stem) for inner in item)
        return ctx.emit(stem, type(item).__name__, parts)
    if callable(item):
        return constant(ctx, item)
    return ctx.emit(stem, "operator.getitem", (whole, Const(key)))


def _is_literal(value: Any) -> bool:
    if type(value) in (tuple, list):
        return all(map(_is_literal, value))
    return type(value) in _PLAIN


def _listed(ctx: Context, node: Node, stem: str) -> Op | Atom:
    """`list(args)` in a variable that a call spreads is one that lowering keeps."""
    items = sequence_of(ctx, node, stem) if stem in ctx.starred else None
    if items is None:
        return PLAIN_CALL(ctx, lazy_arguments(ctx, node), stem)
    path = resolve(ctx, node.func)
    kind = "list" if path is not None and path.dotted == "builtins.list" else "tuple"
    return ctx.static(Sequence(kind, [snapshot(ctx, item) for item in items], ctx.depth))


def _tabled(ctx: Context, node: Node, stem: str) -> Op | Atom:
    """`dict(a=1, b=2)` is `{"a": 1, "b": 2}`."""
    if node.args or not all(keyword.arg for keyword in node.keywords):
        return PLAIN_CALL(ctx, lazy_arguments(ctx, node), stem)
    pairs = [(Const(k.arg), atom(ctx, k.value, stem)) for k in node.keywords]
    return Op("dict", tuple(part for pair in pairs for part in pair))


SPREAD.update(sequence=sequence_of, table=table_of)
PLAIN_CALL = HANDLERS["Call"]
ON_NODES.update({"builtins.dict": _tabled, "builtins.list": _listed, "builtins.tuple": _listed})
