"""Arrays that are cheaper to compute again than to keep: a few operations on what never changes.

Loops are written twice. The first time shows which arrays are read, element by element, in other
nests than the one that makes them; the second time each of these nests computes them again.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import field
from typing import TYPE_CHECKING

from srcgrad.ir.classes import dataclass
from srcgrad.ir.core import Assign, Var
from srcgrad.ir.kinds import Length
from srcgrad.loops.elements import of_numbers
from srcgrad.loops.nest import Let, Nest
from srcgrad.loops.tree import assign
from srcgrad.loops.values import Array, Number, Value

if TYPE_CHECKING:
    from srcgrad.loops.nesting import Nesting

MOST = 6  # operations
CHEAP = frozenset(
    f"operator.{op}"
    for op in ("add", "sub", "mul", "neg", "lt", "le", "gt", "ge", "eq", "ne", "truediv")
)


@dataclass(slots=True)
class Again:
    """What is known of arrays made element by element, and which are computed again (`wanted`)."""

    wanted: dict[str, int] = field(default_factory=dict)  # by variable: the operations it takes
    plain: Counter[str] = field(default_factory=Counter)  # reads of one element in each turn
    made: dict[str, tuple[Assign, str, Let]] = field(default_factory=dict)  # by memory
    lets: dict[str, tuple[str, Let]] = field(default_factory=dict)  # variable and array, by memory
    costs: dict[str, int] = field(default_factory=dict)  # by variable, of what is cheap
    kept: set[str] = field(default_factory=set)  # read by what is computed again
    missing: set[str] = field(default_factory=set)  # were read so, and were not kept
    never: bool = False

    def note(self, low: Nesting, stmt: Assign, fn: str, let: Let, values: Sequence[Value]) -> None:
        """A statement makes an array; here its variable is the array's own."""
        target = stmt.target
        if [*map(_read, values)] != [_read(low.value(atom)) for atom in stmt.args]:
            return  # of parts, say, as `np.diff` is
        if not low.uses.is_local(target) or low.uses.final(target) != let.base:
            return
        self.made[let.base] = stmt, fn, let
        shape = low.facts.after(stmt, target).shape or ()
        measured = all(low.known_length(n) is not None for n in shape)
        cost = self.cost(low, stmt, fn)
        if cost <= MOST and measured and low.uses.group(target) not in low.uses.written:
            self.costs[target] = cost
        let.again = target in self.wanted

    def enter(self, target: str, let: Let) -> None:
        """A nest makes an array for a variable."""
        self.lets[let.base] = target, let
        let.escapes = let.escapes or target in self.kept

    def read(self, base: str, counted: bool) -> None:
        """An array is read behind the nest that made it, if it was made so."""
        self.plain[base] += counted
        if base in self.lets and not self.lets[base][1].is_kept:
            self.missing.add(self.lets[base][0])

    def cost(self, low: Nesting, stmt: Assign, fn: str) -> int:
        """How many operations make an element from what never changes."""
        if fn not in CHEAP:
            return MOST + 1
        cost = 1
        for atom in stmt.args:
            if not isinstance(atom, Var):
                continue
            final = low.uses.final(atom.name)
            if not low.uses.is_steady(final) or low.uses.group(atom.name) in low.uses.written:
                return MOST + 1
            value = low.env.get(atom.name)
            if isinstance(value, Array) and not low.uses.is_steady(value.base):
                return MOST + 1
            cost += self.costs.get(atom.name, 0)
        return cost

    def chosen(self) -> Again:
        """What to compute again when the loops are written once more."""
        if self.never:
            return self
        if self.missing:
            fewer = {n: cost for n, cost in self.wanted.items() if n not in self.missing}
            return Again(fewer, kept=self.kept | self.missing)
        if self.wanted or self.kept:
            return self
        found = {}
        for base, (stmt, _, let) in self.made.items():
            read = let.seen + self.plain[base]
            if let.is_kept and not let.escapes and read == let.reads and stmt.target in self.costs:
                found[stmt.target] = self.costs[stmt.target]
        return Again(self.with_operands(found))

    def with_operands(self, found: dict[str, int]) -> dict[str, int]:
        """What these are made of too, as far as no array keeps it: it is counted in their cost."""
        passing = {stmt.target: stmt for stmt, _, let in self.made.values() if not let.is_kept}
        makers = {stmt.target: stmt for stmt, _, _ in self.made.values()}
        pending = list(found)
        for target in pending:  # which grows
            for atom in makers[target].args:
                var = atom.name if isinstance(atom, Var) else ""
                if var in passing and var in self.costs and var not in found:
                    found[var] = self.costs[var]
                    pending.append(var)
        return found

    # --- the second time

    def leaves(
        self, low: Nesting, values: Sequence[Value], shape: tuple[Length, ...]
    ) -> list[Value]:
        """The values that are read where some are computed again."""
        out: list[Value] = []
        for value in values:
            found = self.recipe(low, value)
            if found is None:
                out.append(value)
            else:
                out += self.leaves(low, [low.value(a) for a in found[0].args], shape)
        return out

    def recipe(self, low: Nesting, value: Value) -> tuple[Assign, str] | None:
        """How an array is computed again, where it must be."""
        if not isinstance(value, Array) or value.let or value.base not in self.made:
            return None
        stmt, fn, _ = self.made[value.base]
        if stmt.target not in self.wanted:
            return None
        nest = low.nest
        here = nest.let_of(value.base) if nest is not None else None
        return None if here is not None else (stmt, fn)

    def write(self, low: Nesting, nest: Nest, values: Sequence[Value]) -> None:
        """Compute what is not kept, in the turns of this nest."""
        for value in map(low.refreshed, values):
            found = self.recipe(low, value)
            if found is None:
                continue
            assert isinstance(value, Array)
            stmt, fn = found
            operands = [low.value(atom) for atom in stmt.args]
            self.write(low, nest, operands)
            exprs = [low.element(nest, low.refreshed(v)) for v in operands]
            dtypes = [v.dtype if isinstance(v, (Array, Number)) else "?" for v in operands]
            node = of_numbers(fn, exprs, ["f8" if d == "pf" else d for d in dtypes])
            assert node is not None
            element = low.uses.fresh(value.base + "_i")
            nest.lets[element] = Let(value.base, element, value.dtype, again=True)
            nest.body.append(assign(element, node))


def _read(value: Value) -> tuple[object, ...]:
    """Which elements a value is read by."""
    return (value.base, value.terms) if isinstance(value, Array) else (type(value),)
