"""Zeros of which parts are added to, before the whole is added to an adjoint."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from srcgrad.ir.core import Assign, Atom, Block, Const, Stmt, Store, Var
from srcgrad.ir.kinds import Kind
from srcgrad.ir.walk import AUGMENTED, blocks, reads, writes
from srcgrad.optimize.whereabouts import Whereabouts

ZEROS = ("srcgrad.support.zeros_like", "numpy.zeros_like")
FAR = 100  # statements between the first part and the sum


class FilledZeros:
    """Finds what fills zeros: the statements that may as well write into what they are added to."""

    def __init__(self, at: Whereabouts, kinds: Mapping[str, Kind]) -> None:
        self.at, self.kinds = at, kinds

    def made(self, value: Atom) -> tuple[Assign, Assign] | None:
        """What binds a variable, and the zeros that it is bound to."""
        bind = self.at.maker(value)
        zeros = self.at.maker(bind.args[0]) if bind is not None and bind.fn == "copy" else None
        if bind is None or zeros is None or zeros.fn not in ZEROS:
            return None
        return None if self.at.read[zeros.target] > 1 else (bind, zeros)

    def parts(self, value: Atom, total: Stmt) -> list[Stmt] | None:
        """The statements that fill zeros which `total` adds to something, in order: stores, and
        items of the zeros that are stored into. None where they cannot stand before `total`."""
        made = self.made(value)
        block, stop = self.at.block_of[total], self.at.place_of[total]
        if made is None or self.at.block_of[made[0]] is not block:
            return None
        bind, parts = made[0], list[Stmt]()
        filled = [bind.target]
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
        if not stores or any(s.op == "set" for s in stores[1:]):
            return None
        first = self.at.place_of[parts[0]]
        near = self.at.place_of[bind] < first and stop - first < FAR
        moves = near and all(self._can_move(part, block, stop, parts) for part in parts)
        return parts if moves else None

    def _can_move(self, part: Stmt, block: Block, stop: int, parts: list[Stmt]) -> bool:
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


def added(part: Stmt) -> Stmt:
    """A part as it is added to what is there; another variable of the memory is read later."""
    if not isinstance(part, Store):
        return part
    return replace(part, op="add" if part.op == "set" else part.op, restores=True)


def _fills(stmt: Stmt, name: str) -> bool:
    """True for what adds to a part of zeros, or reads an item that will be added to."""
    if isinstance(stmt, Store):
        others = [atom.name for atom in (stmt.index, stmt.value) if isinstance(atom, Var)]
        return stmt.op != "at" and name not in others
    if not isinstance(stmt, Assign) or stmt.fn != "operator.getitem":
        return False
    return stmt.args[0] == Var(name) != stmt.args[1]


def _may_write(stmt: Stmt) -> bool:
    """True for what may change an array that is there."""
    if isinstance(stmt, Store) or blocks(stmt):
        return True
    return isinstance(stmt, Assign) and (not writes(stmt) or stmt.fn in AUGMENTED)
