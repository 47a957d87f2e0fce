"""Which values the backward sweep needs that the forward sweep overwrites: the TBR analysis.

Forward through the program goes the set of variables whose present value some adjoint reads, and of
memory whose present content it reads. A statement that overwrites one of them must record it first.
Inside a loop there is a second way: what every iteration defines anew is recorded once, where the
iteration has defined it (or computed again, if that is cheap). Reference: Hascoet, Naumann and
Pascual,
"To be recorded" analysis in reverse-mode automatic differentiation, FGCS 21(8), 2005.
"""

from __future__ import annotations

import functools
from collections.abc import Iterable, Iterator

from srcgrad.ad.again import Remade
from srcgrad.ad.attempts import is_safe_end
from srcgrad.ad.context import Context
from srcgrad.ad.operands import Operands
from srcgrad.ad.overwritten import GETITEM, Overwritten
from srcgrad.ad.plan import Plan, Required, Scope, last_definitions, may_leave
from srcgrad.ad.remembered import Remembered
from srcgrad.ad.steps import AnyStep, Code, IfStep, LoopStep, Step, all_steps
from srcgrad.analysis.alias import Site
from srcgrad.ir.core import Assign, Atom, Block, For, If, Stmt, Store, UserFunction, Var, While
from srcgrad.ir.forms import SHAPE_OF, form_read
from srcgrad.ir.walk import (
    assigned,
    is_list_step,
    leaves_by,
    names,
    operands,
    reads,
    stored,
    tally,
    walk,
    writes,
)


class RequiredAnalysis:
    """Builds the `Plan` for one function and its backward steps."""

    def __init__(
        self,
        context: Context,
        operands_: Operands,
        steps: list[AnyStep],
        bound: set[str],
        at_entry: Code,
        remade: Remade,
    ) -> None:
        self.context = context
        self.remade = remade
        self.operands = operands_
        self.plan = Plan()
        self.remembered = Remembered(self.plan)
        self.used_by: dict[Stmt, tuple[set[str], set[str]]] = {}  # see `uses`
        self.steps: dict[Stmt, AnyStep] = {}
        self.collect(steps)
        self.read_at_entry = at_entry
        self.backward = steps
        body = context.fn.body
        self.primal = assigned(body) | set(context.params) | set(context.fn.globals)
        self.primal |= {name for _, name in context.pairs.values()} | set(context.counters.values())
        self.all_sites: dict[str, set[Site]] = {}
        for facts in (context.aliases.reads, context.aliases.binds):
            for found in facts.values():
                for name, sites in found.items():
                    self.all_sites.setdefault(name, set()).update(sites)
        self.tried: tuple[Block, set[str]] | None = None  # a body, and what was needed before it
        need = Required()
        need.need(self.used(at_entry), -1)
        self.block(body, need, Scope(bound), 0)

    @functools.cached_property
    def overwritten(self) -> Overwritten:
        """Made when a store overwrites what some adjoint may read."""
        return Overwritten(self.context, self.operands, self.backward, self.read_at_entry)

    def collect(self, steps: list[AnyStep]) -> None:
        self.steps.update((step.stmt, step) for step in all_steps(steps))

    def used(self, code: Code, *atoms: Atom | None) -> set[str]:
        """Primal variables that derivative code reads."""
        found: set[str] = set()
        for stmt in walk(tuple(code)) if code else ():
            found |= self.read_by(stmt)
        found |= {atom.name for atom in atoms if isinstance(atom, Var)}
        return found & self.primal

    def read_by(self, stmt: Stmt) -> frozenset[str]:
        """Variables that a statement reads, but for one that it reads the form of, which stays."""
        found = reads(stmt)
        name = form_read(stmt)
        if name is not None and isinstance(stmt, Assign) and name in self.primal:
            kind = self.context.variable_kind(name)
            if self.context.is_lasting(kind) and (stmt.fn in SHAPE_OF or kind.dtype != "?"):
                return found - {name}
        return found

    # walk
    def block(self, block: Block, need: Required, scope: Scope, depth: int) -> None:
        for stmt in block:
            if isinstance(stmt, If):
                self.branch(stmt, need, scope, depth)
            elif isinstance(stmt, (For, While)):
                self.loop(stmt, need, scope, depth)
            else:
                scope.read(reads(stmt))
                self.simple(stmt, need, scope)
            for made in self.remade.before.get(stmt, ()):
                self.again(made, need, scope)

    def again(self, made: Assign, need: Required, scope: Scope) -> None:
        """What is computed again before an adjoint reads its operands as they are then."""
        read = self.used([made])
        scope.read(read)
        need.need(read, self.remade.sources[made].unit)
        self.add_sites(need, self.remade.sources[made], read, None)

    def simple(self, stmt: Stmt, need: Required, scope: Scope) -> None:
        step = self.steps.get(stmt)
        assert step is None or isinstance(step, Step)
        targets = self.targets(stmt)
        if stmt not in self.used_by:
            self.used_by[stmt] = self.uses(stmt, step, targets)
        before, after = self.used_by[stmt]
        scope.read(before)
        need.need(before, stmt.unit)
        self.add_sites(need, stmt, before, step)
        self.plan.before.pop(stmt, None)
        overwritten = {name: need.names[name] for name in targets if name in need.names}
        self.note_lost(stmt, overwritten, targets)
        if overwritten:
            self.plan.before[stmt] = overwritten
            self.plan.unbound |= overwritten.keys() - scope.bound
        if isinstance(stmt, Store):
            self.store(stmt, step, need, scope)
        self.clobber(stmt, need, scope)
        made = self.context.aliases.made.get(stmt)
        if made is not None and made in need.sites:
            need.sites.remove(made)
            need.sites.add(made._replace(old=True))
        need.drop(targets)
        need.need(after, stmt.unit)
        self.add_sites(need, stmt, after, step)
        if stmt in self.context.pairs:  # residuals may be the very memory given, or returned
            self.add_sites(need, stmt, {*names(operands(stmt)), *writes(stmt)}, step)
        scope.define(targets)

    def note_lost(self, stmt: Stmt, overwritten: Iterable[str], targets: Iterable[str]) -> None:
        """What is recorded in a `try` is lost when it fails: note what was needed before it."""
        if self.tried is None:
            return
        then, entry = self.tried
        if not is_safe_end(then, stmt):
            self.plan.lost.update((name, stmt) for name in entry.intersection(overwritten))
        entry.difference_update(targets)

    def targets(self, stmt: Stmt) -> tuple[str, ...]:
        if isinstance(stmt, Assign) and stmt.sync:
            return ()  # the name stands for the memory that it stood for before
        if stmt in self.context.hooked and set(writes(stmt)) <= set(names(operands(stmt)[:1])):
            return ()  # nor does it change here
        pair = self.context.pairs.get(stmt)
        return (*writes(stmt), pair[1]) if pair is not None else writes(stmt)

    def uses(
        self, stmt: Stmt, step: Step | None, targets: tuple[str, ...]
    ) -> tuple[set[str], set[str]]:
        """Variables the adjoint of a statement reads as before it, and as after it."""
        if step is None:
            return set(), set()
        found = self.used(step.code)
        kept = self.used(step.keep)
        if isinstance(stmt, Assign) and isinstance(stmt.fn, UserFunction):
            return found - set(targets), found & set(targets)
        if step.reads_result and not step.reads_old:
            return found - set(targets), found & set(targets)
        return found, kept

    def store(self, stmt: Store, step: Step | None, need: Required, scope: Scope) -> None:
        """A store into memory that some adjoint reads records what it overwrites."""
        self.plan.content.pop(stmt, None)
        written = self.context.aliases.written.get(stmt, frozenset())
        if not written & need.sites or step is None or self.overwritten.is_unread(stmt):
            return
        self.plan.content[stmt] = stmt.unit
        names = self.used(step.undo, step.undo_index) | {stmt.base.name}
        scope.read(names)
        need.need(names, stmt.unit)
        self.add_sites(need, stmt, names - {stmt.base.name}, step)  # an index may change later

    def clobber(self, stmt: Stmt, need: Required, scope: Scope) -> None:
        if not isinstance(stmt, Store):
            self.plan.content.pop(stmt, None)
        if not self.context.aliases.clobbered.get(stmt, frozenset()) & need.sites:
            return
        if is_list_step(stmt) and self.steps.get(stmt) is not None:
            base = set(names(operands(stmt)[:1]))
            self.plan.content[stmt] = stmt.unit
            scope.read(base)
            need.need(base, stmt.unit)
        else:
            self.context.refuse(
                stmt,
                "this call may change memory that the derivative still needs",
                "pass it a copy",
            )

    def add_sites(
        self, need: Required, stmt: Stmt, names: Iterable[str], step: Step | None
    ) -> None:
        aliases = self.context.aliases
        places = [stmt, *(step.expanded if step is not None else [])]
        known = [facts[p] for facts in (aliases.reads, aliases.binds) for p in places if p in facts]
        for name in names:
            found = frozenset[Site]().union(*[facts[name] for facts in known if name in facts])
            need.sites |= found or self.all_sites.get(name, set())

    def branch(self, stmt: If, need: Required, scope: Scope, depth: int) -> None:
        scope.read(reads(stmt))
        step = self.steps.get(stmt)
        other = need.copy()
        scopes = []
        for position, (arm, state) in enumerate(((stmt.then, need), (stmt.orelse, other))):
            if isinstance(step, IfStep):
                tail = (step.then_tail, step.else_tail)[position]
                read = self.used(tail)
                state.need(read, stmt.unit)
                scope.read(read)
                self.add_sites(state, stmt, self.lists(read), None)
            inner = scope.inner()
            tried, self.tried = self.tried, self.tried
            if stmt.form == "try" and position == 0:
                self.tried = (stmt.then, set(state.names))
            self.block(arm, state, inner, depth)
            self.tried = tried
            self.end(stmt, position, arm, state, inner, depth)
            if not any(leaves_by(arm, kind) for kind in ("break", "return")):
                scopes.append(inner)
            else:
                scope.read(inner.exposed)
        need.join(other)
        scope.merge(scopes)
        scope.define(writes(stmt))
        if isinstance(step, IfStep):
            names = self.used(step.settle)
            if self.matters(step):
                names |= self.used(step.head, step.test)
            need.need(names, stmt.unit)
            scope.read(names)
            self.add_sites(need, stmt, names, None)

    def loop(self, stmt: For | While, need: Required, scope: Scope, depth: int) -> None:
        if depth == 0 or self.tried is not None:
            self.any_loop(stmt, need, scope, depth)
        else:
            self.remembered.run(
                stmt, need, scope, depth, lambda own: self.any_loop(stmt, need, own, depth)
            )

    def any_loop(self, stmt: For | While, need: Required, scope: Scope, depth: int) -> None:
        step = self.steps.get(stmt)
        scope.read(reads(stmt))
        header = set(writes(stmt)) | (
            {step.count} if isinstance(step, LoopStep) and step.count else set()
        )
        probe = scope.inner()
        self.run_body(stmt, need.copy(), probe, depth)
        renewed = {n for n in probe.defined if n not in probe.exposed} | header
        saved = {name: unit for name, unit in need.names.items() if name in renewed}
        self.note_lost(stmt, saved, renewed)
        self.plan.before.pop(stmt, None)
        if saved:
            self.plan.before[stmt] = saved
            self.plan.unbound |= saved.keys() - scope.bound
        need.drop(renewed)
        if isinstance(step, LoopStep):
            read = self.used(step.tail)
            need.need(read, stmt.unit)
            self.add_sites(need, stmt, self.lists(read), None)
        while True:
            end, inner = need.copy(), scope.inner()
            self.run_body(stmt, end, inner, depth)
            end.drop(writes(stmt))
            size = len(need.names), len(need.sites)
            need.join(end)
            if size == (len(need.names), len(need.sites)):
                break
        scope.read(inner.exposed - set(writes(stmt)))
        if isinstance(stmt, While):
            self.block(stmt.test, need, scope, depth)
        if isinstance(step, LoopStep):  # adjoints are made ready, whatever the turns do
            names = self.used(step.init)
            if self.matters(step):
                names |= self.used([], Var(step.count) if step.count else None, *operands(stmt))
                scope.define(header - set(writes(stmt)))
            need.need(names, stmt.unit)
            self.add_sites(need, stmt, names, None)

    def lists(self, names: set[str]) -> set[str]:
        """Those that are lists: their zeros have the length that they have then."""
        return {n for n in names if self.context.variable_kind(n).is_container}

    def matters(self, step: AnyStep) -> bool:
        """True if the backward sweep does anything for a statement, or brings values back."""
        if self.plan.before.get(step.stmt) or step.stmt in self.plan.content:
            return True
        if any(self.plan.at_end.get((step.stmt, position)) for position in (0, 1)):
            return True
        if isinstance(step, Step):
            return bool(step.code)
        if isinstance(step, IfStep):
            inner = [*step.then, *step.orelse]
            return bool(step.then_tail or step.else_tail) or any(map(self.acts, inner))
        return bool(step.tail) or any(map(self.acts, step.body))

    def acts(self, step: AnyStep) -> bool:
        """As `matters`; also where adjoints are only made ready for what does nothing then."""
        if isinstance(step, Step):
            return self.matters(step)
        return bool(step.settle if isinstance(step, IfStep) else step.init) or self.matters(step)

    def run_body(self, stmt: For | While, need: Required, scope: Scope, depth: int) -> None:
        if isinstance(stmt, While):
            self.block(stmt.test, need, scope, depth + 1)
        scope.define(writes(stmt))
        self.block(stmt.body, need, scope, depth + 1)
        scope.defined -= set(writes(stmt))
        self.end(stmt, 1 if isinstance(stmt, While) else 0, stmt.body, need, scope, depth + 1)

    # recording once per run of a block
    def end(
        self, stmt: Stmt, position: int, block: Block, need: Required, scope: Scope, depth: int
    ) -> None:
        """At the end of a block inside a loop: record what the block defined anew."""
        arm = (stmt, position)
        self.plan.at_end.pop(arm, None)
        self.plan.again.pop(arm, None)
        if depth == 0:
            return
        last = last_definitions(block, self.context.pairs)
        renewed = {n for n in scope.defined - scope.exposed if n in last and not may_leave(last[n])}
        wanted = [name for name in last if name in need.names and name in renewed]
        again: dict[str, Assign] = {}
        for name in wanted:
            self.find_again(stmt, name, block, last, renewed, need, again)
        at_end = {name: need.names[name] for name in wanted if name not in again}
        self.plan.at_end[arm] = at_end
        self.plan.again[arm] = dict(again)
        need.drop(wanted)
        need.drop(again)

    def find_again(
        self,
        stmt: Stmt,
        name: str,
        block: Block,
        last: dict[str, Stmt],
        renewed: set[str],
        need: Required,
        again: dict[str, Assign],
    ) -> bool:
        """True if a variable of the block can be computed again from what is there anyway."""
        if name in again:
            return True
        if tally(block)[0][name] != 1:
            return False
        inside = assigned(block)
        for made, place in self.ways(name, last[name], block):
            later = assigned(block[block.index(place) + 1 :])
            for operand in names(operands(made)):
                if operand not in later and (operand not in inside or operand in again):
                    continue
                if operand not in last or operand not in renewed or operand in later:
                    break
                if not self.find_again(stmt, operand, block, last, renewed, need, again):
                    break
            else:
                read = self.read_by(made)
                need.need(read - inside - set(writes(stmt)), made.unit)
                self.add_sites(need, made, read, None)
                again[name] = made
                return True
        return False

    def ways(self, name: str, made: Stmt, block: Block) -> Iterator[tuple[Assign, Stmt]]:
        """Statements that give the value again, and where the block has all that they read."""
        if not isinstance(made, Assign) or len(made.targets) != 1:
            return
        changes = stored(block) | self.context.rewritten if stored(block) else set()
        if self.operands.is_cheap(made) and not self.read_by(made) & changes:
            yield made, made
        stores = [stmt for stmt in block if isinstance(stmt, Store) and stmt.value == Var(name)]
        holder = self.overwritten.holder(stores) if stores else None
        if holder is not None:
            args = holder.base, holder.index
            yield Assign((name,), GETITEM, args, unit=made.unit), holder
