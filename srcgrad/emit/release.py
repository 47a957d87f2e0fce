"""Long functions let go of arrays that are read no more, so that their memory serves the next ones.

A name keeps its array until the function returns. Where there are many, that is what costs most:
memory that was used a moment ago is faster than new memory. Short functions stay as they are.
"""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from srcgrad.emit.nodes import Blank, Comment, Verbatim, passage
from srcgrad.ir.core import Assign

if TYPE_CHECKING:
    from srcgrad.emit.statements import Statements

DELETED: dict[object, Callable[[Assign, Statements], ast.expr]] = {
    "try.forget": lambda stmt, printer: _item(stmt, printer, to_end=True),
    "operator.delitem": lambda stmt, printer: _item(stmt, printer, to_end=False),
}
LEAST = 10
FEW = 4
WIDTH = 80  # of their names on one line
LATER = (ast.Lambda, ast.FunctionDef, ast.GeneratorExp)  # read their variables when they are called


def with_releases(
    body: list[ast.stmt], arrays: Mapping[str, int], all_at_once: bool = False
) -> list[ast.stmt]:
    """The body with `del` after each group of statements, for arrays that only those read last.

    `arrays`: the rank of each name that stands for an array, 0 where it is not known. Those of the
    highest rank, if that is three or more, go at once; vectors stay where there is more than that.
    `all_at_once`: memory is short, so every array goes behind the statement that reads it last.
    """
    most = max(arrays.values(), default=0)
    parsed = [list(_parsed(stmt)) for stmt in body]
    bound = {name for nodes in parsed for node in nodes for name in _bound(node)}
    bound = {name for name in bound if arrays.get(name, 1) != 1 or most == 1 and name in arrays}
    if len(bound) < LEAST and not all_at_once:
        return body
    last: dict[str, int] = {}
    for place, nodes in enumerate(parsed):
        seen = _Seen()
        for node in nodes:
            seen.visit(node)
        if seen.attempts:
            return body  # what is bound there depends
        last |= dict.fromkeys(seen.names, place)
        bound -= seen.later
    if len(bound) < LEAST and not all_at_once:
        return body
    going: dict[int, list[str]] = defaultdict(list)  # place -> names that it reads last
    for name in sorted(bound):
        going[last[name]].append(name)
    end = [place for place, nodes in enumerate(parsed) if nodes][-1 if all_at_once else -FEW :][0]
    out: list[ast.stmt] = []
    dead: list[str] = []
    for place, stmt in enumerate(body):
        if isinstance(stmt, (Blank, Comment)):
            out += _released(dead)
            dead = []
        out.append(stmt)
        dead += going[place] if place < end else []
        at_once = all_at_once or most > 2 and any(arrays[name] == most for name in dead)
        if at_once and dead and place + 1 < len(body):
            out += _released(dead)
            dead = []
    return out


def _item(stmt: Assign, printer: Statements, to_end: bool) -> ast.expr:
    base, place = (printer.expr(atom) for atom in stmt.args)
    return ast.Subscript(base, ast.Slice(place, None, None) if to_end else place, ast.Del())


def _released(names: list[str]) -> list[ast.stmt]:
    """Statements of one line each."""
    lines: list[list[str]] = []
    for name in names:
        if not lines or len(", ".join([*lines[-1], name])) > WIDTH:
            lines.append([])
        lines[-1].append(name)
    return [ast.Delete([ast.Name(name, ast.Del()) for name in line]) for line in lines]


def _parsed(stmt: ast.stmt) -> Iterator[ast.stmt]:
    """A statement, or those of the user's text."""
    if isinstance(stmt, Verbatim):
        yield from passage(stmt.text)
    elif not isinstance(stmt, (Blank, Comment)):
        yield stmt


class _Seen:
    """The names in statements, those in functions among them, and whether anything is tried."""

    def __init__(self) -> None:
        self.names: set[str] = set()
        self.later: set[str] = set()
        self.attempts = False

    def visit(self, node: Any, later: bool = False) -> None:
        cls = type(node)
        if cls is ast.Name:
            self.names.add(node.id)
            if later:
                self.later.add(node.id)
            return
        if cls is ast.Constant:
            return
        if isinstance(node, Verbatim):
            for inner in passage(node.text):
                self.visit(inner, later)
            return
        self.attempts |= cls is ast.Try
        later = later or cls in LATER
        for value in node.__dict__.values():
            if type(value) is list:
                for part in value:
                    if isinstance(part, ast.AST):
                        self.visit(part, later)
            elif isinstance(value, ast.AST) and value._fields:
                self.visit(value, later)


def _bound(stmt: ast.stmt) -> list[str]:
    """Names that a statement surely binds."""
    if not isinstance(stmt, ast.Assign):
        return []
    targets = list(stmt.targets)
    for target in targets:
        if isinstance(target, (ast.Tuple, ast.List)):
            targets += target.elts
    return [target.id for target in targets if isinstance(target, ast.Name)]
