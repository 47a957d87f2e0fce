"""An index that is made of slices, numbers and variables is written where it is read.

    part = slice(1, -1)                  x_bar[1:-1] = 0.0
    x_bar[part] = 0.0             ->     z_bar = y_bar[1:-1]
    z_bar = y_bar[part]

What makes up a slice are integers, so that it costs next to nothing to make it again.
"""

from __future__ import annotations

from collections.abc import Iterable

from srcgrad.ir.classes import replace
from srcgrad.ir.core import Assign, Atom, Block, Const, For, Function, Stmt, Store, Var, While
from srcgrad.ir.walk import COMPOUND, reads, rebuild, same, walk, writes

ARITHMETIC = ("operator.add", "operator.sub", "operator.mul", "operator.neg")
PARTS = frozenset({"slice", "tuple", *ARITHMETIC})
READERS = ("operator.getitem", "numpy.add.at")


def spell_indices(fn: Function) -> Function:
    """The function with indices made again before each statement that reads them.

    What is not read then is left for the elimination of dead code. Statements that stay as they
    are are the same objects.
    """
    return replace(fn, body=_Spelling().block(fn.body))


class _Spelling:
    def __init__(self) -> None:
        self.count = 0
        self.moment = 0
        self.assigned: dict[str, int] = {}  # when a variable was last assigned
        self.defs: dict[str, tuple[Assign, int]] = {}  # parts of indices, and when they were made
        self.read: set[str] = set()  # parts of indices that a statement reads
        self.loops: list[str] = []  # variables that count, which are surely integers

    def block(self, block: Block) -> Block:
        out: list[Stmt] = []
        own: list[str] = []
        for stmt in block:
            new = self.nested(stmt) if type(stmt) in COMPOUND else stmt
            if isinstance(new, For):
                code, new = self.bounds(new)
                out += code
            elif isinstance(new, Store):
                code, index = self.again(new.index, new.unit)
                out += code
                new = replace(new, index=index) if code else new
            elif isinstance(new, Assign) and new.fn in READERS:
                code, index = self.again(new.args[1], new.unit)
                out += code
                new = replace(new, args=(new.args[0], index, *new.args[2:])) if code else new
            out.append(new)
            self.moment += 1
            for name in writes(new):
                self.assigned[name] = self.moment
            if isinstance(new, Assign) and is_index(new):
                self.defs[new.target] = new, self.moment
                own.append(new.target)
        for name in own:
            self.defs.pop(name, None)
        return same(block, out)

    def nested(self, stmt: Stmt) -> Stmt:
        changed = {name for part in walk((stmt,)) for name in writes(part)}
        if isinstance(stmt, (For, While)):
            self.note_writes(changed)
        self.loops += [stmt.index] if isinstance(stmt, For) else []
        new = rebuild(stmt, self.block)
        if isinstance(stmt, For):
            self.loops.pop()
        self.note_writes(changed)
        return new

    def note_writes(self, names: Iterable[str]) -> None:
        self.moment += 1
        self.assigned.update(dict.fromkeys(names, self.moment))

    def made_by(self, atom: Atom) -> Assign | None:
        """How a part of an index was made, if that gives the same again."""
        stmt, moment = self.defs.get(atom.name, (None, 0)) if isinstance(atom, Var) else (None, 0)
        if stmt is None or any(self.assigned.get(name, 0) > moment for name in reads(stmt)):
            return None
        return stmt

    def bounds(self, loop: For) -> tuple[list[Stmt], For]:
        """A loop with its bounds written out where it begins, for all loops but the first."""
        code: list[Stmt] = []
        new = []
        for atom in (loop.start, loop.stop, loop.step):
            made, changed = self.again(atom, loop.unit, bound=True)
            code += made
            new.append(changed)
        if not code:
            return code, loop
        return code, replace(loop, start=new[0], stop=new[1], step=new[2])

    def again(self, index: Atom, unit: int, bound: bool = False) -> tuple[list[Stmt], Atom]:
        """The code that makes an index again, and what it is then; none if it stays.

        It stays for the first that reads it, in the statement where it was written.
        """
        code: list[Stmt] = []
        parts = self.parts(index)
        if not parts or not self.is_spelled(index, bound):
            return code, index
        names = {part.target for part in parts}
        first = self.read.isdisjoint(names) and all(part.unit == unit for part in parts)
        self.read |= names
        if first:
            return code, index
        return code, self.made(index, code)

    def parts(self, index: Atom) -> list[Assign]:
        """How an index and its parts were made."""
        stmt = self.made_by(index)
        if stmt is None:
            return []
        return [stmt, *(part for arg in stmt.args for part in self.parts(arg))]

    def made(self, atom: Atom, code: list[Stmt]) -> Atom:
        stmt = self.made_by(atom)
        if stmt is None:
            return atom
        args = tuple(self.made(arg, code) for arg in stmt.args)
        self.count += 1
        target = f"{stmt.target}i{self.count}"
        code.append(replace(stmt, targets=(target,), args=args))
        return Var(target)

    def is_spelled(self, atom: Atom, bound: bool) -> bool:
        """True for an index that a person would write out where it is used.

        `bound`: it is the bound of a slice, and so an integer.
        """
        if isinstance(atom, Const):
            return True
        stmt = self.made_by(atom)
        if stmt is None:
            return "@" not in atom.name or "@v" in atom.name
        if stmt.fn in ("tuple", "slice"):
            bound = stmt.fn == "slice"
            return all(self.is_spelled(arg, bound) for arg in stmt.args)
        if self.is_whole(atom):
            return True
        return bound and all(self.is_spelled(arg, bound) for arg in stmt.args)

    def is_whole(self, atom: Atom) -> bool:
        """True for what is surely an integer: literals, loop variables, sums of these."""
        if isinstance(atom, Const):
            return isinstance(atom.value, int)
        stmt = self.made_by(atom)
        if stmt is None:
            return atom.name in self.loops
        return stmt.fn in ARITHMETIC and all(map(self.is_whole, stmt.args))


def is_index(stmt: Assign) -> bool:
    """True for a temporary that is a part of an index, or may be one."""
    if stmt.fn not in PARTS or len(stmt.targets) != 1 or stmt.kwargs:
        return False
    return "@" in stmt.target and "@v" not in stmt.target
