"""Which values share no memory with an adjoint that is stored into."""

from __future__ import annotations

import functools
from collections.abc import Iterable, Mapping

from srcgrad.ir.core import Assign, Atom, Const, Function, Store, Var
from srcgrad.ir.kinds import Kind, Length, floor_of, is_below
from srcgrad.ir.walk import makers, reads, tally
from srcgrad.rules.registry import lookup

PARTS = ("tuple", "slice", "operator.add", "operator.sub", "operator.mul", "operator.neg")


class Apart:
    """`made`: the one statement that makes a variable, of those with one. `kinds`: of derivative
    variables."""

    def __init__(self, fn: Function, kinds: Mapping[str, Kind]) -> None:
        self.kinds = kinds
        self.body = fn.body

    @functools.cached_property
    def made(self) -> Mapping[str, Assign]:
        bound, _ = tally(self.body)
        return {name: stmt for name, stmt in makers(self.body).items() if bound[name] == 1}

    def is_apart(self, names: Iterable[str]) -> bool:
        """True if these variables share no memory with an adjoint that is stored into."""
        return all(self.is_new(name) for name in names)

    def is_new(self, name: str) -> bool:
        if "%bar" not in name and "@b" not in name:
            return True  # of the program itself
        kind = self.kinds.get(name)
        if kind is not None and kind.is_scalar:
            return True
        stmt = self.made.get(name)
        if stmt is None or not isinstance(stmt.fn, str):
            return False
        if stmt.fn in ("method.copy", "slice"):
            return True
        if stmt.fn in ("copy", "tuple"):
            return self.is_apart(reads(stmt))
        prim = lookup(stmt.fn)
        return prim is not None and prim.view is None

    def same_place(self, a: Atom, b: Atom, changed: set[str]) -> bool:
        """True if two indices name the same place, while these variables were assigned."""
        if isinstance(a, Const) or isinstance(b, Const):
            return a == b
        if a.name == b.name:
            return a.name not in changed
        one, two = self.made.get(a.name), self.made.get(b.name)
        if one is None or two is None or one.fn != two.fn or one.fn not in PARTS:
            return False
        return len(one.args) == len(two.args) and all(
            self.same_place(x, y, changed) for x, y in zip(one.args, two.args, strict=True)
        )

    def other_place(self, a: Atom, b: Atom) -> bool:
        """True if two indices name different elements: `[i, j]` and `[j, j]` where j < i."""
        one, two = (self.made.get(x.name) if isinstance(x, Var) else None for x in (a, b))
        if one is None or two is None or (one.fn, two.fn) != ("tuple", "tuple"):
            return False
        if len(one.args) != len(two.args):
            return False
        known = zip(map(self.number, one.args), map(self.number, two.args), strict=True)
        return any(_differ(x, y) for x, y in known)

    def number(self, atom: Atom) -> Length | None:
        """What is known of an index."""
        if isinstance(atom, Const):
            return atom.value if type(atom.value) is int else None
        kind = self.kinds.get(atom.name)
        return kind.value if kind is not None and kind.is_scalar else None


def _differ(a: Length | None, b: Length | None) -> bool:
    """True for indices from the start of an axis that are never the same."""
    if a is None or b is None or floor_of(a) < 0 or floor_of(b) < 0:
        return False
    return is_below(a, b) or is_below(b, a)


def is_cleared(stmt: Store) -> bool:
    """True for `x[i] = 0.0`, put there by the derivative."""
    zero = stmt.op == "set" and stmt.value == Const(0.0) and not stmt.restores
    return zero and stmt.base.name.endswith("%bar")
