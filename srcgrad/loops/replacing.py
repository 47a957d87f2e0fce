"""Statements that take the place of one that has no form as loops."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import field
from itertools import count

from srcgrad.analysis.kinds import KindFacts
from srcgrad.ir.classes import dataclass
from srcgrad.ir.core import Assign, Atom, Const, For, Stmt, Var
from srcgrad.ir.kinds import Kind
from srcgrad.rules.registry import bind, lookup

NONE, ZERO, ONE = Const(None), Const(0), Const(1)
FLOATS = ("f8", "pf")


@dataclass(slots=True)
class Out:
    """The statements that take the place of one."""

    stmt: Assign
    facts: KindFacts
    makers: dict[str, Assign]
    taken: set[str]  # names of variables
    block: list[Stmt] = field(default_factory=list)

    def bound(self) -> dict[str, Atom]:
        """The arguments by the names of parameters."""
        prim = lookup(str(self.stmt.fn))
        assert prim is not None
        return bind(prim, self.stmt.args, dict(self.stmt.kwargs))

    def kind(self, atom: Atom) -> Kind:
        return self.facts.before(self.stmt, atom)

    def fresh(self, stem: str) -> str:
        """A name that no other variable has."""
        name = next(n for k in count() if (n := f"{stem}@{k + 1}") not in self.taken)
        self.taken.add(name)
        return name

    def new(self, fn: str, *args: Atom, **kwargs: Atom) -> Var:
        """A variable for the value of a call."""
        made = self.fresh((self.stmt.targets or ("out",))[0].partition("@")[0])
        self.block.append(self.call((made,), fn, args, kwargs))
        return Var(made)

    def last(self, fn: str, *args: Atom, **kwargs: Atom) -> bool:
        """The statement that gives the targets their values."""
        self.block.append(self.call(self.stmt.targets, fn, args, kwargs))
        return True

    def call(
        self, targets: tuple[str, ...], fn: str, args: tuple[Atom, ...], kwargs: dict[str, Atom]
    ) -> Assign:
        return Assign(targets, fn, args, tuple(kwargs.items()), unit=self.stmt.unit)

    def loop(self, start: Atom, stop: Atom, reverse: bool = False) -> Iterator[Var]:
        """`for i in range(start, stop)` around the statements that are written meanwhile.

        It gives the index, once.
        """
        index = self.fresh("i")
        outer, self.block = self.block, []
        yield Var(index)
        outer.append(
            For(index, start, stop, ONE, tuple(self.block), reverse=reverse, unit=self.stmt.unit)
        )
        self.block = outer

    def place(self, along: Lane, at: Atom) -> Atom:
        """The index of a row at a place of an axis."""
        if not along.axis:
            return at
        whole = self.new("slice", NONE, NONE, NONE)
        return self.new("tuple", *[whole] * along.axis, at)


@dataclass(frozen=True, slots=True)
class Lane:
    """An axis, and its length."""

    axis: int
    size: Atom
