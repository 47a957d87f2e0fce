"""Tests that the backward sweep would find otherwise: their truth is kept as it was.

    if stack and x[i] > 0:                test = stack and x[i] > 0
        v = stack.pop()            ->     kept = bool(test)
                                          if kept:
                                              v = stack.pop()

A list, a dict or an array is true or false by what it holds. When the backward sweep comes to a
branch, what the branch has changed is not put back yet. So it is with loops over `range(k)`, where
`k` is an array without axes.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from srcgrad.analysis.kinds import KindFacts
from srcgrad.ir.core import Assign, Atom, Block, For, If, Stmt, Store, Var
from srcgrad.ir.library import may_write
from srcgrad.ir.walk import AUGMENTED, MUTATORS, assigned, walk, writes

# What gives a value of its own, in memory that no statement changes.
FRESH = {f"operator.{op}" for op in ("lt", "le", "gt", "ge", "eq", "ne", "not_", "is_", "is_not")}
FRESH |= {"operator.contains", "builtins.bool", "builtins.len", "builtins.isinstance"}
FRESH |= {f"numpy.{fn}" for fn in ("any", "all", "isnan", "isfinite", "isinf", "logical_not")}
FRESH |= {"numpy.logical_and", "numpy.logical_or", "numpy.array_equal", "numpy.allclose"}


class KeptTests:
    """Binds the truth of tests ahead of the branches that change what they read."""

    def __init__(self, kinds: KindFacts, body: Block) -> None:
        self.kinds = kinds
        self.steady = self.steady_names(body)
        self.count = 0

    def __call__(self, stmt: Stmt) -> tuple[Stmt, ...]:
        """The statement, with what is to stand before it."""
        if isinstance(stmt, For):
            return self.with_bounds(stmt)
        if not isinstance(stmt, If) or not isinstance(stmt.test, Var) or stmt.form == "try":
            return (stmt,)
        changing = self.may_change(stmt, stmt.test) and any(map(self.changes, walk((stmt,))))
        if stmt.test.name not in assigned((stmt,)) and not changing:
            return (stmt,)
        self.count += 1
        name = f"test@t{self.count}"
        fn = "builtins.bool" if changing else "copy"  # the list itself would be another one by then
        keep = Assign((name,), fn, (stmt.test,), unit=stmt.unit)
        return keep, replace(stmt, test=Var(name))

    def with_bounds(self, loop: For) -> tuple[Stmt, ...]:
        """`for i in range(k)` where `k` is an array that the turns write."""
        out: list[Stmt] = []
        if not any(self.is_array(loop, atom) for atom in (loop.start, loop.stop, loop.step)):
            return (loop,)
        if not any(map(self.changes, walk(loop.body))):
            return (loop,)

        def kept(atom: Atom) -> Atom:
            if not self.is_array(loop, atom):
                return atom
            self.count += 1
            name = f"bound@t{self.count}"
            out.append(Assign((name,), "builtins.int", (atom,), unit=loop.unit))
            return Var(name)

        start, stop, step = kept(loop.start), kept(loop.stop), kept(loop.step)
        return (*out, replace(loop, start=start, stop=stop, step=step))

    def is_array(self, loop: For, atom: Atom) -> bool:
        return isinstance(atom, Var) and self.kinds.before(loop, atom).is_array

    def may_change(self, stmt: If, test: Var) -> bool:
        """Whether the truth of a variable may change while it is bound to the same."""
        tag = self.kinds.before(stmt, test).tag
        return (
            tag in ("list", "dict", "array", "object", "unknown") and test.name not in self.steady
        )

    def changes(self, stmt: Stmt) -> bool:
        """True for what may fill or empty a container, or write to an array."""
        if not isinstance(stmt, Assign):
            return isinstance(stmt, Store)
        if not isinstance(stmt.fn, str):
            return True  # a function of the user's
        if stmt.fn in AUGMENTED:
            return not self.kinds.before(stmt, stmt.args[0]).is_scalar
        return stmt.fn in MUTATORS or may_write(stmt)

    def steady_names(self, body: Block) -> set[str]:
        """Variables that are bound to numbers and new values alone."""
        bound: set[str] = set()
        doubtful: set[str] = set()
        for stmt in walk(body):
            bound.update(writes(stmt))
            if not isinstance(stmt, Assign):
                doubtful.update(writes(stmt))
            elif stmt.fn not in FRESH:
                doubtful.update(self.not_numbers(stmt, stmt.targets))
        return bound - doubtful

    def not_numbers(self, stmt: Assign, targets: Iterable[str]) -> list[str]:
        kinds = self.kinds.writes.get(stmt, {})
        return [name for name in targets if name not in kinds or not kinds[name].is_scalar]
