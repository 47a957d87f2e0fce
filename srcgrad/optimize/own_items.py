"""Adjoints of lists whose items nothing else holds, so that they may be written in place."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from srcgrad.ir.core import Assign, Atom, Block, Const, Stmt, Store, Var
from srcgrad.ir.kinds import Kind, held
from srcgrad.ir.walk import blocks, reads, writes
from srcgrad.optimize.filled_zeros import ZEROS
from srcgrad.optimize.known import is_new
from srcgrad.optimize.whereabouts import Whereabouts

ACCUMULATE = "srcgrad.support.accumulate"
OWN = "srcgrad.support.own"
ADD = "srcgrad.support.add"


def holds_items(kind: Kind | None) -> bool:
    """True for lists of arrays, and lists of lists of numbers, of any depth."""
    if kind is None or kind.tag != "list":
        return False
    inner = held(kind)
    return bool(inner) and all(map(_is_item, inner))


def _is_item(kind: Kind) -> bool:
    if kind.tag == "list":
        inner = held(kind)
        numbers = bool(inner) and all(k.is_scalar and k.is_float for k in inner)
        return numbers or holds_items(kind)
    return kind.is_array and kind.is_float and bool(kind.rank)


def is_position(index: Atom, kinds: Mapping[str, Kind]) -> bool:
    """True for an index that is one number: an atom of the program, or made of such."""
    if isinstance(index, Const):
        return type(index.value) is int
    kind = kinds.get(index.name)
    return kind is None or kind.is_scalar


def owns_items(
    at: Whereabouts, name: str, clears: Collection[Stmt], rewritten: Collection[Stmt]
) -> bool:
    """True for a list made of zeros whose items no other variable holds while it is written.

    `clears`: stores of 0.0 that will not be there. `rewritten`: where items will be written.
    """
    bind = at.maker(Var(name))
    zeros = at.maker(bind.args[0]) if bind is not None and bind.fn == "copy" else bind
    if bind is None or zeros is None or zeros.fn != ZEROS[0]:
        return False
    block = at.block_of[bind]
    if zeros is not bind and (at.read[zeros.target] > 1 or at.block_of[zeros] is not block):
        return False
    places = [at.within(stmt, block) for stmt in rewritten]
    if None in places:
        return False
    last = max(place for place in places if place is not None)
    taken = {at.maker(s.args[2]) for s in rewritten if isinstance(s, Assign)}
    copies = [own_copy(at, made) for made in taken if made is not None]
    items = {found[1] for found in copies if found is not None}
    return all(
        stmt is bind or stmt in clears or stmt in items or _keeps_items(at, stmt, name, block, last)
        for stmt in at.touching[name]
    )


def own_copy(at: Whereabouts, bind: Assign) -> tuple[Assign, Assign] | None:
    """The copy that a variable is bound to, `own(rows_bar[i])` or `[0.0, 0.0] + rows_bar[i]` item
    by item, and what reads the item."""
    own = at.maker(bind.args[0]) if bind.fn == "copy" else None
    if own is None or own.fn not in (OWN, ADD):
        return None
    zeros = at.maker(own.args[0]) if own.fn == ADD else None
    if own.fn == ADD and (zeros is None or zeros.fn != "list" or set(zeros.args) != {Const(0.0)}):
        return None
    item = at.maker(own.args[-1])
    return None if item is None or item.fn != "operator.getitem" else (own, item)


def _keeps_items(at: Whereabouts, stmt: Stmt, name: str, block: Block, last: int) -> bool:
    """True for a statement after which no variable but the list holds an item of it."""
    place = at.within(stmt, block)
    if place is not None and place > last:
        return True
    if isinstance(stmt, Store):
        if stmt.base.name != name or name in [a.name for a in _others(stmt)]:
            return False
        return stmt.op in ("add", "sub") or _is_new_value(at, stmt.value, stmt)
    if not isinstance(stmt, Assign) or not stmt.args or stmt.args[0] != Var(name):
        return False
    if Var(name) in stmt.args[1:] or stmt.kwargs:
        return False
    if stmt.fn in (ACCUMULATE, "method.pop", "builtins.len"):
        return True
    if stmt.fn == "method.append":
        return _is_new_value(at, stmt.args[1], stmt)
    return stmt.fn == "operator.getitem" and _is_replaced(at, stmt, name)


def _others(stmt: Store) -> list[Var]:
    return [atom for atom in (stmt.index, stmt.value) if isinstance(atom, Var)]


def _is_new_value(at: Whereabouts, value: Atom, user: Stmt) -> bool:
    """True for what was made for the one statement that reads it, each time."""
    while isinstance(value, Var) and at.read[value.name] == 1:
        made = at.maker(value)
        if made is None or at.block_of[made] is not at.block_of[user]:
            return False
        if made.fn != "copy":  # that of a list of lists holds the same lists
            return made.fn in ZEROS or is_new(made) and made.fn != "method.copy"
        value = made.args[0]
    return False


def _is_replaced(at: Whereabouts, read: Assign, name: str) -> bool:
    """True if the item that is read is replaced by zeros before the list is touched again."""
    block, place = at.block_of[read], at.place_of[read]
    for stmt in block[place + 1 :]:
        if isinstance(stmt, Store) and stmt.base.name == name:
            zeros = at.maker(stmt.value)
            same = stmt.index == read.args[1] and stmt.op == "set"
            return same and zeros is not None and zeros.fn in ZEROS
        if name in reads(stmt) or blocks(stmt) or any(Var(n) == read.args[1] for n in writes(stmt)):
            return False
    return False
