"""The state of lowering one function: statements so far, names, units of text, problems."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import field, replace
from typing import Any, TypeAlias

import gast

from srcgrad.errors import Problem
from srcgrad.frontend.borrowed import foreign_binding
from srcgrad.frontend.descend import children
from srcgrad.frontend.environment import Binding, Environment
from srcgrad.frontend.meeting import Arm, forget, settle
from srcgrad.frontend.statics import Closure, Static, at_run_time, intercept, stored
from srcgrad.frontend.text import TextFile
from srcgrad.ir.classes import dataclass
from srcgrad.ir.core import (
    Assign,
    Atom,
    Block,
    Callee,
    Const,
    Global,
    Stmt,
    Store,
    Unit,
    UserFunction,
    Var,
)
from srcgrad.ir.walk import MUTATORS, operands, substitute

Node: TypeAlias = Any  # gast ships no types

# Nodes with a scope of their own: names stored inside are not the function's.
SCOPES = (gast.AsyncFunctionDef, gast.ClassDef, gast.FunctionDef, gast.Lambda)
# These too, but what they read and name with `:=` is read and named where they stand.
COMPREHENSIONS = (gast.DictComp, gast.GeneratorExp, gast.ListComp, gast.SetComp)
# Nodes that bind names, beside a name that is stored.
BINDING = frozenset({gast.ClassDef, gast.FunctionDef, gast.Import, gast.ImportFrom})
BINDING |= {gast.MatchAs, gast.MatchMapping, gast.MatchStar}


def walk_scope(*nodes: Node) -> Iterator[Node]:
    """Every node below, leaving out inner scopes and comprehensions' targets; not in order."""
    stack = list(nodes)
    while stack:
        node = stack.pop()
        yield node
        kind = type(node)
        if kind is gast.comprehension:
            stack += [node.iter, *node.ifs]
        elif kind not in SCOPES:
            stack += children(node)


def stored_names(*nodes: Node) -> set[str]:
    """Names that are assigned anywhere below."""
    found = set()
    for node in walk_scope(*nodes):
        kind = type(node)
        if kind is gast.Name:
            if type(node.ctx) is not gast.Load:
                found.add(node.id)
        elif kind not in BINDING:
            continue
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
class Frame:
    """A call that is being written out in place."""

    closure: Closure
    returned: list[Static] = field(default_factory=list)  # by its `return` statements
    unit: int = -1  # the statement with the call
    first: Atom | None = None  # the first argument: `self`, in a method
    plain: bool = False  # some `return` gives a run-time value
    exits: list[dict[str, Static]] = field(default_factory=list)  # what was known at each


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
    past: set[str] = field(default_factory=set)  # names that are read outside loops over them
    altered: bool = False  # names are not those of the text: it is shown, but not printed
    caught: Var | None = None  # the exception at hand, in a handler
    imports: dict[str, Binding] = field(default_factory=dict)  # made inside the function
    volatile: frozenset[str] = frozenset()  # reassigned inside the expression at hand
    outer: set[str] = field(default_factory=set)  # names outside the comprehensions that bind them
    statics: dict[str, Static] = field(default_factory=dict)  # names that hold a static value now
    carried: dict[str, Static] = field(default_factory=dict)  # names of what loops assign anew
    fixed: dict[str, Static] = field(default_factory=dict)  # and temporaries that always do
    loaded: set[str] = field(default_factory=set)  # of these, the ones that were made run-time too
    starred: set[str] = field(default_factory=set)  # names that a call spreads: `f(*t, **d)`
    steady: set[str] = field(default_factory=set)  # names that are assigned once
    cells: set[str] = field(default_factory=set)  # names that inner functions assign
    frames: list[Frame] = field(default_factory=list)  # calls being written out, innermost last
    definitions: dict[str, Closure] = field(default_factory=dict)  # of modules, by key
    guards: list[tuple[Any, str, Any]] = field(default_factory=list)
    whole_objects: bool = False  # classes make run-time objects in the expression at hand
    attempts: int = 0  # bodies of `try` around the statement at hand
    changes: str = ""  # an attribute that is assigned, of an object from outside
    mutated: dict[type, None] = field(default_factory=dict)  # classes of objects that change
    unchanging: dict[type, None] = field(default_factory=dict)  # and of those that must not
    objects: dict[str, Any] = field(default_factory=dict)  # from outside, by variable
    builtins: dict[str, Binding] = field(default_factory=dict)  # under names no program can hold
    foreign: dict[str, tuple[Environment, str]] = field(default_factory=dict)
    depth: int = 0  # of blocks
    inlined: int = 0  # calls written out so far
    rewritten: int = 0  # uses of static values so far: statements with such are not kept as text
    node: Node = None  # the expression at hand
    _opened: dict[int, int] = field(default_factory=dict)  # units at hand: `rewritten` before them
    _counts: dict[str, int] = field(default_factory=dict)

    def problem(self, node: Node, message: str, remedy: str = "") -> Atom:
        """Note a problem. Returns an atom, so that lowering can go on and find others."""
        found = self.file.problem(node, message, remedy)
        if found not in self.problems:  # a function may be written out many times
            self.problems.append(found)
        return Const(None)

    def problem_at(self, unit: Unit, message: str, remedy: str) -> None:
        """A problem of a statement that has been lowered already."""
        text = self.file.line(unit.line)
        found = Problem(self.file.name, unit.line, unit.col, message, remedy, text, len(text))
        if found not in self.problems:
            self.problems.append(found)

    def is_local(self, name: str) -> bool:
        """Whether a name is a variable of the program: the user's, or made by the compiler."""
        return (
            name in self.locals
            or "@" in name
            and not (name in self.foreign or name in self.builtins)
        )

    def fresh(self, stem: str) -> str:
        stem = stem.partition("@")[0]
        self._counts[stem] = number = self._counts.get(stem, 0) + 1
        return f"{stem}@{number}"

    def variable(self, stem: str) -> str:
        """A fresh name for what lives longer than a statement."""
        stem = stem.partition("@")[0]
        self._counts[stem] = number = self._counts.get(stem, 0) + 1
        return f"{stem}@v{number}"

    def settled(self, stem: str, value: Atom) -> Atom:
        """A computed value in a variable of its own, which nothing else assigns."""
        if not isinstance(value, Var) or self._lasts(value.name):
            return value
        name = self.variable(stem)
        last = self.block[-1] if self.block else None
        temporary = "@" in value.name and "@v" not in value.name
        if temporary and isinstance(last, Assign) and last.targets == (value.name,):
            self.block[-1] = replace(last, targets=(name,))
            self.known.add(name)
            self.steady.add(name)
            return Var(name)
        self.copy(name, value)
        self.steady.add(name)
        return Var(name)

    def _lasts(self, name: str) -> bool:
        return name in self.steady or name in self.fixed or name in self.statics

    def add(self, stmt: Stmt) -> None:
        """Add a statement. Its operands are made run-time values, where lowering knows them."""
        if any(self._is_static(atom) for atom in operands(stmt)):
            if isinstance(stmt, Assign) and str(stmt.fn).startswith("attr."):
                pass  # of an object from outside
            elif isinstance(stmt, Store) and stored(self, stmt):
                self.rewritten += 1
                return
            elif self._changes_static(stmt):
                message = "a container that lowering keeps is changed here"
                self.problem(self.node, message, "build a new one, with all its items")
                return
            else:
                stmt = substitute(stmt, lambda atom: at_run_time(self, atom))
        if isinstance(stmt, Assign) and isinstance(stmt.fn, UserFunction) and self.inlined:
            self._note_callee(stmt.fn)
        self.block.append(stmt)

    def _is_static(self, atom: Atom) -> bool:
        return isinstance(atom, Var) and (atom.name in self.statics or atom.name in self.fixed)

    def _changes_static(self, stmt: Stmt) -> bool:
        if isinstance(stmt, Store):
            return self._is_static(stmt.base)
        return isinstance(stmt, Assign) and stmt.fn in MUTATORS and self._is_static(stmt.args[0])

    def conflicts(self, fn: UserFunction) -> bool:
        """Whether a function's own name means another thing here."""
        known = self.globals.get(fn.name)
        if known is None:
            return self.is_local(fn.name)
        return bool(known.value != fn)

    def _note_callee(self, fn: UserFunction) -> None:
        """A function that is called by one written out here goes by its own name."""
        known = self.globals.get(fn.name)
        if known is None and not self.is_local(fn.name):
            self.globals[fn.name] = Global(fn.name, "function", "", fn)

    def static(self, value: Static, stem: str = "t") -> Var:
        """An atom for a static value."""
        name = self.fresh(stem)
        self.fixed[name] = value
        return Var(name)

    def set_static(self, name: str, value: Static) -> None:
        """Assign a static value to a name."""
        self.known.add(name)
        carried = self.carried.get(name)
        if carried is not None and carried.take(self, value):
            value = carried
        self.statics[name] = value
        self.rewritten += 1

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
        stmt = Assign(targets, fn, args, kwargs, self.unit)
        if (self.statics or self.fixed or self.starred) and intercept(self, stmt):
            return
        self.add(stmt)
        for target in targets:
            self.statics.pop(target, None)

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
        """Gather the statements made inside into a block of their own, which may not run."""
        before = dict(self.statics)
        with self.inner_block() as block:
            yield block
        settle(self, before)

    @contextmanager
    def arm(self, arms: list[Arm]) -> Iterator[list[Stmt]]:
        """As `collect`, for one of the arms of a branch. `join` is to be called after the last."""
        before = dict(self.statics)
        with self.inner_block() as block:
            yield block
        arms.append(Arm(block, self.statics))
        self.statics = before

    @contextmanager
    def iteration(self, changed: set[str]) -> Iterator[list[Stmt]]:
        """As `collect`, for the body of a loop, which assigns the names `changed`."""
        forget(self, changed | self.cells)
        before = dict(self.statics)
        with self.collect() as block:
            yield block
        for name, value in before.items():
            if name not in changed | self.cells and self.statics.get(name) is not value:
                message = f"`{name.partition('@')[0]}` becomes another function in this loop"
                self.problem(self.node, message, "choose the function before the loop")

    @contextmanager
    def inner_block(self) -> Iterator[list[Stmt]]:
        outer, self.block = self.block, []
        self.depth += 1
        try:
            yield self.block
        finally:
            self.block = outer
            self.depth -= 1

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
        self._opened[number] = self.rewritten
        line, col, _, _ = self.file.span(node)
        self.units[number] = Unit(line, col, "", caller=self._caller())
        return number

    def close(
        self, number: int, node: Node, text: str, comment: str, stmts: tuple[Stmt, ...]
    ) -> None:
        line, col, _, _ = self.file.span(node)
        text = f"... {text}" if self.altered else text
        lead = self.file.comments_above(line) if self._starts_line(line, col) else ()
        rewritten = bool(self.frames) or self.rewritten > self._opened.pop(number)
        self.units[number] = Unit(
            line, col, text, comment, lead, () if rewritten else stmts, rewritten, self._caller()
        )
        self.unit = -1

    def close_header(self, number: int, node: Node, stmts: tuple[Stmt, ...]) -> None:
        """End the unit of a compound statement's header."""
        line, col, _, _ = self.file.span(node)
        end_line, end_col = self.file.header_end(node)
        text = self.file.dedented(line, col, end_line, end_col).removeprefix("el")
        alone = not self.file.line(end_line)[end_col + 1 :].split("#")[0].strip()
        comment = self.file.comment_on(end_line) if alone else ""
        self.close(number, node, text, comment, stmts)

    def _caller(self) -> int:
        return self.frames[-1].unit if self.frames else -1

    def _starts_line(self, line: int, col: int) -> bool:
        return not self.file.line(line)[:col].strip()

    def binding(self, name: str) -> Binding | None:
        """What a free name stands for. Records it, and what its text needs, as globals."""
        if name in self.builtins:
            return self.builtins[name]
        if name in self.foreign:
            return foreign_binding(self, *self.foreign[name])
        found = self.imports.get(name) or self.env.lookup(name)
        if found is not None and not found.builtin and name not in self.globals:
            self.globals[name] = found.glob
            for other in found.needs:
                self.binding(other)
        return found
