"""Long functions let go of arrays that are read no more, so that their memory serves the next ones.

A name keeps its array until the function returns. Where there are many, that is what costs most:
memory that was used a moment ago is faster than new memory. Short functions stay as they are.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Mapping

from srcgrad.emit.nodes import Blank, Comment, Verbatim

LEAST = 16  # arrays with a name
FEW = 4  # statements at the end that need little memory, the return among them
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
    if any(isinstance(node, ast.Try) for nodes in parsed for node in _walked(nodes)):
        return body  # what is bound there depends
    bound = {name for nodes in parsed for node in nodes for name in _bound(node)}
    bound = {name for name in bound if arrays.get(name, 1) != 1 or most == 1 and name in arrays}
    bound -= {name for nodes in parsed for name in _read_later(nodes)}
    if len(bound) < LEAST and not all_at_once:
        return body
    last: dict[str, int] = {}
    for place, nodes in enumerate(parsed):
        for node in _walked(nodes):
            if isinstance(node, ast.Name):
                last[node.id] = place
    end = [place for place, nodes in enumerate(parsed) if nodes][-1 if all_at_once else -FEW :][0]
    out: list[ast.stmt] = []
    dead: list[str] = []
    for place, stmt in enumerate(body):
        if isinstance(stmt, (Blank, Comment)):
            out += _released(dead)
            dead = []
        out.append(stmt)
        dead += sorted(name for name in bound if last[name] == place < end)
        at_once = all_at_once or most > 2 and any(arrays[name] == most for name in dead)
        if at_once and dead and place + 1 < len(body):
            out += _released(dead)
            dead = []
    return out


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
        yield from ast.parse(stmt.text).body
    elif not isinstance(stmt, (Blank, Comment)):
        yield stmt


def _walked(nodes: Iterable[ast.AST]) -> Iterator[ast.AST]:
    for node in nodes:
        for inner in ast.walk(node):
            if isinstance(inner, Verbatim):
                yield from _walked(ast.parse(inner.text).body)
            else:
                yield inner


def _bound(stmt: ast.stmt) -> list[str]:
    """Names that a statement surely binds."""
    if not isinstance(stmt, ast.Assign):
        return []
    targets = list(stmt.targets)
    for target in targets:
        if isinstance(target, (ast.Tuple, ast.List)):
            targets += target.elts
    return [target.id for target in targets if isinstance(target, ast.Name)]


def _read_later(nodes: Iterable[ast.AST]) -> Iterator[str]:
    for node in _walked(nodes):
        if isinstance(node, LATER):
            for inner in _walked([node]):
                if isinstance(inner, ast.Name):
                    yield inner.id
