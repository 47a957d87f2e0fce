"""Adjoints that read what an array held before anything was written read it where it was given.

    def f(B):                                B_given = B
        for i in range(n):                   B = B.copy()
            B[i] += B[i + 1] ** 2     ->     ...
        return np.sum(B)                     B_bar[i + 1] += 2 * B_bar[i] * B_given[i + 1]

A function works on copies of the arguments that it writes into, so what was given is there to the
end. Where no write before the read may meet the place that is read, both hold the same.
"""

from __future__ import annotations

import functools
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace

from srcgrad.ad.again import Remade
from srcgrad.ad.assemble import Sweeps
from srcgrad.ad.context import Context
from srcgrad.ad.operands import Operands
from srcgrad.ad.plan import Plan
from srcgrad.ad.required import RequiredAnalysis
from srcgrad.ad.standing import Standing
from srcgrad.ad.steps import AnyStep, Code, Step, all_steps
from srcgrad.analysis.memory import Sites
from srcgrad.analysis.regions import Place
from srcgrad.ir.core import Assign, Atom, Block, Stmt, Store, Var
from srcgrad.ir.forms import form_read
from srcgrad.ir.walk import reads, rebuild, substitute
from srcgrad.ir.walk import writes as writes_of

GETITEM = "operator.getitem"


def planned(
    context: Context,
    operands_: Operands,
    steps: list[AnyStep],
    bound: set[str],
    entry: Code,
    remade: Remade,
) -> tuple[Plan, set[str]]:
    """What is to be recorded, and arguments that adjoints read as they were given instead: not
    where a budget says what is computed again."""
    plan = RequiredAnalysis(context, operands_, steps, set(bound), entry, remade).plan
    recorded = {stmt.base.name for stmt in plan.content if isinstance(stmt, Store)}
    wanted = recorded & set(context.params) if not remade.sources else set[str]()
    given = Given(context, operands_).use(steps, wanted) if wanted else set[str]()
    if given:
        plan = RequiredAnalysis(context, operands_, steps, set(bound), entry, remade).plan
    return plan, given


def given_name(name: str) -> str:
    return f"{name}%given"


class Given(Standing):
    """Finds reads of arguments as they were given, and lets adjoints read those."""

    def use(self, steps: list[AnyStep], wanted: set[str]) -> set[str]:
        """Change the steps where they read these arguments; those for which that was done."""
        used = set()
        for name, copy in self.copies(wanted):
            sites = _numbers(self.context.aliases.binds, copy, name)
            if self.is_one_copy(name, copy, sites):
                writes = [self.written(stmt, name, sites) for stmt in self.writers(sites)]
                found = [self.change(step, name, sites, writes) for step in all_steps(steps)]
                used |= {name} if any(found) else set()
        return used

    def copies(self, wanted: set[str]) -> Iterator[tuple[str, Assign]]:
        """The statements that copy parameters, of which nothing else is written."""
        for stmt in self.context.fn.body:
            if not isinstance(stmt, Assign) or stmt.fn != "method.copy" or not stmt.targets:
                continue
            name = stmt.targets[0]
            if name not in wanted or stmt.args != (Var(name),) or self.made[name][0] is not stmt:
                continue
            if not self.writers(_numbers(self.context.aliases.reads, stmt, name)):
                yield name, stmt

    def is_one_copy(self, name: str, copy: Assign, sites: set[int]) -> bool:
        """True if the variable names the whole copy wherever it names that memory."""
        binds = self.context.aliases.binds
        others = (stmt for stmt in self.made[name] if stmt is not copy)
        return len(sites) == 1 and all(
            isinstance(stmt, Assign) and sites.isdisjoint(_numbers(binds, stmt, name))
            for stmt in others
        )

    def written(self, stmt: Stmt, name: str, sites: set[int]) -> Place | None:
        """What a statement may write of the copy; None where nothing is known."""
        if not isinstance(stmt, Store) or stmt.base.name != name:
            return self.place(stmt, None)
        one = _numbers(self.context.aliases.reads, stmt, name) == sites
        return self.place(stmt, self.context.kinds.before(stmt, stmt.index) if one else None)

    def change(
        self, step: AnyStep, name: str, sites: set[int], writes: Sequence[Place | None]
    ) -> bool:
        """Let the adjoint of a statement read what was given, where that is the same."""
        if not isinstance(step, Step) or name in writes_of(step.stmt):
            return False
        known, reads_ = [step.stmt, *step.expanded], self.context.aliases.reads
        if set[int]().union(*(_numbers(reads_, stmt, name) for stmt in known)) != sites:
            return False
        changed = [self.code(code, step, name, writes) for code in (step.code, step.keep)]
        return any(changed)

    def code(self, code: Code, step: Step, name: str, writes: Sequence[Place | None]) -> bool:
        changed = False
        for position, part in enumerate(code):
            if part in step.undo or not isinstance(part, Assign) or name not in reads(part):
                continue
            if form_read(part) != name and self.is_untouched(part, step, name, writes):
                code[position] = substitute(part, functools.partial(_given, name=name))
                changed = True
        return changed

    def is_untouched(
        self, part: Assign, step: Step, name: str, writes: Sequence[Place | None]
    ) -> bool:
        """True if no write that comes before a statement meets what its adjoint reads there."""
        index = None
        if part.fn == GETITEM and part.args[0] == Var(name) != part.args[1]:
            index = self.kind(part.args[1], [step.stmt, *step.expanded])
        place = self.place(step.stmt, index)
        return place is not None and all(
            write is not None and not self.regions.meets_later(write, place) for write in writes
        )


def _numbers(facts: Mapping[Stmt, Mapping[str, Sites]], stmt: Stmt, name: str) -> set[int]:
    """Numbers of what a variable may name at a statement."""
    return {site.number for site in facts.get(stmt, {}).get(name, ())}


def _given(atom: Atom, name: str) -> Atom:
    return Var(given_name(name)) if atom == Var(name) else atom


def with_given(sweeps: Sweeps, names: set[str], lasting: Collection[str]) -> Sweeps:
    """The forward sweep keeps what was given under a name of its own, which has the form of the
    copy.

    `lasting`: variables that have one form throughout.
    """
    forward: list[Stmt] = []
    left = set(names)
    for stmt in sweeps.forward:
        if isinstance(stmt, Assign) and stmt.fn == "method.copy" and left & set(stmt.targets):
            left -= set(stmt.targets)
            forward.append(Assign((given_name(stmt.target),), "copy", stmt.args))
        forward.append(stmt)
    same = names & set(lasting)
    backward = _with_forms(tuple(sweeps.backward), same) if same else sweeps.backward
    return replace(sweeps, forward=forward, backward=list(backward))


def _with_forms(block: Block, names: set[str]) -> Block:
    """A block that reads the forms of what was given."""
    out = []
    for stmt in block:
        new, name = rebuild(stmt, lambda inner: _with_forms(inner, names)), form_read(stmt)
        if name is not None and name in names:
            new = substitute(new, functools.partial(_given, name=name))
        out.append(new)
    return tuple(out)
