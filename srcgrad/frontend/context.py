"""The state of lowering one function: statements so far, names, units of text, problems."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, TypeAlias

import gast

from srcgrad.errors import Problem
from srcgrad.frontend.environment import Binding, Environment
from srcgrad.frontend.text import TextFile
from srcgrad.ir.core import Assign, Atom, Block, Callee, Const, Global, Stmt, Unit, Var

Node: TypeAlias = Any  # gast ships no types

# Nodes with a scope of their own: names stored inside are not the function's.
SCOPES = (gast.AsyncFunctionDef, gast.ClassDef, gast.FunctionDef, gast.Lambda)
# These too, but what they read and name with `:=` is read and named where they stand.
COMPREHENSIONS = (gast.DictComp, gast.GeneratorExp, gast.ListComp, gast.SetComp)


def walk_scope(*nodes: Node) -> Iterator[Node]:
    """Every node below, leaving out inner scopes and comprehensions' targets; not in order."""
    stack = list(nodes)
    while stack:
        node = stack.pop()
        yield node
        if isinstance(node, gast.comprehension):
            stack += [node.iter, *node.ifs]
        elif not isinstance(node, SCOPES):
            stack.extend(gast.iter_child_nodes(node))


def stored_names(*nodes: Node) -> set[str]:
    """Names that are assigned anywhere below."""
    found = set()
    for node in walk_scope(*nodes):
        if isinstance(node, gast.Name) and not isinstance(node.ctx, gast.Load):
            found.add(node.id)
        elif isinstance(node, gast.FunctionDef | gast.ClassDef):
            found.add(node.name)
        elif isinstance(node, gast.MatchAs | gast.MatchStar | gast.MatchMapping):
            name = node.rest if isinstance(node, gast.MatchMapping) else node.name
            found |= {name} - {None}
        elif isinstance(node, gast.Import | gast.ImportFrom):
            found |= {(alias.asname or alias.name).split(".")[0] for alias in node.names}
    return found


@dataclass(frozen=True, slots=True)
class Region:
    """What runs before and after the body of a `with`, on every path through it."""

    enter: Block
    leave: Block


@dataclass(eq=False)
class Context:
    """Lowering in progress. `block` is where statements go, `unit` the user's statement at hand."""

    file: TextFile
    env: Environment
    locals: set[str]
    known: set[str]  # locals that may have a value by now
    block: list[Stmt] = field(default_factory=list)
    unit: int = -1
    units: dict[int, Unit] = field(default_factory=dict)
    globals: dict[str, Global] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    orelse: dict[Stmt, Block] = field(default_factory=dict)  # `else` blocks of loops
    regions: dict[Stmt, Region] = field(default_factory=dict)  # by an `if` around their body
    displays: dict[Atom, tuple[Atom, ...]] = field(default_factory=dict)  # subjects of `match`
    statements: list[Node] = field(default_factory=list)  # of the function
    altered: bool = False  # names are not those of the text: it is shown, but not printed
    caught: Var | None = None  # the exception at hand, in a handler
    imports: dict[str, Binding] = field(default_factory=dict)  # made inside the function
    volatile: frozenset[str] = frozenset()  # reassigned inside the expression at hand
    outer: set[str] = field(default_factory=set)  # names outside the comprehensions that bind them
    _counts: dict[str, int] = field(default_factory=dict)

    def problem(self, node: Node, message: str, remedy: str = "") -> Atom:
        """Note a problem. Returns an atom, so that lowering can go on and find others."""
        self.problems.append(self.file.problem(node, message, remedy))
        return Const(None)

    def fresh(self, stem: str) -> str:
        self._counts[stem] = number = self._counts.get(stem, 0) + 1
        return f"{stem}@{number}"

    def add(self, stmt: Stmt) -> None:
        self.block.append(stmt)

    def emit(
        self,
        stem: str,
        fn: Callee,
        args: tuple[Atom, ...],
        kwargs: tuple[tuple[str, Atom], ...] = (),
    ) -> Var:
        """Compute into a new temporary."""
        target = self.fresh(stem)
        self.assign((target,), fn, args, kwargs)
        return Var(target)

    def assign(
        self,
        targets: tuple[str, ...],
        fn: Callee,
        args: tuple[Atom, ...],
        kwargs: tuple[tuple[str, Atom], ...] = (),
    ) -> None:
        self.known.update(targets)
        self.add(Assign(targets, fn, args, kwargs, self.unit))

    def copy(self, target: str, value: Atom) -> None:
        self.assign((target,), "copy", (value,))

    def read_outside(self, part: list[Node]) -> set[str]:
        """Names that the function reads anywhere but in a part of it."""
        inside = {id(node) for stmt in part for node in gast.walk(stmt)}
        nodes = (node for stmt in self.statements for node in gast.walk(stmt))
        names = [n for n in nodes if isinstance(n, gast.Name) and id(n) not in inside]
        return {n.id for n in names if isinstance(n.ctx, gast.Load)}

    @contextmanager
    def collect(self) -> Iterator[list[Stmt]]:
        """Gather the statements made inside into a block of their own."""
        outer, self.block = self.block, []
        try:
            yield self.block
        finally:
            self.block = outer

    @contextmanager
    def simple(self, node: Node, text: str | None = None) -> Iterator[None]:
        """A simple statement of the user's: all that is made inside comes from it."""
        start, span = len(self.block), self.file.span(node)
        number = self.open(node)
        yield
        shown = self.file.dedented(*span) if text is None else text
        comment = self.file.comment_on(span[2])
        self.close(number, node, shown, comment, tuple(self.block[start:]))

    def open(self, node: Node) -> int:
        """Begin a unit; its number."""
        self.unit = number = len(self.units)
        line, col, _, _ = self.file.span(node)
        self.units[number] = Unit(line, col, "")
        return number

    def close(
        self, number: int, node: Node, text: str, comment: str, stmts: tuple[Stmt, ...]
    ) -> None:
        line, col, _, _ = self.file.span(node)
        text = f"... {text}" if self.altered else text
        lead = self.file.comments_above(line) if self._starts_line(line, col) else ()
        self.units[number] = Unit(line, col, text, comment, lead, stmts)
        self.unit = -1

    def close_header(self, number: int, node: Node, stmts: tuple[Stmt, ...]) -> None:
        """End the unit of a compound statement's header."""
        line, col, _, _ = self.file.span(node)
        end_line, end_col = self.file.header_end(node)
        text = self.file.dedented(line, col, end_line, end_col).removeprefix("el")
        alone = not self.file.line(end_line)[end_col + 1 :].split("#")[0].strip()
        comment = self.file.comment_on(end_line) if alone else ""
        self.close(number, node, text, comment, stmts)

    def _starts_line(self, line: int, col: int) -> bool:
        return not self.file.line(line)[:col].strip()

    def binding(self, name: str) -> Binding | None:
        """What a free name stands for. Records it, and what its text needs, as globals."""
        found = self.imports.get(name) or self.env.lookup(name)
        if found is not None and not found.builtin and name not in self.globals:
            self.globals[name] = found.glob
            for other in found.needs:
                self.binding(other)
        return found
