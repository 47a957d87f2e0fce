"""Compound statements and exits."""

from __future__ import annotations

from tests.fuzz.bindings import assign
from tests.fuzz.grammar import STATEMENTS
from tests.fuzz.kinds import Array, Integer, Items, Kind, Number
from tests.fuzz.writer import Writer

DEEPEST = 4


def room(w: Writer) -> bool:
    return w.depth <= DEEPEST and w.fuel > 0


@STATEMENTS("branches", 4)
def branch(w: Writer) -> bool | None:
    if not room(w):
        return None
    with w.block(f"if {w.test()}:"):
        w.body()
    if w.maybe(0.2):
        with w.block(f"elif {w.test()}:"):
            w.body(2)
    if w.maybe(0.45):
        with w.block("else:"):
            w.body()
    return True


@STATEMENTS("branches", 1.5)
def bound_in_both(w: Writer) -> bool:
    """A name that every branch binds."""
    name = w.any(w.arrays())
    kind: Kind = w.kinds[name] if name and w.maybe(0.5) else Number()
    new = w.new(kind, plain=True)
    with w.block(f"if {w.test()}:"):
        w.add(f"{new} = {w.value(kind)}")
    with w.block("else:"):
        w.add(f"{new} = {w.value(kind)}")
    w.bind(new, kind, readonly=isinstance(kind, Array))
    return True


@STATEMENTS("loops", 4)
def counted(w: Writer) -> bool | None:
    if not room(w):
        return None
    name = w.new(Integer(0, 0), plain=True)
    bound = w.any(w.names(Integer))
    low, high = w.random.choice([(0, 2), (0, 3), (1, 3), (0, 1), (0, 0), (1, 4)])
    header, kind = f"range({low}, {high})" if low else f"range({high})", Integer(low, high - 1)
    if bound and w.maybe(0.4):
        top = w.kinds[bound].high  # type: ignore[union-attr]
        header, kind = f"range({bound})", Integer(0, max(0, top - 1))
    elif w.maybe(0.25):
        header, kind = w.random.choice(
            [
                ("range(3, -1, -1)", Integer(0, 3)),
                ("range(0, 4, 2)", Integer(0, 2)),
                ("range(2, 0, -1)", Integer(1, 2)),
            ]
        )
    inside(w, f"for {name} in {header}:", {name: kind})
    return True


def inside(w: Writer, header: str, names: dict[str, Kind], readonly: bool = False) -> None:
    """A loop with its body; maybe its `else`."""
    with w.block(header, loop=True):
        for name, kind in names.items():
            w.bind(name, kind, readonly)
            if isinstance(kind, Integer):
                w.fixed.add(name)
        w.body(4)
    if "exits" in w.features and w.maybe(0.15):
        with w.block("else:"):
            w.body(2)


@STATEMENTS("iteration", 3)
def over_array(w: Writer) -> bool | None:
    name = w.any(w.arrays())
    if not name or not room(w):
        return None
    length, *rest = w.shape(name)
    kind: Kind = Array(tuple(rest)) if rest else Number()
    each, count = w.new(kind, plain=True), w.new(Integer(0, 0), plain=True)
    readonly = name in w.readonly or name in w.fixed
    chance = w.random.random()
    if chance < 0.45:
        source = w.pick(name, name, f"reversed({name})", f"{name}[1:]", f"{name}[::-1]")
        inside(w, f"for {each} in {source}:", {each: kind}, readonly)
    elif chance < 0.75:
        counter: Kind = Integer(0, length - 1)
        inside(
            w, f"for {count}, {each} in enumerate({name}):", {count: counter, each: kind}, readonly
        )
    else:
        other = w.any(w.of(w.kinds[name])) or name
        second = w.new(kind, plain=True)
        header = f"for {each}, {second} in zip({name}, {other}):"
        inside(w, header, {each: kind, second: kind}, readonly or other in w.readonly | w.fixed)
    return True


@STATEMENTS("lists", 1.5)
def over_list(w: Writer) -> bool | None:
    name = w.any(w.names(Items))
    if not name or not room(w):
        return None
    kind = w.kinds[name]
    assert isinstance(kind, Items)
    each, count = w.new(kind.item, plain=True), w.session.fresh("k")
    header = w.pick(
        f"for {each} in list({name}):", f"for {count}, {each} in enumerate(list({name})):"
    )
    if not grown_inside(w):
        header = header.replace(f"list({name})", name)
    inside(w, header, {each: kind.item}, readonly=True)
    return True


def grown_inside(w: Writer) -> bool:
    """Whether a body may append: then a loop over the list itself might not end."""
    return "lists" in w.features


@STATEMENTS("while", 3)
def while_loop(w: Writer) -> bool | None:
    if not room(w):
        return None
    count = w.session.fresh("c")
    w.add(f"{count} = 0")
    most = w.random.randint(1, 4)
    test = f" and ({w.test()})" if w.maybe(0.7) else ""
    endless = "exits" in w.features and w.maybe(0.2)
    with w.block("while True:" if endless else f"while {count} < {most}{test}:", loop=True):
        w.add(f"{count} += 1")
        if endless:
            with w.block(f"if {count} > {most}{test.replace(' and (', ' or (', 1)}:"):
                w.add("break")
        w.body(4)
    return True


@STATEMENTS("exits", 3)
def left(w: Writer) -> bool | None:
    if not w.loops or w.trying:
        return None
    with w.block(f"if {w.test()}:"):
        if w.maybe(0.3):
            w.statement()
        w.add(w.pick("break", "continue"))
    return True


@STATEMENTS("returns", 1.5)
def returned(w: Writer) -> bool | None:
    if w.trying:
        return None
    with w.block(f"if {w.test()}:"):
        w.add(f"return {w.value(w.result)}")
    return True


@STATEMENTS("with", 2)
def within(w: Writer) -> bool | None:
    if not room(w):
        return None
    with w.block('with np.errstate(all="ignore"):'):
        w.body()
    return True


@STATEMENTS("match", 2)
def matched(w: Writer) -> bool | None:
    if not room(w):
        return None
    integer = w.any(w.names(Integer))
    subject, patterns = (
        f"bool({w.test()}), bool({w.test()})",
        ["True, True", f"False, _ if {w.test()}", "_"],
    )
    if integer and w.maybe(0.5):
        subject, patterns = f"{integer} % 3", ["0", "1 | 2", "_"]
    with w.block(f"match {subject}:"):
        for pattern in patterns:
            with w.block(f"case {pattern}:"):
                w.body(2)
    return True


FAILS = """def fails(a):
    b = a * a
    for k in range(3):
        b = b * a + 0.1
        if b > 1.2:
            raise KeyError(k)
    return b"""


@STATEMENTS("try", 2)
def tried(w: Writer) -> bool | None:
    if not room(w) or w.trying:
        return None
    own, error = w.new(Number(), plain=True), w.pick("KeyError", "ValueError")
    target = w.any(w.rebindable(Number())) or w.new(Number(), plain=True)
    if target not in w.kinds:
        assign(w, target, Number(), w.number(1))
    w.trying += 1
    with w.block("try:"):
        w.add(f"{own} = {w.number(2)}")
        if w.maybe(0.7):
            with w.block(f"if {w.test()}:"):
                w.add(f"raise {error}")
        w.bind(own, Number())
        if w.maybe(0.3):
            w.add(f"for {w.session.fresh('k')} in range(2):")
            w.add(f"    {own} = {own} * {w.number(0)} + 0.5 * {own}")
        call = ""
        if error == "KeyError" and w.maybe(0.4):
            call = f" + fails({w.number(0)})"
            w.session.module += [FAILS] if FAILS not in w.session.module else []
        w.add(f"{target} = {own} * {w.number(1)}{call}")
    w.trying -= 1
    with w.block(f"except {error}:"):
        w.body(2)
    if w.maybe(0.3):
        with w.block("else:"):
            w.body(2)
    if w.maybe(0.3):
        with w.block("finally:"):
            w.add(f"{target} = {target} * {w.number(0)}")
    return True
