"""Elements of small arrays: how a statement reads and binds them."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol, TypeAlias

from srcgrad.analysis.kinds import KindFacts
from srcgrad.ir.core import Assign, Atom, Const, Stmt, Store, Var
from srcgrad.ir.kinds import Kind

Index: TypeAlias = tuple[int, ...]
Lengths: TypeAlias = tuple[int, ...]
FLOATS = ("f8", "pf")
LONGEST = 8  # of what is added up


class Names(Protocol):
    def fresh(self, name: str) -> str: ...


def part(name: str, index: Index) -> str:
    """The variable for an element."""
    return f"{name}@e{'_'.join(map(str, index))}"


def indices(shape: Lengths) -> list[Index]:
    return list(itertools.product(*map(range, shape)))


def exact(kind: Kind) -> Lengths | None:
    """The shape of an array of which all lengths are known."""
    if not kind.is_array or kind.shape is None:
        return None
    sides = tuple(n for n in kind.shape if isinstance(n, int))
    return sides if len(sides) == len(kind.shape) else None


@dataclass(slots=True)
class Elements:
    """One statement: what can be read of its operands, and the statements for its elements."""

    facts: KindFacts
    stmt: Stmt
    arrays: Mapping[str, Lengths]  # those that are taken apart
    names: Names | None = None
    out: list[Stmt] = field(default_factory=list)

    # operands
    def kind(self, atom: Atom) -> Kind:
        return self.facts.before(self.stmt, atom)

    def shape(self, atom: Atom) -> Lengths | None:
        """Of an array of known lengths; a number has the shape `()`."""
        kind = self.kind(atom)
        return () if kind.is_scalar else exact(kind)

    def args(self) -> tuple[Atom, ...]:
        assert isinstance(self.stmt, Assign)
        return self.stmt.args

    def readable(self) -> bool:
        """Whether each operand is a number, or an array of known lengths."""
        return not self.kwargs and all(
            a == Const(None) or self.kind(a).dtype in (*FLOATS, "pi", "i", "b")
            and self.shape(a) is not None
            for a in self.args()
        )  # fmt: skip

    @property
    def kwargs(self) -> dict[str, Atom]:
        assert isinstance(self.stmt, Assign)
        return dict(self.stmt.kwargs)

    def option(self, name: str, place: int, default: object) -> object:
        """The value of a parameter that is a literal, or known; `...` for others."""
        args = self.args()
        atom = args[place] if len(args) > place else self.kwargs.get(name, Const(default))
        if isinstance(atom, Const):
            return atom.value
        return self.number(self.kind(atom))

    def number(self, kind: Kind) -> object:
        if kind.tag == "none":
            return None
        if kind.tag == "tuple" and kind.items is not None:
            items = tuple(self.number(item) for _, item in kind.items)
            return items if all(type(i) is int for i in items) else ...
        return kind.value if kind.is_scalar and type(kind.value) is int else ...

    # the target
    @property
    def result(self) -> Lengths | None:
        """The shape of the target; of a number `()`."""
        assert isinstance(self.stmt, Assign)
        if len(self.stmt.targets) != 1:
            return None
        target = self.stmt.target
        kind = self.facts.after(self.stmt, target)
        if kind.is_scalar:
            return ()
        return exact(kind) if target in self.arrays else None

    # reading and writing elements
    def emit(self, fn: str, *args: Atom) -> Var:
        assert self.names is not None
        stem = next((a.name for a in args if isinstance(a, Var)), "part")
        new = self.names.fresh(stem)
        self.out.append(Assign((new,), fn, args, unit=self.stmt.unit))
        return Var(new)

    def element(self, atom: Atom, index: Index) -> Atom:
        """An element of an operand, which may be a number."""
        shape = self.shape(atom)
        if isinstance(atom, Const) or not shape:
            return atom
        if atom.name in self.arrays:
            return Var(part(atom.name, index))
        if len(index) == 1:
            return self.emit("operator.getitem", atom, Const(index[0]))
        place = self.emit("tuple", *map(Const, index))
        return self.emit("operator.getitem", atom, place)

    def stretched(self, atom: Atom, index: Index) -> Atom:
        """The element that broadcasting puts at an index of the result."""
        shape = self.shape(atom) or ()
        own = index[len(index) - len(shape) :]
        place = (0 if n == 1 else i for n, i in zip(shape, own, strict=True))
        return self.element(atom, tuple(place))

    def total(self, items: Sequence[Atom], fn: str = "operator.add") -> Atom:
        result = items[0]
        for item in items[1:]:
            result = self.emit(fn, result, item)
        return result

    def settled(self, value: Atom, target: str) -> Atom:
        """A value that stays as it is while elements of the target are bound."""
        own = isinstance(value, Var) and value.name.startswith(f"{target}@e")
        return self.emit("copy", value) if own else value

    def bind(self, name: str, value: Atom, doubles: bool) -> None:
        """A variable for an element. Python's own numbers become doubles, whose errors are no
        exceptions."""
        own = isinstance(value, Const) or self.kind(value).dtype in ("pf", "pi", "i", "b")
        fn = "numpy.float64" if doubles and own else "copy"
        if isinstance(value, Const) and isinstance(value.value, (int, float)) and doubles:
            value = Const(float(value.value))
        self.out.append(Assign((name,), fn, (value,), unit=self.stmt.unit))

    # stores
    def chosen(self, base: Atom, index: Atom) -> list[Index] | None:
        """The elements at an index that is known, in order."""
        shape = self.shape(base)
        found = None if shape is None else place_of(index, self.kind(index), shape)
        if shape is None or found is None:
            return None
        return [found + rest for rest in indices(shape[len(found) :])]

    def can_store(self, stmt: Store) -> bool:
        chosen, value = self.chosen(stmt.base, stmt.index), self.shape(stmt.value)
        if chosen is None or value is None:
            return False
        own = self.kind(stmt.base).dtype == "f8" and self.kind(stmt.value).dtype in FLOATS
        rest = self.arrays[stmt.base.name][len(chosen[0]) - self.depth(stmt) :]
        return own and len(value) <= self.depth(stmt) and fits(value, rest)

    def depth(self, stmt: Store) -> int:
        """How many axes the part has that is stored into."""
        shape = self.shape(stmt.base) or ()
        return len(shape) - len(place_of(stmt.index, self.kind(stmt.index), shape) or ())

    def stored(self, stmt: Store) -> list[Stmt]:
        depth = self.depth(stmt)
        chosen = self.chosen(stmt.base, stmt.index) or []
        values = [self.stretched(stmt.value, i[len(i) - depth :]) for i in chosen]
        values = [self.settled(value, stmt.base.name) for value in values]
        for index, value in zip(chosen, values, strict=True):
            own = part(stmt.base.name, index)
            if stmt.op == "set":
                self.bind(own, value, True)
            else:
                op = "operator.sub" if stmt.op == "sub" else "operator.add"
                new = Assign((own,), op, (Var(own), value), unit=stmt.unit)
                self.out.append(new)
        return self.out


def place_of(index: Atom, kind: Kind, shape: Lengths) -> Index | None:
    """Where an index leads that consists of known numbers, the first axes of a shape."""
    items: list[object] = []
    if isinstance(index, Const):
        items = [] if index.value is Ellipsis else [index.value]
    elif kind.tag == "tuple" and kind.items is not None:
        items = [item.value if item.is_scalar else None for _, item in kind.items]
    else:
        items = [kind.value if kind.is_scalar else None]
    if len(items) > len(shape):
        return None
    found = []
    for item, length in zip(items, shape, strict=False):
        if type(item) is not int or not -length <= item < length:
            return None
        found.append(item % length)
    return tuple(found)


def fits(shape: Lengths, whole: Lengths) -> bool:
    """Whether an array can be stretched to a shape."""
    tail = whole[len(whole) - len(shape) :]
    return len(shape) <= len(whole) and all(n in (1, m) for n, m in zip(shape, tail, strict=True))
