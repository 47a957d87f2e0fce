"""What the methods of a class assign to their object."""

from __future__ import annotations

import ast
from types import FunctionType

from srcgrad.errors import SrcgradError
from srcgrad.frontend.source import locate


def assigned_attributes(cls: type) -> set[str]:
    """Attributes that the methods of a class assign, `__init__` left out."""
    found: set[str] = set()
    for base in cls.__mro__[:-1]:
        for name, method in vars(base).items():
            if name == "__init__" or not isinstance(method, FunctionType):
                continue
            try:
                tree = locate(method).node
            except SrcgradError:
                continue
            found |= {
                node.attr
                for node in ast.walk(tree)
                if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store)
            }
    return found
