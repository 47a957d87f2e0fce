"""The backward sweep as it stands before values are recorded: one step for each primal
statement."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import field

from srcgrad.ir.classes import dataclass
from srcgrad.ir.core import Atom, Stmt

Code = list[Stmt]


@dataclass(slots=True)
class Step:
    """The adjoint of a simple statement.

    `code` reads operands as they were before the statement, and (`reads_result`) its target as it
    was
    after it. `undo` brings back what a store overwrote: the code that finds the place, and its
    index.
    """

    stmt: Stmt
    code: Code = field(default_factory=list)
    keep: Code = field(default_factory=list)  # runs before the overwritten value is brought back
    reads_result: bool = False
    reads_old: bool = False  # an operand is the target itself, as it was before
    expanded: list[Stmt] = field(default_factory=list)  # definitions computed again in `code`
    undo: Code = field(default_factory=list)
    undo_index: Atom | None = None


@dataclass(slots=True)
class IfStep:
    """The adjoint of an `If`: `test` is computed by `head`; the arms' adjoints run in reverse.

    `settle` gives adjoints variables of their own first, whatever the arms do.
    """

    stmt: Stmt
    settle: Code
    head: Code
    test: Atom
    then: list[AnyStep]
    orelse: list[AnyStep]
    then_tail: Code = field(default_factory=list)
    else_tail: Code = field(default_factory=list)
    expanded: list[Stmt] = field(default_factory=list)


@dataclass(slots=True)
class LoopStep:
    """The adjoint of a loop. `init` runs before it, `tail` at the end of each reversed
    iteration."""

    stmt: Stmt
    init: Code
    body: list[AnyStep]
    tail: Code
    count: str | None  # variable that counts the iterations, where the header does not tell


AnyStep = Step | IfStep | LoopStep


def all_steps(steps: list[AnyStep]) -> Iterator[AnyStep]:
    """Every step, nested ones included."""
    pending = list(steps)
    while pending:
        step = pending.pop()
        yield step
        if isinstance(step, IfStep):
            pending += step.then + step.orelse
        elif isinstance(step, LoopStep):
            pending += step.body


def codes_of(steps: list[AnyStep]) -> list[Code]:
    """The lists of statements that the steps hold."""
    found: list[Code] = []
    for step in all_steps(steps):
        if isinstance(step, IfStep):
            found += [step.settle, step.head, step.then_tail, step.else_tail]
        elif isinstance(step, LoopStep):
            found += [step.init, step.tail]
        else:
            found += [step.code, step.keep]
    return found
