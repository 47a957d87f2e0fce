"""Small pieces of Python trees."""

from __future__ import annotations

import ast
import functools
import math
from collections.abc import Iterable, Sequence
from typing import Any


def name(text: str) -> ast.Name:
    return ast.Name(text, ast.Load())


def constant(value: Any) -> ast.expr:
    """A literal; below zero the negative of one, as Python reads it: `(-1.0) ** j`."""
    below = type(value) is int and value < 0
    if below or type(value) is float and math.copysign(1.0, value) < 0:
        return ast.UnaryOp(ast.USub(), ast.Constant(-value))
    return ast.Constant(value)


def attribute(node: ast.expr, attr: str) -> ast.expr:
    return ast.Attribute(node, attr, ast.Load())


def dotted(text: str) -> ast.expr:
    head, *rest = text.split(".")
    node: ast.expr = name(head)
    for part in rest:
        node = attribute(node, part)
    return node


def call(fn: str | ast.expr, *args: ast.expr) -> ast.expr:
    return ast.Call(dotted(fn) if isinstance(fn, str) else fn, list(args), [])


def tuple_of(items: Sequence[ast.expr]) -> ast.expr:
    return ast.Tuple(list(items), ast.Load())


def index(base: str, places: Sequence[ast.expr]) -> ast.expr:
    """`base[i, j]`."""
    if not places:
        return ast.Subscript(name(base), ast.Tuple([], ast.Load()), ast.Load())
    inner = places[0] if len(places) == 1 else tuple_of(places)
    return ast.Subscript(name(base), inner, ast.Load())


def number_in(node: ast.expr) -> int | None:
    """The int that an expression is, if it is one."""
    if isinstance(node, ast.Constant) and type(node.value) is int:
        return node.value
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        value = number_in(node.operand)
        return None if value is None else -value
    return None


def add(a: ast.expr, b: ast.expr) -> ast.expr:
    """`a + b` of integers, constants put together."""
    m, n = number_in(a), number_in(b)
    if m is not None and n is not None:
        return integer(m + n)
    if m is not None:
        a, b, m, n = b, a, n, m
    if n is None:
        return ast.BinOp(a, ast.Add(), b)
    if isinstance(a, ast.BinOp) and isinstance(a.op, (ast.Add, ast.Sub)):
        own = number_in(a.right)
        if own is not None:
            return add(a.left, integer((own if isinstance(a.op, ast.Add) else -own) + n))
    if n == 0:
        return a
    return ast.BinOp(a, ast.Add() if n > 0 else ast.Sub(), constant(abs(n)))


def subtract(a: ast.expr, b: ast.expr) -> ast.expr:
    """`a - b` of integers."""
    n = number_in(b)
    if n is not None:
        return add(a, integer(-n))
    return ast.BinOp(a, ast.Sub(), b)


def integer(value: int) -> ast.expr:
    return constant(value) if value >= 0 else ast.UnaryOp(ast.USub(), constant(-value))


def assign(target: str | ast.expr, value: ast.expr) -> ast.Assign:
    node = ast.Name(target, ast.Store()) if isinstance(target, str) else target
    return ast.Assign([node], value, lineno=0)


def augment(target: str | ast.expr, op: ast.operator, value: ast.expr) -> ast.AugAssign:
    node = ast.Name(target, ast.Store()) if isinstance(target, str) else target
    assert isinstance(node, (ast.Name, ast.Subscript))
    return ast.AugAssign(node, op, value)


def raising(kind: str, text: str) -> ast.stmt:
    return ast.Raise(call(kind, constant(text)), None)


def when(test: ast.expr, *body: ast.stmt) -> ast.If:
    return ast.If(test, list(body), [])


def differ(a: ast.expr, b: ast.expr) -> ast.expr:
    return ast.Compare(a, [ast.NotEq()], [b])


def product(items: Sequence[ast.expr]) -> ast.expr:
    """The product of lengths; 1 for none."""
    if not items:
        return constant(1)
    node = items[0]
    for item in items[1:]:
        node = ast.BinOp(node, ast.Mult(), item)
    return node


def turn_of(loop: ast.For) -> str:
    """The variable that counts the turns of a loop."""
    assert isinstance(loop.target, ast.Name)
    return loop.target.id


def bounds_of(loop: ast.For) -> list[ast.expr]:
    """What `range` is given in the header of a loop."""
    assert isinstance(loop.iter, ast.Call)
    return loop.iter.args


def names_in(nodes: Iterable[ast.AST]) -> set[str]:
    """Names that expressions or statements mention."""
    return {n.id for node in nodes for n in nodes_of(node) if n.__class__ is ast.Name}


def nodes_of(tree: ast.AST, blocks: bool = True) -> list[ast.AST]:
    """The nodes of a tree, the outer ones first, without operators and contexts.

    `blocks`: with the statements of blocks. Passes look at all nodes again and again, so this is
    to be quick: it asks for no more than the fields that hold nodes.
    """
    found = [tree]
    for node in found:  # which grows
        kind: Any = node.__class__
        for part in parts_of(kind):
            inner = getattr(node, part)
            if inner.__class__ is not list:
                if inner is not None:
                    found.append(inner)
            elif inner and (blocks or not isinstance(inner[0], ast.stmt)):
                found += inner if None not in inner else filter(None, inner)
    return found


@functools.cache
def parts_of(kind: Any) -> tuple[str, ...]:
    """The fields of nodes of a class that hold nodes, or lists of them."""
    return () if kind is ast.Constant else tuple(n for n in kind._fields if n not in NO_NODES)


NO_NODES = {
    "id", "attr", "arg", "name", "names", "module", "level", "asname", "type_comment",
    "ctx", "op", "ops", "conversion", "simple", "is_async", "kind",
}  # fmt: skip
