"""Which variables have a tangent at each point: those that vary and are of use later.

Where control flow meets, a variable that has a tangent on one way has one on every way: zeros on
the others. A loop carries what has a tangent at any of its ends.
"""

from __future__ import annotations

from dataclasses import field

from srcgrad.ad.context import Context
from srcgrad.ad.lives import Lives
from srcgrad.ir.classes import dataclass
from srcgrad.ir.core import Assign, Block, Exit, For, If, Stmt, Store, Var, While
from srcgrad.ir.walk import is_list_step, names


@dataclass(slots=True)
class Presence:
    """`carried[loop]`: variables with a tangent at the head of the loop, and after it."""

    context: Context
    carried: dict[Stmt, frozenset[str]] = field(default_factory=dict)
    lives: Lives = field(default_factory=Lives)
    leaving: list[set[str]] = field(default_factory=list)  # present where the loops around are left

    def run(self, wrt: set[str]) -> None:
        """Find what every loop carries, in a function of these active parameters."""
        body = self.context.fn.body
        self.lives.block(body, set())
        self.block(body, wrt)

    def active(self, stmt: Assign | Store, present: set[str]) -> frozenset[str]:
        """Operands of a statement whose tangents count; none where its result is of no use."""
        activity = self.context.activity
        if stmt not in activity.useful:
            return frozenset()
        return activity.varied.get(stmt, frozenset()) & present

    def step(self, stmt: Stmt, present: set[str]) -> None:
        """Change `present` to what holds after a simple statement."""
        if isinstance(stmt, Store):
            if self.active(stmt, present):
                present.add(stmt.base.name)
        elif isinstance(stmt, Assign):
            active = self.active(stmt, present)
            if is_list_step(stmt):
                bases = set(names(stmt.args[:1]))
                present.update(bases if active else ())
                if stmt not in self.context.activity.useful:
                    present -= bases
            for name in stmt.targets:
                if active and not self.context.kinds.after(stmt, name).is_discrete:
                    present.add(name)
                else:
                    present.discard(name)

    def block(self, block: Block, present: set[str]) -> bool:
        """Change `present` to what holds after the block; False if nothing comes after it."""
        falls = True
        for stmt in block:
            falls = True
            if isinstance(stmt, If):
                falls = self.branch(stmt, present)
            elif isinstance(stmt, (For, While)):
                self.loop(stmt, present)
            elif isinstance(stmt, Exit):
                if stmt.kind != "return":
                    self.leaving[-1] |= present
                falls = False
            else:
                self.step(stmt, present)
        return falls

    def branch(self, stmt: If, present: set[str]) -> bool:
        then, orelse = set(present), set(present)
        ends = [self.block(stmt.then, then), self.block(stmt.orelse, orelse)]
        present.clear()
        for falls, found in zip(ends, (then, orelse), strict=True):
            present.update(found & self.lives.after[stmt] if falls else ())
        return any(ends)

    def loop(self, stmt: For | While, present: set[str]) -> None:
        if isinstance(stmt, For):
            present.discard(stmt.index)
        while True:
            before = set(present)
            self.leaving.append(set())
            inside = set(present)
            if isinstance(stmt, While):
                self.block(stmt.test, inside)
                present |= inside
            if self.block(stmt.body, inside):
                present |= inside
            present |= self.leaving.pop()
            present &= self.lives.head[stmt] | self.lives.after[stmt]
            if present <= before:
                self.carried[stmt] = frozenset(present)
                return


def falls_through(block: Block) -> bool:
    """True if the statement after the block may be reached from it."""
    last = block[-1] if block else None
    if isinstance(last, If):
        return falls_through(last.then) or falls_through(last.orelse)
    return not isinstance(last, Exit)


def base_of(stmt: Assign) -> Var:
    """The list that a step changes."""
    base = stmt.args[0]
    assert isinstance(base, Var)
    return base
