"""Stores that need not record what they overwrite: no adjoint that is still to come reads it.

    for j in range(i):
        A[i, j] -= A[i, :j] @ A[j, :j]

The adjoints of this and of earlier iterations read `A[i, :j]` and `A[j, :j]`, with `j < i`: never
the element that is written now or later. Nor is that written again: a value stored there is read
back from it, and not recorded.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from srcgrad.ad.context import Context
from srcgrad.ad.operands import Operands
from srcgrad.ad.steps import AnyStep, Code, IfStep, LoopStep, Step, all_steps
from srcgrad.analysis.indexing import parts_of
from srcgrad.analysis.kinds import const_kind
from srcgrad.analysis.regions import Place, Regions, ranges_of
from srcgrad.ir.core import Assign, Atom, Block, Const, For, Stmt, Store, Var, While
from srcgrad.ir.forms import form_read
from srcgrad.ir.kinds import UNKNOWN, Dim, Kind
from srcgrad.ir.walk import assigned, blocks, names, operands, reads, stored, walk, writes

GETITEM = "operator.getitem"
END = 0.5  # after the last statement of a block


class Overwritten:
    """What the adjoints read of arrays, and whether a store overwrites any of it."""

    def __init__(
        self, context: Context, operands_: Operands, steps: list[AnyStep], at_entry: Code
    ) -> None:
        self.context = context
        self.operands = operands_
        shapes = [kind.shape or () for kind in context.params.values()]
        fixed = {n.symbol for shape in shapes for n in shape if isinstance(n, Dim)}
        self.regions = Regions(context.kinds, fixed)
        self.loops: dict[Stmt, tuple[For, ...] | None] = {}  # None: inside a `while`
        self.order: dict[Stmt, int] = {}
        self.last: dict[Stmt, int] = {}  # the last statement of the block that it is in
        self.places: dict[str, list[Place | None]] = {}  # read, by variable; None: anything
        self.made: dict[str, list[Stmt]] = {}  # what binds a variable
        self.answers: dict[Store, bool] = {}
        self.sites: dict[str, set[int]] = {}  # numbers of all that a variable may name, anywhere
        for facts in (context.aliases.reads, context.aliases.binds):
            for found in facts.values():
                for name, sites in found.items():
                    self.sites.setdefault(name, set()).update(site.number for site in sites)
        self.number(context.fn.body, ())
        self.collect(steps)
        self.note_code(at_entry, None, [])

    # where statements stand
    def number(self, block: Block, loops: tuple[For, ...] | None) -> None:
        for stmt in block:
            self.loops[stmt] = loops
            self.order[stmt] = len(self.order)
            for name in () if isinstance(stmt, Store) else writes(stmt):
                self.made.setdefault(name, []).append(stmt)
            inner = loops
            if isinstance(stmt, While):
                inner = None
            elif isinstance(stmt, For) and loops is not None:
                inner = (*loops, stmt)
            for part in blocks(stmt):
                self.number(part, inner)
        end = len(self.order) - 1
        self.last.update(dict.fromkeys(block, end))

    def place(self, stmt: Stmt, index: Kind, after: bool = False) -> Place | None:
        """The part of an array that an index names at a statement, or at the end of its block."""
        loops = self.loops.get(stmt)
        if loops is None:
            return None
        order = self.last[stmt] + END if after else self.order[stmt]
        return Place(ranges_of(index), loops, order)

    # what adjoints read
    def collect(self, steps: list[AnyStep]) -> None:
        for step in all_steps(steps):
            if isinstance(step, Step):
                self.note_code([*step.code, *step.keep], step.stmt, step.expanded)
                self.note_code(step.undo, step.stmt, step.expanded)
            elif isinstance(step, IfStep):
                self.note_code([*step.head, *step.settle], step.stmt, step.expanded)
                self.note_code([*step.then_tail, *step.else_tail], None, [])
                self.note(step.test)
            elif isinstance(step, LoopStep):
                self.note_code([*step.init, *step.tail], None, [])
        for stmt in self.context.pairs:  # residuals may be the very memory given, or returned
            for name in (*names(operands(stmt)), *writes(stmt)):
                self.note(Var(name))
        for block in self.nested(self.context.fn.body):
            self.note_cheap(block)

    def nested(self, block: Block) -> Iterator[Block]:
        for stmt in walk(block):
            yield from blocks(stmt)

    def note_cheap(self, block: Block) -> None:
        """What the backward sweep may compute again it reads as it is at the end of the block."""
        lost = assigned(block) | stored(block)
        for stmt in block:
            if not isinstance(stmt, Assign) or len(stmt.targets) != 1 or reads(stmt) & lost:
                continue
            if not self.operands.is_cheap(stmt):
                continue
            lost.difference_update(stmt.targets)
            for name in reads(stmt):
                place = None
                if stmt.fn == GETITEM and stmt.args[0] == Var(name) != stmt.args[1]:
                    kind = self.context.kinds.before(stmt, stmt.args[1])
                    place = self.place(stmt, kind, after=True)
                self.places.setdefault(name, []).append(place)

    def note_code(self, code: Code, stmt: Stmt | None, expanded: list[Stmt]) -> None:
        for part in walk(tuple(code)):
            whole = reads(part) - {form_read(part)}
            if stmt is not None and isinstance(part, Assign) and part.fn == GETITEM:
                base, index = part.args
                if isinstance(base, Var) and base != index:
                    kind = self.kind(index, [stmt, *expanded])
                    self.places.setdefault(base.name, []).append(self.place(stmt, kind))
                    whole = whole - {base.name}
            for name in whole:
                self.note(Var(name))

    def note(self, atom: Atom) -> None:
        if isinstance(atom, Var):
            self.places.setdefault(atom.name, []).append(None)

    def kind(self, atom: Atom, known: list[Stmt]) -> Kind:
        if isinstance(atom, Const):
            return const_kind(atom.value)
        made = self.operands.build.kinds.get(atom.name)
        if made is not None:
            return made
        for stmt in known:
            found = self.context.kinds.reads.get(stmt, {}).get(atom.name)
            if found is not None:
                return found
        return UNKNOWN

    # what stores overwrite
    def is_unread(self, store: Store) -> bool:
        """True if no adjoint to come reads what a store overwrites."""
        known = self.answers.get(store)
        if known is None:
            known = self.answers[store] = self.compare(store)
        return known

    def compare(self, store: Store) -> bool:
        place = self.of_store(store)
        if place is None or not self.is_one_array(store.base.name):
            return False
        return all(
            read is not None and not self.regions.meets_later(read, place)
            for read in self.sharing(store)
        )

    def of_store(self, store: Store) -> Place | None:
        place = self.place(store, self.context.kinds.before(store, store.index))
        return place if place is not None and place.axes else None

    def sharing(self, store: Store) -> Iterator[Place | None]:
        """What is read of the memory that a store writes; None for what is not told."""
        name = store.base.name
        yield from self.places.get(name, ())
        written = {site.number for site in self.context.aliases.written.get(store, ())}
        for other in self.places:
            if other != name and not written.isdisjoint(self.sites.get(other, ())):
                yield None

    # values that stay where they are stored
    def holder(self, stores: list[Store]) -> Store | None:
        """The first of these stores, if it keeps a number in an array, where nothing overwrites
        it."""
        first = stores[0]
        return first if first.op == "set" and self.stays(first) else None

    def stays(self, store: Store) -> bool:
        kinds = self.context.kinds
        base, value = (kinds.before(store, atom) for atom in (store.base, store.value))
        exact = base.dtype == "f8" and value.dtype in ("f8", "pf") and value.is_scalar
        parts = parts_of(kinds.before(store, store.index))
        element = len(parts) == base.rank and all(part.is_scalar for part in parts)
        place = self.of_store(store)
        if place is None or not base.is_array or not exact or not element:
            return False
        if not self.is_one_array(store.base.name):
            return False
        place = replace(place, order=place.order + END)
        return all(
            isinstance(other, Store)
            and other.base == store.base
            and (found := self.of_store(other)) is not None
            and not self.regions.meets_later(place, found)
            for other in self.writers(store)
        )

    def writers(self, store: Store) -> Iterator[Stmt]:
        """All statements that may write the memory that a store writes."""
        aliases = self.context.aliases
        mine = {site.number for site in aliases.written.get(store, ())}
        for facts in (aliases.written, aliases.mutated, aliases.clobbered):
            for stmt, sites in facts.items():
                if any(site.number in mine for site in sites):
                    yield stmt

    def is_one_array(self, name: str) -> bool:
        """True for a variable that names the same array throughout, a copy of a parameter it may
        be."""
        made = self.made.get(name, [])
        if len(made) > 1 or any(self.loops[stmt] != () for stmt in made):
            return False
        return name not in self.context.params or all(
            isinstance(stmt, Assign) and stmt.fn == "method.copy" for stmt in made
        )
