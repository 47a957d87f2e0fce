"""The adjoint of arrays that are joined: a slice for each, cut out of the adjoint of the whole.

For a display of arrays, `np.concatenate([a, b, c], axis=1)`, where to cut follows from the lengths
of all of them but one. That one is what costs most to keep: a value that nothing else reads. What
is not such a display is cut by a helper, when the derivative runs.
"""

from __future__ import annotations

from collections.abc import Callable

from srcgrad.ad.adjoints import Adjoints
from srcgrad.ad.builder import Builder
from srcgrad.ad.context import Context
from srcgrad.ad.leaves import Leaf, Tree
from srcgrad.ad.numbers import part_kind
from srcgrad.ad.operands import Operands
from srcgrad.analysis.flow import call_of
from srcgrad.ir.classes import dataclass
from srcgrad.ir.core import Assign, Atom, Const, Var
from srcgrad.ir.kinds import Kind
from srcgrad.rules.call import Call
from srcgrad.rules.registry import lookup

WHOLE = Const(None)


@dataclass(frozen=True, slots=True)
class Join:
    """Arrays of one rank, put one after the other along an axis; `new`: along a new one."""

    holder: Var
    items: tuple[Atom, ...]
    kinds: tuple[Kind, ...]
    axis: int
    new: bool


class JoinAdjoints:
    """Hands the adjoint of a joined array on to its parts."""

    def __init__(
        self, context: Context, build: Builder, adjoints: Adjoints, operands: Operands
    ) -> None:
        self.context = context
        self.build = build
        self.adjoints = adjoints
        self.operands = operands

    def adjoint(self, stmt: Assign, tree: Tree, varied: frozenset[str]) -> bool:
        """False if the statement is something else, or its parts are not known."""
        if not isinstance(tree, Leaf) or tree.lazy:
            return False
        join = self.join(stmt)
        if join is None or join.holder.name not in varied:
            return False
        display = self.operands.defs[join.holder.name]
        active = self.context.activity.varied.get(display, frozenset())
        wanted = [i for i, a in enumerate(join.items) if isinstance(a, Var) and a.name in active]
        cuts: list[tuple[Atom, Atom]] = [(Const(i), Const(i)) for i in range(len(join.items))]
        if not join.new:
            cuts = self.cuts(join, tree.atom, wanted)
        parts: dict[object, Tree] = {}
        for i in wanted:
            kind = part_kind(self.build, join.kinds[i], tree.atom)
            index = self.index(join, *cuts[i])
            part = self.build.emit("operator.getitem", (tree.atom, index), kind=kind)
            parts[i] = Leaf(part)
        kind = self.context.kinds.before(stmt, join.holder)
        self.adjoints.add((join.holder.name,), kind, parts)
        return True

    def join(self, stmt: Assign) -> Join | None:
        prim = lookup(stmt.fn) if isinstance(stmt.fn, str) else None
        if prim is None or prim.name not in JOINS:
            return None
        found = call_of(stmt, lambda atom: self.context.kinds.before(stmt, atom))
        if found is None or found[1].given("dtype"):
            return None
        call = found[1]
        holder = call.args["arrays"]
        display = self.operands.defs.get(holder.name) if isinstance(holder, Var) else None
        if not isinstance(holder, Var) or display is None or display.fn not in ("list", "tuple"):
            return None
        if not self.operands.is_intact(display, set()) or holder.name in self.adjoints.dynamic:
            return None
        kinds = tuple(self.context.kinds.before(display, item) for item in display.args)
        rank = kinds[0].rank if kinds else None
        if not rank or any(not kind.is_array or kind.rank != rank for kind in kinds):
            return None
        axis, new = JOINS[call.name](call, rank)
        count = rank + new
        if axis is None or not -count <= axis < count:
            return None
        return Join(holder, display.args, kinds, axis % count, new)

    def cuts(self, join: Join, whole: Atom, wanted: list[int]) -> list[tuple[Atom, Atom]]:
        """Where each part starts and stops."""
        last = len(join.items) - 1
        free = self.free(join)
        places: dict[int, Atom] = {0: WHOLE, last + 1: WHOLE}

        def before(i: int) -> Atom:
            if i not in places and i <= free:
                places[i] = self.total(join, range(i))
            elif i not in places:
                places[i] = self.from_end(join, whole, range(i, last + 1))
            return places[i]

        found: list[tuple[Atom, Atom]] = []
        for i in range(last + 1):
            cut = (before(i), before(i + 1)) if i in wanted else (WHOLE, WHOLE)
            found.append(cut)
        return found

    def free(self, join: Join) -> int:
        """The part whose length is not asked for."""
        costs = [self.cost(join, i) for i in range(len(join.items))]
        return max(range(len(costs)), key=lambda i: (costs[i], i))

    def cost(self, join: Join, i: int) -> int:
        item = join.items[i]
        if self.known(join, i) is not None:
            return 0
        made = self.operands.defs.get(item.name) if isinstance(item, Var) else None
        return 1 if made is None or self.operands.is_cheap(made) else 2

    def known(self, join: Join, i: int) -> int | None:
        shape = join.kinds[i].shape
        length = shape[join.axis] if shape is not None else None
        return length if isinstance(length, int) else None

    def length(self, join: Join, i: int) -> Atom:
        known = self.known(join, i)
        if known is not None:
            return Const(known)
        step = self.operands.step
        if step is not None:
            step.expanded.append(self.operands.defs[join.holder.name])
        return self.extent(self.operands.expand(join.items[i]), join.axis)

    def extent(self, array: Atom, axis: int) -> Atom:
        shape = self.build.emit("attr.shape", (array,))
        return self.build.emit("operator.getitem", (shape, Const(axis)))

    def total(self, join: Join, items: range) -> Atom:
        total: Atom = Const(0)
        for i in items:
            length = self.length(join, i)
            total = (
                length if total == Const(0) else self.build.emit("operator.add", (total, length))
            )
        return total

    def from_end(self, join: Join, whole: Atom, items: range) -> Atom:
        """The place before these parts, which are the last ones."""
        length = self.total(join, items)
        if isinstance(length, Const) and length.value:
            return Const(-length.value)
        return self.build.emit("operator.sub", (self.extent(whole, join.axis), length))

    def index(self, join: Join, start: Atom, stop: Atom) -> Atom:
        """`[:, start:stop]`, or the place on a new axis."""
        place = start if join.new else self.build.emit("slice", (start, stop, WHOLE))
        if not join.axis:
            return place
        before = [self.build.emit("slice", (WHOLE, WHOLE, WHOLE)) for _ in range(join.axis)]
        return self.build.emit("tuple", (*before, place))


def _given(call: Call, rank: int) -> tuple[int | None, bool]:
    axis = call.literal("axis") if call.is_literal("axis") else None
    return axis if type(axis) is int else None, call.name == "numpy.stack"


JOINS: dict[str, Callable[[Call, int], tuple[int | None, bool]]] = {
    "numpy.concatenate": _given,
    "numpy.stack": _given,
    "numpy.hstack": lambda call, rank: (min(rank - 1, 1), False),
    "numpy.vstack": lambda call, rank: (0, rank == 1),
    "numpy.column_stack": lambda call, rank: (1, rank == 1),
}
