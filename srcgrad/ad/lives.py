"""Which variables may still be read, after compound statements and at the heads of loops.

A tangent is read only where its variable is: what is not live needs no zeros where ways meet.
"""

from __future__ import annotations

from dataclasses import field

from srcgrad.ir.classes import dataclass
from srcgrad.ir.core import Assign, Block, Exit, For, If, Stmt, While
from srcgrad.ir.walk import names, reads


@dataclass(slots=True)
class Lives:
    """`after[s]`: names that may be read after a compound statement; `head[s]`: at its start."""

    after: dict[Stmt, frozenset[str]] = field(default_factory=dict)
    head: dict[Stmt, frozenset[str]] = field(default_factory=dict)
    loops: list[tuple[set[str], set[str]]] = field(default_factory=list)  # at the end, at the head

    def block(self, block: Block, live: set[str]) -> set[str]:
        """The names live before a block, from those live after it."""
        for stmt in reversed(block):
            live = self.statement(stmt, live)
        return live

    def statement(self, stmt: Stmt, live: set[str]) -> set[str]:
        if isinstance(stmt, Exit):
            return self.left(stmt)
        if isinstance(stmt, If):
            self.after[stmt] = frozenset(live)
            both = self.block(stmt.then, set(live)) | self.block(stmt.orelse, set(live))
            return both | (live if stmt.form == "try" else set(names((stmt.test,))))
        if isinstance(stmt, (For, While)):
            return self.loop(stmt, live)
        if isinstance(stmt, Assign):
            live = live - set(stmt.targets)
        return live | reads(stmt)

    def left(self, stmt: Exit) -> set[str]:
        if stmt.kind == "return":
            return set(reads(stmt))
        end, head = self.loops[-1]
        return set(end if stmt.kind == "break" else head)

    def loop(self, stmt: For | While, live: set[str]) -> set[str]:
        self.after[stmt] = frozenset(live)
        head: set[str] = set()
        while True:
            self.loops.append((live, head))
            found = self.block(stmt.body, set(head))
            self.loops.pop()
            if isinstance(stmt, While):
                found = self.block(stmt.test, found | live | set(names((stmt.cond,))))
            else:
                found = (found | live | reads(stmt)) - {stmt.index}
            if found <= head:
                break
            head = head | found
        self.head[stmt] = frozenset(head)
        return head | reads(stmt)
