"""Parts of arrays: indices that fit, slices, views, and the places that stores go to."""

from __future__ import annotations

from tests.fuzz.kinds import Integer, Mask, Rows, Shape
from tests.fuzz.writer import Writer


def index(w: Writer, length: int) -> str:
    """An index of an axis."""
    named = [
        name
        for name in w.names(Integer)
        if (kind := w.kinds[name]).high < length and kind.low >= -length  # type: ignore[union-attr]
    ]
    if named and w.maybe(0.6):
        name = w.random.choice(named)
        return (
            w.pick(name, name, name, f"({name} + 1) % {length}", f"{length - 1} - {name}")
            if (
                w.kinds[name].low >= 0  # type: ignore[union-attr]
            )
            else name
        )
    return str(w.random.randrange(-length if w.maybe(0.3) else 0, length))


def part(w: Writer, length: int) -> tuple[str, int]:
    """A slice of an axis, and how many elements it takes."""
    start = w.random.randrange(length)
    stop = w.random.randrange(start + 1, length + 1)
    texts = [f"{start}:{stop}", f"{start}:", f":{stop}", ":", "::2", "::-1", f"-{stop}:"]
    if length > 1:
        texts += [":-1", "1:", "-2::-1", f"{start - length}:"]
    text = w.random.choice(texts)
    bounds = [int(bound) if bound else None for bound in text.split(":")]
    return text, len(range(length)[slice(*bounds)])


def view(w: Writer, name: str) -> tuple[str, Shape] | None:
    """An expression that shares memory with an array, and its shape (never a single element)."""
    shape = w.shape(name)
    forms = []
    if len(shape) == 1:
        text, length = part(w, shape[0])
        forms += [(f"{name}[{text}]", (length,))] * 3
        if shape[0] == 4:
            forms.append((f"{name}.reshape(2, 2)", (2, 2)))
        if "newaxis" in w.features:
            forms += [(f"{name}[:, None]", (*shape, 1)), (f"{name}[np.newaxis]", (1, *shape))]
    elif len(shape) == 2:
        (rows, n), (columns, m) = part(w, shape[0]), part(w, shape[1])
        forms += [
            (f"{name}[{index(w, shape[0])}]", shape[1:]),
            (f"{name}[:, {index(w, shape[1])}]", shape[:1]),
            (f"{name}[..., {index(w, shape[1])}]", shape[:1]),
            (f"{name}[{rows}]", (n, shape[1])),
            (f"{name}[{rows}, {columns}]", (n, m)),
            (f"{name}[{rows}, {index(w, shape[1])}]", (n,)),
            (f"{name}.T", shape[::-1]),
        ]
        if "shaping" in w.features:
            forms.append((f"{name}.ravel()", (shape[0] * shape[1],)))
            forms.append((f"{name}.reshape(-1)", (shape[0] * shape[1],)))
    return w.random.choice(forms) if forms else None


def element(w: Writer, name: str) -> str:
    """One element."""
    shape = w.shape(name)
    if len(shape) == 2 and w.maybe(0.15):
        return f"{name}[{index(w, shape[0])}][{index(w, shape[1])}]"
    return f"{name}[{', '.join(index(w, n) for n in shape)}]"


def moving(w: Writer, length: int) -> str | None:
    """A slice between bounds that are computed: how many elements it takes is not known here."""
    name = w.any([n for n in w.names(Integer) if w.kinds[n].low >= 0])  # type: ignore[union-attr]
    if not name:
        return None
    return w.pick(
        f":{name} + 1", f"{name}:", f"{name}:{name} + 2", f":-{name} - 1", f"::{name} + 1"
    )


def place(w: Writer, name: str) -> tuple[str, Shape] | None:
    """Where a store goes, and the shape of what is stored."""
    shape, chance = w.shape(name), w.random.random()
    if chance < 0.4:
        return element(w, name), ()
    if chance < 0.44 and (bounds := moving(w, shape[0])):
        return f"{name}[{bounds}]", ()
    if chance < 0.5 and "masks" in w.features:
        return f"{name}[{mask(w, shape)}]", ()
    if chance < 0.6 and "scatter" in w.features and len(shape) == 1:
        return scatter(w, name)
    if chance < 0.65 and "newaxis" in w.features:
        return f"{name}[None]", (1, *shape)
    if chance < 0.72:
        return (f"{name}[...]", shape) if w.maybe(0.5) else (f"{name}[:]", shape)
    found = view(w, name)
    if found is None or not found[0].endswith("]"):
        return None
    return found


def scatter(w: Writer, name: str) -> tuple[str, Shape]:
    (length,) = w.shape(name)
    count = w.random.randint(1, length)
    if w.maybe(0.4) and (named := w.any(rows(w, length))):
        return f"{name}[{named}]", (w.kinds[named].length,)  # type: ignore[union-attr]
    chosen = [w.random.randrange(length) for _ in range(count)]
    if w.maybe(0.6):
        chosen = w.random.sample(range(length), count)
    return f"{name}[{chosen}]", (count,)


def rows(w: Writer, below: int) -> list[str]:
    """Names of integer arrays that index an axis of this length."""
    return [n for n in w.names(Rows) if w.kinds[n].below <= below]  # type: ignore[union-attr]


def mask(w: Writer, shape: Shape) -> str:
    """A boolean array of a shape."""
    named = w.any(w.of(Mask(shape)))
    if named and w.maybe(0.5):
        return named
    array = w.any([n for n in w.arrays() if w.shape(n) == shape]) or w.array(shape, 1)
    test = f"{array} {w.pick('>', '<')} {w.number(0)}"
    if w.maybe(0.15):
        return f"({test}) {w.pick('&', '|')} ({array} < {w.literal()})"
    return f"~({test})" if w.maybe(0.1) else test
