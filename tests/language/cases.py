"""Cases are the public functions of `cases_*.py`, each taken out as a program of its own.

The first line of a function's docstring names the construct. A line `At: x, scale=s` gives the
arguments; without one they follow from the names of the parameters, see `values`. A function
without parameters returns the one to differentiate.
"""

from __future__ import annotations

import ast
import linecache
import re
import sys
import types
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from srcgrad.derivative import signature_of

FOLDER = Path(__file__).parent
AREAS = (
    *("stores", "views", "memory", "control", "scopes"),
    *("functions", "closures", "objects", "containers", "iterators", "refusals", "unseen"),
    "surroundings",
)


@dataclass(frozen=True, slots=True)
class Case:
    """A program with one function to differentiate."""

    area: str
    construct: str
    name: str  # of the function
    example: str  # what a reader is shown: the function and what it uses, without its docstring
    program: str  # the same with the imports
    at: str  # its arguments, as they are written in a call

    @property
    def given(self) -> bool:
        """Whether what the function returns is the function to differentiate."""
        return f"def {self.name}():" in self.example

    @property
    def file(self) -> str:
        return f"<{self.name}>"

    def load(self) -> tuple[Callable[..., Any], dict[str, Any]]:
        """The function, as if its program had been imported, and the names beside it."""
        lines = self.program.splitlines(keepends=True)
        linecache.cache[self.file] = (len(self.program), None, lines, self.file)
        module = types.ModuleType(f"language_{self.name}")
        sys.modules[module.__name__] = module  # where dataclasses look up the names around them
        namespace = vars(module)
        exec(compile(self.program, self.file, "exec"), namespace)
        function = namespace[self.name]
        return function() if self.given else function, namespace

    def arguments(
        self, f: Callable[..., Any], namespace: dict[str, Any], seed: int
    ) -> tuple[tuple[Any, ...], dict[str, Any]]:
        """Positional and keyword arguments, drawn afresh."""
        known = values(seed)
        if self.at:
            capture = {"_call": lambda *args, **kwargs: (args, kwargs)}
            return eval(f"_call({self.at})", {**namespace, **known, **capture})
        wanted = signature_of(f).parameters.values()
        return tuple(known[p.name] for p in wanted if p.default is p.empty), {}


def values(seed: int) -> dict[str, Any]:
    """Arguments by name: x, u vectors; A, B matrices; s, t numbers; n an int; w a container."""
    rng = np.random.default_rng(seed)
    return {
        "x": rng.random(5) + 0.5,
        "u": rng.random(5) + 0.5,
        "A": rng.random((3, 4)) + 0.2,
        "B": rng.random((4, 3)) + 0.2,
        "s": float(rng.random() + 0.3),
        "t": float(rng.random() + 0.4),
        "n": 3,
    }


def read_cases() -> list[Case]:
    """The cases of every area, in the order of their lines."""
    return [case for area in AREAS for case in _of_file(FOLDER / f"cases_{area}.py")]


def _of_file(path: Path) -> Iterator[Case]:
    text = path.read_text(encoding="utf-8")
    tree = ast.parse(text)
    area = (ast.get_docstring(tree) or "").splitlines()[0].removesuffix(".")
    parts = {name: node for node in tree.body for name in _bound(node)}
    for node in tree.body:
        if isinstance(node, ast.FunctionDef) and not node.name.startswith("_"):
            yield _case(area, node, parts, tree.body, text)


def _case(
    area: str, node: ast.FunctionDef, parts: dict[str, ast.stmt], body: list[ast.stmt], text: str
) -> Case:
    used = _used(node, parts)
    kept = [part for part in body if part is node or part in used]
    imports = [ast.unparse(part) for part in kept if isinstance(part, ast.Import | ast.ImportFrom)]
    rest = [part for part in kept if not isinstance(part, ast.Import | ast.ImportFrom)]
    example = "\n\n\n".join(_without_docstring(part, node, text) for part in rest)
    construct, *more = (ast.get_docstring(node) or "").splitlines()
    at = "".join(line.removeprefix("At: ") for line in more if line.startswith("At: "))
    program = "\n".join(imports) + "\n\n\n" + example + "\n"
    return Case(area, construct, node.name, example, program, at)


def _bound(node: ast.stmt) -> list[str]:
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        return [node.name]
    if isinstance(node, ast.Import | ast.ImportFrom):
        return [alias.asname or alias.name.split(".")[0] for alias in node.names]
    names = (n for n in ast.walk(node) if isinstance(n, ast.Name))
    return [n.id for n in names if isinstance(n.ctx, ast.Store)]


def _used(node: ast.stmt, parts: dict[str, ast.stmt]) -> set[ast.stmt]:
    """What a function needs of its file, directly or through what it needs."""
    found: set[ast.stmt] = set()
    todo: list[ast.stmt] = [node]
    while todo:
        part = todo.pop()
        names = {n.id for n in ast.walk(part) if isinstance(n, ast.Name)}
        names |= parts.keys() & {n for doc in _docstrings(part) for n in re.findall(r"\w+", doc)}
        more = {parts[name] for name in names & parts.keys()} - found
        found |= more
        todo += more
    return found - {node}


def _docstrings(part: ast.stmt) -> list[str]:
    return [ast.get_docstring(part) or ""] if isinstance(part, ast.FunctionDef) else []


def _without_docstring(part: ast.stmt, node: ast.FunctionDef, text: str) -> str:
    lines = text.splitlines()
    decorators = getattr(part, "decorator_list", [])
    first = min([part.lineno, *(d.lineno for d in decorators)]) - 1
    skipped = range(node.body[0].lineno - 1, node.body[0].end_lineno or 0) if part is node else ()
    return "\n".join(lines[i] for i in range(first, part.end_lineno or 0) if i not in skipped)
