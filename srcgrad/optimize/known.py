"""What is known of the variables of a derivative: how they are made and read, their kinds."""

from __future__ import annotations

from collections.abc import Mapping

from srcgrad.ir.core import Assign, Atom, Function, Var
from srcgrad.ir.kinds import Kind
from srcgrad.ir.walk import tally, walk


class Known:
    """`bound`, `read`: how many statements do so. `made`: the last one that assigns a variable."""

    def __init__(self, fn: Function, kinds: Mapping[str, Kind]) -> None:
        self.kinds = kinds
        self.bound, self.read = tally(fn.body)
        self.bound.update(p.name for p in fn.params)
        self.made: dict[str, Assign] = {
            stmt.targets[0]: stmt
            for stmt in walk(fn.body)
            if type(stmt) is Assign and len(stmt.targets) == 1
        }

    def is_single(self, name: str) -> bool:
        """True for what the derivative makes once and reads once."""
        return self.bound[name] == 1 and self.read[name] == 1 and "%bar" in name

    def maker(self, atom: Atom | None) -> Assign | None:
        """The only statement that assigns a variable."""
        if not isinstance(atom, Var) or self.bound[atom.name] != 1:
            return None
        return self.made.get(atom.name)

    def kind(self, atom: Atom) -> Kind | None:
        """That of a variable, or of the value that it names."""
        for _ in range(len(self.made)):
            if not isinstance(atom, Var):
                return None
            made, known = self.maker(atom), self.kinds.get(atom.name)
            if known is not None or made is None or made.fn != "copy":
                return known
            (atom,) = made.args
        return None
