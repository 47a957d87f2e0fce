"""Stores into elements and parts of arrays."""

from __future__ import annotations

import ast
from dataclasses import replace
from typing import TYPE_CHECKING

from srcgrad.ir.core import Assign, Const, Store
from srcgrad.ir.kinds import Dtype
from srcgrad.loops.containers import store_item
from srcgrad.loops.elements import of_dtype, of_numbers
from srcgrad.loops.nest import Access, Mode
from srcgrad.loops.tree import (
    assign,
    augment,
    name,
    when,
)
from srcgrad.loops.values import Array, Items, Number, Parts, Slice, Value

if TYPE_CHECKING:
    from srcgrad.loops.lower import Loops
from srcgrad.loops.indexing import items_of, selected
from srcgrad.loops.lists import read_item, replace_item
from srcgrad.loops.slices import places
from srcgrad.loops.views import copied, is_full, part

OPERATORS: dict[str, type[ast.operator]] = {"add": ast.Add, "sub": ast.Sub, "at": ast.Add}


def store(low: Loops, stmt: Store) -> None:
    """`base[index] = value`, or an addition to it."""
    base = low.value(stmt.base)
    if isinstance(base, Parts):
        store_item(low, stmt, base)
        return
    if isinstance(base, Items):
        if stmt.op == "set" or base.element.is_scalar:
            replace_item(low, stmt, base)
            return
        kind = low.kind_of_new(Assign(("@",), "operator.getitem", (stmt.base, stmt.index)))
        target = read_item(low, f"{stmt.base.name}@item", kind, base, stmt.index)
        assert isinstance(target, Array)
        put(low, target, low.value(stmt.value), stmt.op)
        return
    if not isinstance(base, Array):
        low.refuse("a store into something that is no array has no loop form")
    items = items_of(low, base, stmt.index)
    value = low.value(stmt.value)
    if any(isinstance(v, Array) for v in items):
        scatter(low, stmt, base, items, value)
        return
    if all(isinstance(v, Number) for v in items) and isinstance(value, Number):
        if base.let:
            low.close()
            base = low.fresh(base)
        node = base.element(places(low, base, [v for v in items if isinstance(v, Number)]))
        new = stored(value.expr, value, base, stmt.op)
        low.place([changed(node, stmt.op, new)], set(), {base.group})
        return
    if not all(isinstance(v, Slice) and is_full(v) for v in items):
        base = part(low, base, items)
    elif base.let and (low.nest is None or low.nest.let_of(base.base) is None):
        base = low.fresh(base)
    put(low, base, value, stmt.op)


def changed(node: ast.expr, op: str, value: ast.expr) -> ast.stmt:
    if op == "set":
        return assign(node, value)
    return augment(node, OPERATORS[op](), value)


def stored(node: ast.expr, value: Array | Number, target: Array, op: str = "set") -> ast.expr:
    """What becomes of a number in an array."""
    return of_dtype(node, value.dtype, target.dtype) if op == "set" else node


def put(low: Loops, target: Array, value: Value, op: str) -> None:
    """`target[...] = value` by loops."""
    if isinstance(value, Number) and target.rank == 0:
        new = stored(value.expr, value, target, op)
        low.place([changed(target.element([]), op, new)], set(), {target.group})
        return
    if not isinstance(value, (Array, Number)):
        low.refuse("what is stored is neither an array nor a number")
    value = unstretched(value, target.rank)
    mode: Mode = "set" if op == "set" else "add"
    if isinstance(value, Array) and target.rank == 0:
        low.refuse("an array is stored into an element")
    if isinstance(value, Array) and overlaps(low, target, value):
        value = copied(low, value)
    if target.let:
        low.close()
        target = low.fresh(target)
    nest = low.join([value, target_lengths(target)], target.shape, (target, mode))
    target = low.fresh(target)
    node = stored(low.element(nest, low.refreshed(value)), value, target, op)
    place = target.element([name(i) for i in nest.indices])

    nest.accesses.append(Access(target.group, ast.unparse(place), mode))
    nest.dtypes[target.base] = target.dtype
    nest.body.append(changed(place, op, node))


def target_lengths(target: Array) -> Array:
    """The lengths of what is stored into, without a read of it."""
    return Array("", (), target.shape, target.lengths, target.dtype, "")


def unstretched(value: Array | Number, rank: int) -> Array | Number:
    """A value without leading axes of length 1 that its target lacks."""
    while isinstance(value, Array) and value.rank > rank and value.shape[0] == 1:
        terms = tuple(
            replace(t, axis=None if t.axis == 0 else t.axis - 1) if t.axis is not None else t
            for t in value.terms
        )
        value = replace(value, terms=terms, shape=value.shape[1:], lengths=value.lengths[1:])
    return value


def overlaps(low: Loops, target: Array, value: Array) -> bool:
    """Whether a store may change elements that are still to be read."""
    if value.group != target.group:
        return False
    indices: list[ast.expr] = [name(low.uses.index(axis)) for axis in range(target.rank)]
    there = ast.unparse(target.element(indices))
    return ast.unparse(value.element(indices[target.rank - value.rank :])) != there


def scatter(low: Loops, stmt: Store, base: Array, items: list[Value], value: Value) -> None:
    """A store through arrays of indices or a mask."""
    assert low.stmt is not None
    if base.let:
        low.close()
        base = low.fresh(base)
    masks = [v for v in items if isinstance(v, Array) and v.dtype == "b"]
    if masks:
        if len(items) != 1 or masks[0].rank != base.rank or isinstance(value, Array):
            low.refuse("a store of an array through a mask has no loop form")
        nest = low.join([masks[0], value, target_lengths(base)], base.shape, (base, "set"))
        test = low.element(nest, low.refreshed(masks[0]))
        node = low.fresh(base).element([name(i) for i in nest.indices])
        low.element(nest, low.fresh(base), "set")
        if not isinstance(value, Number):
            low.refuse("what is stored through a mask is no number")
        new = stored(low.element(nest, value), value, base, stmt.op)
        nest.body.append(when(test, changed(node, stmt.op, new)))
        return
    part_ = Assign(("@",), "operator.getitem", (stmt.base, stmt.index))
    kind = low.kind_of_new(part_)
    if not kind.is_array or kind.shape is None:
        low.refuse("the shape of what an array of indices selects is not known")
    more: list[Value] = [value] if isinstance(value, (Array, Number)) else []
    if isinstance(value, Array) and value.group == base.group:
        value = copied(low, value)
        more = [value]
    mode: Mode = "set" if stmt.op == "set" else "add"
    nest, node = selected(low, base, items, kind, more, "part", base)
    if stmt.op in ("add", "sub") and mode == "add":
        low.refuse("`x[rows] += ...` adds once to rows named twice: it has no loop form")
    if not isinstance(value, (Array, Number)):
        low.refuse("what is stored is neither an array nor a number")
    new = stored(low.element(nest, low.refreshed(value)), value, base, stmt.op)
    nest.body.append(changed(node, stmt.op, new))
    low.close()


def add_at(low: Loops, stmt: Assign) -> None:
    """`np.add.at(base, index, value)`."""
    base, where, value = stmt.args
    assert not isinstance(base, Const)
    store(low, Store(base, where, value, "at", stmt.unit))


def in_place(low: Loops, stmt: Assign, fn: str) -> None:
    """`x += e` of an array: its memory changes, and the name stays."""
    if low.array(stmt.args[0]).let:
        low.close()
    target = low.array(stmt.args[0])
    value = low.value(stmt.args[1])
    if isinstance(value, Array) and overlaps(low, target, value):
        value = copied(low, value)
        target = low.fresh(target)
    ops = {"operator.add": "add", "operator.sub": "sub"}
    if fn in ops:
        put(low, target, value, ops[fn])
    else:
        nest = low.join([value, target], target.shape, (target, "set"))
        target = low.fresh(target)
        old = low.element(nest, target)
        other: Dtype = value.dtype if isinstance(value, (Array, Number)) else "?"
        dtypes = [target.dtype, other]
        node = of_numbers(fn, [old, low.element(nest, low.refreshed(value))], dtypes)
        place = target.element([name(i) for i in nest.indices])
        low.element(nest, target, "set")
        assert node is not None
        nest.body.append(assign(place, node))
    low.bind(stmt, stmt.target, low.value(stmt.args[0]))
