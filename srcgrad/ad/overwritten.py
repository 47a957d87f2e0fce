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
from srcgrad.ad.standing import END, Standing
from srcgrad.ad.steps import AnyStep, Code, IfStep, LoopStep, Step, all_steps
from srcgrad.analysis.indexing import parts_of
from srcgrad.analysis.regions import Place
from srcgrad.ir.core import Assign, Atom, Block, Stmt, Store, Var
from srcgrad.ir.forms import form_read
from srcgrad.ir.walk import assigned, blocks, names, operands, reads, stored, walk, writes

GETITEM = "operator.getitem"


class Overwritten(Standing):
    """What the adjoints read of arrays, and whether a store overwrites any of it."""

    def __init__(
        self, context: Context, operands_: Operands, steps: list[AnyStep], at_entry: Code
    ) -> None:
        super().__init__(context, operands_)
        self.places: dict[str, list[Place | None]] = {}  # read, by variable; None: anything
        self.answers: dict[Store, bool] = {}
        self.collect(steps)
        self.note_code(at_entry, None, [])

    # what adjoints read
    def collect(self, steps: list[AnyStep]) -> None:
        for step in all_steps(steps):
            if isinstance(step, Step):
                self.note_code([*step.code, *step.keep], step.stmt, step.expanded)
                self.note_code(step.undo, step.stmt, step.expanded)
                if step.undo_index is not None:
                    self.note(step.undo_index)
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
        mine = {site.number for site in self.context.aliases.written.get(store, ())}
        return all(
            isinstance(other, Store)
            and other.base == store.base
            and (found := self.of_store(other)) is not None
            and not self.regions.meets_later(place, found)
            for other in self.writers(mine)
        )

    def is_one_array(self, name: str) -> bool:
        """True for a variable that names the same array throughout, a copy of a parameter it may
        be."""
        made = self.made.get(name, [])
        if len(made) > 1 or any(self.loops[stmt] != () for stmt in made):
            return False
        return name not in self.context.params or all(
            isinstance(stmt, Assign) and stmt.fn == "method.copy" for stmt in made
        )
