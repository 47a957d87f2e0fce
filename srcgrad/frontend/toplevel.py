"""Names that the statements of a module bind."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from srcgrad.frontend.environment import imports_of

_SCOPES = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.Lambda


def bound_names(stmt: ast.AST) -> Iterator[str]:
    """Names that a statement binds in the module, inner scopes left out."""
    stack: list[ast.AST] = [stmt]
    while stack:
        node = stack.pop()
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            yield node.id
        elif isinstance(node, ast.Import | ast.ImportFrom):
            yield from (found.name for found in imports_of(node))
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            yield node.name
        if isinstance(node, ast.comprehension):  # its targets are names of its own
            stack += [node.iter, *node.ifs]
        elif not isinstance(node, _SCOPES):
            stack.extend(ast.iter_child_nodes(node))
