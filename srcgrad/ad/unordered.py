"""What a loop runs over that has items and no positions: sets, and classes such as an `Enum`.

The backward sweep comes to the items by their positions, in reverse, so these are listed before.
"""

from __future__ import annotations

from srcgrad.ir.core import Assign, Atom, Function, Var
from srcgrad.ir.kinds import Kind
from srcgrad.ir.walk import walk

_MADE = frozenset({"builtins.set", "builtins.frozenset"})
# What gives a set where the first operand is one.
_COMBINED = frozenset({
    "copy", "operator.and_", "operator.iand", "operator.ior", "operator.isub", "operator.ixor",
    "operator.or_", "operator.sub", "operator.xor",
})  # fmt: skip


class Unordered:
    """The variables of a function that hold sets."""

    def __init__(self, fn: Function) -> None:
        self.made: dict[str, list[Assign]] = {}
        for stmt in walk(fn.body):
            if isinstance(stmt, Assign):
                for name in stmt.targets:
                    self.made.setdefault(name, []).append(stmt)
        self.given = {param.name for param in fn.params}
        self.sets = set(self.made) - self.given
        count = -1
        while count != len(self.sets):
            count = len(self.sets)
            self.sets = {name for name in self.sets if all(map(self.is_set, self.made[name]))}

    def is_set(self, stmt: Assign) -> bool:
        if stmt.fn in _MADE:
            return True
        first = stmt.args[0] if stmt.args else None
        return stmt.fn in _COMBINED and isinstance(first, Var) and first.name in self.sets

    def has_no_positions(self, base: Atom, kind: Kind) -> bool:
        """True for a set made here, and for an object from outside."""
        if not isinstance(base, Var):
            return False
        return base.name in self.sets or kind.tag == "object" and base.name not in self.made
