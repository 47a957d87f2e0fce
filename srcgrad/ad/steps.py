"""The backward sweep as it stands before values are recorded: one step for each primal statement."""

from __future__ import annotations

from dataclasses import dataclass, field

from srcgrad.ir.core import Atom, Stmt

Code = list[Stmt]


@dataclass(slots=True)
class Step:
    """The adjoint of a simple statement.

    `code` reads operands as they were before the statement, and (`reads_result`) its target as it was
    after it. `undo` brings back what a store overwrote: the code that finds the place, and its index.
    """

    stmt: Stmt
    code: Code = field(default_factory=list)
    keep: Code = field(default_factory=list)  # runs before the overwritten value is brought back
    reads_result: bool = False
    expanded: list[Stmt] = field(default_factory=list)  # definitions computed again in `code`
    undo: Code = field(default_factory=list)
    undo_index: Atom | None = None


@dataclass(slots=True)
class IfStep:
    """The adjoint of an `If`: `test` is computed by `head`; the arms' adjoints run in reverse."""

    stmt: Stmt
    head: Code
    test: Atom
    then: list[AnyStep]
    orelse: list[AnyStep]
    then_tail: Code = field(default_factory=list)
    else_tail: Code = field(default_factory=list)
    expanded: list[Stmt] = field(default_factory=list)


@dataclass(slots=True)
class LoopStep:
    """The adjoint of a loop. `init` runs before it, `tail` at the end of each reversed iteration."""

    stmt: Stmt
    init: Code
    body: list[AnyStep]
    tail: Code
    count: str | None  # variable that counts the iterations, where the header does not tell


AnyStep = Step | IfStep | LoopStep
