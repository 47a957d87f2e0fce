"""Walks over syntax trees of Python's and of gast, in less time than with `ast.walk`.

Contexts (`Load`, `Store`) are left out: they say something of the node that they belong to.
"""

from __future__ import annotations

import ast
from typing import Any

import gast

_SMALL = (ast.operator, ast.cmpop, ast.unaryop, ast.boolop)
_LEAVES = frozenset({ast.Name, ast.Constant, gast.Constant}).union(
    *(base.__subclasses__() for base in _SMALL)
)
_PLAIN = frozenset({"ctx", "id", "attr", "arg", "type_comment"})  # fields that hold no nodes


def children(node: Any) -> list[Any]:
    """The nodes directly below a node, in order."""
    found: list[Any] = []
    kind = type(node)
    if kind in _LEAVES:
        return found
    if kind is gast.Name:  # of a parameter, perhaps
        return found if node.annotation is None else [node.annotation]
    values = node.__dict__
    for name in kind._fields:
        value = values.get(name)
        if value is None or name in _PLAIN:
            continue
        if type(value) is list:
            found += [part for part in value if isinstance(part, ast.AST)]
        elif isinstance(value, ast.AST):
            found.append(value)
    return found


def descend(*nodes: Any) -> list[Any]:
    """The nodes, and every one below, in no order."""
    found = list(nodes)
    for node in found:  # grows as it is read
        if type(node) not in _LEAVES:
            found += children(node)
    return found
