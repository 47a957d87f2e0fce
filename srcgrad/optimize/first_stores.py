"""A place that is cleared and then added to is stored into once.

    e = x_bar[i]
    x_bar[i] = 0.0                ->     x_bar[i] = x_bar[i] / 9.0
    x_bar[i] += e / 9.0

Between the two, nothing may read the memory: no statement reads the variable, nor one that may be
a view of it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from srcgrad.ir.core import Assign, Atom, Block, Const, Function, Stmt, Store, Var
from srcgrad.ir.kinds import Kind
from srcgrad.ir.walk import reads, rebuild, walk, writes
from srcgrad.optimize.apart import Apart, is_cleared

FAR = 40  # statements between the two at most: the pass stays linear


def store_first(fn: Function, kinds: Mapping[str, Kind]) -> Function:
    """The function without zeros that are stored only to be added to.

    `kinds`: of derivative variables. Statements that stay as they are are the same objects.
    """
    if not any(type(stmt) is Store and is_cleared(stmt) for stmt in walk(fn.body)):
        return fn
    return replace(fn, body=_Stores(kinds, Apart(fn, kinds)).block(fn.body))


class _Stores:
    def __init__(self, kinds: Mapping[str, Kind], apart: Apart) -> None:
        self.kinds = kinds
        self.apart = apart

    def block(self, block: Block) -> Block:
        out = [rebuild(stmt, self.block) for stmt in block]
        gone = set()
        for position, stmt in enumerate(out):
            if not isinstance(stmt, Store) or not is_cleared(stmt):
                continue
            found = self.first(stmt, out, position + 1)
            if found is not None:
                first = out[found]
                assert isinstance(first, Store)
                out[found] = replace(first, op="set")
                gone.add(position)
        if not gone and all(a is b for a, b in zip(out, block, strict=True)):
            return block
        return tuple(stmt for position, stmt in enumerate(out) if position not in gone)

    def first(self, zero: Store, block: list[Stmt], start: int) -> int | None:
        """Where the place that was cleared is first added to, if nothing sees that before."""
        base, changed = zero.base.name, set[str]()
        for position in range(start, min(start + FAR, len(block))):
            stmt = block[position]
            if self.is_elsewhere(zero, stmt):
                changed.update(writes(stmt))
                continue
            if isinstance(stmt, Store) and stmt.base.name == base:
                if stmt.op != "add" or base in (*names_of(stmt.value), *names_of(stmt.index)):
                    return None
                if not self.is_copied(stmt):
                    return None
                same = self.apart.same_place(zero.index, stmt.index, changed)
                return position if same and self.apart.is_apart(names_of(stmt.value)) else None
            if not isinstance(stmt, (Assign, Store)) or base in {*reads(stmt), *writes(stmt)}:
                return None
            if isinstance(stmt, Assign) and (not isinstance(stmt.fn, str) or not stmt.targets):
                return None
            if not self.apart.is_apart(reads(stmt)):
                return None
            changed.update(writes(stmt))
        return None

    def is_elsewhere(self, zero: Store, stmt: Stmt) -> bool:
        """True for what reads or stores other elements of the same array."""
        if isinstance(stmt, Store) and stmt.base == zero.base:
            others, index = {*names_of(stmt.value), *names_of(stmt.index)}, stmt.index
        elif isinstance(stmt, Assign) and stmt.fn == "operator.getitem":
            base, index = stmt.args
            others = {*names_of(index)}
            if base != zero.base or zero.base.name in stmt.targets:
                return False
        else:
            return False
        own = zero.base.name in others or not self.apart.is_apart(others)
        return not own and self.apart.other_place(zero.index, index)

    def is_copied(self, stmt: Store) -> bool:
        """True if a store copies the value: into an array, or of a number; a list would hold it."""
        value = stmt.value
        base = self.kinds.get(stmt.base.name)
        index = self.apart.made.get(stmt.index.name) if isinstance(stmt.index, Var) else None
        if index is not None and index.fn in ("slice", "tuple"):
            return True  # nothing is added to a part of a list
        if isinstance(value, Const) or base is not None and base.is_array:
            return True
        kind = self.kinds.get(value.name)
        return kind is not None and kind.is_scalar


def names_of(atom: Atom) -> tuple[str, ...]:
    return (atom.name,) if isinstance(atom, Var) else ()
