"""Statements on small arrays, element by element."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from srcgrad.ir.core import Assign, Atom, Const, Stmt, Var
from srcgrad.ir.kinds import Kind
from srcgrad.loops.elements import ELEMENTS, IN_PLACE
from srcgrad.loops.smallparts import (
    FLOATS,
    LONGEST,
    Elements,
    Index,
    Lengths,
    fits,
    indices,
    part,
    place_of,
)


def has_form(e: Elements) -> bool:
    """Whether a statement can be written element by element."""
    stmt = e.stmt
    if not isinstance(stmt, Assign) or not isinstance(stmt.fn, str):
        return False
    if stmt.fn in IN_PLACE:
        own = len(stmt.targets) == 1 and stmt.args[0] == Var(stmt.target)
        return own and stmt.target in e.arrays and _any_array(e)
    if stmt.fn not in MAKERS or e.result is None and stmt.fn not in SHAPES:
        return False
    return MAKERS[stmt.fn].fits(e)


def written(e: Elements) -> list[Stmt]:
    """A statement that has such a form, for each element of its target."""
    stmt = e.stmt
    assert isinstance(stmt, Assign) and isinstance(stmt.fn, str)
    if stmt.fn in SHAPES:
        e.out.append(SHAPES[stmt.fn](stmt, e.shape(stmt.args[0]) or ()))
        return e.out
    of = MAKERS.get(stmt.fn, ELEMENTWISE)
    shape = e.result
    assert shape is not None
    values = [e.settled(of.make(e, index), stmt.target) for index in indices(shape)]
    doubles = e.facts.after(stmt, stmt.target).dtype == "f8"
    for index, value in zip(indices(shape), values, strict=True):
        e.bind(part(stmt.target, index) if shape else stmt.target, value, doubles)
    return e.out


@dataclass(frozen=True, slots=True)
class Maker:
    """How a function's result is written: whether it can be, and each element of it."""

    fits: Callable[[Elements], bool]
    make: Callable[[Elements, Index], Atom]


def _elementwise(e: Elements, index: Index) -> Atom:
    assert isinstance(e.stmt, Assign) and isinstance(e.stmt.fn, str)
    args = [a if a == Const(None) else e.stretched(a, index) for a in e.stmt.args]
    made = e.emit(IN_PLACE.get(e.stmt.fn, e.stmt.fn), *args)
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
    return atom if dict(_items(e))[index].dtype == "f8" else e.emit("numpy.float64", atom)


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
