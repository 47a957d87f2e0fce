"""Tests whose outcome lowering knows: `f is None`, `callable(f)`, a literal handed to a callee."""

from __future__ import annotations

import operator
from typing import Any

import gast

from srcgrad.frontend.context import Context, Node
from srcgrad.frontend.names import resolve
from srcgrad.frontend.statics import (
    Choice,
    Closure,
    Library,
    Sequence,
    Static,
    Table,
    Unknown,
    User,
)
from srcgrad.ir.core import Atom, Const, Var

_UNSURE = object()


def known_test(ctx: Context, node: Node) -> bool | None:
    """The outcome of a test that speaks of static values, or of literals in a function inlined."""
    value = _value(ctx, node)
    if value is _UNSURE:
        return None
    speaks = any(isinstance(n, gast.Name) and _static(ctx, n) for n in gast.walk(node))
    if not speaks and not ctx.frames:
        return None
    return _truth(value)


def truth(ctx: Context, value: Atom) -> bool | None:
    """Whether an operand of `and` and `or` is true, where it is a static value, or `None`."""
    found = None
    if isinstance(value, Var):
        found = ctx.statics.get(value.name) or ctx.fixed.get(value.name)
    elif value == Const(None):
        return False
    return None if found is None else _truth(found)


def _truth(value: Any) -> bool | None:
    if isinstance(value, Choice | Unknown):
        return None
    if isinstance(value, Sequence | Table):
        return bool(value.items)
    return True if isinstance(value, Static) else bool(value)


def _static(ctx: Context, node: Node) -> Static | None:
    if ctx.is_local(node.id):
        return ctx.statics.get(node.id)
    return None


def _value(ctx: Context, node: Node) -> Any:
    """A literal's value, or a static value; `_UNSURE` for anything else."""
    if isinstance(node, gast.Constant):
        return node.value
    if isinstance(node, gast.Name | gast.Attribute):
        return _named(ctx, node)
    if isinstance(node, gast.BinOp) and ctx.frames:
        return _arithmetic(ctx, node)
    if isinstance(node, gast.UnaryOp) and isinstance(node.op, gast.Not):
        inner = _value(ctx, node.operand)
        known = None if inner is _UNSURE else _truth(inner)
        return _UNSURE if known is None else not known
    if isinstance(node, gast.BoolOp):
        return _boolean(ctx, node)
    if isinstance(node, gast.Compare) and len(node.ops) == 1:
        left, right = _value(ctx, node.left), _value(ctx, node.comparators[0])
        return _compared(node.ops[0], left, right)
    if isinstance(node, gast.Call) and isinstance(node.func, gast.Name) and len(node.args) == 1:
        path = resolve(ctx, node.func) if node.func.id not in ctx.statics else None
        found = _value(ctx, node.args[0])
        if path is not None and path.dotted == "builtins.callable" and found is not _UNSURE:
            return _truth(found) if isinstance(found, Choice | Unknown) else callable_(found)
    return _UNSURE


def _arithmetic(ctx: Context, node: Node) -> Any:
    fn = {"Add": operator.add, "Sub": operator.sub, "Mod": operator.mod}.get(type(node.op).__name__)
    values = _value(ctx, node.left), _value(ctx, node.right)
    whole = all(type(value) is int for value in values)
    return fn(*values) if fn and whole and (values[1] or fn is not operator.mod) else _UNSURE


def callable_(found: Any) -> bool:
    return isinstance(found, Static) and not isinstance(found, Sequence | Table)


def _named(ctx: Context, node: Node) -> Any:
    if isinstance(node, gast.Name) and ctx.is_local(node.id):
        found = ctx.statics.get(node.id)
        return _UNSURE if found is None or isinstance(found, Unknown | Choice) else found
    path = resolve(ctx, node)
    if path is None or path.obj is None or not path.dotted or not callable(path.obj):
        return _UNSURE
    return Library(path.dotted)


def _boolean(ctx: Context, node: Node) -> Any:
    is_and = isinstance(node.op, gast.And)
    for operand in node.values:
        value = _value(ctx, operand)
        known = None if value is _UNSURE else _truth(value)
        if known is None:
            return _UNSURE
        if known is not is_and:
            return known
    return is_and


def _compared(op: Node, left: Any, right: Any) -> Any:
    if left is _UNSURE or right is _UNSURE:
        return _UNSURE
    if not isinstance(left, Static) and not isinstance(right, Static):
        return _literals(op, left, right)
    if isinstance(op, gast.Is | gast.Eq):
        return _same(left, right)
    if isinstance(op, gast.IsNot | gast.NotEq):
        same = _same(left, right)
        return _UNSURE if same is _UNSURE else not same
    return _UNSURE


def _same(left: Any, right: Any) -> Any:
    """Whether two values, one of them static, are the same object."""
    if left is right:
        return True
    if not isinstance(left, Static) or not isinstance(right, Static):
        return False if None in (left, right) or type(left) is not type(right) else _UNSURE
    if isinstance(left, Library) and isinstance(right, Library):
        return left.dotted == right.dotted
    if isinstance(left, User) and isinstance(right, User):
        return left.fn.key == right.fn.key
    functions = Library | User | Closure
    return False if isinstance(left, functions) and isinstance(right, functions) else _UNSURE


def _literals(op: Node, left: Any, right: Any) -> Any:
    if isinstance(op, gast.Is | gast.IsNot):
        if None not in (left, right) and not isinstance(left, bool):
            return _UNSURE
        return (left is right) is isinstance(op, gast.Is)
    table = {
        "Eq": lambda: left == right,
        "NotEq": lambda: left != right,
        "Lt": lambda: left < right,
        "LtE": lambda: left <= right,
        "Gt": lambda: left > right,
        "GtE": lambda: left >= right,
    }
    compare = table.get(type(op).__name__)
    try:
        return _UNSURE if compare is None else compare()
    except TypeError:
        return _UNSURE
