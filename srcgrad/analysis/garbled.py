"""Stores of a part of an array into another part that NumPy may copy out of order.

NumPy looks for overlap where the target has two axes or more, or one that runs against that of
the value. `x[::2] = x[:3]` and `A[1] = A[:, -1]` it copies item by item, and may so read items that
it has overwritten. Equal steps along the same axis are safe.
"""

from __future__ import annotations

from collections.abc import Mapping

from srcgrad.analysis.kinds import KindFacts
from srcgrad.ir.classes import dataclass
from srcgrad.ir.core import Assign, Atom, Const, Function, Store, Var
from srcgrad.ir.kinds import Kind
from srcgrad.ir.walk import walk, writes
from srcgrad.rules.registry import lookup

Step = int | str


@dataclass(frozen=True, slots=True)
class Axes:
    """Axes of a view, as (axis of the array, step) pairs, and then all from `rest` on as they
    are."""

    first: tuple[tuple[int, Step], ...] = ()
    rest: int = 0

    def at(self, position: int) -> tuple[int, Step]:
        if position < len(self.first):
            return self.first[position]
        return self.rest + position - len(self.first), 1

    def after(self, parts: list[Step | None]) -> Axes:
        """The axes left by an index: None for an integer, else the step of a slice."""
        first = []
        for position, step in enumerate(parts):
            axis, known = self.at(position)
            if step is not None:
                first.append((axis, times(known, step)))
        end = max(len(self.first), len(parts))
        first += self.first[len(parts) :]
        return Axes(tuple(first), self.rest + end - len(self.first)).plain()

    def plain(self) -> Axes:
        """The same axes, with no more of them listed than need be."""
        first, rest = list(self.first), self.rest
        while first and first[-1] == (rest - 1, 1):
            first.pop()
            rest -= 1
        return Axes(tuple(first), rest)


def is_view(fn: str) -> bool:
    prim = lookup(fn)
    return prim is None or prim.view is not None


def times(a: Step, b: Step) -> Step:
    if isinstance(a, int) and isinstance(b, int):
        return a * b
    return b if a == 1 else a if b == 1 else f"{a}*{b}"


class Views:
    """Which view of which variable a name stands for, as far as the statements tell."""

    def __init__(self, fn: Function, kinds: KindFacts) -> None:
        self.kinds = kinds
        self.makers: dict[str, Assign | None] = {}
        bound = {p.name for p in fn.params}
        self.often: set[str] = set()
        for stmt in walk(fn.body):
            if isinstance(stmt, Assign) and stmt.sync:
                continue
            for name in writes(stmt):
                self.often |= {name} & bound
                bound.add(name)
                self.makers[name] = stmt if isinstance(stmt, Assign) else None

    def maker(self, atom: Atom) -> Assign | None:
        if not isinstance(atom, Var) or atom.name in self.often:
            return None
        return self.makers.get(atom.name)

    def is_made(self, name: str) -> bool:
        """True for the result of an operation that gives new memory."""
        stmt = self.maker(Var(name))
        fn = stmt.fn if stmt is not None else None
        return isinstance(fn, str) and fn.startswith(("operator.", "numpy.")) and not is_view(fn)

    def axes(self, atom: Var, reader: int, unit: int) -> tuple[str, Axes | None]:
        """The variable that a name is a view of, and which; None if that is not known.

        `unit`: the statement at hand; `reader`: the one that reads the name. They see the same
        value of a variable that is assigned often only if they are one.
        """
        stmt = self.maker(atom)
        source = stmt.args[0] if stmt is not None and stmt.args else None
        if stmt is None or not isinstance(source, Var) or len(stmt.targets) != 1:
            known = atom.name not in self.often or reader == unit
            return atom.name, Axes() if known else None
        if stmt.fn not in ("copy", "operator.getitem", "attr.T"):
            return atom.name, Axes()
        root, axes = self.axes(source, stmt.unit, unit)
        if axes is None or stmt.fn == "copy":
            return root, axes
        if stmt.fn == "attr.T":
            rank = self.kinds.before(stmt, source).rank
            turned = None if rank is None else tuple(axes.at(k) for k in reversed(range(rank)))
            return root, None if turned is None else Axes(turned, 99)
        parts = self.parts(stmt.args[1], self.kinds.before(stmt, stmt.args[1]))
        return root, None if parts is None else axes.after(parts)

    def parts(self, index: Atom, kind: Kind) -> list[Step | None] | None:
        """For every part of an index, None for an integer, else the step of a slice.

        None for what selects in another way, of which NumPy makes a copy first.
        """
        stmt = self.maker(index)
        if isinstance(index, Const):
            if index.value is Ellipsis:
                return []
            return [None] if isinstance(index.value, int) else None
        if stmt is not None and stmt.fn == "tuple":
            found = [self.parts(arg, self.kinds.before(stmt, arg)) for arg in stmt.args]
            if any(part is None or len(part) != 1 for part in found):
                return None
            return [step for part in found if part is not None for step in part]
        if stmt is not None and stmt.fn == "slice":
            step = stmt.args[-1] if len(stmt.args) == 3 else Const(None)
            if isinstance(step, Const):
                return [1 if step.value is None else int(step.value)]
            return [step.name if isinstance(step, Var) else "?"]
        return [None] if kind.tag in ("scalar", "unknown") else None


def may_garble(
    stmt: Store, views: Views, kinds: KindFacts, shared: Mapping[str, frozenset[object]]
) -> bool:
    """True if NumPy may copy the value of a store into its place out of order.

    `shared`: memory that the variables the statement reads may stand for.
    """
    base, value = kinds.before(stmt, stmt.base), stmt.value
    if stmt.op != "set" or stmt.sync or not isinstance(value, Var) or base.is_container:
        return False
    kind = kinds.before(stmt, value)
    if kind.is_scalar or kind.is_container or kind.rank not in (None, 1):
        return False
    nothing: frozenset[object] = frozenset()
    if shared.get(stmt.base.name, nothing).isdisjoint(shared.get(value.name, nothing)):
        return False
    parts = views.parts(stmt.index, kinds.before(stmt, stmt.index))
    root, axes = views.axes(stmt.base, stmt.unit, stmt.unit)
    source, given = views.axes(value, stmt.unit, stmt.unit)
    if parts is None or root != source and (views.is_made(source) or not kind.is_array):
        return False
    if axes is None or given is None or root != source:
        return True
    place = axes.after(parts)
    if base.rank is not None and base.rank - parts.count(None) != 1:
        return False
    if place == given:
        return False
    here, there = place.at(0), given.at(0)
    opposed = isinstance(here[1], int) and isinstance(there[1], int) and here[1] * there[1] < 0
    return not opposed
