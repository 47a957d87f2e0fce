"""What is added to parts of an item of an adjoint is added in place, without zeros for the rest.

    row_bar = zeros_like(row)                    row_bar = rows_bar[i]
    row_bar[j] += v                       ->     row_bar[j] += v
    accumulate(rows_bar, i, row_bar)

and what was stored into a part of an item is taken from its place:

    row_bar = own(rows_bar[i])                   row_bar = rows_bar[i]
    rows_bar[i] = 0.0                     ->     v_bar = row_bar[j]
    v_bar = row_bar[j]                           row_bar[j] = 0.0
    row_bar[j] = 0.0
    accumulate(rows_bar, i, row_bar)

Without it the adjoint of one element takes the time of a row. Only for lists whose items nothing
else holds (`own_items.py`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TypeGuard

from srcgrad.ir.core import Assign, Atom, Block, Const, Function, Stmt, Store, Var
from srcgrad.ir.kinds import Kind
from srcgrad.ir.walk import AUGMENTED, blocks, reads, rebuild, writes
from srcgrad.optimize.own_items import ACCUMULATE, OWN, ZEROS, holds_items, is_position, owns_items
from srcgrad.optimize.whereabouts import Whereabouts

DEPTH = 4  # of lists in lists
FAR = 100  # statements between the first part and the sum


def add_to_parts(fn: Function, kinds: Mapping[str, Kind]) -> Function:
    """The function with parts of items written in place.

    `kinds`: of derivative variables. Statements that stay as they are are the same objects.
    """
    for _ in range(DEPTH):
        new = _Parts(fn, kinds).rewritten()
        if new is fn:
            break
        fn = new
    return fn


class _Parts:
    def __init__(self, fn: Function, kinds: Mapping[str, Kind]) -> None:
        self.fn, self.kinds = fn, kinds
        self.at = Whereabouts(fn)
        self.gone: set[Stmt] = set()
        self.instead: dict[Stmt, tuple[Stmt, ...]] = {}
        self.count = 0

    def rewritten(self) -> Function:
        lists: dict[str, list[Assign]] = {}
        for name, touching in self.at.touching.items():
            if holds_items(self.kinds.get(name)):
                sums = [s for s in touching if _is_sum(s, name)]
                if sums:
                    lists[name] = sums
        for name, sums in lists.items():
            self.of_list(name, sums)
        if not self.gone:
            return self.fn
        return replace(self.fn, body=self.block(self.fn.body))

    def block(self, block: Block) -> Block:
        out: list[Stmt] = []
        for stmt in block:
            if stmt in self.instead:
                out += self.instead[stmt]
            elif stmt not in self.gone:
                out.append(rebuild(stmt, self.block))
        return tuple(out)

    def of_list(self, name: str, sums: list[Assign]) -> None:
        """What can be done with the items of one list, if nothing else holds them."""
        added = {s: parts for s in sums if (parts := self.added_parts(s)) is not None}
        taken = {s: where for s in sums if (where := self.taken(s, set(added))) is not None}
        if not added and not taken:
            return
        clears = {clear for _, _, clear in taken.values()}
        if not owns_items(self.at, name, clears, {*added, *taken}):
            return
        for stmt, parts in added.items():
            self.add_in_place(stmt, parts)
        for stmt, (bind, item, clear) in taken.items():
            own = self.at.maker(bind.args[0])
            assert own is not None
            self.gone |= {stmt, clear, own}
            self.instead[bind] = (replace(bind, args=(Var(item.target),)),)
            for use in self.at.users(bind.target):
                if isinstance(use, Store):
                    self.instead[use] = (replace(use, restores=True),)

    # --- parts that are added

    def added_parts(self, total: Assign) -> list[Stmt] | None:
        """The statements that fill zeros which a sum adds to an item, in order: stores, and items
        of the zeros that are stored into."""
        _, index, value = total.args
        bind = self.at.maker(value)
        zeros = self.at.maker(bind.args[0]) if bind is not None and bind.fn == "copy" else None
        if bind is None or zeros is None or zeros.fn not in ZEROS or self.at.read[zeros.target] > 1:
            return None
        block, stop = self.at.block_of[total], self.at.place_of[total]
        start = self.at.place_of[bind]
        if self.at.block_of[bind] is not block or not is_position(index, self.kinds):
            return None
        filled, parts = [bind.target], list[Stmt]()
        for name in filled:
            for stmt in self.at.users(name):
                if stmt is total and name == bind.target:
                    continue
                if self.at.block_of[stmt] is not block or not _fills(stmt, name):
                    return None
                parts.append(stmt)
                if isinstance(stmt, Assign):
                    if self.at.bound[stmt.target] != 1:
                        return None
                    filled.append(stmt.target)
        parts.sort(key=self.at.place_of.__getitem__)
        stores = [s for s in parts if isinstance(s, Store)]
        if any(s.op == "set" for s in stores[1:]):
            return None
        near = not parts or stop - self.at.place_of[parts[0]] < FAR
        moves = near and all(self.can_move(part, block, stop, parts) for part in parts)
        return parts if moves and parts and start < self.at.place_of[parts[0]] else None

    def can_move(self, part: Stmt, block: Block, stop: int, parts: list[Stmt]) -> bool:
        """True if a statement means the same at the position of the sum."""
        start = self.at.place_of[part]
        if not all(self.at.is_kept(Var(name), block, start, stop) for name in reads(part)):
            return False
        if not isinstance(part, Store) or self.is_number(part.value):
            return True
        return not any(_may_write(stmt) for stmt in block[start + 1 : stop] if stmt not in parts)

    def is_number(self, atom: Atom) -> bool:
        kind = self.kinds.get(atom.name) if isinstance(atom, Var) else None
        return isinstance(atom, Const) or kind is not None and kind.is_scalar

    def add_in_place(self, total: Assign, parts: list[Stmt]) -> None:
        base, index, value = total.args
        assert isinstance(base, Var) and isinstance(value, Var)
        bind = self.at.maker(value)
        zeros = self.at.maker(bind.args[0]) if bind is not None else None
        assert bind is not None and zeros is not None
        item = replace(bind, fn="operator.getitem", args=(base, index), unit=total.unit)
        self.gone |= {bind, zeros, *parts}
        # The list is read, if no variable of the item is.
        kept = (_added(s) if isinstance(s, Store) else s for s in parts)
        self.instead[total] = (item, *kept)

    # --- parts that are taken

    def taken(self, total: Assign, added: set[Assign]) -> tuple[Assign, Assign, Store] | None:
        """What binds an item that is taken out and put back, what reads it, what clears it."""
        base, index, value = total.args
        bind = self.at.maker(value)
        own = self.at.maker(bind.args[0]) if bind is not None and bind.fn == "copy" else None
        item = self.at.maker(own.args[0]) if own is not None and own.fn == OWN else None
        if bind is None or own is None or item is None or item.fn != "operator.getitem":
            return None
        if item.args != (base, index) or self.at.read[item.target] + self.at.read[own.target] != 2:
            return None
        block, start, stop = self.at.block_of[item], self.at.place_of[item], self.at.place_of[total]
        if any(self.at.block_of[stmt] is not block for stmt in (bind, own, total)):
            return None
        assert isinstance(base, Var)
        between = [
            (place, stmt)
            for stmt in self.at.touching[base.name]
            if (place := self.at.within(stmt, block)) is not None and start < place < stop
        ]
        clear = between[0][1] if between else None
        cleared = isinstance(clear, Store) and clear in block and _clears(clear, base, index)
        if not isinstance(clear, Store) or not cleared:
            return None
        first = min((place for place, stmt in between[1:]), default=stop)
        adds = all(stmt in added for _, stmt in between[1:])
        uses = [s for s in self.at.touching[bind.target] if s not in (bind, total)]
        early = all(
            (place := self.at.within(use, block)) is not None and place < first for use in uses
        )
        plain = adds and early and all(_uses_parts(use, bind.target) for use in uses)
        kept = self.at.is_kept(index, block, start, stop)
        return (bind, item, clear) if plain and kept else None


def _is_sum(stmt: Stmt, name: str) -> TypeGuard[Assign]:
    """True for `accumulate(name, index, variable)`."""
    if not isinstance(stmt, Assign) or stmt.fn != ACCUMULATE or stmt.targets:
        return False
    return stmt.args[0] == Var(name) and isinstance(stmt.args[2], Var) and stmt.args[2].name != name


def _added(stmt: Store) -> Store:
    return replace(stmt, op="add" if stmt.op == "set" else stmt.op, restores=True)


def _fills(stmt: Stmt, name: str) -> bool:
    """True for what adds to a part of zeros, or reads an item that will be added to."""
    if isinstance(stmt, Store):
        others = [atom.name for atom in (stmt.index, stmt.value) if isinstance(atom, Var)]
        return stmt.op != "at" and name not in others
    if not isinstance(stmt, Assign) or stmt.fn != "operator.getitem":
        return False
    return stmt.args[0] == Var(name) != stmt.args[1]


def _clears(stmt: Store, base: Var, index: Atom) -> bool:
    return (stmt.base, stmt.index, stmt.value, stmt.op) == (base, index, Const(0.0), "set")


def _uses_parts(stmt: Stmt, name: str) -> bool:
    """True for what reads an element of an item that was taken, or stores into one."""
    if isinstance(stmt, Store):
        return name not in [a.name for a in (stmt.index, stmt.value) if isinstance(a, Var)]
    if not isinstance(stmt, Assign) or stmt.fn != "operator.getitem":
        return False
    return stmt.args[0] == Var(name) != stmt.args[1]


def _may_write(stmt: Stmt) -> bool:
    """True for what may change an array that is there."""
    if isinstance(stmt, Store) or blocks(stmt):
        return True
    return isinstance(stmt, Assign) and (not writes(stmt) or stmt.fn in AUGMENTED)
