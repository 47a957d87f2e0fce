"""Where statements stand in the program, and which part of an array an index names there."""

from __future__ import annotations

from srcgrad.ad.context import Context
from srcgrad.ad.operands import Operands
from srcgrad.analysis.kinds import const_kind
from srcgrad.analysis.regions import Place, Regions, ranges_of
from srcgrad.ir.core import Atom, Block, Const, For, Stmt, Store, While
from srcgrad.ir.kinds import UNKNOWN, Kind
from srcgrad.ir.walk import blocks, writes

END = 0.5  # after the last statement of a block


class Standing:
    """Loops around the statements of a program, their order, and what binds its variables."""

    def __init__(self, context: Context, operands_: Operands) -> None:
        self.context = context
        self.operands = operands_
        self.regions = Regions(context.kinds, context.lengths)
        self.loops: dict[Stmt, tuple[For, ...] | None] = {}  # None: inside a `while`
        self.order: dict[Stmt, int] = {}
        self.last: dict[Stmt, int] = {}  # the last statement of the block that it is in
        self.made: dict[str, list[Stmt]] = {}  # what binds a variable
        self.sites: dict[str, set[int]] = {}  # numbers of all that a variable may name, anywhere
        for facts in (context.aliases.reads, context.aliases.binds):
            for found in facts.values():
                for name, sites in found.items():
                    self.sites.setdefault(name, set()).update(site.number for site in sites)
        self.number(context.fn.body, ())

    def number(self, block: Block, loops: tuple[For, ...] | None) -> None:
        for stmt in block:
            self.loops[stmt] = loops
            self.order[stmt] = len(self.order)
            for name in () if isinstance(stmt, Store) else writes(stmt):
                self.made.setdefault(name, []).append(stmt)
            inner = loops
            if isinstance(stmt, While):
                inner = None
            elif isinstance(stmt, For) and loops is not None:
                inner = (*loops, stmt)
            for part in blocks(stmt):
                self.number(part, inner)
        end = len(self.order) - 1
        self.last.update(dict.fromkeys(block, end))

    def place(self, stmt: Stmt, index: Kind | None, after: bool = False) -> Place | None:
        """The part of an array that an index names at a statement, or at the end of its block.

        Without an index it is the whole array.
        """
        loops = self.loops.get(stmt)
        if loops is None:
            return None
        order = self.last[stmt] + END if after else self.order[stmt]
        return Place(ranges_of(index) if index is not None else (), loops, order)

    def of_store(self, store: Store) -> Place | None:
        place = self.place(store, self.context.kinds.before(store, store.index))
        return place if place is not None and place.axes else None

    def kind(self, atom: Atom, known: list[Stmt]) -> Kind:
        """Kind of an index that adjoints read, made by them or by one of these statements."""
        if isinstance(atom, Const):
            return const_kind(atom.value)
        made = self.operands.build.kinds.get(atom.name)
        if made is not None:
            return made
        for stmt in known:
            found = self.context.kinds.reads.get(stmt, {}).get(atom.name)
            if found is not None:
                return found
        return UNKNOWN

    def writers(self, sites: set[int]) -> list[Stmt]:
        """All statements that may write one of these pieces of memory."""
        aliases = self.context.aliases
        return [
            stmt
            for facts in (aliases.written, aliases.mutated, aliases.clobbered)
            for stmt, found in facts.items()
            if any(site.number in sites for site in found)
        ]
