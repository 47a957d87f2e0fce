"""A number that was just stored in an array is not read back from it.

x_bar[i] = x_bar[i] / 9.0            t = x_bar[i] / 9.0
x_bar[i - 1] += x_bar[i]      ->     x_bar[i] = t
                                     x_bar[i - 1] += t
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from srcgrad.ir.core import Assign, Atom, Block, Function, Pop, Stmt, Store, Var
from srcgrad.ir.kinds import Kind
from srcgrad.ir.walk import AUGMENTED, MUTATORS, rebuild, same, walk, writes
from srcgrad.optimize.apart import Apart
from srcgrad.rules.registry import lookup

PLAIN = ("copy", "slice", "tuple", "operator.getitem")
FAR = 12  # statements between a store and a reader at most: the pass stays linear


def forward_stored(fn: Function, kinds: Mapping[str, Kind]) -> Function:
    """The function without elements that are read where they were stored.

    `kinds`: of derivative variables. Statements that stay as they are are the same objects.
    """
    if not any(isinstance(stmt, Store) for stmt in walk(fn.body)):
        return fn
    return replace(fn, body=_Stored(kinds, Apart(fn, kinds)).block(fn.body))


class _Stored:
    def __init__(self, kinds: Mapping[str, Kind], apart: Apart) -> None:
        self.kinds = kinds
        self.apart = apart

    def block(self, block: Block) -> Block:
        out = [rebuild(stmt, self.block) for stmt in block]
        for position, stmt in enumerate(out):
            if isinstance(stmt, Store) and self.is_element(stmt):
                self.readers(stmt, out, position + 1)
        return same(block, out)

    def is_element(self, store: Store) -> bool:
        """True for a number that is stored in an adjoint."""
        own = store.op == "set" and store.base.name.endswith("%bar")
        return own and self.is_number(store.value)

    def is_number(self, atom: Atom) -> bool:
        """True for a number of double precision that the derivative makes once."""
        if not isinstance(atom, Var) or atom.name not in self.apart.made:
            return False
        kind = self.kinds.get(atom.name)
        return kind is not None and kind.is_scalar and kind.dtype == "f8"

    def readers(self, store: Store, out: list[Stmt], start: int) -> None:
        """Give the number itself to the statements that read it back."""
        base, changed = store.base.name, set[str]()
        for position in range(start, min(start + FAR, len(out))):
            stmt = out[position]
            if isinstance(stmt, Pop) or isinstance(stmt, Store) and "%bar" not in stmt.base.name:
                changed.update(writes(stmt))
                continue  # what a program stores into is no adjoint
            if not isinstance(stmt, Assign) or not isinstance(stmt.fn, str) or not stmt.targets:
                return
            if stmt.fn in MUTATORS | AUGMENTED or base in writes(stmt):
                return
            if stmt.fn not in PLAIN and lookup(stmt.fn) is None:
                return
            if stmt.fn == "operator.getitem" and stmt.args[0] == store.base:
                again = self.apart.same_place(store.index, stmt.args[1], changed)
                if again and self.is_number(Var(stmt.targets[0])):
                    out[position] = replace(stmt, fn="copy", args=(store.value,))
            changed.update(writes(stmt))
