"""Statements that bind names: assignments, swaps, unpacking, aliases, views."""

from __future__ import annotations

from tests.fuzz.grammar import STATEMENTS
from tests.fuzz.kinds import Array, Integer, Kind, Mask, Number, Rows, Shape
from tests.fuzz.places import mask, view
from tests.fuzz.writer import Writer

SHAPES: tuple[Shape, ...] = ((3,), (4,), (2,), (2, 3), (3, 3), (3, 2), (2, 2))


def target(w: Writer, kind: Kind, chance: float = 0.5) -> str:
    """A name in sight of this kind, or a new one."""
    name = w.any(w.rebindable(kind))
    return name if name and w.maybe(chance) else w.new(kind)


def some_shape(w: Writer) -> Shape:
    """Most often a shape that is in sight."""
    name = w.any(w.arrays())
    if name and w.maybe(0.75):
        return w.shape(name)
    return w.random.choice([s for s in SHAPES if len(s) == 1 or "matrices" in w.features])


def assign(w: Writer, name: str, kind: Kind, value: str) -> bool:
    w.add(f"{name} = {value}")
    w.bind(name, kind, readonly="broadcast_to" in value)
    return True


@STATEMENTS("basic", 5)
def number(w: Writer) -> bool:
    value = w.number(3)
    return assign(w, target(w, Number()), Number(), value)


@STATEMENTS("basic", 5)
def array(w: Writer) -> bool:
    shape = some_shape(w)
    value = w.array(shape, 3)
    return assign(w, target(w, Array(shape)), Array(shape), value)


@STATEMENTS("accumulate", 3)
def number_augmented(w: Writer) -> bool | None:
    name = w.any(w.rebindable(Number()))
    return w.add(f"{name} {w.pick('+=', '-=', '*=')} {w.number(2)}") if name else None


@STATEMENTS("aliases", 2)
def alias(w: Writer) -> bool | None:
    name = w.any(w.arrays())
    if not name:
        return None
    kind = w.kinds[name]
    value, readonly = name, name in w.readonly
    other = w.any(w.of(kind))
    if other and w.maybe(0.2):
        value = f"{name} if {w.test()} else {other}"
        readonly = readonly or other in w.readonly
    new = target(w, kind, 0.2)
    w.add(f"{new} = {value}")
    w.bind(new, kind, readonly or name in w.fixed)
    return True


@STATEMENTS("views", 4)
def view_bound(w: Writer) -> bool | None:
    name = w.any(w.arrays())
    found = view(w, name) if name else None
    if not name or not found:
        return None
    text, shape = found
    new = target(w, Array(shape), 0.2)
    w.add(f"{new} = {text}")
    w.bind(new, Array(shape), name in w.readonly or name in w.fixed)
    return True


@STATEMENTS("masks", 1.5)
def mask_bound(w: Writer) -> bool | None:
    name = w.any(w.arrays())
    if not name:
        return None
    value = mask(w, w.shape(name))
    kind = Mask(w.shape(name))
    return assign(w, target(w, kind), kind, value)


@STATEMENTS("gather", 1)
def rows_bound(w: Writer) -> bool:
    length, below = w.random.randint(1, 4), w.random.randint(2, 3)
    kind = Rows(length, below)
    values = [w.random.randrange(below) for _ in range(length)]
    return assign(w, target(w, kind), kind, f"np.array({values})")


@STATEMENTS("basic", 0.5)
def integer(w: Writer) -> bool:
    value = w.random.randint(0, 2)
    return assign(w, w.new(Integer(0, 2)), Integer(value, value), str(value))


@STATEMENTS("swaps", 2)
def names_swapped(w: Writer) -> bool | None:
    first = w.any([n for n in w.names(Number, Array) if n not in w.fixed])
    if not first:
        return None
    second = w.any([n for n in w.rebindable(w.kinds[first]) if n != first])
    if not second or {first, second} & w.readonly:
        return None
    if isinstance(w.kinds[first], Number) and w.maybe(0.5):
        return w.add(f"{first}, {second} = {second}, {w.number(2)}")
    return w.add(f"{first}, {second} = {second}, {first}")


@STATEMENTS("swaps", 0.7)
def chained(w: Writer) -> bool:
    value = w.number(2)
    first, second = w.new(Number(), plain=True), w.new(Number(), plain=True)
    w.add(f"{first} = {second} = {value}")
    w.bind(first, Number())
    w.bind(second, Number())
    return True


@STATEMENTS("unpacking", 2)
def unpacked(w: Writer) -> bool | None:
    name = w.any(w.arrays())
    if not name:
        return None
    length, *rest = w.shape(name)
    inner: Kind = Array(tuple(rest)) if rest else Number()
    new = [w.new(inner, plain=True) for _ in range(length)]
    if not rest and length > 2 and w.maybe(0.3):
        w.add(f"{new[0]}, *{w.session.fresh('rest')} = {name}")
        new = new[:1]
    else:
        w.add(f"{', '.join(new)}{',' * (length == 1)} = {name}")
    for each in new:
        w.bind(each, inner, name in w.readonly or name in w.fixed)
    return True


@STATEMENTS("tuples", 1)
def several(w: Writer) -> bool:
    values = [w.number(2), w.number(1)]
    new = [w.new(Number(), plain=True) for _ in values]
    w.add(f"{', '.join(new)} = {', '.join(values)}")
    for each in new:
        w.bind(each, Number())
    return True


@STATEMENTS("basic", 0.2)
def asserted(w: Writer) -> bool | None:
    name = w.any(w.arrays())
    return w.add(f"assert {name}.shape == {w.shape(name)}") if name else None
