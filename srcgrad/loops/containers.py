"""Lists, tuples and dicts whose items are known one by one: they are never made."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from srcgrad.ir.core import Assign, Atom, Const, Exit, Store, Var
from srcgrad.ir.kinds import Kind
from srcgrad.ir.walk import names, operands, walk
from srcgrad.loops.elements import INTS
from srcgrad.loops.tree import constant
from srcgrad.loops.values import Array, Number, Parts, Value, uniform

if TYPE_CHECKING:
    from srcgrad.loops.lower import Loops

KEYWORDS = "srcgrad.support.keywords"
# What may read a list of which single items are stored: it keeps no reference to the list.
READERS = ("operator.getitem", "srcgrad.support.shaped", "builtins.len")


def has_no_others(kind: Kind, names: Sequence[Atom]) -> bool:
    """True for a dict without other keys than these."""
    if kind.tag != "dict" or kind.items is None:
        return False
    return {Const(key) for key, _ in kind.items} <= set(names)


def repeated(low: Loops, values: Sequence[Value]) -> Value:
    """`[None] * 3`."""
    parts = [v for v in values if isinstance(v, Parts)]
    counts = [v.value for v in values if isinstance(v, Number)]
    if len(parts) != 1 or len(counts) != 1 or type(counts[0]) is not int:
        low.refuse("a list of a length that is not known before it runs")
    return replace(parts[0], items=parts[0].items * counts[0])


def contains(low: Loops, stmt: Assign) -> Value:
    """`i in (0, n)` of integers: whether it equals one of them."""
    items, wanted = (low.value(atom) for atom in stmt.args)
    parts = items.items if isinstance(items, Parts) and items.tag != "dict" else ()
    numbers = [v for v in (*parts, wanted) if isinstance(v, Number) and v.dtype in INTS]
    if not parts or len(numbers) < len(parts) + 1:
        low.refuse("`in` of something else than a few integers has no loop form")
    *several, one = (v.expr for v in numbers)
    tests: list[ast.expr] = [ast.Compare(one, [ast.Eq()], [each]) for each in several]
    return Number(tests[0] if len(tests) == 1 else ast.BoolOp(ast.Or(), tests), "b")


def store_item(low: Loops, stmt: Store, base: Parts) -> None:
    """`items[2] = value`: the variable stands for other items from here on."""
    if low.depth or low.branches or not is_alone(low, stmt.base.name):
        low.refuse("an item is stored into a container in a loop or branch, or one with two names")
    key = stmt.index.value if isinstance(stmt.index, Const) else None
    keys = base.keys if base.keys is not None else range(-len(base.items), len(base.items))
    if key is None or type(key) is bool or key not in keys:
        low.refuse("an item is stored at a place that is not known before it runs")
    place = base.keys.index(key) if base.keys is not None else key
    low.close()
    value = low.value(stmt.value)
    items = list(base.items)
    if stmt.op != "set":
        value = total(low, items[place], value)
    items[place] = low.steady(value)
    low.env[stmt.base.name] = replace(base, items=tuple(items))


def total(low: Loops, old: Value, new: Value) -> Value:
    """The sum of two cotangents of an item."""
    if isinstance(old, Parts) and isinstance(new, Parts) and len(old.items) == len(new.items):
        pairs = zip(old.items, new.items, strict=True)
        return replace(old, items=tuple(total(low, a, b) for a, b in pairs))
    if isinstance(old, Number) and isinstance(new, Number):
        return Number(ast.BinOp(old.expr, ast.Add(), new.expr), "f8")
    if not isinstance(old, Array) or not isinstance(new, Array) or old.rank != new.rank:
        low.refuse("cotangents of another form than their argument are added up")
    old, new = low.fresh(old), low.fresh(new)
    nest = low.join([old, new], old.shape)
    terms = [low.element(nest, v) for v in (old, new) if not is_zero(v)]
    node = ast.BinOp(terms[0], ast.Add(), terms[1]) if len(terms) == 2 else terms[0]
    made = low.made(nest, node, low.uses.fresh("item_bar"), old.dtype)
    low.close()
    return low.fresh(made)


def is_zero(value: Array) -> bool:
    return isinstance(value.every, ast.Constant) and value.every.value == 0


def zeros_like(low: Loops, like: Value) -> Value:
    """Zeros in the structure of an argument."""
    if isinstance(like, Parts):
        return replace(like, items=tuple(zeros_like(low, item) for item in like.items))
    if isinstance(like, Number):
        return Number(constant(0.0), "f8")
    if not isinstance(like, Array) or like.dtype not in ("f8", "f4"):
        low.refuse("zeros for an item that is no number have no loop form")
    return uniform(constant(0.0), like.dtype, like.shape, like.lengths)


def is_alone(low: Loops, var: str) -> bool:
    """Whether the list has one name."""
    return all(
        isinstance(s, Exit)
        or isinstance(s, Store)
        and s.base.name == var
        and Var(var) not in (s.value, s.index)
        or isinstance(s, Assign)
        and s.fn in READERS
        and Var(var) not in s.args[1:]
        for s in walk(low.fn.body)
        if var in names(operands(s))
    )


def shaped(low: Loops, stmt: Assign) -> Value:
    """Cotangents in the containers of a parameter."""
    low.close()
    return in_shape(low, low.value(stmt.args[0]), low.value(stmt.args[1]))


def in_shape(low: Loops, value: Value, like: Value) -> Value:
    if isinstance(like, Parts):
        if not isinstance(value, Parts) or len(value.items) != len(like.items):
            low.refuse("a cotangent of a container has another structure")
        if value.keys != like.keys:
            low.refuse("a cotangent of a dict has other keys")
        pairs = zip(value.items, like.items, strict=True)
        return replace(like, items=tuple(in_shape(low, v, item) for v, item in pairs))
    if isinstance(like, (Array, Number)) and like.dtype not in ("f8", "f4", "pf"):
        return like
    if isinstance(like, Array) and isinstance(value, Number):
        return uniform(value.expr, like.dtype, like.shape, like.lengths)
    if isinstance(like, Array) != isinstance(value, Array):
        low.refuse("a cotangent of another form than its argument")
    return value
