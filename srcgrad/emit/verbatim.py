"""What the text of a statement binds: names of comprehensions are not among it."""

from __future__ import annotations

import ast
import functools

from srcgrad.emit.nodes import passage


@functools.lru_cache(maxsize=256)
def bound_by(text: str) -> frozenset[str]:
    """The names that a simple statement assigns where it stands."""
    found: set[str] = set()
    stack: list[ast.AST] = [*passage(text)]
    while stack:
        node = stack.pop()
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            found.add(node.id)
        elif isinstance(node, ast.comprehension):
            stack += [node.iter, *node.ifs]
        else:
            stack += ast.iter_child_nodes(node)
    return frozenset(found)
