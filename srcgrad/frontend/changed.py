"""Names of a module whose tables are changed in place: their text does not tell what they hold.

    WEIGHTS = np.ones(5)
    WEIGHTS[0] = 0.5           # changed
    NAMES.append("k")          # changed: a method whose value nobody takes
    np.fill_diagonal(A, 1.0)   # changed
    half = WEIGHTS[1:]         # what changes one name of a piece of memory changes the other

Functions of the module count as well: they may be called before it is used.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator

from srcgrad.frontend.descend import children
from srcgrad.frontend.toplevel import bound_names

_SCOPES = ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda
# Functions of libraries that write into their arguments, by the last part of their names.
_WRITING = frozenset({
    "at", "copyto", "fill_diagonal", "place", "put", "put_along_axis", "putmask", "shuffle",
})  # fmt: skip


def changed_in_place(tree: ast.Module) -> frozenset[str]:
    """The names of a module that something in it changes other than by binding them."""
    changed: set[str] = set()
    pending: list[tuple[ast.AST, frozenset[str]]] = [(tree, frozenset())]
    while pending:
        scope, hidden = pending.pop()
        for node in _own_nodes(scope):
            if isinstance(node, _SCOPES):
                pending.append((node, hidden | _locals(node)))
            else:
                changed.update(name for name in _written(node) if name not in hidden)
    return frozenset(_with_other_names(tree, changed))


def _own_nodes(scope: ast.AST) -> Iterator[ast.AST]:
    """The nodes below a scope, but not those below a scope in it."""
    found = children(scope)
    for node in found:  # grows
        yield node
        if not isinstance(node, _SCOPES):
            found += children(node)


def _locals(scope: ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda) -> frozenset[str]:
    nodes = list(_own_nodes(scope))
    declared = {n for node in nodes if isinstance(node, ast.Global) for n in node.names}
    body: Iterable[ast.AST] = [] if isinstance(scope, ast.Lambda) else scope.body
    bound = {name for stmt in body for name in bound_names(stmt)}
    bound |= {node.arg for node in nodes if isinstance(node, ast.arg)}
    return frozenset(bound - declared)


def _written(node: ast.AST) -> Iterator[str]:
    """What a node writes into."""
    if isinstance(node, ast.Subscript | ast.Attribute) and not isinstance(node.ctx, ast.Load):
        yield from _root(node)
    elif isinstance(node, ast.Expr) and isinstance(node.value, ast.Call):
        yield from _changed_by(node.value)
    elif isinstance(node, ast.keyword) and node.arg == "out":
        yield from _root(node.value)


def _changed_by(call: ast.Call) -> Iterator[str]:
    """A call for what it does: a method changes its object, a function perhaps its arguments."""
    if isinstance(call.func, ast.Attribute):
        yield from _root(call.func)
        if call.func.attr not in _WRITING:
            return
    elif isinstance(call.func, ast.Name) and call.func.id == "print":
        return
    for given in call.args:
        yield from _root(given)


def _root(node: ast.AST) -> Iterator[str]:
    """The name of the memory that an expression may be a part of."""
    while isinstance(node, ast.Subscript | ast.Attribute | ast.Call | ast.Starred):
        node = node.func if isinstance(node, ast.Call) else node.value
    if isinstance(node, ast.Name):
        yield node.id


def _with_other_names(tree: ast.Module, changed: set[str]) -> set[str]:
    """These, and what may be the same memory under another name."""
    modules = _imported(tree)  # what a library gives is new
    pairs = [
        {name, other}
        for stmt in tree.body
        if isinstance(stmt, ast.Assign | ast.AnnAssign) and stmt.value is not None
        for name in bound_names(stmt)
        for other in _root(stmt.value)
        if other not in modules
    ]
    while more := {name for pair in pairs if changed & pair for name in pair} - changed:
        changed = changed | more
    return changed


def _imported(tree: ast.Module) -> set[str]:
    imports = (stmt for stmt in tree.body if isinstance(stmt, ast.Import | ast.ImportFrom))
    return {name for stmt in imports for name in bound_names(stmt)}
