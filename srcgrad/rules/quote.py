"""Read the source of a rule's lambda: the formula is inlined into derivatives, never called."""

from __future__ import annotations

import ast
import functools
from collections.abc import Callable, Mapping, Sequence
from typing import Any


class Formula:
    """An expression over parameter names. `namespace` resolves its other names (np, helpers).

    The text of a rule is read when the rule is used for the first time: most never are.
    """

    __slots__ = ("_body", "_find", "_reads", "namespace", "params")

    def __init__(
        self,
        params: tuple[str, ...],
        body: ast.expr | Callable[[], ast.expr],
        namespace: Mapping[str, Any],
    ) -> None:
        self.params = params
        self.namespace = namespace
        self._find = body
        self._body: ast.expr | None = None
        self._reads: frozenset[str] | None = None

    @property
    def body(self) -> ast.expr:
        if self._body is None:
            self._body = self._find if isinstance(self._find, ast.expr) else self._find()
        return self._body

    @property
    def reads(self) -> frozenset[str]:
        """Names that the formula reads, namespace included."""
        if self._reads is None:
            nodes = ast.walk(self.body)
            self._reads = frozenset(node.id for node in nodes if isinstance(node, ast.Name))
        return self._reads

    @staticmethod
    def from_text(text: str, namespace: Mapping[str, Any]) -> Formula:
        formula = Formula((), _parsed(text), namespace)
        formula._reads = _names(text)
        return formula


@functools.lru_cache(maxsize=4096)
def _parsed(text: str) -> ast.expr:
    return ast.parse(text, mode="eval").body


@functools.lru_cache(maxsize=4096)
def _names(text: str) -> frozenset[str]:
    return frozenset(node.id for node in ast.walk(_parsed(text)) if isinstance(node, ast.Name))


def quote(functions: Sequence[Callable[..., Any]]) -> list[Formula]:
    """The formulas of lambdas written in one call, in order."""
    lines = [fn.__code__.co_firstlineno for fn in functions]
    formulas = []
    for number, (fn, line) in enumerate(zip(functions, lines, strict=True)):
        place = lines[:number].count(line), lines.count(line)
        find = functools.partial(_lambda, fn.__code__.co_filename, line, *place)
        params = fn.__code__.co_varnames[: fn.__code__.co_argcount]
        formulas.append(Formula(params, find, fn.__globals__))
    return formulas


def _lambda(filename: str, line: int, number: int, count: int) -> ast.expr:
    """The body of a lambda: it is found by its first line, and by its number on that line.

    Matching by bytecode does not work from Python 3.11 on. A line that holds other lambdas than
    those of one call is refused.
    """
    found = _lambdas(filename, line)
    if len(found) != count:
        raise ValueError(f"{filename}:{line}: lambdas of two registrations on one line")
    return found[number].body


def _lambdas(filename: str, line: int) -> list[ast.Lambda]:
    """The lambdas that begin on a line of a file, in the order of the text.

    Only the statement around them is parsed, which begins and ends where lines are not indented:
    a derivative uses few rules of many files.
    """
    lines = _lines(filename)
    first = last = line - 1
    while first > 0 and _continues(lines[first]):
        first -= 1
    while last + 1 < len(lines) and _continues(lines[last + 1]):
        last += 1
    try:
        return _lambdas_of(filename, first, last + 1).get(line, [])
    except SyntaxError:  # no statement of its own
        return _lambdas_of(filename, 0, len(lines)).get(line, [])


@functools.cache
def _lines(filename: str) -> list[str]:
    with open(filename, encoding="utf-8") as file:
        return file.readlines()


def _continues(line: str) -> bool:
    """True for a line that no statement of a module begins with."""
    return line[0] in " \t\n#)]}"


@functools.cache
def _lambdas_of(filename: str, first: int, last: int) -> dict[int, list[ast.Lambda]]:
    """The lambdas of a passage by the line of the file on which they begin."""
    tree = ast.parse("".join(_lines(filename)[first:last]))
    out: dict[int, list[ast.Lambda]] = {}
    for node in sorted(_lambdas_below(tree), key=lambda n: (n.lineno, n.col_offset)):
        out.setdefault(node.lineno + first, []).append(node)
    return out


def _lambdas_below(tree: ast.AST) -> list[ast.Lambda]:
    """In no order; in a third of the time that `ast.walk` takes for a file of rules."""
    found: list[ast.Lambda] = []
    pending = [tree]
    while pending:
        node = pending.pop()
        if isinstance(node, ast.Lambda):
            found.append(node)
        for value in node.__dict__.values():
            if type(value) is list:
                pending += [part for part in value if isinstance(part, ast.AST)]
            elif isinstance(value, ast.AST):
                pending.append(value)
    return found
