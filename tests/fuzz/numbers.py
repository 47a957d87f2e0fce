"""Expressions that are numbers, and tests."""

from __future__ import annotations

from tests.fuzz.grammar import NUMBERS, TESTS
from tests.fuzz.kinds import Array, Fields, Function, Integer, Items, Mask, Number
from tests.fuzz.places import element, mask, moving
from tests.fuzz.writer import Writer

UNARY = (
    "np.sin({})", "np.cos({})", "np.tanh({})", "np.exp(-({}) ** 2)", "-{}", "0.5 * ({}) ** 2",
    "np.sqrt(1.0 + ({}) ** 2)", "np.log(2.0 + np.cos({}))", "np.arctan({})", "({}) / 1.7",
    "({}) ** 3 * 0.2", "np.abs({})", "np.square({}) * 0.3", "2.0 ** np.sin({})",
)  # fmt: skip
BINARY = (
    "({}) * ({})", "{} + {}", "{} - ({})", "{} * 0.5 + {} * 0.3", "np.tanh({}) * ({})",
    "({}) / (1.5 + ({}) ** 2)", "np.hypot({}, 0.5 + ({}) ** 2)", "np.arctan2({}, 2.0 + np.sin({}))",
)  # fmt: skip
CHOICES = ("max({}, {})", "min({}, {})", "np.maximum({}, {})", "np.minimum({}, {})", "abs({} - {})")
REDUCTIONS = (
    "np.sum({})", "np.mean({})", "{}.sum()", "{}.mean()", "np.var({})", "np.std({} + 0.1)",
    "np.linalg.norm({})", "np.prod(np.cos({}))", "np.max({})", "{}.min()", "np.sum({} ** 2)",
    "np.sum(np.sin({}))", "np.median({})", "np.average({})", "np.ptp({})",
)  # fmt: skip
MATHS = ("math.sin({})", "math.exp(-abs({}))", "math.sqrt(2.0 + ({}) ** 2)", "math.tanh({})",
         "float({})", "pow(2.0, math.sin({}))", "math.hypot({}, 1.2)")  # fmt: skip


@NUMBERS("basic", 1.5, leaf=True)
def literal(w: Writer, fuel: int) -> str | None:
    return w.literal()


@NUMBERS("basic", 6, leaf=True)
def variable(w: Writer, fuel: int) -> str | None:
    return w.any(w.of(Number()))


@NUMBERS("basic", 6, leaf=True)
def element_of_array(w: Writer, fuel: int) -> str | None:
    name = w.any(w.arrays())
    return element(w, name) if name else None


@NUMBERS("basic", 4)
def unary(w: Writer, fuel: int) -> str | None:
    return w.random.choice(UNARY).format(w.number(fuel - 1))


@NUMBERS("basic", 5)
def binary(w: Writer, fuel: int) -> str | None:
    return w.random.choice(BINARY).format(w.number(fuel - 1), w.number(fuel - 1))


@NUMBERS("selection", 1)
def choice(w: Writer, fuel: int) -> str | None:
    return w.random.choice(CHOICES).format(w.number(fuel - 1), w.number(fuel - 1))


@NUMBERS("selection", 1)
def conditional(w: Writer, fuel: int) -> str | None:
    return f"({w.number(fuel - 1)} if {w.test(fuel - 1)} else {w.number(fuel - 1)})"


@NUMBERS("math", 1.5)
def mathematical(w: Writer, fuel: int) -> str | None:
    return w.random.choice(MATHS).format(w.number(fuel - 1))


@NUMBERS("reductions", 2.5, leaf=True)
def reduction(w: Writer, fuel: int) -> str | None:
    name = w.any(w.arrays())
    return w.random.choice(REDUCTIONS).format(name) if name else None


@NUMBERS("reductions", 1)
def reduction_of_expression(w: Writer, fuel: int) -> str | None:
    shape = w.random.choice([(3,), (4,), (2, 3)])
    return f"np.sum({w.array(shape, fuel - 1)}) * 0.4"


@NUMBERS("products", 1.5, leaf=True)
def product(w: Writer, fuel: int) -> str | None:
    name = w.any(w.arrays())
    if not name:
        return None
    other = w.any(w.of(w.kinds[name])) or name
    if len(w.shape(name)) == 1:
        return w.pick(
            f"({name} @ {other})", f"np.dot({name}, {other})",
            f"np.vdot({name}, {other})", f'np.einsum("i,i->", {name}, {other})',
        )  # fmt: skip
    if len(w.shape(name)) == 2:
        return w.pick(f"np.trace({name} @ {other}.T)", f'np.einsum("ij,ij->", {name}, {other})')
    return None


@NUMBERS("masks", 1, leaf=True)
def masked_sum(w: Writer, fuel: int) -> str | None:
    name = w.any(w.arrays())
    return f"np.sum({name}[{mask(w, w.shape(name))}])" if name else None


@NUMBERS("views", 1, leaf=True)
def sum_of_part(w: Writer, fuel: int) -> str | None:
    name = w.any(w.arrays())
    bounds = moving(w, w.shape(name)[0]) if name else None
    return f"np.sum({name}[{bounds}])" if bounds else None


@NUMBERS("globals", 2, leaf=True)
def constant_of_module(w: Writer, fuel: int) -> str | None:
    """A number or an array that stands in the module."""
    name = w.session.fresh("GLOBAL")
    texts = {
        f"{name} = {w.literal()}": name,
        f"{name} = np.array([0.3, {w.literal()}, -0.7])": f"{name}[{w.pick('0', '1', '-1')}]",
        f'{name} = {{"a": {w.literal()}, "b": 0.6}}': f'{name}["{w.pick("a", "b")}"]',
        f"{name} = math.pi * {w.literal()}": name,
        f"{name} = (0.5, {w.literal()})": f"{name}[{w.pick('0', '1')}]",
    }
    text = w.random.choice(list(texts))
    w.session.module.append(text)
    return texts[text]


@NUMBERS("selection", 0.7)
def either(w: Writer, fuel: int) -> str | None:
    """`or` and `and` between numbers."""
    return f"({w.number(0)} {w.pick('or', 'and')} {w.number(fuel - 1)})"


@NUMBERS("walrus", 1)
def walrus(w: Writer, fuel: int) -> str | None:
    name = w.session.fresh("u")
    return f"({name} := {w.number(fuel - 1)}) * {name}"


@NUMBERS("comprehensions", 1.5, leaf=True)
def generator(w: Writer, fuel: int) -> str | None:
    name = w.any(w.arrays(1))
    if not name:
        return None
    a, b = w.number(0), w.number(0)
    return w.pick(
        f"sum(e * {a} for e in {name})", f"max(e * {a} + {b} for e in {name})",
        f"sum(e * {a} for e in {name} if e > {b})", f"min([e - {a} for e in {name}])",
        f"sum(e * k * {a} for k, e in enumerate({name}) if k != 1)",
        f"[e * {a} for e in {name}][-1]", f"sum(p * q for p, q in zip({name}, {name}[::-1]))",
        f"sum(np.sin(e) for e in {name}[:2] for k in range(2))", f"sum(map(np.tanh, {name}))",
    )  # fmt: skip


@NUMBERS("lists", 2.5, leaf=True)
def item(w: Writer, fuel: int) -> str | None:
    name = w.any(w.names(Items))
    if not name:
        return None
    kind = w.kinds[name]
    assert isinstance(kind, Items)
    if kind.item != Number():
        return f"np.sum({name}[{w.random.randrange(kind.least)}])" if kind.least else None
    forms = [f"sum({name})", f"sum(e * e for e in {name})"]
    if kind.least:
        k = w.random.randrange(kind.least)
        forms += [f"{name}[{k}]"] * 3 + [f"{name}[-1]"] * 2 + [f"max({name})"]
    return w.random.choice(forms)


@NUMBERS("basic", 2, leaf=True)
def part_of_record(w: Writer, fuel: int) -> str | None:
    name = w.any(w.names(Fields))
    if not name:
        return None
    kind = w.kinds[name]
    assert isinstance(kind, Fields)
    key, part = w.random.choice(kind.parts)
    text = kind.access(name, key)
    return f"np.sum({text})" if isinstance(part, Array) else text


@NUMBERS("basic", 3)
def call(w: Writer, fuel: int) -> str | None:
    return called(w, Number(), fuel)


def called(w: Writer, result: object, fuel: int) -> str | None:
    """A call of a function in sight with a result of this kind."""
    known = {**w.session.helpers, **{n: w.kinds[n] for n in w.names(Function)}}
    fitting = [name for name, kind in known.items() if kind.result == result]
    name = w.any(fitting)
    if not name:
        return None
    return f"{name}({', '.join(arguments(w, known[name], fuel))})"  # type: ignore[arg-type]


def arguments(w: Writer, kind: Function, fuel: int) -> list[str]:
    """Expressions for the parameters. What a function writes into is given by its own name."""
    texts: list[str] = []
    array = None  # what is written, and a number of it that the function is given beside
    for param in kind.params:
        named = w.any([n for n in w.of(param) if not (kind.writes and n in w.fixed | w.readonly)])
        use_name = named and (w.maybe(0.6) or kind.writes)
        if array and param == Number() and w.maybe(0.6):
            place = ", ".join(str(w.random.randrange(n)) for n in w.shape(array))
            texts.append(f"{array}[{place}]")
            continue
        texts.append(named if use_name and named else w.value(param, fuel - 1))
        if kind.writes and named and isinstance(param, Array) and 0 not in param.shape:
            array = named
    return texts


# --- tests ----------------------------------------------------------------------------------------


@TESTS("basic", 5, leaf=True)
def comparison(w: Writer, fuel: int) -> str | None:
    return f"{w.number(fuel)} {w.pick('>', '<', '>=', '<=')} {w.number(0)}"


@TESTS("basic", 1)
def chained(w: Writer, fuel: int) -> str | None:
    return f"-{w.literal()} < {w.number(fuel - 1)} < {w.number(0)}"


@TESTS("basic", 1)
def joined(w: Writer, fuel: int) -> str | None:
    return f"{w.test(fuel - 1)} {w.pick('and', 'or')} {w.test(fuel - 1)}"


@TESTS("basic", 0.5)
def negated(w: Writer, fuel: int) -> str | None:
    return f"not {w.test(fuel - 1)}"


@TESTS("basic", 2, leaf=True)
def of_integer(w: Writer, fuel: int) -> str | None:
    name = w.any(w.names(Integer))
    return (
        w.pick(f"{name} % 2 == 0", f"{name} > 1", f"{name} == 1", f"{name} != 0") if name else None
    )


@TESTS("reductions", 1, leaf=True)
def of_array(w: Writer, fuel: int) -> str | None:
    name = w.any(w.arrays())
    return f"np.{w.pick('any', 'all')}({name} > {w.number(0)})" if name else None


@TESTS("masks", 1, leaf=True)
def of_mask(w: Writer, fuel: int) -> str | None:
    name = w.any(w.names(Mask))
    return f"{name}.{w.pick('any', 'all')}()" if name else None


@TESTS("comprehensions", 0.7, leaf=True)
def of_generator(w: Writer, fuel: int) -> str | None:
    name = w.any(w.arrays(1))
    return f"{w.pick('any', 'all')}(e > {w.number(0)} for e in {name})" if name else None


@TESTS("lists", 0.7, leaf=True)
def of_list(w: Writer, fuel: int) -> str | None:
    name = w.any(w.names(Items))
    return w.pick(f"len({name}) > 2", f"{name}", f"len({name}) % 2") if name else None
