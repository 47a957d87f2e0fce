"""How long the memory of an array is read that a block makes."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence

from srcgrad.ir.core import Assign, Atom, Function, Stmt, Store, Var
from srcgrad.ir.walk import reads, walk
from srcgrad.optimize.known import SUMS, Known, is_new, start_of_backward
from srcgrad.rules.registry import lookup

ALIASES = {"copy", "tuple", "slice", "operator.getitem"}


def has_place(stmt: Assign) -> bool:
    """True if the result has the memory of `out=`."""
    return any(key == "out" for key, _ in stmt.kwargs)


class Lives:
    def __init__(self, fn: Function, known: Known) -> None:
        self.fn, self.known = fn, known
        self.forward = set(fn.body[: start_of_backward(fn)])
        self.readers: dict[str, list[Stmt]] = defaultdict(list)
        for stmt in walk(fn.body):
            for name in reads(stmt):
                self.readers[name].append(stmt)

    def is_written_so(self, stmt: Stmt, here: set[int]) -> bool:
        """True for a part of a statement of the user's that is printed as it stands."""
        unit = self.fn.units.get(stmt.unit)
        own = unit is not None and any(part is stmt for part in unit.stmts)
        return own and unit is not None and all(id(part) in here for part in unit.stmts)

    def is_named(self, atom: Var, reader: Stmt) -> bool:
        """False for what is printed inside its reader, where NumPy uses its memory again itself."""
        return "@" not in atom.name or self.known.read[atom.name] > 1 or self.is_split(atom, reader)

    def is_split(self, atom: Atom, reader: Stmt) -> bool:
        """True for what the forward sweep makes and the reverse sweep reads."""
        return self.known.maker(atom) in self.forward and reader not in self.forward

    def is_done_with(
        self,
        atom: Var,
        last: Stmt,
        before: int,
        block: Sequence[Stmt],
        inside: Mapping[Stmt, int],
    ) -> bool:
        """True if the block makes the array, and nothing reads its memory but statements of it
        `before` a position, and `last`. `inside`: the positions of statements and those within."""
        made = self.known.maker(atom)
        new = made is not None and is_new(made) and not has_place(made)
        start = inside.get(made) if made is not None and new else None
        if start is None or block[start] is not made:
            return False
        names, done = [atom.name], {atom.name}  # of the memory
        for name in names:
            if self.known.bound[name] != 1:
                return False
            for reader in self.readers[name]:
                if reader is last and name == atom.name:
                    continue
                more = self.passed_on(reader, name)
                if more is None or reader is last or not start < inside.get(reader, -1) < before:
                    return False
                names += [n for n in more if n not in done]
                done.update(more)
        return True

    def passed_on(self, reader: Stmt, name: str) -> tuple[str, ...] | None:
        """The names that may share the memory through a reader; None where it may be kept."""
        if isinstance(reader, Store):
            base = self.known.inferred(reader.base)
            copies = reader.value != Var(name) or base is not None and base.is_array
            return () if copies else None
        if not isinstance(reader, Assign) or not isinstance(reader.fn, str) or not reader.targets:
            return None
        if has_place(reader):
            return reader.targets
        if is_new(reader) or reader.fn in SUMS:
            return ()
        return reader.targets if reader.fn in ALIASES or lookup(reader.fn) is not None else None
