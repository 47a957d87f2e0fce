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

from srcgrad.ir.core import Assign, Atom, Const, Function, Stmt, Store, Var
from srcgrad.ir.kinds import Kind
from srcgrad.optimize.exchange import exchanged
from srcgrad.optimize.filled_zeros import FilledZeros, added
from srcgrad.optimize.own_items import ACCUMULATE, holds_items, is_position, own_copy, owns_items
from srcgrad.optimize.whereabouts import Whereabouts

DEPTH = 4  # of lists in lists


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
        self.filled = FilledZeros(self.at, kinds)
        self.count = 0
        self.gone: set[Stmt] = set()
        self.instead: dict[Stmt, tuple[Stmt, ...]] = {}

    def rewritten(self) -> Function:
        lists: dict[str, list[Assign]] = {}
        for name, touching in self.at.touching.items():
            if holds_items(self.kinds.get(name)):
                sums = [s for s in touching if _is_sum(s, name)]
                if sums:
                    lists[name] = sums
        for name, sums in lists.items():
            self.of_list(name, sums)
        return exchanged(self.fn, self.gone, self.instead)

    def of_list(self, name: str, sums: list[Assign]) -> None:
        """What can be done with the items of one list, if nothing else holds them."""
        added = {s: parts for s in sums if (parts := self.added_parts(s)) is not None}
        taken = {s: where for s in sums if (where := self.taken(s, set(added))) is not None}
        if not added and not taken:
            return
        shown = {
            s: code
            for s in sums
            if s not in added and s not in taken and (code := self.displayed(s)) is not None
        }
        clears = {clear for _, _, clear in taken.values()}
        if not owns_items(self.at, name, clears, {*added, *taken, *shown}):
            return
        self.gone |= set(shown)
        self.instead |= {stmt: tuple(code) for stmt, code in shown.items()}
        for stmt, parts in added.items():
            self.add_in_place(stmt, parts)
        for stmt, (bind, item, clear) in taken.items():
            found = own_copy(self.at, bind)
            assert found is not None
            self.gone |= {stmt, clear, found[0]}
            self.instead[bind] = (replace(bind, args=(Var(item.target),)),)
            for use in self.at.users(bind.target):
                if isinstance(use, Store):
                    self.instead[use] = (replace(use, restores=True),)

    # --- parts that are added

    def added_parts(self, total: Assign) -> list[Stmt] | None:
        """The statements that fill zeros which a sum adds to an item."""
        _, index, value = total.args
        return self.filled.parts(value, total) if is_position(index, self.kinds) else None

    def displayed(self, total: Assign) -> list[Stmt] | None:
        """The stores for a display of numbers of which few are not 0.0: `[0.0, 0.0, v]`."""
        base, index, value = total.args
        made = self.at.maker(value)
        if made is not None and made.fn == "copy" and self.at.read[made.target] == 1:
            made = self.at.maker(made.args[0])
        if made is None or made.fn != "list" or self.at.read[made.target] != 1:
            return None
        block, start, stop = (
            self.at.block_of[total],
            self.at.place_of[made],
            self.at.place_of[total],
        )
        given = {k: atom for k, atom in enumerate(made.args) if atom != Const(0.0)}
        numbers = all(map(self.filled.is_number, made.args)) and is_position(index, self.kinds)
        if self.at.block_of[made] is not block or not numbers or 2 * len(given) > len(made.args):
            return None
        if not all(self.at.is_kept(atom, block, start, stop) for atom in given.values()):
            return None
        assert isinstance(base, Var)
        self.count += 1
        item = f"{base.name}@p{self.count}"
        code: list[Stmt] = [Assign((item,), "operator.getitem", (base, index), unit=total.unit)]
        for k, atom in given.items():
            code.append(Store(Var(item), Const(k), atom, "add", unit=total.unit, restores=True))
        return code

    def add_in_place(self, total: Assign, parts: list[Stmt]) -> None:
        base, index, value = total.args
        made = self.filled.made(value)
        assert made is not None
        item = replace(made[0], fn="operator.getitem", args=(base, index), unit=total.unit)
        self.gone |= {*made, *parts}
        self.instead[total] = (item, *map(added, parts))

    # --- parts that are taken

    def taken(self, total: Assign, added: set[Assign]) -> tuple[Assign, Assign, Store] | None:
        """What binds an item that is taken out and put back, what reads it, what clears it."""
        base, index, value = total.args
        bind = self.at.maker(value)
        found = own_copy(self.at, bind) if bind is not None else None
        if bind is None or found is None:
            return None
        own, item = found
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


def _clears(stmt: Store, base: Var, index: Atom) -> bool:
    return (stmt.base, stmt.index, stmt.value, stmt.op) == (base, index, Const(0.0), "set")


def _uses_parts(stmt: Stmt, name: str) -> bool:
    """True for what reads an element of an item that was taken, or stores into one."""
    if isinstance(stmt, Store):
        return name not in [a.name for a in (stmt.index, stmt.value) if isinstance(a, Var)]
    if not isinstance(stmt, Assign) or stmt.fn != "operator.getitem":
        return False
    return stmt.args[0] == Var(name) != stmt.args[1]
