"""Temporaries folded into the statement that follows: the text reads as a person would write it."""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Iterable

from srcgrad.loops.nest import Let
from srcgrad.loops.places import MAKERS
from srcgrad.loops.tree import names_in, nodes_of

MAX_NODES = 40


def folded(body: list[ast.stmt], keep: set[str]) -> list[ast.stmt]:
    """The statements with temporaries that only the next statement reads written out there.

    Each is a variable bound once and read once; `keep` are names that stay.
    """
    body = without_copies(body, keep)
    while True:
        reads, stores = _counted(body)
        once = {n for n in stores if stores[n] == 1 and reads[n] == 1} - keep
        unread = {n for n in stores if not reads[n]} - keep
        body = _block(body, once, unread)
        if not unread & _counted(body)[1].keys() < unread:
            return body  # nothing was read by what is dropped now


def without_unread(body: list[ast.stmt], keep: set[str]) -> list[ast.stmt]:
    """The statements without those that bind what nothing reads."""
    while True:
        reads, stores = _counted(body)
        unread = {n for n in stores if not reads[n]} - keep
        body = _block(body, set(), unread)
        if not unread & _counted(body)[1].keys() < unread:
            return body


def without_copies(body: list[ast.stmt], keep: set[str]) -> list[ast.stmt]:
    """The statements without second names, `b = a` outside of loops, for what has a first one."""
    reads, stores = _counted(body)
    first: dict[str, ast.expr] = {}
    out = []
    for stmt in body:
        target = _target(stmt)
        if target and isinstance(stmt, ast.Assign) and isinstance(stmt.value, ast.Name):
            source = first.get(stmt.value.id, stmt.value)
            assert isinstance(source, ast.Name)
            once = stores[target] == 1 == stores[source.id] and reads[source.id] > 1
            if once and not {target, source.id} & keep:
                first[target] = source
                continue
        out.append(stmt)
    if not first:
        return body
    return [_Renamed(first).visit(stmt) for stmt in out]


def _counted(body: list[ast.stmt]) -> tuple[Counter[str], Counter[str]]:
    """How often each name is read, and how often it is bound."""
    reads: Counter[str] = Counter()
    stores: Counter[str] = Counter()
    for stmt in body:
        for node in nodes_of(stmt):
            if isinstance(node, ast.Name):
                counter = stores if isinstance(node.ctx, ast.Store) else reads
                counter[node.id] += 1
            elif isinstance(node, ast.AugAssign) and isinstance(node.target, ast.Name):
                reads[node.target.id] += 1
    return reads, stores


def _block(body: list[ast.stmt], once: set[str], unread: set[str]) -> list[ast.stmt]:
    out: list[ast.stmt] = []
    for stmt in body:
        if isinstance(stmt, (ast.For, ast.While, ast.If)):
            stmt.body = _block(stmt.body, once, unread) or [ast.Pass()]
            stmt.orelse = _block(stmt.orelse, once, unread)
        target = _target(stmt)
        if target in unread and _is_pure(stmt) or _is_idle(stmt):
            continue
        while out:
            before = _target(out[-1])
            if before not in once or not _reads(stmt, before):
                break
            last = out[-1]
            assert isinstance(last, ast.Assign)
            if taken_from([stmt]) & names_in([last.value]):  # they would be taken in another order
                break
            if sum(1 for _ in ast.walk(last.value)) > MAX_NODES or isinstance(
                last.value, ast.IfExp
            ):
                break
            out.pop()
            _Put(before, last.value).visit(_head(stmt))
        out.append(stmt)
    return out


def _target(stmt: ast.stmt) -> str:
    if isinstance(stmt, ast.Assign) and isinstance(stmt.targets[0], ast.Name):
        return stmt.targets[0].id
    return ""


def taken_from(stmts: Iterable[ast.stmt]) -> set[str]:
    """Lists of which statements take the last item."""
    return {
        node.func.value.id
        for stmt in stmts
        for node in nodes_of(stmt)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr == "pop"
        and isinstance(node.func.value, ast.Name)
    }


def _is_pure(stmt: ast.stmt) -> bool:
    return isinstance(stmt, ast.Assign) and not any(
        isinstance(node, ast.Call) and ast.unparse(node.func) not in MAKERS
        for node in nodes_of(stmt.value)
    )


def _is_idle(stmt: ast.stmt) -> bool:
    """A loop over the elements of something that does nothing with them."""
    return isinstance(stmt, ast.For) and all(isinstance(s, ast.Pass) for s in stmt.body)


def _head(stmt: ast.stmt) -> ast.AST:
    """The part of a statement that runs first, and once."""
    if isinstance(stmt, ast.If):
        return ast.Expression(stmt.test)
    return stmt


def _reads(stmt: ast.stmt, name: str) -> bool:
    if isinstance(stmt, (ast.Assign, ast.AugAssign, ast.Return, ast.Expr)):
        return name in names_in([stmt])
    return False


class _Renamed(ast.NodeTransformer):
    def __init__(self, names: dict[str, ast.expr]) -> None:
        self.names = names

    def visit_Name(self, node: ast.Name) -> ast.AST:
        return self.names.get(node.id, node)


class _Put(ast.NodeTransformer):
    def __init__(self, name: str, value: ast.expr) -> None:
        self.name = name
        self.value = value

    def visit_Name(self, node: ast.Name) -> ast.AST:
        if node.id == self.name and isinstance(node.ctx, ast.Load):
            return self.value
        return node


__all__ = ["Let", "folded"]
