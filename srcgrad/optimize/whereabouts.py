"""Where the statements of a function stand, and what touches its variables."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from srcgrad.ir.core import Assign, Atom, Block, Function, Stmt, Var
from srcgrad.ir.walk import blocks, reads, tally, writes


class Whereabouts:
    """Blocks and positions of statements, those that read or bind a name, and what makes values."""

    def __init__(self, fn: Function) -> None:
        self.block_of: dict[Stmt, Block] = {}
        self.place_of: dict[Stmt, int] = {}
        self.owner: dict[int, Stmt] = {}  # of a block: the loop or branch that it belongs to
        self.bound, self.read = tally(fn.body)
        self.touching: dict[str, list[Stmt]] = defaultdict(list)
        self._makers: dict[str, Assign] = {}
        self._visit(fn.body)

    def _visit(self, block: Block) -> None:
        for place, stmt in enumerate(block):
            self.block_of[stmt], self.place_of[stmt] = block, place
            for name in {*reads(stmt), *writes(stmt)}:
                self.touching[name].append(stmt)
            if isinstance(stmt, Assign) and len(stmt.targets) == 1:
                self._makers[stmt.targets[0]] = stmt
            for inner in blocks(stmt):
                self.owner[id(inner)] = stmt
                self._visit(inner)

    def maker(self, atom: Atom) -> Assign | None:
        """The one statement that binds a variable to a value of its own."""
        if not isinstance(atom, Var) or self.bound[atom.name] != 1:
            return None
        return self._makers.get(atom.name)

    def within(self, stmt: Stmt, block: Block) -> int | None:
        """The position in a block of what a statement is, or is part of; None outside."""
        found: Stmt | None = stmt
        while found is not None:
            if self.block_of[found] is block:
                return self.place_of[found]
            found = self.owner.get(id(self.block_of[found]))
        return None

    def users(self, name: str) -> Iterator[Stmt]:
        """The statements that read a variable."""
        return (stmt for stmt in self.touching[name] if name in reads(stmt))

    def is_kept(self, atom: Atom, block: Block, start: int, stop: int) -> bool:
        """True if a variable is bound by nothing between two positions of a block."""
        if not isinstance(atom, Var):
            return True
        binders = (stmt for stmt in self.touching[atom.name] if atom.name in writes(stmt))
        places = (self.within(stmt, block) for stmt in binders)
        return not any(place is not None and start < place < stop for place in places)
