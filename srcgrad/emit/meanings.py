"""What the names of a generated file stand for, each of them one thing.

The functions of a file may come from several modules, each with its own `EPS`, or be made by one
`def` with other captured values. The first meaning of a name keeps it; others are spelled anew.
"""

from __future__ import annotations

import ast
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

from srcgrad.emit.nodes import passage
from srcgrad.errors import InternalError
from srcgrad.ir.core import Global, UserFunction

Spellings: TypeAlias = Mapping[str, str]  # names of a function's surroundings that are others here

_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
_SCOPES = (*_FUNCTIONS, ast.Lambda)
_COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)
_PLAIN = (bool, int, float, complex, str, bytes, type(None))


@dataclass(slots=True)
class Meanings:
    """`functions`: those that the file defines itself, `reserved`: names of what it carries."""

    functions: frozenset[str] = frozenset()
    reserved: Collection[str] = ()
    known: dict[str, Global] = field(default_factory=dict)

    def settle(self, found: Global, taken: Collection[str], bound: Collection[str] = ()) -> str:
        """The name in the file of what a function reads: its own, if that is no variable's there,
        or one that is not taken."""
        name, number = found.name, 1
        while not self._is_free(name, found) or name in (taken if number > 1 else bound):
            number += 1
            name = f"{found.name}_{number}"
        self.known[name] = found
        return name

    def _is_free(self, name: str, found: Global) -> bool:
        if name in self.functions:
            return found.kind == "function"
        known = self.known.get(name)
        if known is None:
            return name not in self.reserved or _is_carried(found)
        return is_same(known, found)

    def others(self, helpers: Collection[str]) -> set[str]:
        """The names of helpers that mean something else in the file."""
        return {n for n in helpers if n in self.known and not _is_carried(self.known[n])}


def is_same(one: Global, other: Global) -> bool:
    """Whether two functions mean the same by a name."""
    if one.kind != other.kind:
        return False
    if isinstance(one.value, UserFunction) and isinstance(other.value, UserFunction):
        return one.value.key == other.value.key
    if one.kind == "module":
        same_text = one.text == other.text and not one.text.startswith("from .")
        return one.value is other.value or bool(same_text and one.text)
    if one.kind == "opaque" and one.value is None:
        return one is other
    if type(one.value) in _PLAIN and type(other.value) is type(one.value):
        return repr(one.value) == repr(other.value) and one.text == other.text
    return one.value is other.value


def _is_carried(found: Global) -> bool:
    home = str(getattr(found.value, "__module__", ""))
    helper = home.startswith("srcgrad.support")
    return found.kind == "module" and (helper or found.text.startswith("from srcgrad import "))


# Texts with other names
def respelled(text: str, spellings: Spellings, definition: str = "") -> str:
    """A passage of the user's with other names for what it reads of its surroundings, and for the
    function that it defines. Layout and comments stay."""
    if not spellings and not definition:
        return text
    body, header = _parsed(text)
    places: list[tuple[int, int, str, str]] = []
    if definition and isinstance(body[0], ast.FunctionDef) and body[0].name != definition:
        col = body[0].col_offset + len("def ")
        places.append((body[0].lineno, col, body[0].name, definition))
    for node in free_names(body, spellings.keys()):
        places.append((node.lineno, node.col_offset, node.id, spellings[node.id]))
    lines = [line.encode() for line in text.split("\n")]
    for line, col, old, new in sorted(places, reverse=True):
        row, word = lines[line - 1], old.encode()
        if row[col : col + len(word)] != word:  # inside an f-string, whose places are not exact
            return _rewritten(body, spellings, definition, header)
        lines[line - 1] = row[:col] + new.encode() + row[col + len(word) :]
    return b"\n".join(lines).decode()


def _rewritten(body: list[ast.stmt], spellings: Spellings, definition: str, header: bool) -> str:
    tree = ast.parse(ast.unparse(ast.Module(body, [])))
    for node in free_names(tree.body, spellings.keys()):
        node.id = spellings[node.id]
    if definition and isinstance(tree.body[0], ast.FunctionDef):
        tree.body[0].name = definition
    text = ast.unparse(tree)
    return text.rpartition(":\n")[0] if header else text


def _parsed(text: str) -> tuple[list[ast.stmt], bool]:
    """The statements of a passage; or of the header of a block, with nothing in it."""
    try:
        return passage(text), False
    except InternalError:
        return ast.parse(f"{text}:\n    pass").body, True


def free_names(body: Iterable[ast.AST], wanted: Collection[str]) -> list[ast.Name]:
    """Where names stand in statements and mean what they mean around these. Parameters and
    variables of functions inside hide them there."""
    found: list[ast.Name] = []
    pending: list[tuple[ast.AST, frozenset[str]]] = [(node, frozenset()) for node in body]
    while pending:
        node, hidden = pending.pop()
        if isinstance(node, ast.Name):
            if node.id in wanted and node.id not in hidden:
                found.append(node)
        elif isinstance(node, _SCOPES):
            own = hidden | _bound_in(node)
            inner = node.body if isinstance(node.body, list) else [node.body]
            pending += [(part, own) for part in inner]
            outer = [part for part in ast.iter_child_nodes(node) if part not in inner]
            pending += [(part, hidden) for part in outer]
        elif isinstance(node, _COMPREHENSIONS):
            own = hidden | {n for clause in node.generators for n in _stored(clause.target)}
            pending += [(part, own) for part in ast.iter_child_nodes(node)]
        else:
            pending += [(part, hidden) for part in ast.iter_child_nodes(node)]
    return found


def _bound_in(scope: ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda) -> set[str]:
    """What a function binds itself."""
    arguments = scope.args
    given = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]
    names = {arg.arg for arg in (*given, arguments.vararg, arguments.kwarg) if arg is not None}
    pending: list[ast.AST] = [*scope.body] if isinstance(scope, _FUNCTIONS) else []
    while pending:
        node = pending.pop()
        if isinstance(node, (*_FUNCTIONS, ast.ExceptHandler)):
            names.add(node.name or "")
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            names.add(node.id)
        if not isinstance(node, (*_SCOPES, *_COMPREHENSIONS)):
            pending += ast.iter_child_nodes(node)
    return names


def _stored(node: ast.AST) -> set[str]:
    nodes = (n for n in ast.walk(node) if isinstance(n, ast.Name))
    return {n.id for n in nodes if isinstance(n.ctx, ast.Store)}


def renamed_import(text: str, name: str) -> str:
    """An import statement of one name that binds another one."""
    (node,) = ast.parse(text).body
    if isinstance(node, (ast.Import, ast.ImportFrom)):
        node.names[0].asname = name
    return ast.unparse(node)
