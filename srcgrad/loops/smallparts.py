"""Statements on small arrays, element by element."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Protocol, TypeAlias

from srcgrad.analysis.kinds import KindFacts
from srcgrad.ir.core import Assign, Atom, Const, Stmt, Store, Var
from srcgrad.ir.kinds import Kind
from srcgrad.loops.elements import ELEMENTS, IN_PLACE

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

    def has_form(self) -> bool:
        assert isinstance(self.stmt, Assign) and isinstance(self.stmt.fn, str)
        if self.result is None and self.stmt.fn not in SHAPES:
            return False
        return MAKERS[self.stmt.fn].fits(self)

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

    def written(self) -> list[Stmt]:
        """The statement, for each element of its target."""
        stmt = self.stmt
        assert isinstance(stmt, Assign) and isinstance(stmt.fn, str)
        if stmt.fn in SHAPES:
            shape = self.shape(stmt.args[0]) or ()
            self.out.append(SHAPES[stmt.fn](stmt, shape))
            return self.out
        assert self.result is not None
        of = MAKERS.get(stmt.fn, ELEMENTWISE)
        if stmt.fn in IN_PLACE:
            stmt = self.stmt = self.plain(stmt, IN_PLACE[stmt.fn])
        shape = self.result
        values = [self.settled(of.make(self, i), stmt.target) for i in indices(shape)]
        doubles = self.facts.after(stmt, stmt.target).dtype == "f8"
        for index, value in zip(indices(shape), values, strict=True):
            self.bind(part(stmt.target, index) if shape else stmt.target, value, doubles)
        return self.out

    def plain(self, stmt: Assign, fn: str) -> Assign:
        """`x += y` as `x = x + y`."""
        new = replace(stmt, fn=fn)
        self.facts.reads[new] = self.facts.reads.get(stmt, {})
        self.facts.writes[new] = self.facts.writes.get(stmt, {})
        return new

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


# --- functions


@dataclass(frozen=True, slots=True)
class Maker:
    """How a function's result is written: whether it can be, and each element of it."""

    fits: Callable[[Elements], bool]
    make: Callable[[Elements, Index], Atom]


def _elementwise(e: Elements, index: Index) -> Atom:
    assert isinstance(e.stmt, Assign) and isinstance(e.stmt.fn, str)
    args = [a if a == Const(None) else e.stretched(a, index) for a in e.stmt.args]
    made = e.emit(e.stmt.fn, *args)
    doubles = any(e.shape(a) and e.kind(a).dtype == "f8" for a in e.stmt.args)
    wanted = e.facts.after(e.stmt, e.stmt.target).dtype == "f8"
    return e.emit("numpy.float64", made) if wanted and not doubles else made


def _any_array(e: Elements) -> bool:
    """Of arrays: what is done to numbers alone stays as it is."""
    given = [e.shape(a) or () for a in e.args() if a != Const(None)]
    whole = e.result or ()
    return e.readable() and any(given) and all(fits(shape, whole) for shape in given)


def _same(e: Elements, index: Index) -> Atom:
    return e.element(e.args()[0], index)


def _only(e: Elements) -> bool:
    return bool(e.shape(e.args()[0])) and not e.kwargs and len(e.args()) == 1


def _is_in_order(e: Elements) -> bool:
    """The order of elements may be told; then it is another one."""
    options = [atom.value for atom in e.args() if isinstance(atom, Const)]
    told = "order" in e.kwargs or any(isinstance(value, str) for value in options)
    return bool(e.shape(e.args()[0])) and not told


def _in_order(e: Elements, index: Index) -> Atom:
    """An array of another shape with the same elements in order."""
    own, shape = e.shape(e.args()[0]) or (), e.result or ()
    return e.element(e.args()[0], indices(own)[indices(shape).index(index)])


def _turned(e: Elements, index: Index) -> Atom:
    return e.element(e.args()[0], index[::-1])


def _broadcast(e: Elements, index: Index) -> Atom:
    return e.stretched(e.args()[0], index)


def _is_broadcast(e: Elements) -> bool:
    shape = e.shape(e.args()[0])
    return shape is not None and not e.kwargs and fits(shape, e.result or ())


def _unbroadcast(e: Elements, index: Index) -> Atom:
    """The sum of what was stretched from an element."""
    whole, shape = e.shape(e.args()[0]) or (), e.result or ()
    lead = len(whole) - len(shape)
    items = [
        e.element(e.args()[0], i)
        for i in indices(whole)
        if all(n == 1 or a == b for n, a, b in zip(shape, i[lead:], index, strict=True))
    ]
    return e.total(items)


def _is_unbroadcast(e: Elements) -> bool:
    whole, shape = e.shape(e.args()[0]) or (), e.result
    return bool(whole) and shape is not None and fits(shape, whole) and _is_short(whole)


def _is_short(shape: Lengths) -> bool:
    return len(indices(shape)) <= LONGEST


# sums

_REDUCTIONS = {
    **dict.fromkeys(("numpy.sum", "method.sum"), "operator.add"),
    **dict.fromkeys(("numpy.prod", "method.prod"), "operator.mul"),
    **dict.fromkeys(("numpy.max", "numpy.amax", "method.max"), "numpy.maximum"),
    **dict.fromkeys(("numpy.min", "numpy.amin", "method.min"), "numpy.minimum"),
}


def _axes(e: Elements) -> tuple[int, ...] | None:
    """The axes that are added up; None where they are not known."""
    rank = len(e.shape(e.args()[0]) or ())
    axis = e.option("axis", 1, None)
    if axis is None:
        return tuple(range(rank))
    found = axis if isinstance(axis, tuple) else (axis,)
    if not all(type(a) is int and -rank <= a < rank for a in found):
        return None
    return tuple(a % rank for a in found)


def _reduces(e: Elements) -> bool:
    shape = e.shape(e.args()[0]) or ()
    known = e.kwargs.keys() <= {"axis", "keepdims"} and len(e.args()) <= 2
    plain = type(e.option("keepdims", 9, False)) is bool
    of_doubles = e.kind(e.args()[0]).dtype == "f8"
    known = known and plain and _axes(e) is not None
    return known and of_doubles and bool(shape) and _is_short(shape)


def _reduced(e: Elements, index: Index) -> Atom:
    assert isinstance(e.stmt, Assign) and isinstance(e.stmt.fn, str)
    shape, axes = e.shape(e.args()[0]) or (), _axes(e) or ()
    kept = [a for a in range(len(shape)) if a not in axes]
    if e.option("keepdims", 9, False):
        own = {a: index[a] for a in kept}
    else:
        own = dict(zip(kept, index, strict=True))
    items = [i for i in indices(shape) if all(i[a] == n for a, n in own.items())]
    return e.total([e.element(e.args()[0], i) for i in items], _REDUCTIONS[e.stmt.fn])


# products


def _is_product(e: Elements) -> bool:
    if e.kwargs or len(e.args()) != 2 or not e.readable():
        return False
    a, b = (e.shape(x) or () for x in e.args())
    known = 1 <= len(a) <= 2 and 1 <= len(b) <= 2 and a[-1] == b[max(len(b) - 2, 0)]
    return known and a[-1] <= LONGEST and all(e.kind(x).dtype == "f8" for x in e.args())


def _product(e: Elements, index: Index) -> Atom:
    a, b = e.args()
    rows, columns = len(e.shape(a) or ()) == 2, len(e.shape(b) or ()) == 2
    row = index[:1] if rows else ()
    column = index[len(row) :] if columns else ()
    terms = [
        e.emit("operator.mul", e.element(a, (*row, k)), e.element(b, (k, *column)))
        for k in range((e.shape(a) or ())[-1])
    ]
    return e.total(terms)


def _is_outer(e: Elements) -> bool:
    args = e.args()
    vectors = len(args) == 2 and all(len(e.shape(a) or ()) == 1 for a in args)
    return vectors and not e.kwargs and all(e.kind(a).dtype == "f8" for a in args)


def _outer(e: Elements, index: Index) -> Atom:
    a, b = e.args()
    return e.emit("operator.mul", e.element(a, index[:1]), e.element(b, index[1:]))


# arrays of what is given


def _items(e: Elements) -> Iterator[tuple[Index, Kind]]:
    """Numbers in a nest of lists, by their place."""
    pending: list[tuple[Index, Kind]] = [((), e.kind(e.args()[0]))]
    while pending:
        at, kind = pending.pop()
        if kind.tag in ("list", "tuple") and kind.items is not None:
            pending += [((*at, i), item) for i, (_, item) in enumerate(kind.items)]
        else:
            yield at, kind


def _is_display(e: Elements) -> bool:
    if e.kwargs or len(e.args()) != 1 or e.kind(e.args()[0]).tag not in ("list", "tuple"):
        return _only(e) and e.kind(e.args()[0]).dtype == "f8"
    found = dict(_items(e))
    numbers = all(k.is_scalar and k.dtype in (*FLOATS, "pi", "i") for k in found.values())
    return numbers and sorted(found) == indices(e.result or ())


def _displayed(e: Elements, index: Index) -> Atom:
    if e.shape(e.args()[0]):
        return _same(e, index)
    atom = e.args()[0]
    for i in index:
        atom = e.emit("operator.getitem", atom, Const(i))
    return e.emit("numpy.float64", atom)


def _is_constant(e: Elements) -> bool:
    assert isinstance(e.stmt, Assign)
    return e.facts.after(e.stmt, e.stmt.target).dtype == "f8"


def _number(value: float) -> Maker:
    return Maker(_is_constant, lambda e, index: Const(value))


def _is_full(e: Elements) -> bool:
    return _is_constant(e) and len(e.args()) >= 2 and e.shape(e.args()[1]) == ()


# parts


def _is_item(e: Elements) -> bool:
    base, index = e.args()
    shape = e.shape(base) or ()
    return bool(shape) and place_of(index, e.kind(index), shape) is not None


def _item(e: Elements, index: Index) -> Atom:
    base, place = e.args()
    return e.element(base, (place_of(place, e.kind(place), e.shape(base) or ()) or ()) + index)


def _is_shaped(e: Elements) -> bool:
    atom = e.args()[0]
    return not isinstance(atom, Const) and bool(e.shape(atom))


def _shape_tuple(stmt: Assign, shape: Lengths) -> Stmt:
    return replace(stmt, fn="tuple", args=tuple(map(Const, shape)))


def _count(stmt: Assign, shape: Lengths) -> Stmt:
    return replace(stmt, fn="copy", args=(Const(len(indices(shape))),))


SHAPES: dict[str, Callable[[Assign, Lengths], Stmt]] = {
    "attr.shape": _shape_tuple,
    "numpy.shape": _shape_tuple,
    "attr.size": _count,
    "numpy.size": _count,
    "builtins.len": lambda stmt, shape: replace(stmt, fn="copy", args=(Const(shape[0]),)),
}
_PRODUCTS = ("operator.matmul", "numpy.matmul", "numpy.dot")
_ZEROS = (
    *("numpy.zeros", "numpy.zeros_like", "srcgrad.support.zeros_like"),
    *("numpy.empty", "numpy.empty_like"),
)
ELEMENTWISE = Maker(_any_array, _elementwise)
_COPIES = Maker(_only, _same)
_RESHAPED = Maker(_is_in_order, _in_order)
MAKERS: dict[str, Maker] = {
    **dict.fromkeys(ELEMENTS, ELEMENTWISE),
    **dict.fromkeys(("copy", "method.copy", "numpy.copy"), _COPIES),
    **dict.fromkeys(("numpy.expand_dims", "numpy.reshape", "method.reshape"), _RESHAPED),
    **dict.fromkeys(("numpy.ravel", "method.ravel", "method.flatten"), _RESHAPED),
    **dict.fromkeys(("numpy.squeeze", "method.squeeze"), _RESHAPED),
    **dict.fromkeys(("attr.T", "numpy.transpose", "method.transpose"), Maker(_only, _turned)),
    "numpy.broadcast_to": Maker(_is_broadcast, _broadcast),
    "srcgrad.support.unbroadcast": Maker(_is_unbroadcast, _unbroadcast),
    **dict.fromkeys(_REDUCTIONS, Maker(_reduces, _reduced)),
    **dict.fromkeys(_PRODUCTS, Maker(_is_product, _product)),
    "numpy.outer": Maker(_is_outer, _outer),
    **dict.fromkeys(("numpy.array", "numpy.asarray"), Maker(_is_display, _displayed)),
    **dict.fromkeys(_ZEROS, _number(0.0)),
    **dict.fromkeys(("numpy.ones", "numpy.ones_like"), _number(1.0)),
    **dict.fromkeys(
        ("numpy.full", "numpy.full_like"), Maker(_is_full, lambda e, index: e.args()[1])
    ),
    "operator.getitem": Maker(_is_item, _item),
    **{fn: Maker(_is_shaped, _same) for fn in SHAPES},
}
__all__ = ["MAKERS", "Elements", "Lengths", "indices", "part"]
