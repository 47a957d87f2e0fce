"""Statements that write into arrays."""

from __future__ import annotations

from tests.fuzz.grammar import STATEMENTS
from tests.fuzz.kinds import Shape
from tests.fuzz.places import element, mask, place
from tests.fuzz.writer import Writer

OPERATORS = ("+=", "-=", "*=", "+=", "*=", "/=")


def stored(w: Writer, shape: Shape) -> str:
    """A value that fits a place of this shape."""
    chance = w.random.random()
    if shape == () or chance < 0.25:
        return w.number(2)
    if chance < 0.35 and len(shape) == 2:
        return w.array(shape[1:], 2)
    return w.array(shape, 2)


def written(w: Writer) -> str | None:
    return w.any(w.arrays(written=True))


@STATEMENTS("stores", 7)
def store(w: Writer) -> bool | None:
    name = written(w)
    found = place(w, name) if name else None
    return w.add(f"{found[0]} = {stored(w, found[1])}") if found else None


@STATEMENTS("stores", 5)
def augmented_store(w: Writer) -> bool | None:
    name = written(w)
    found = place(w, name) if name else None
    if not found:
        return None
    operator = w.random.choice(OPERATORS)
    value = stored(w, found[1])
    return w.add(f"{found[0]} {operator} {divisor(operator, value)}")


def divisor(operator: str, value: str) -> str:
    return f"1.5 + ({value}) ** 2" if operator == "/=" else value


@STATEMENTS("accumulate", 3)
def augmented(w: Writer) -> bool | None:
    name = written(w)
    if not name:
        return None
    operator = w.random.choice(OPERATORS)
    return w.add(f"{name} {operator} {divisor(operator, stored(w, w.shape(name)))}")


@STATEMENTS("swaps", 1.5)
def elements_swapped(w: Writer) -> bool | None:
    name, other = written(w), written(w)
    if not name or not other:
        return None
    a, b = element(w, name), element(w, other)
    value = b if w.maybe(0.6) else w.number(1)
    return w.add(f"{a}, {b} = {value}, {a}")


@STATEMENTS("swaps", 0.5)
def chained_stores(w: Writer) -> bool | None:
    name, other = written(w), written(w)
    if not name or not other:
        return None
    return w.add(f"{element(w, name)} = {element(w, other)} = {w.number(2)}")


@STATEMENTS("scatter", 2)
def added_at(w: Writer) -> bool | None:
    name = w.any(w.arrays(1, written=True))
    if not name:
        return None
    (length,) = w.shape(name)
    count = w.random.randint(1, 3)
    chosen = [w.random.randrange(length) for _ in range(count)]
    how = w.pick("add", "add", "subtract", "multiply")
    return w.add(f"np.{how}.at({name}, {chosen}, {stored(w, (count,))})")


@STATEMENTS("writers", 1.5)
def into_out(w: Writer) -> bool | None:
    name = written(w)
    if not name:
        return None
    shape = w.shape(name)
    a, b = w.array(shape, 1), w.array(shape, 1)
    text = w.pick(
        f"np.multiply({a}, {b}, out={name})", f"np.sin({a}, out={name})",
        f"np.add({a}, {b}, out={name})", f"np.copyto({name}, {a})", f"{name}.fill({w.number(1)})",
        f"np.copyto({name}, {a}, where={mask(w, shape)})", f"np.maximum({a}, {b}, out={name})",
    )  # fmt: skip
    return w.add(text)


@STATEMENTS("stores", 1.5)
def fresh_then_filled(w: Writer) -> bool | None:
    """Work memory, filled by a loop: the way of numerical programs."""
    from tests.fuzz.kinds import Array

    length = w.random.randint(2, 4)
    name, i = w.new(Array((length,)), plain=True), w.session.fresh("k")
    if w.maybe(0.4) and "matrices" in w.features:
        width = w.random.randint(2, 3)
        w.add(f"{name} = {w.pick('np.zeros', 'np.ones', 'np.empty')}(({length}, {width}))")
        w.add(f"for {i} in range({length}):")
        w.add(f"    {name}[{i}] = {w.array((width,), 2)}")
        w.bind(name, Array((length, width)))
        return True
    w.add(f"{name} = np.zeros({length})")
    w.add(f"{name}[0] = {w.number(2)}")
    w.add(f"for {i} in range(1, {length}):")
    w.add(f"    {name}[{i}] = {name}[{i} - 1] * {w.number(1)} + 0.3 * {w.number(0)}")
    w.bind(name, Array((length,)))
    return True
