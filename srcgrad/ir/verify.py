"""Well-formedness of a program: what every pass may take for granted."""

from __future__ import annotations

from collections.abc import Iterable

from srcgrad.errors import InternalError
from srcgrad.ir.core import Assign, Block, Exit, For, Function, If, Stmt, While
from srcgrad.ir.show import show_block
from srcgrad.ir.walk import assigned, names, reads, writes


def verify(fn: Function) -> None:
    """Raise `InternalError` unless

    - each variable read is a parameter, a global, or assigned earlier or in a loop around;
    - exits come last in their block, and `break` and `continue` stand in a loop;
    - a loop's bounds and index are not assigned in its body.
    """
    known = {param.name for param in fn.params} | set(fn.globals)
    _Verifier(fn.name).block(fn.body, known, False)


class _Verifier:
    def __init__(self, name: str) -> None:
        self.name = name

    def block(self, block: Block, known: set[str], in_loop: bool) -> None:
        """Check a block; names it assigns are added to `known`."""
        for i, stmt in enumerate(block):
            self.bound(stmt, reads(stmt), known)
            if isinstance(stmt, Exit):
                self.require(i == len(block) - 1, stmt, "an exit is not the last of its block")
                self.require(in_loop or stmt.kind == "return", stmt, "an exit outside a loop")
                self.require(
                    (stmt.kind == "return") == (stmt.value is not None), stmt, "exit value"
                )
            elif isinstance(stmt, If):
                self.block(stmt.then, known, in_loop)
                self.block(stmt.orelse, known, in_loop)
            elif isinstance(stmt, For):
                self.loop(stmt, known)
            elif isinstance(stmt, While):
                known |= assigned(stmt.test) | assigned(stmt.body)
                self.block(stmt.test, known, False)
                self.bound(stmt, names((stmt.cond,)), known)
                self.block(stmt.body, known, True)
            elif isinstance(stmt, Assign):
                self.require(
                    stmt.fn != "copy" or len(stmt.args) == 1, stmt, "copy takes one operand"
                )
            known.update(writes(stmt))

    def loop(self, stmt: For, known: set[str]) -> None:
        inner = assigned(stmt.body)
        fixed = {stmt.index, *names((stmt.start, stmt.stop, stmt.step, stmt.limit))}
        self.require(not fixed & inner, stmt, f"the body assigns {sorted(fixed & inner)}")
        self.require(0 <= stmt.prologue <= len(stmt.body), stmt, "prologue longer than the body")
        known |= inner | {stmt.index}
        self.block(stmt.body, known, True)

    def bound(self, stmt: Stmt, read: Iterable[str], known: set[str]) -> None:
        unknown = sorted(set(read) - known)
        self.require(not unknown, stmt, f"reads {', '.join(unknown)} before any assignment")

    def require(self, fact: bool, stmt: Stmt, message: str) -> None:
        if not fact:
            shown = show_block((stmt,)).rstrip().split("\n")[0]
            raise InternalError(f"{self.name}: {message}: {shown}")
