"""Elements and parts of arrays: what an index selects, and that it lies within the array."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from srcgrad.ir.core import Assign, Atom, Const, Store
from srcgrad.ir.kinds import Dim, Kind, Length
from srcgrad.loops.elements import of_numbers
from srcgrad.loops.nest import Access, Mode
from srcgrad.loops.tree import (
    add,
    assign,
    augment,
    call,
    constant,
    index,
    integer,
    name,
    number_in,
    raising,
    subtract,
    when,
)
from srcgrad.loops.values import Array, Number, Other, Parts, Slice, Term, Value

if TYPE_CHECKING:
    from srcgrad.loops.lower import Loops

OPERATORS: dict[str, type[ast.operator]] = {"add": ast.Add, "sub": ast.Sub, "at": ast.Add}


def items_of(low: Loops, array: Array, atom: Atom) -> list[Value]:
    """The components of an index, one for each axis of the array (None makes a new one)."""
    found = low.value(atom)
    items = list(found.items) if isinstance(found, Parts) else [found]
    used = sum(not (isinstance(v, Other) and v.value in (None, Ellipsis)) for v in items)
    used += sum(v.rank - 1 for v in items if isinstance(v, Array) and v.dtype == "b")
    rest = [Slice(None, None, None)] * (array.rank - used)
    if used > array.rank:
        low.refuse("an index has more components than the array has axes")
    for place, item in enumerate(items):
        if isinstance(item, Other) and item.value is Ellipsis:
            return [*items[:place], *rest, *items[place + 1 :]]
    return [*items, *rest]


def getitem(low: Loops, stmt: Assign) -> Value:
    """`base[index]`."""
    base = low.value(stmt.args[0])
    key = stmt.args[1]
    if isinstance(base, Parts):
        return item_of(low, base, key)
    if not isinstance(base, Array):
        low.refuse("an item is read of something that is no array")
    items = items_of(low, base, key)
    if any(isinstance(v, Array) for v in items):
        return gather(low, stmt, base, items)
    if all(isinstance(v, Number) for v in items):
        return element(low, base, [v for v in items if isinstance(v, Number)])
    return part(low, base, items)


def item_of(low: Loops, base: Parts, key: Atom) -> Value:
    found = low.value(key)
    if base.keys is not None:
        wanted = key.value if isinstance(key, Const) else None
        if wanted in base.keys:
            return base.items[base.keys.index(wanted)]
        low.refuse("a key is not known before the function runs")
    if isinstance(found, Number) and isinstance(found.value, int):
        if -len(base.items) <= found.value < len(base.items):
            return base.items[found.value]
    if isinstance(found, Slice):
        bounds = [b.value if b is not None else None for b in (found.start, found.stop, found.step)]
        if all(b is None or isinstance(b, int) for b in bounds):
            return Parts(base.items[slice(*bounds)], tag=base.tag)  # type: ignore[misc]
    low.refuse("an item of a container is read at a place that is not known before it runs")


def element(low: Loops, base: Array, items: Sequence[Number]) -> Number:
    """One element, read at once."""
    low.touch([Access(base.group, "", "read")])
    base = low.fresh(base)
    if base.let:
        low.close()
        base = low.fresh(base)
    return Number(base.element(places(low, base, items)), base.dtype)


def places(low: Loops, base: Array, items: Sequence[Number]) -> list[ast.expr]:
    return [
        place(low, base.lengths[axis], base.shape[axis], item) for axis, item in enumerate(items)
    ]


def place(low: Loops, size: ast.expr, length: Length, item: Number) -> ast.expr:
    """An integer index that is known to lie within its axis, or is checked to do so."""
    known = number_in(item.expr)
    if known is not None:
        if isinstance(length, int) and -length <= known < length:
            return integer(known if known >= 0 else known + length)
        low.demand(
            subtract(size, constant(known + 1 if known >= 0 else -known)),
            length,
            -(known + 1) if known >= 0 else known,
        )
        return item.expr if known >= 0 else add(size, integer(known))
    least, most = item.bounds
    if not low.is_within(least, most, length):
        outside = ast.UnaryOp(
            ast.Not(),
            ast.Compare(ast.UnaryOp(ast.USub(), size), [ast.LtE(), ast.Lt()], [item.expr, size]),
        )
        low.place([when(outside, raising("IndexError", "index out of range"))])
    return item.expr


def part(low: Loops, array: Array, items: Sequence[Value]) -> Array:
    """The part that integers, slices and new axes select, as a view."""
    if array.let:
        low.close()
        array = low.fresh(array)
    used = sum(not isinstance(item, Other) for item in items)
    items = [*items, *[Slice(None, None, None)] * (array.rank - used)]
    starts: list[ast.expr | None] = []
    steps: list[int] = []
    news: list[int | None] = []
    shape: list[Length] = []
    lengths: list[ast.expr] = []
    axis = 0
    for item in items:
        if isinstance(item, Other):
            shape.append(1)
            lengths.append(constant(1))
            continue
        size, length = array.lengths[axis], array.shape[axis]
        if isinstance(item, Number):
            starts.append(place(low, size, length, item))
            steps.append(1)
            news.append(None)
        else:
            assert isinstance(item, Slice)
            start, step, count, known = sliced(low, size, length, item)
            starts.append(start)
            steps.append(step)
            news.append(len(shape))
            shape.append(known)
            lengths.append(count)
        axis += 1
    terms = tuple(composed(term, starts, steps, news) for term in array.terms)
    cut = array.cut or any(isinstance(v, Slice) and not is_full(v) for v in items)
    return replace(array, terms=terms, shape=tuple(shape), lengths=tuple(lengths), cut=cut)


def is_full(item: Slice) -> bool:
    return item.start is None and item.stop is None and item.step is None


def composed(
    term: Term, starts: list[ast.expr | None], steps: list[int], news: list[int | None]
) -> Term:
    """Where an axis of memory stands for a part of what it stood for."""
    if term.axis is None:
        return term
    own, step = starts[term.axis], steps[term.axis]
    if own is not None and term.step != 1:
        own = ast.BinOp(own, ast.Mult(), integer(term.step))
    start = term.start if own is None else own if term.start is None else add(term.start, own)
    return Term(news[term.axis], start, term.step * step)


def sliced(
    low: Loops, size: ast.expr, length: Length, item: Slice
) -> tuple[ast.expr | None, int, ast.expr, Length]:
    """Start, step and length of a slice; None is the start of the axis."""
    step = 1 if item.step is None else number_in(item.step.expr)
    if step is None or step == 0:
        low.refuse("the step of a slice is not a number in the text")
    if step < 0:
        if item.start is not None or item.stop is not None or step != -1:
            low.refuse("a slice with a negative step and a bound has no loop form")
        return subtract(size, constant(1)), -1, size, length
    start = bound(low, size, length, item.start)
    stop = bound(low, size, length, item.stop)
    count = size if stop is None else stop
    if start is not None:
        count = subtract(count, start)
    known = low.lengths.canonical(known_length(length, item)) if step == 1 else Dim(low.symbol())
    if step != 1:
        count = ast.BinOp(add(count, constant(step - 1)), ast.FloorDiv(), constant(step))
    elif isinstance(known, Dim) and known.symbol == "?":
        known = Dim(low.symbol())
    return start, step, low.known_length(known) or count, known


def known_length(length: Length, item: Slice) -> Length:
    """The length of `[start:stop]` where it follows from that of the axis."""
    start = 0 if item.start is None else item.start.value
    stop: Length | None = length if item.stop is None else item.stop.value
    if isinstance(stop, int) and stop < 0 or isinstance(stop, int) and item.stop is None:
        stop = shifted(length, stop) if item.stop is not None else length
    elif isinstance(stop, int) and not (isinstance(length, int) and stop <= length):
        return Dim("?")
    if isinstance(start, int) and start < 0:
        return -start if stop == length and item.stop is None else Dim("?")
    if stop is None or not isinstance(start, int):
        return Dim("?")
    if isinstance(stop, Dim) and isinstance(length, Dim) and stop.symbol != length.symbol:
        return Dim("?")
    return shifted(stop, -start)


def shifted(length: Length, offset: int) -> Length:
    if isinstance(length, int):
        return length + offset
    return Dim(length.symbol, length.offset + offset)


def bound(low: Loops, size: ast.expr, length: Length, item: Number | None) -> ast.expr | None:
    """A bound of a slice as a place counted from the start of the axis; None where left out."""
    if item is None:
        return None
    known = number_in(item.expr)
    if known is not None:
        if known == 0:
            return constant(0)
        if known < 0:
            low.demand(subtract(size, constant(-known)), length, known)
            return subtract(size, constant(-known))
        low.demand(subtract(size, constant(known)), length, -known)
        return constant(known)
    least, most = item.bounds
    if low.is_within(least, most, length, at_end=True):
        return item.expr
    low.place([when(
        ast.BoolOp(ast.Or(), [
            ast.Compare(item.expr, [ast.Lt()], [constant(0)]),
            ast.Compare(item.expr, [ast.Gt()], [size]),
        ]),
        raising("IndexError", "a slice reaches beyond the array"),
    )])  # fmt: skip
    return item.expr


# --- arrays of indices, masks


def gather(low: Loops, stmt: Assign, base: Array, items: list[Value]) -> Value:
    """`x[rows]`, `x[i, columns]`, `x[rows, columns]`: a new array."""
    kind = low.facts.after(stmt, stmt.target)
    if any(isinstance(v, Array) and v.dtype == "b" for v in items):
        low.refuse("a selection by a mask has no loop form")
    if not kind.is_array or kind.shape is None:
        low.refuse("the shape of what an array of indices selects is not known")
    nest, node = selected(low, base, items, kind, [], "read", base)
    return low.new(nest, node, kind, stmt.target)


def selected(
    low: Loops, base: Array, items: list[Value], kind: Kind, more: list[Value], mode: Mode,
    target: Array,
) -> tuple[object, ast.expr]:  # fmt: skip
    """A nest over what arrays of indices select, and the element of the base in it."""
    low.close()
    base = low.fresh(base)
    arrays = [low.fresh(v) if isinstance(v, Array) else v for v in items]
    assert kind.shape is not None
    count = max(v.rank for v in arrays if isinstance(v, Array))
    wanted: list[Value] = []
    out_axis = 0
    at: int | None = None
    plan: list[tuple[str, Value, int]] = []
    for axis, item in enumerate(arrays):
        if isinstance(item, Array):
            if at is None:
                at, out_axis = out_axis, out_axis + count
            elif out_axis != at + count:
                low.refuse("arrays of indices stand apart in an index")
            plan.append(("array", item, axis))
        elif isinstance(item, Slice):
            plan.append(("slice", item, out_axis))
            out_axis += 1
        elif isinstance(item, Number):
            plan.append(("number", item, axis))
        else:
            low.refuse("a new axis beside an array of indices has no loop form")
    assert at is not None
    rank = len(kind.shape)
    aligned = [as_axes(v, at + count, rank) for v in arrays if isinstance(v, Array)]
    wanted = [*aligned, *more]
    whole_axes = selected_lengths(low, base, arrays, kind, at, count)
    nest = low.join([*wanted, whole_axes], kind.shape)
    nodes: list[ast.expr] = []
    numbers = iter(aligned)
    for axis, (how, item, out) in enumerate(plan):
        size, length = base.lengths[axis], base.shape[axis]
        if how == "array":
            node = low.element(nest, next(numbers))
            local = low.uses.fresh("at")
            nest.body.append(assign(local, node))
            outside = ast.UnaryOp(
                ast.Not(),
                ast.Compare(
                    ast.UnaryOp(ast.USub(), size), [ast.LtE(), ast.Lt()], [name(local), size]
                ),
            )
            nest.body.append(when(outside, raising("IndexError", "index out of range")))
            nodes.append(name(local))
        elif how == "number":
            assert isinstance(item, Number)
            nodes.append(place(low, size, length, item))
        else:
            assert isinstance(item, Slice)
            start, step, _, _ = sliced(low, size, length, item)
            turn: ast.expr = name(nest.indices[out])
            if step != 1:
                turn = ast.BinOp(turn, ast.Mult(), integer(step))
            nodes.append(turn if start is None else add(turn, start))
    nest.accesses.append(Access(target.group, "?" + str(len(nest.accesses)), mode))
    return nest, base.element(nodes)


def as_axes(array: Array, end: int, rank: int) -> Array:
    """The array with trailing axes of length 1, so that its own end at `end`."""
    extra = rank - end
    ones = tuple(constant(1) for _ in range(extra))
    return replace(array, shape=(*array.shape, *(1,) * extra), lengths=(*array.lengths, *ones))


def selected_lengths(
    low: Loops, base: Array, items: list[Value], kind: Kind, at: int, count: int
) -> Array:
    """Stands for the lengths of the axes that slices select."""
    assert kind.shape is not None
    rank = len(kind.shape)
    shape: list[Length] = [1] * rank
    lengths: list[ast.expr] = [constant(1)] * rank
    out = 0
    seen = False
    for axis, item in enumerate(items):
        if isinstance(item, Array):
            out, seen = (out, True) if seen else (out + count, True)
        elif isinstance(item, Slice):
            _, _, size, known = sliced(low, base.lengths[axis], base.shape[axis], item)
            shape[out], lengths[out] = known, size
            if out < rank:
                shape[out] = kind.shape[out]
            out += 1
    return Array("", (), tuple(shape), tuple(lengths), "f8", "")


# --- stores


def store(low: Loops, stmt: Store) -> None:
    """`base[index] = value`, or an addition to it."""
    base = low.value(stmt.base)
    if not isinstance(base, Array):
        low.refuse("a store into something that is no array has no loop form")
    items = items_of(low, base, stmt.index)
    value = low.value(stmt.value)
    if any(isinstance(v, Array) for v in items):
        scatter(low, stmt, base, items, value)
        return
    if all(isinstance(v, Number) for v in items) and isinstance(value, Number):
        if base.let:
            low.close()
            base = low.fresh(base)
        node = base.element(places(low, base, [v for v in items if isinstance(v, Number)]))
        low.place([changed(node, stmt.op, value.expr)], set(), {base.group})
        return
    if not all(isinstance(v, Slice) and is_full(v) for v in items):
        base = part(low, base, items)
    elif base.let and (low.nest is None or low.nest.let_of(base.base) is None):
        base = low.fresh(base)
    put(low, base, value, stmt.op)


def changed(node: ast.expr, op: str, value: ast.expr) -> ast.stmt:
    if op == "set":
        return assign(node, value)
    return augment(node, OPERATORS[op](), value)


def put(low: Loops, target: Array, value: Value, op: str) -> None:
    """`target[...] = value` by loops."""
    if isinstance(value, Number) and target.rank == 0:
        low.place([changed(target.element([]), op, value.expr)], set(), {target.group})
        return
    if not isinstance(value, (Array, Number)):
        low.refuse("what is stored is neither an array nor a number")
    value = unstretched(value, target.rank)
    mode: Mode = "set" if op == "set" else "add"
    if isinstance(value, Array) and target.rank == 0:
        low.refuse("an array is stored into an element")
    if isinstance(value, Array) and overlaps(low, target, value):
        value = copied(low, value)
    if target.let:
        low.close()
        target = low.fresh(target)
    nest = low.join([value, target_lengths(target)], target.shape, (target, mode))
    target = low.fresh(target)
    node = low.element(nest, low.refreshed(value))
    place = target.element([name(i) for i in nest.indices])
    from srcgrad.loops.nest import Access as _Access

    nest.accesses.append(_Access(target.group, ast.unparse(place), mode))
    nest.body.append(changed(place, op, node))


def target_lengths(target: Array) -> Array:
    """The lengths of what is stored into, without a read of it."""
    return Array("", (), target.shape, target.lengths, target.dtype, "")


def unstretched(value: Value, rank: int) -> Value:
    """A value without leading axes of length 1 that its target lacks."""
    while isinstance(value, Array) and value.rank > rank and value.shape[0] == 1:
        terms = tuple(
            replace(t, axis=None if t.axis == 0 else t.axis - 1) if t.axis is not None else t
            for t in value.terms
        )
        value = replace(value, terms=terms, shape=value.shape[1:], lengths=value.lengths[1:])
    return value


def overlaps(low: Loops, target: Array, value: Array) -> bool:
    """Whether a store may change elements that are still to be read."""
    if value.group != target.group:
        return False
    indices: list[ast.expr] = [name(low.uses.index(axis)) for axis in range(target.rank)]
    there = ast.unparse(target.element(indices))
    return ast.unparse(value.element(indices[target.rank - value.rank :])) != there


def copied(low: Loops, value: Array) -> Array:
    """A copy of an array, made at once."""
    nest = low.join([value], value.shape)
    value = low.fresh(value)
    node = low.element(nest, value)
    base = low.uses.fresh("part")
    made = low.made(nest, node, base, value.dtype)
    low.close()
    return low.fresh(made)


def scatter(low: Loops, stmt: Store, base: Array, items: list[Value], value: Value) -> None:
    """A store through arrays of indices or a mask."""
    assert low.stmt is not None
    if base.let:
        low.close()
        base = low.fresh(base)
    masks = [v for v in items if isinstance(v, Array) and v.dtype == "b"]
    if masks:
        if len(items) != 1 or masks[0].rank != base.rank or isinstance(value, Array):
            low.refuse("a store of an array through a mask has no loop form")
        nest = low.join([masks[0], value, target_lengths(base)], base.shape, (base, "set"))
        test = low.element(nest, low.refreshed(masks[0]))
        node = low.fresh(base).element([name(i) for i in nest.indices])
        low.element(nest, low.fresh(base), "set")
        nest.body.append(when(test, changed(node, stmt.op, low.element(nest, value))))
        return
    part_ = Assign(("@",), "operator.getitem", (stmt.base, stmt.index))
    kind = low.kind_of_new(part_)
    if not kind.is_array or kind.shape is None:
        low.refuse("the shape of what an array of indices selects is not known")
    more = [value] if isinstance(value, (Array, Number)) else []
    if isinstance(value, Array) and value.group == base.group:
        value = copied(low, value)
        more = [value]
    mode: Mode = "set" if stmt.op == "set" else "add"
    nest, node = selected(low, base, items, kind, more, "part", base)
    if stmt.op in ("add", "sub") and mode == "add":
        low.refuse("`x[rows] += ...` adds once to rows named twice: it has no loop form")
    nest.body.append(  # type: ignore[attr-defined]
        changed(node, stmt.op, low.element(nest, low.refreshed(value)))  # type: ignore[arg-type]
    )
    low.close()


def add_at(low: Loops, stmt: Assign) -> None:
    """`np.add.at(base, index, value)`."""
    base, where, value = stmt.args
    assert not isinstance(base, Const)
    store(low, Store(base, where, value, "at", stmt.unit))


def in_place(low: Loops, stmt: Assign, fn: str) -> None:
    """`x += e` of an array: its memory changes, and the name stays."""
    if low.array(stmt.args[0]).let:
        low.close()
    target = low.array(stmt.args[0])
    value = low.value(stmt.args[1])
    if isinstance(value, Array) and overlaps(low, target, value):
        value = copied(low, value)
        target = low.fresh(target)
    ops = {"operator.add": "add", "operator.sub": "sub"}
    if fn in ops:
        put(low, target, value, ops[fn])
    else:
        nest = low.join([value, target], target.shape, (target, "set"))
        target = low.fresh(target)
        old = low.element(nest, target)
        dtypes = [target.dtype, getattr(value, "dtype", "?")]
        node = of_numbers(fn, [old, low.element(nest, low.refreshed(value))], dtypes)
        place = target.element([name(i) for i in nest.indices])
        low.element(nest, target, "set")
        assert node is not None
        nest.body.append(assign(place, node))
    low.bind(stmt, stmt.target, low.value(stmt.args[0]))


def true_view(low: Loops, array: Array) -> ast.expr:
    """The array as an expression: its variable, its transpose, or a slice of it."""
    if array.is_whole:
        return name(array.base)
    if array.is_turned:
        return ast.Attribute(name(array.base), "T", ast.Load())
    axes = [t.axis for t in array.terms if t.axis is not None]
    if axes != list(range(array.rank)):
        return name(copied(low, array).base)
    places: list[ast.expr] = []
    for term in array.terms:
        if term.axis is None:
            places.append(term.start or constant(0))
            continue
        if term.step != 1:
            return name(copied(low, array).base)
        count = array.lengths[term.axis]
        stop = count if term.start is None else add(term.start, count)
        if term.start is None and ast.dump(count) == ast.dump(low.size(array.base, places)):
            places.append(ast.Slice(None, None, None))
        else:
            places.append(ast.Slice(term.start, stop, None))
    return index(array.base, places)


__all__ = ["add_at", "call", "getitem", "in_place", "part", "store", "true_view"]
