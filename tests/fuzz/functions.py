"""Functions of the module, functions inside functions, lambdas, and small classes."""

from __future__ import annotations

from tests.fuzz.bindings import assign, some_shape
from tests.fuzz.grammar import STATEMENTS
from tests.fuzz.kinds import Array, Fields, Function, Kind, Number
from tests.fuzz.writer import INDENT, Session, Writer

SHAPES = ((3,), (4,), (2, 3))


def helper(session: Session, shapes: list[tuple[int, ...]]) -> None:
    """A function of the module, with parameters of kinds that are likely to be in sight."""
    draw = session.random
    writes = "writing helpers" in session.features and draw.random() < 0.5
    shape = draw.choice([*shapes, *SHAPES])
    kinds: list[Kind] = [Array(shape) if writes or draw.random() < 0.5 else Number()]
    if draw.random() < 0.6:
        kinds.append(Number() if draw.random() < 0.7 else Array(shape))
    results: list[Kind] = [Number(), Number(), Array(shape)]
    if "tuples" in session.features:
        results.append(Fields("tuple", (("0", Number()), ("1", kinds[0]))))
    result = draw.choice(results)
    params = dict(zip(("a", "b"), kinds, strict=False))
    w = Writer(session, params, result)
    w.fuel = draw.randint(0, 4)
    if not writes:
        w.readonly = {name for name in params if isinstance(params[name], Array)}
    w.body(3)
    name = session.fresh("helper")
    views = isinstance(result, Array) and "view helpers" in session.features and draw.random() < 0.5
    value = (w.any(w.of(result)) if views else None) or w.value(result)
    w.add(f"return {value}")
    listed = list(params)
    if len(kinds) == 2 and kinds[1] == Number() and draw.random() < 0.3:
        listed[1] += f"={w.literal()}"  # a default; calls give it all the same, or leave it out
        session.helpers[name] = Function(tuple(kinds[:1]), result, writes)
        name += "_short"
        session.module.append(f"def {name[:-6]}(a):\n    return {name}({w.pick('a', 'a, b=0.7')})")
    session.module.append("\n".join([f"def {name}({', '.join(listed)}):", *w.lines]))
    session.helpers[name] = Function(tuple(kinds), result, writes or w.readonly == set())


@STATEMENTS("helpers", 2)
def called_for_effect(w: Writer) -> bool | None:
    from tests.fuzz.numbers import arguments

    writers = [name for name, kind in w.session.helpers.items() if kind.writes]
    name = w.any(writers)
    if not name:
        return None
    return w.add(f"{name}({', '.join(arguments(w, w.session.helpers[name], 1))})")


@STATEMENTS("helpers", 2)
def several_results(w: Writer) -> bool | None:
    from tests.fuzz.numbers import called

    fields = [k.result for k in w.session.helpers.values() if isinstance(k.result, Fields)]
    if not fields:
        return None
    kind = w.random.choice(fields)
    text = called(w, kind, 1)
    if text is None or not isinstance(kind, Fields):
        return None
    new = [w.new(part, plain=True) for _, part in kind.parts]
    w.add(f"{', '.join(new)} = {text}")
    for each, (_, part) in zip(new, kind.parts, strict=True):
        w.bind(each, part, readonly=isinstance(part, Array))
    return True


@STATEMENTS("lambdas", 2)
def lambda_bound(w: Writer) -> bool:
    outer = dict(w.kinds)
    w.kept |= outer.keys()
    w.kinds["a"] = Number()
    body = w.number(2)
    if w.maybe(0.3):
        body += " + a"
    w.kinds = outer
    default = f", b={w.number(0)}" if w.maybe(0.2) else ""
    kind = Function((Number(),), Number())
    return assign(w, w.new(kind, plain=True), kind, f"lambda a{default}: {body}")


@STATEMENTS("closures", 1)
def counting_closure(w: Writer) -> bool | None:
    """A function inside that binds a name of the function around it."""
    known = w.any(w.rebindable(Number()))
    if not known or w.depth > 1 or w.homes.get(known) != w.blocks[0]:
        return None
    name = w.session.fresh("inner")
    w.add(f"def {name}(v):")
    w.add(f"    nonlocal {known}")
    w.add(f"    {known} = {known} * {w.literal()} + v")
    w.add(f"    return {known} * v")
    new = w.new(Number(), plain=True)
    w.add(f"{new} = {name}({w.number(1)}) + {name}({w.number(0)})")
    w.bind(new, Number())
    return True


@STATEMENTS("closures", 2)
def closure(w: Writer) -> bool | None:
    if w.depth > 2:
        return None
    name = w.session.fresh("inner")
    result: Kind = Number() if w.maybe(0.7) else Array(some_shape(w))
    visible = {n: k for n, k in w.kinds.items() if isinstance(k, Number | Array)}
    inner = Writer(w.session, {"a": Number()}, result, captured=visible, depth=w.depth + 1)
    inner.fuel = w.random.randint(0, 3)
    inner.body(2)
    inner.add(f"return {inner.value(result)}")
    w.add(f"def {name}(a):")
    w.lines.extend(inner.lines)
    w.kept |= w.kinds.keys()
    w.bind(name, Function((Number(),), result))
    return True


@STATEMENTS("objects", 2)
def object_used(w: Writer) -> bool | None:
    """A small class with state: made here, called, and read."""
    if "Cell" not in w.session.classes:
        if w.depth > 1:
            return None
        define_class(w)
    name = w.session.fresh("cell")
    kind = w.session.classes["Cell"]
    w.add(f"{name} = Cell({w.number(1)})")
    for _ in range(w.random.randint(1, 2)):
        w.add(f"{name}.step({w.number(1)})")
    new = w.new(Number(), plain=True)
    w.add(f"{new} = {name}.read({w.number(0)})")
    w.bind(new, Number())
    if w.maybe(0.5):
        w.bind(name, kind)
        w.fixed.add(name)
    return True


def define_class(w: Writer) -> None:
    attrs: dict[str, Kind] = {"self.t": Number(), "self.n": Number()}
    inner = Writer(w.session, {**attrs, "v": Number()}, Number())
    step, read = inner.number(), inner.number()
    lines = [
        "class Cell:",
        "    def __init__(self, t):",
        "        self.t = t",
        f"        self.n = {w.literal()}",
        "",
        "    def step(self, v):",
        f"        {w.pick('self.t', 'self.n')} = {step}",
        f"        {w.pick('self.t += v', 'self.n *= 0.5', 'self.t, self.n = self.n, self.t')}",
        "",
        "    def read(self, v):",
        f"        return {read}",
    ]
    w.session.module.append("\n".join(lines))
    w.session.classes["Cell"] = Fields("Cell", (("t", Number()), ("n", Number())))


@STATEMENTS("recursion", 1.5)
def recursive(w: Writer) -> bool:
    name = w.session.fresh("again")
    inner = Writer(w.session, {"a": Number(), "b": Number()}, Number())
    inner.features = frozenset({"basic"})
    body = f"return {inner.number(2)} + {name}({inner.number(1)}, {inner.number(1)}, n - 1)"
    text = [
        f"def {name}(a, b, n):",
        f"{INDENT}if n <= 0:",
        f"{INDENT * 2}return a * b",
        INDENT + body,
    ]
    w.session.module.append("\n".join(text))
    value = f"{name}({w.number(1)}, {w.number(1)}, {w.random.randint(1, 3)})"
    return assign(w, w.new(Number()), Number(), value)
