"""What is brought back to its place is read from the record.

    y_old = y_old_tape.pop()             y_old = y_old_tape.pop()
    y[:k] = y_old                 ->     y[:k] = y_old
    a_bar += np.dot(y_bar, y[:k])        a_bar += np.dot(y_bar, y_old)

Where nothing else reads the array, it need not be brought back at all.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from srcgrad.ir.core import Assign, Block, Function, Pop, Stmt, Store, Var
from srcgrad.ir.kinds import Kind
from srcgrad.ir.walk import AUGMENTED, MUTATORS, rebuild, same, walk, writes
from srcgrad.optimize.apart import Apart
from srcgrad.rules.registry import lookup

RECORDED = ("%old", "%saved")
PLAIN = ("copy", "slice", "tuple", "operator.getitem")
FAR = 40  # statements between a store and a reader at most: the pass stays linear


def read_records(fn: Function, kinds: Mapping[str, Kind]) -> Function:
    """The function that does not look up what it has just put back.

    `kinds`: of variables that have but one. Statements that stay as they are are the same objects.
    """
    if not any(isinstance(stmt, Store) and _is_put_back(stmt) for stmt in walk(fn.body)):
        return fn
    return replace(fn, body=_Readers(kinds, Apart(fn, kinds)).block(fn.body))


def _is_put_back(stmt: Store) -> bool:
    value = stmt.value
    recorded = isinstance(value, Var) and any(mark in value.name for mark in RECORDED)
    return recorded and stmt.op == "set" and not stmt.base.name.endswith("%bar")


class _Readers:
    def __init__(self, kinds: Mapping[str, Kind], apart: Apart) -> None:
        self.kinds = kinds
        self.apart = apart

    def block(self, block: Block) -> Block:
        out = [rebuild(stmt, self.block) for stmt in block]
        for position, stmt in enumerate(out):
            if isinstance(stmt, Store) and _is_put_back(stmt) and self.is_array(stmt.base):
                self.after(stmt, out, position + 1)
        return same(block, out)

    def is_array(self, base: Var) -> bool:
        kind = self.kinds.get(base.name)
        return kind is not None and kind.is_array

    def after(self, store: Store, out: list[Stmt], start: int) -> None:
        """Give the record to the statements that read the place, until memory may change."""
        changed = set[str]()
        for position in range(start, min(start + FAR, len(out))):
            stmt = out[position]
            if isinstance(stmt, Store) and stmt.base.name.endswith("%bar"):
                continue
            if not self.is_quiet(stmt) or store.base.name in writes(stmt):
                return
            if isinstance(stmt, Assign) and stmt.fn == "operator.getitem":
                base, index = stmt.args
                if base == store.base and self.apart.same_place(store.index, index, changed):
                    out[position] = replace(stmt, fn="copy", args=(store.value,))
            changed.update(writes(stmt))

    def is_quiet(self, stmt: Stmt) -> bool:
        """True for what changes no memory of the program."""
        if not isinstance(stmt, Assign):
            return isinstance(stmt, Pop)
        if not isinstance(stmt.fn, str) or not stmt.targets or stmt.fn in MUTATORS | AUGMENTED:
            return False
        return stmt.fn in PLAIN or lookup(stmt.fn) is not None
