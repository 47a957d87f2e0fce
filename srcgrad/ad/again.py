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

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace

from srcgrad.ad.context import Context
from srcgrad.ad.operands import Operands
from srcgrad.ad.steps import AnyStep, Code, IfStep, Step, all_steps
from srcgrad.analysis.drawing import drawn_by
from srcgrad.analysis.memory import is_opaque
from srcgrad.ir.core import Assign, Atom, Block, For, If, Stmt, Store, UserFunction, Var, While
from srcgrad.ir.library import TOLD
from srcgrad.ir.liveness import has_effect
from srcgrad.ir.walk import assigned, blocks, names, operands, reads, rebuild, substitute, walk
from srcgrad.remaking import Path, Value, places
from srcgrad.rules.naming import given_names
from srcgrad.rules.registry import lookup

AGAIN = "%again"
GETITEM = "operator.getitem"
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
        self.within: dict[Path, Block] = {}  # blocks
        self.loops: dict[Path, int] = {}  # of a block, the unit of the innermost loop around it
        self.tried: set[Path] = set()
        self.number(context.fn.body, (), -1, False)
        self.readers: dict[str, list[Path]] = {}
        for stmt, codes in self.codes():
            for name in _read_by(codes):
                self.readers.setdefault(name, []).append(self.path_of(stmt))
        self.early = _read_by([entry])  # what the gradients themselves are made of
        self.found = {value.name: value for value in self.all_values()}

    # where statements stand
    def number(self, block: Block, path: Path, loop: int, tried: bool) -> None:
        self.within[path], self.loops[path] = block, loop
        if tried:
            self.tried.add(path)
        for position, stmt in enumerate(block):
            self.paths[stmt] = (*path, position)
            inner = stmt.unit if isinstance(stmt, For | While) else loop
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
    def all_values(self) -> Iterator[Value]:
        for stmt in walk(self.context.fn.body):
            if isinstance(stmt, Assign) and len(stmt.targets) == 1 and not stmt.sync:
                kind = self.context.kinds.after(stmt, stmt.target)
                if kind.is_array and kind.shape != () or stmt.fn in DISPLAYS:
                    yield self.value(stmt)

    def value(self, stmt: Assign) -> Value:
        path = self.paths[stmt]
        unit = self.context.fn.units.get(stmt.unit)
        limit, at_limit = self.limit(stmt, path)
        return Value(
            stmt.target,
            unit.line if unit is not None else 0,
            unit.text.split("\n")[0] if unit is not None else "",
            stmt.fn if isinstance(stmt.fn, str) else stmt.fn.name,
            path,
            tuple(self.readers.get(stmt.target, ())),
            tuple(dict.fromkeys(names(operands(stmt)))),
            self.loops[path[:-1]],
            limit,
            at_limit,
            self.reason(stmt, path),
        )

    def limit(self, stmt: Assign, path: Path) -> tuple[int | None, bool]:
        block, given = self.within[path[:-1]], reads(stmt)
        for position in range(path[-1] + 1, len(block)):
            if given & assigned((block[position],)):
                return position, self.reads_before(block[position])
        return None, False

    def reads_before(self, stmt: Stmt) -> bool:
        """True if the adjoint of a statement begins with its operands as they were before it."""
        step = self.steps.get(stmt)
        if not isinstance(step, Step) or not isinstance(stmt, Assign) or step.keep:
            return False
        calls_user = isinstance(stmt.fn, UserFunction)
        return not calls_user and (step.reads_old or not step.reads_result)

    def reason(self, stmt: Assign, path: Path) -> str:
        """Why a value cannot be computed again; empty if it can."""
        context = self.context
        written = context.rewritten
        if self.operands.single(stmt.target) is not stmt:
            return "its name has several values"
        if written & {stmt.target, *reads(stmt)} or context.reads_grown(stmt):
            return "it shares memory that is written"
        if not self.is_repeatable(stmt):
            return "it may not be the same again"
        if path[:-1] in self.tried or any(self.is_test(path[:k]) for k in range(len(path))):
            return "it is computed in a `try` or in a test"
        if stmt.target in self.early:
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
        found = places(self.found, chosen)
        assert found is not None
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
