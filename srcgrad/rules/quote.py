"""Read the source of a rule's lambda: the formula is inlined into derivatives, never called."""

from __future__ import annotations

import ast
import functools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True, eq=False)
class Formula:
    """An expression over parameter names. `namespace` resolves its other names (np, helpers)."""

    params: tuple[str, ...]
    body: ast.expr
    namespace: Mapping[str, Any] = field(repr=False)
    reads: frozenset[str] = field(init=False)  # names that it reads, namespace included

    def __post_init__(self) -> None:
        found = (n.id for n in ast.walk(self.body) if isinstance(n, ast.Name))
        object.__setattr__(self, "reads", frozenset(found))

    @staticmethod
    def from_text(text: str, namespace: Mapping[str, Any]) -> Formula:
        return Formula((), ast.parse(text, mode="eval").body, namespace)


def quote(functions: Sequence[Callable[..., Any]]) -> list[Formula]:
    """The formulas of lambdas written in one call, in order.

    A lambda is found by its first line, and by its order among the lambdas of that line; matching
    by
    bytecode does not work from Python 3.11 on. A line that holds other lambdas too is refused.
    """
    lines: dict[int, list[ast.Lambda]] = {}
    formulas = []
    per_line = [fn.__code__.co_firstlineno for fn in functions]
    for fn, line in zip(functions, per_line, strict=True):
        code = fn.__code__
        if line not in lines:
            lines[line] = list(_lambdas(code.co_filename).get(line, []))
            if len(lines[line]) != per_line.count(line):
                raise ValueError(
                    f"{code.co_filename}:{line}: lambdas of two registrations on one line"
                )
        node = lines[line].pop(0)
        formulas.append(Formula(code.co_varnames[: code.co_argcount], node.body, fn.__globals__))
    return formulas


@functools.cache
def _lambdas(filename: str) -> dict[int, list[ast.Lambda]]:
    """Every lambda of a file by its first line, in the order of the text."""
    with open(filename, encoding="utf-8") as file:
        tree = ast.parse(file.read())
    found = [node for node in ast.walk(tree) if isinstance(node, ast.Lambda)]
    out: dict[int, list[ast.Lambda]] = {}
    for node in sorted(found, key=lambda n: (n.lineno, n.col_offset)):
        out.setdefault(node.lineno, []).append(node)
    return out
