"""`del name`: a read that may come after it is refused, as Python would raise there."""

from __future__ import annotations

from collections.abc import Set

from srcgrad.frontend.context import Context
from srcgrad.ir.core import Assign, Block, Exit, For, If, Stmt, Unit, While
from srcgrad.ir.walk import names, reads, rebuild, walk, writes

DELETED = "del"  # marks the place in the program, until this pass has run


def without_deletions(ctx: Context, body: Block) -> Block:
    """The program without its `del`s; a problem for each read of a name that may be gone."""
    if not any(isinstance(stmt, Assign) and stmt.fn == DELETED for stmt in walk(body)):
        return body
    _Gone(ctx).block(body, set())
    return _plain(body)


def _plain(block: Block) -> Block:
    kept = (stmt for stmt in block if not (isinstance(stmt, Assign) and stmt.fn == DELETED))
    return tuple(rebuild(stmt, _plain) for stmt in kept)


class _Gone:
    """Follows which names may have been deleted."""

    def __init__(self, ctx: Context) -> None:
        self.ctx = ctx
        self.told: set[str] = set()

    def block(self, block: Block, gone: set[str]) -> None:
        """Updates `gone` to after the block."""
        for stmt in block:
            self.read(stmt, reads(stmt), gone)
            if isinstance(stmt, Assign) and stmt.fn == DELETED:
                gone |= set(names(stmt.args))
            elif isinstance(stmt, If):
                other = set(gone)
                self.block(stmt.then, gone)
                self.block(stmt.orelse, other)
                gone |= other
            elif isinstance(stmt, (For, While)):
                self.loop(stmt, gone)
            elif not isinstance(stmt, Exit):
                gone.difference_update(writes(stmt))

    def loop(self, stmt: For | While, gone: set[str]) -> None:
        before = -1
        while len(gone) > before:
            before = len(gone)
            inner = set(gone) - set(writes(stmt))
            if isinstance(stmt, While):
                self.block(stmt.test, inner)
                self.read(stmt, set(names((stmt.cond,))), inner)
            self.block(stmt.body, inner)
            gone |= inner

    def read(self, stmt: Stmt, found: Set[str], gone: set[str]) -> None:
        for name in sorted(found & gone - self.told):
            self.told.add(name)
            unit = self.ctx.units.get(stmt.unit) or Unit(1, 0, "")
            shown = name.split("@")[0]
            message = f"`{shown}` may be read after `del {shown}`"
            self.ctx.problem_at(unit, message, "leave the `del` out, or give it a value before")
