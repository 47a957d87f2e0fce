"""What a nested loop did to the analysis of recorded values, by what came in.

Each loop runs its body several times until nothing changes, and so do the loops inside it: without
a memory, a loop ten deep would be looked at 3**10 times.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import field
from typing import Any

from srcgrad.ad.plan import Plan, Required, Scope
from srcgrad.analysis.alias import Site
from srcgrad.ir.classes import dataclass
from srcgrad.ir.core import Stmt
from srcgrad.ir.walk import blocks, walk


@dataclass(frozen=True, slots=True)
class Outcome:
    """The state after a loop, and the part of the plan that is about its statements."""

    names: dict[str, int]
    sites: set[Site]
    scope: Scope
    tables: tuple[dict[Any, Any], ...]


@dataclass(slots=True)
class Remembered:
    """The outcomes of all nested loops so far."""

    plan: Plan
    outcomes: dict[tuple[Any, ...], Outcome] = field(default_factory=dict)
    inside: dict[Stmt, tuple[Stmt, ...]] = field(default_factory=dict)

    def run(
        self, stmt: Stmt, need: Required, scope: Scope, depth: int, run: Callable[[Scope], None]
    ) -> None:
        """Run the analysis of a loop, or bring back what it gave from the same state."""
        names = tuple(need.names.items())  # their order counts
        state = frozenset(need.sites), frozenset(scope.bound), frozenset(scope.defined)
        key = (stmt, depth, names, state)
        found = self.outcomes.get(key)
        if found is None:
            own = Scope(set(scope.bound), set(scope.defined))
            run(own)
            part = self.part(stmt)
            found = Outcome(dict(need.names), set(need.sites), own, part)
            self.outcomes[key] = found
        else:
            need.names, need.sites = dict(found.names), set(found.sites)
            for table, part_of in zip(self.tables(), self.part(stmt), strict=True):
                for place in part_of:
                    del table[place]
            for table, kept in zip(self.tables(), found.tables, strict=True):
                table.update(kept)
        scope.bound |= found.scope.bound
        scope.defined |= found.scope.defined
        scope.exposed |= found.scope.exposed

    def tables(self) -> tuple[dict[Any, Any], ...]:
        return self.plan.before, self.plan.content, self.plan.at_end, self.plan.again

    def part(self, stmt: Stmt) -> tuple[dict[Any, Any], ...]:
        """What the plan says of a statement and those in it."""
        if stmt not in self.inside:
            self.inside[stmt] = tuple(walk((stmt,)))
        own = self.inside[stmt]
        arms = [(inner, position) for inner in own if blocks(inner) for position in (0, 1)]
        of_stmts = ({s: table[s] for s in own if s in table} for table in self.tables()[:2])
        of_arms = ({a: table[a] for a in arms if a in table} for table in self.tables()[2:])
        return *of_stmts, *of_arms
