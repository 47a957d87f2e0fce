"""Statements on lists, tuples, dicts and records."""

from __future__ import annotations

from tests.fuzz.bindings import assign, some_shape
from tests.fuzz.grammar import STATEMENTS
from tests.fuzz.kinds import Array, Fields, Items, Kind, Number
from tests.fuzz.writer import Writer


def item_kind(w: Writer) -> Kind:
    return Number() if w.maybe(0.65) else Array(some_shape(w))


@STATEMENTS("lists", 4)
def list_made(w: Writer) -> bool:
    kind = item_kind(w)
    count = w.random.randint(0, 3)
    text = f"[{', '.join(w.value(kind, 1) for _ in range(count))}]"
    source = w.any(w.arrays(1))
    if "comprehensions" in w.features and source and w.maybe(0.4):
        kind, (count,) = Number(), w.shape(source)
        text = w.pick(f"[e * {w.number(0)} for e in {source}]",
                      f"[{w.number(1)} * k for k in range({count})]",
                      f"list(map(np.sin, {source}))",
                      f"[e + k * {w.number(0)} for k, e in enumerate({source})]")  # fmt: skip
    items = Items(kind, count, w.blocks[-1])
    return assign(w, w.new(items, plain=True), items, text)


def some_list(w: Writer) -> tuple[str, Items] | None:
    name = w.any([n for n in w.names(Items) if n not in w.fixed])
    if not name:
        return None
    kind = w.kinds[name]
    assert isinstance(kind, Items)
    return name, kind


@STATEMENTS("lists", 4)
def appended(w: Writer) -> bool | None:
    found = some_list(w)
    if not found:
        return None
    name, kind = found
    value = w.value(kind.item, 2)
    here = kind.home == w.blocks[-1]
    chance = w.random.random()
    if chance < 0.6:
        w.add(f"{name}.append({value})")
        kind.least += here
    elif chance < 0.75:
        w.add(f"{name}.extend([{value}, {w.value(kind.item, 1)}])")
        kind.least += 2 * here
    elif chance < 0.85:
        w.add(f"{name}.insert({w.random.randint(0, 1)}, {value})")
        kind.least += here
    else:
        w.add(f"{name} += [{value}]")
        kind.least += here
    return True


@STATEMENTS("lists", 2.5)
def item_stored(w: Writer) -> bool | None:
    found = some_list(w)
    if not found or not found[1].least:
        return None
    name, kind = found
    k = w.pick(str(w.random.randrange(kind.least)), "-1")
    if isinstance(kind.item, Array) and w.maybe(0.4) and name not in w.readonly:
        return w.add(f"{name}[{k}][{w.random.randrange(kind.item.shape[0])}] = {w.number(1)}")
    operator = w.pick("=", "=", "+=", "*=") if kind.item == Number() else "="
    return w.add(f"{name}[{k}] {operator} {w.value(kind.item, 2)}")


@STATEMENTS("lists", 1.5)
def popped(w: Writer) -> bool | None:
    found = some_list(w)
    if not found or not found[1].least or found[1].home != w.blocks[-1] or w.loops:
        return None
    name, kind = found
    kind.least -= 1
    if w.maybe(0.25):
        return w.add(f"{w.pick(f'del {name}[0]', f'{name}.reverse()')}")
    new = w.new(kind.item, plain=True)
    return assign(w, new, kind.item, f"{name}.pop({w.pick('', '0', '-1')})")


@STATEMENTS("lists", 1)
def list_joined(w: Writer) -> bool | None:
    found = some_list(w)
    if not found:
        return None
    name, kind = found
    text, count = w.random.choice(
        [
            (f"{name} + [{w.value(kind.item, 1)}]", kind.least + 1),
            (f"{name}[:]", kind.least),
            (f"{name}[::-1]", kind.least),
            (f"{name} * 2", 2 * kind.least),
            (f"{name}[1:]", 0),
            (f"list({name})", kind.least),
            (f"[*{name}, {w.value(kind.item, 1)}]", kind.least + 1),
        ]
    )
    items = Items(kind.item, count, w.blocks[-1])
    return assign(w, w.new(items, plain=True), items, text)


@STATEMENTS("lists", 1)
def list_to_array(w: Writer) -> bool | None:
    found = some_list(w)
    if not found or found[1].item != Number():
        return None
    return assign(w, w.new(Number()), Number(), f"np.sum(np.array([0.1, *{found[0]}]) ** 2)")


@STATEMENTS("lists", 0.7)
def list_alias(w: Writer) -> bool | None:
    found = some_list(w)
    return assign(w, w.new(found[1], plain=True), found[1], found[0]) if found else None


@STATEMENTS("tuples", 2)
def tuple_made(w: Writer) -> bool:
    return record(w, "tuple")


@STATEMENTS("dicts", 3)
def dict_made(w: Writer) -> bool:
    return record(w, "dict")


def record(w: Writer, form: str) -> bool:
    keys = [str(k) for k in range(3)] if form == "tuple" else ["a", "b", "c"]
    parts = tuple((key, item_kind(w)) for key in keys[: w.random.randint(1, 3)])
    kind = Fields(form, parts)
    return assign(w, w.new(kind, plain=True), kind, w.display(kind, 2))


def some_fields(w: Writer, form: str) -> tuple[str, Fields] | None:
    names = [n for n in w.names(Fields) if w.kinds[n].form == form and n not in w.fixed]
    name = w.any(names)
    if not name:
        return None
    kind = w.kinds[name]
    assert isinstance(kind, Fields)
    return name, kind


@STATEMENTS("dicts", 3)
def dict_stored(w: Writer) -> bool | None:
    found = some_fields(w, "dict")
    if not found:
        return None
    name, kind = found
    key, part = w.random.choice(kind.parts)
    if isinstance(part, Array) and w.maybe(0.3):
        return w.add(f'{name}["{key}"][{w.random.randrange(part.shape[0])}] = {w.number(1)}')
    if w.maybe(0.2):
        return w.add(f"{name}.update({{'{key}': {w.value(part, 2)}}})".replace("'", '"'))
    operator = w.pick("=", "=", "+=", "*=") if part == Number() else "="
    return w.add(f'{name}["{key}"] {operator} {w.value(part, 2)}')


@STATEMENTS("dicts", 1)
def dict_extended(w: Writer) -> bool | None:
    found = some_fields(w, "dict")
    if not found:
        return None
    name, kind = found
    key, value = w.pick("e", "f", "g"), w.number(2)
    if key in dict(kind.parts):
        return None
    wider = Fields("dict", (*kind.parts, (key, Number())))
    forms = [f'{{**{name}, "{key}": {value}}}', f'{name} | {{"{key}": {value}}}']
    return assign(w, w.new(wider, plain=True), wider, w.random.choice(forms))


@STATEMENTS("dicts", 1)
def dict_summed(w: Writer) -> bool | None:
    found = some_fields(w, "dict")
    if not found:
        return None
    total = f"sum(np.sum(e) for e in {found[0]}.values())"
    if w.maybe(0.4):
        total = f"sum(np.sum(e) * len(k) for k, e in {found[0]}.items())"
    return assign(w, w.new(Number()), Number(), total)


@STATEMENTS("tuples", 1.5)
def tuple_unpacked(w: Writer) -> bool | None:
    found = some_fields(w, "tuple")
    if not found:
        return None
    name, kind = found
    new = [w.new(part, plain=True) for _, part in kind.parts]
    w.add(f"{', '.join(new)}{',' * (len(new) == 1)} = {name}")
    for each, (_, part) in zip(new, kind.parts, strict=True):
        w.bind(each, part)
    return True


@STATEMENTS("records", 3)
def record_made(w: Writer) -> bool:
    """A named tuple or dataclass: one of the module's, or a new one."""
    known = w.session.classes
    classes = {form: kind for form, kind in known.items() if form != "Cell"}
    if not classes or len(classes) < 2 and w.maybe(0.3):
        form, parts = (
            w.session.fresh("Record"),
            tuple((key, Number()) for key in "abc"[: w.random.randint(1, 3)]),
        )
        classes[form] = known[form] = Fields(form, parts)
        define(w, form, [key for key, _ in parts])
    kind = w.random.choice(list(classes.values()))
    return assign(w, w.new(kind, plain=True), kind, w.display(kind, 2))


def define(w: Writer, form: str, keys: list[str]) -> None:
    chance = w.random.random()
    if chance < 0.4:
        names = ", ".join(f'"{key}"' for key in keys)
        w.session.module.append(f'{form} = namedtuple("{form}", [{names}])')
        return
    base = "(NamedTuple)" if chance < 0.6 else ""
    head = [] if base else ["@dataclass"]
    fields = [f"    {key}: float" for key in keys]
    w.session.module.append("\n".join([*head, f"class {form}{base}:", *fields]))
