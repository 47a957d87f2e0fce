"""Values that are computed again in the backward sweep instead of being kept for it.

    h = np.tanh(X @ V)                                     # forward
    ...
    h_again = np.tanh(X @ V)  # computed again             # backward, before what reads it first
    W_bar = h_again.T @ g

Only operations that give the same whenever they are run, of operands that still hold then: what
reads or is memory that some statement writes is left alone. Whether operands hold in the backward
sweep is not asked here: they are read where the value is computed again, so the analysis of
recorded values (`required.py`) sees to it. Which values are chosen is a matter of memory
(`planning.py`).
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import field, replace

from srcgrad.ad.context import Context
from srcgrad.ad.operands import Operands
from srcgrad.ad.plan import may_leave
from srcgrad.ad.steps import AnyStep, Code, IfStep, Step, all_steps
from srcgrad.analysis.drawing import drawn_by
from srcgrad.analysis.memory import is_opaque
from srcgrad.ir.classes import dataclass
from srcgrad.ir.core import (
    Assign,
    Atom,
    Block,
    Exit,
    For,
    If,
    Stmt,
    Store,
    UserFunction,
    Var,
    While,
)
from srcgrad.ir.library import TOLD
from srcgrad.ir.liveness import has_effect
from srcgrad.ir.walk import (
    MUTATORS,
    assigned,
    blocks,
    names,
    operands,
    reads,
    rebuild,
    substitute,
    walk,
)
from srcgrad.remaking import Path, Value, places
from srcgrad.rules.naming import given_names
from srcgrad.rules.registry import lookup

AGAIN = "%again"
GETITEM = "operator.getitem"
LEAVING = "%leaving"  # stands among names for leaving a block
DISPLAYS = ("list", "tuple", "slice")
EMPTY = ("numpy.empty", "numpy.empty_like")
Codes = list[tuple[Stmt, list[Code]]]


@dataclass(slots=True)
class Remade:
    """`before[s]`: statements that stand before the adjoint of `s`. `notes`: on what they make."""

    before: dict[Stmt, list[Assign]] = field(default_factory=dict)
    notes: dict[str, str] = field(default_factory=dict)
    sources: dict[Assign, Assign] = field(default_factory=dict)  # what the forward sweep runs


class Again:
    """What is known of the values of one function, and what is done for those chosen."""

    def __init__(
        self, context: Context, operands_: Operands, steps: list[AnyStep], entry: Code
    ) -> None:
        self.context = context
        self.operands = operands_
        self.steps = {step.stmt: step for step in all_steps(steps)}
        self.paths: dict[Stmt, Path] = {}
        self.inside_with = any(
            isinstance(s, Assign) and s.fn == "with.enter" for s in walk(context.fn.body)
        )
        self.within: dict[Path, Block] = {}  # blocks
        self.loops: dict[Path, tuple[int, ...]] = {}  # of a block, the units of those around it
        # of a block, the positions where a name is assigned, or where it may be left
        self.changed: dict[Path, dict[str, list[int]]] = {}
        self.tops: dict[int, int] = {}  # of a loop by its unit, the position in the function
        self.tried: set[Path] = set()
        self.number(context.fn.body, (), (), False)
        self.readers: dict[str, list[Path]] = {}
        for stmt, codes in self.codes():
            for name in _read_by(codes):
                self.readers.setdefault(name, []).append(self.path_of(stmt))
        self.passed_on = set(self.all_passed_on())
        self.early = _read_by([entry])  # what the gradients themselves are made of
        self.found = {value.name: value for value in self.all_values()}

    # where statements stand
    def number(self, block: Block, path: Path, loops: tuple[int, ...], tried: bool) -> None:
        self.within[path], self.loops[path] = block, loops
        changed = self.changed[path] = dict[str, list[int]]()
        for position, stmt in enumerate(block):
            for name in {LEAVING} if may_leave(stmt) else assigned((stmt,)):
                changed.setdefault(name, []).append(position)
        if tried:
            self.tried.add(path)
        for position, stmt in enumerate(block):
            self.paths[stmt] = (*path, position)
            inner = loops
            if isinstance(stmt, For | While):
                inner = (*loops, stmt.unit)
                self.tops[stmt.unit] = self.paths[stmt][0]
            trying = tried or isinstance(stmt, If) and stmt.form == "try"
            for number, part in enumerate(blocks(stmt)):
                self.number(part, (*path, position, number), inner, trying)

    def path_of(self, stmt: Stmt) -> Path:
        return self.paths[stmt]

    def codes(self) -> Codes:
        """Code of the backward sweep, by the statement whose adjoint it belongs to."""
        found: Codes = []
        for stmt, step in self.steps.items():
            if isinstance(step, Step):
                found.append((stmt, [step.code, step.keep, step.undo]))
            elif isinstance(step, IfStep):
                code = [step.settle, step.head, step.then_tail, step.else_tail]
                found.append((stmt, [*code, [_reading(step.test)]]))
            else:
                found.append((stmt, [step.init, step.tail]))
        return found

    # what is known
    def all_passed_on(self) -> Iterator[str]:
        """Names of what may be held for longer than its names: returned, put into a container other
        than a display, or given to a function that keeps what it likes."""
        for stmt in walk(self.context.fn.body):
            container = isinstance(stmt, Assign) and any(
                self.context.kinds.after(stmt, name).is_container for name in stmt.targets
            )
            keeps = isinstance(stmt, Assign) and (stmt.fn == "with.enter" or stmt.fn in MUTATORS)
            display = isinstance(stmt, Assign) and stmt.fn in DISPLAYS
            if container and not display or keeps or stmt in self.context.pairs:
                yield from names(operands(stmt))
            elif isinstance(stmt, Exit) or isinstance(stmt, Store) and self.is_held(stmt):
                yield from reads(stmt)

    def is_held(self, stmt: Store) -> bool:
        return not self.context.kinds.before(stmt, stmt.base).is_array

    def all_values(self) -> Iterator[Value]:
        for name, kind in self.context.params.items():
            if kind.is_array or kind.is_container:
                readers = tuple(self.readers.get(name, ()))
                yield Value(name, 0, "", "", (-1,), readers, (), reason="it is given")
        for stmt in walk(self.context.fn.body):
            for name in stmt.targets if isinstance(stmt, Assign) and not stmt.sync else ():
                assert isinstance(stmt, Assign)
                kind = self.context.kinds.after(stmt, name)
                if kind.is_array and kind.shape != () or stmt.fn in DISPLAYS:
                    yield self.value(stmt, name)

    def value(self, stmt: Assign, name: str) -> Value:
        path = self.paths[stmt]
        unit = self.context.fn.units.get(stmt.unit)
        limit, at_limit = self.limit(stmt, path)
        return Value(
            name,
            unit.line if unit is not None else 0,
            unit.text.split("\n")[0] if unit is not None else "",
            stmt.fn if isinstance(stmt.fn, str) else stmt.fn.name,
            path,
            tuple(self.readers.get(name, ())),
            tuple(n for n in dict.fromkeys(names(operands(stmt))) if self.is_large(stmt, n)),
            self.loops[path[:-1]],
            limit,
            at_limit,
            self.reason(stmt, name, path),
            held=name in self.passed_on,
        )

    def is_large(self, stmt: Stmt, name: str) -> bool:
        """True for what is not just a number, or a few."""
        kind = self.context.kinds.before(stmt, Var(name))
        return kind.is_array or kind.is_container

    def limit(self, stmt: Assign, path: Path) -> tuple[int | None, bool]:
        block, changed = self.within[path[:-1]], self.changed[path[:-1]]
        known = [changed[name] for name in {LEAVING, *reads(stmt)} if name in changed]
        later = [part[k] for part in known if (k := bisect_right(part, path[-1])) < len(part)]
        if not later:
            return None, False
        first = min(later)
        return first, not may_leave(block[first]) and self.reads_before(block[first])

    def reads_before(self, stmt: Stmt) -> bool:
        """True if the adjoint of a statement begins with its operands as they were before it."""
        step = self.steps.get(stmt)
        if not isinstance(step, Step) or not isinstance(stmt, Assign) or step.keep:
            return False
        calls_user = isinstance(stmt.fn, UserFunction)
        return not calls_user and (step.reads_old or not step.reads_result)

    def reason(self, stmt: Assign, name: str, path: Path) -> str:
        """Why a value cannot be computed again; empty if it can."""
        context = self.context
        made = context.aliases.made.get(stmt)
        grows = made is not None and made.number in context.grown
        if len(stmt.targets) > 1:
            return "it is one of several results"
        if self.operands.single(name) is not stmt:
            return "its name has several values"
        if context.rewritten & {name, *reads(stmt)} or context.reads_grown(stmt) or grows:
            return "it shares memory that is written"
        if self.inside_with or not self.is_repeatable(stmt):
            return "it may not be the same again"
        if path[:-1] in self.tried or any(self.is_test(path[:k]) for k in range(len(path))):
            return "it is computed in a `try` or in a test"
        if name in self.early:
            return "the gradient is made of it"
        return ""

    def is_test(self, path: Path) -> bool:
        """True for the block that is the condition of a `while`."""
        if path not in self.within or len(path) < 2 or path[-1] != 0:
            return False
        return isinstance(self.within[path[:-2]][path[-2]], While)

    def is_repeatable(self, stmt: Assign) -> bool:
        """True for library functions that give the same again, and do nothing else."""
        fn = stmt.fn
        if not isinstance(fn, str) or fn in EMPTY or TOLD & {key for key, _ in stmt.kwargs}:
            return False
        if fn in DISPLAYS:
            return True
        kinds = [self.context.kinds.before(stmt, atom) for atom in operands(stmt)]
        if fn == GETITEM:
            return kinds[0].is_array
        if lookup(fn) is None or fn in given_names() or drawn_by(fn, kinds):
            return False
        if any(kind.tag in ("object", "unknown", "generator") for kind in kinds):
            return False
        return not has_effect(stmt) and not is_opaque(stmt, self.context.kinds)

    # what is done
    def remake(self, chosen: Mapping[str, str]) -> Remade:
        """The values are computed again, where they are read first, with these notes."""
        found = self.possible(chosen)
        remade = Remade()
        new = {name: Var(name + AGAIN) for name in found}
        done: dict[Stmt, Stmt] = {}  # one statement may stand in two lists
        for _, codes in self.codes():
            for code in codes:
                for position, stmt in enumerate(code):
                    if stmt not in done:
                        done[stmt] = _renamed(stmt, new)
                    code[position] = done[stmt]
        for step in self.steps.values():
            if isinstance(step, IfStep) and isinstance(step.test, Var):
                step.test = new.get(step.test.name, step.test)
            if isinstance(step, Step) and isinstance(step.undo_index, Var):
                step.undo_index = new.get(step.undo_index.name, step.undo_index)
        for name in sorted(found, key=lambda name: self.found[name].path):
            self.insert(name, found[name], new, remade)
            remade.notes[name + AGAIN] = chosen[name]
        return remade

    def possible(self, chosen: Iterable[str]) -> dict[str, int]:
        """Where values are computed again. They were chosen for the function as it is called in one
        way; for another, some may have to be kept."""
        known = [name for name in chosen if name in self.found]
        found = places(self.found, known)
        taken: list[str] = []
        for name in known if found is None else ():
            if places(self.found, [*taken, name]) is not None:
                taken.append(name)
        return found or places(self.found, taken) or {}

    def insert(self, name: str, place: int, new: Mapping[str, Var], remade: Remade) -> None:
        value = self.found[name]
        block = self.within[value.block]
        source, stmt = block[value.position], block[place]
        assert isinstance(source, Assign)
        made = _renamed(replace(source, targets=(name + AGAIN,), unit=-1), new)
        assert isinstance(made, Assign)
        self.operands.build.kinds[made.target] = self.context.kinds.after(source, name)
        step = self.steps.get(stmt)
        if isinstance(step, Step) and self.reads_before(stmt):
            ahead = sum(part in remade.sources for part in step.code)
            step.code.insert(ahead, made)
            step.expanded.append(source)
        else:
            remade.before.setdefault(stmt, []).append(made)
        remade.sources[made] = source


def _reading(atom: Atom) -> Stmt:
    return Assign((), "copy", (atom,))


def _read_by(codes: Iterable[Code]) -> set[str]:
    return {name for code in codes for stmt in walk(tuple(code)) for name in _reads(stmt)}


def _reads(stmt: Stmt) -> set[str]:
    found = set(reads(stmt))
    if isinstance(stmt, Store):
        found.add(stmt.base.name)
    if isinstance(stmt, While):
        found |= set(names((stmt.cond,)))
    return found


def _renamed(stmt: Stmt, new: Mapping[str, Var]) -> Stmt:
    def change(atom: Atom) -> Atom:
        return new.get(atom.name, atom) if isinstance(atom, Var) else atom

    if not any(name in new for part in walk((stmt,)) for name in _reads(part)):
        return stmt
    inner = rebuild(stmt, lambda block: tuple(_renamed(part, new) for part in block))
    return substitute(inner, change)
