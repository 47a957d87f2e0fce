"""A part of an adjoint is read where it is, not copied, if it is used up before it changes.

    t = x_bar[1:-1].copy()               z_bar = x_bar[1:-1] / 3.0
    x_bar[1:-1] = 0.0             ->     x_bar[1:-1] = 0.0
    z_bar = t / 3.0

The place is cleared after its last reader then. Each reader makes a new array of it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from srcgrad.ir.core import Assign, Block, Function, Stmt, Store, Var
from srcgrad.ir.kinds import Kind
from srcgrad.ir.walk import AUGMENTED, MUTATORS, reads, rebuild, same, tally, walk, writes
from srcgrad.optimize.apart import Apart, is_cleared
from srcgrad.rules.registry import lookup

FAR = 20  # statements between a copy and its last reader at most: the pass stays linear


def read_views(fn: Function, kinds: Mapping[str, Kind]) -> Function:
    """The function without copies of parts that are used up before they change.

    `kinds`: of derivative variables. Statements that stay as they are are the same objects.
    """
    if not any(isinstance(stmt, Assign) and stmt.fn == "method.copy" for stmt in walk(fn.body)):
        return fn
    return replace(fn, body=_Copies(fn, kinds).block(fn.body))


class _Copies:
    def __init__(self, fn: Function, kinds: Mapping[str, Kind]) -> None:
        self.apart = Apart(fn, kinds)
        _, self.read = tally(fn.body)

    def block(self, block: Block) -> Block:
        out = [rebuild(stmt, self.block) for stmt in block]
        position = 0
        while position < len(out):
            self.copy(out, position)
            position += 1
        return same(block, out)

    def copy(self, out: list[Stmt], position: int) -> None:
        """Leave out the copy that a statement makes, if that is one and may be left out."""
        copy = out[position]
        if not isinstance(copy, Assign) or copy.fn != "method.copy" or len(copy.args) != 1:
            return
        view = self.apart.made.get(copy.args[0].name) if isinstance(copy.args[0], Var) else None
        if view is None or view.fn != "operator.getitem" or copy.target not in self.apart.made:
            return
        base = view.args[0]
        near = out[max(0, position - FAR) : position]
        if not isinstance(base, Var) or view not in near:
            return
        if self.touched(near[near.index(view) + 1 :], base.name):
            return
        found = self.last_reader(out, position + 1, copy.target, base.name)
        if found is None:
            return
        last, cleared = found
        out[position] = replace(copy, fn="copy")
        if cleared is not None and cleared < last:
            out.insert(last, out.pop(cleared))

    def touched(self, stmts: list[Stmt], base: str) -> bool:
        return any(base in (*reads(stmt), *writes(stmt)) for stmt in stmts)

    def last_reader(
        self, out: list[Stmt], start: int, name: str, base: str
    ) -> tuple[int, int | None] | None:
        """Where the copy is last read, and where before that its place is cleared."""
        names, wanted = {name}, self.read[name]
        cleared: int | None = None
        for position in range(start, min(start + FAR, len(out))):
            stmt = out[position]
            if isinstance(stmt, Store) and is_cleared(stmt) and stmt.base.name == base:
                if cleared is not None:
                    return None
                cleared = position
                continue
            if isinstance(stmt, Store) and cleared is None and wanted == 1:
                value = stmt.value.name if isinstance(stmt.value, Var) else ""
                added = stmt.op in ("add", "sub") and value in names
                return (position, None) if added else None
            if not isinstance(stmt, Assign) or not self.is_plain(stmt, base, cleared is not None):
                return None
            used = names & reads(stmt)
            wanted -= len(used)
            if used and stmt.fn == "copy":
                if stmt.target not in self.apart.made:
                    return None
                names.add(stmt.target)
                wanted += self.read[stmt.target]
            elif used and not self.makes_new(stmt):
                return None
            if not self.apart.is_apart(reads(stmt) - names):
                return None
            if wanted == 0:
                return position, cleared
        return None

    def is_plain(self, stmt: Assign, base: str, cleared: bool) -> bool:
        """True for what neither changes memory nor, once cleared, sees the place."""
        fn = stmt.fn
        if not isinstance(fn, str) or not stmt.targets or fn in MUTATORS | AUGMENTED:
            return False
        if base in writes(stmt) or cleared and base in reads(stmt):
            return False
        return fn in ("copy", "slice", "tuple", "operator.getitem") or lookup(fn) is not None

    def makes_new(self, stmt: Assign) -> bool:
        prim = lookup(stmt.fn) if isinstance(stmt.fn, str) else None
        return prim is not None and prim.elementwise and prim.view is None
