"""Expressions that are arrays of a given shape."""

from __future__ import annotations

from tests.fuzz.grammar import ARRAYS
from tests.fuzz.kinds import Array, Items, Shape
from tests.fuzz.numbers import BINARY, UNARY, called
from tests.fuzz.places import mask, part, rows, view
from tests.fuzz.writer import Writer


@ARRAYS("basic", 8, leaf=True)
def variable(w: Writer, shape: Shape, fuel: int) -> str | None:
    return w.any(w.of(Array(shape)))


@ARRAYS("basic", 1.5, leaf=True)
def full(w: Writer, shape: Shape, fuel: int) -> str | None:
    name = w.any(w.of(Array(shape)))
    if name and w.maybe(0.5):
        return w.pick(
            f"np.full_like({name}, {w.literal()})", f"np.ones_like({name})", f"{name}.copy()"
        )
    return w.pick(f"np.full({shape}, {w.number(0)})", f"np.zeros({shape})", f"np.ones({shape})")


@ARRAYS("basic", 1, leaf=True)
def display(w: Writer, shape: Shape, fuel: int) -> str | None:
    if len(shape) != 1:
        return None
    return f"np.array([{', '.join(w.number(0) for _ in range(shape[0]))}])"


@ARRAYS("basic", 5)
def unary(w: Writer, shape: Shape, fuel: int) -> str | None:
    return w.random.choice(UNARY).format(w.array(shape, fuel - 1))


@ARRAYS("basic", 6)
def binary(w: Writer, shape: Shape, fuel: int) -> str | None:
    other = w.array(shape, fuel - 1)
    chance = w.random.random()
    if chance < 0.3:
        other = w.number(fuel - 1)
    elif chance < 0.45 and len(shape) == 2:
        other = w.array(shape[1:], fuel - 1)  # broadcast over the rows
    pair = (w.array(shape, fuel - 1), other)
    return w.random.choice(BINARY).format(*(pair[::-1] if w.maybe(0.3) else pair))


@ARRAYS("basic", 1)
def with_integers(w: Writer, shape: Shape, fuel: int) -> str | None:
    return f"np.arange({shape[-1]}) * {w.array(shape, fuel - 1)}" if shape else None


@ARRAYS("newaxis", 1)
def broadcast(w: Writer, shape: Shape, fuel: int) -> str | None:
    if len(shape) != 2:
        return None
    column, row = w.array(shape[:1], 0), w.array(shape[1:], fuel - 1)
    return f"({column})[:, None] * ({row})"


@ARRAYS("views", 4, leaf=True)
def of_view(w: Writer, shape: Shape, fuel: int) -> str | None:
    found = [view(w, name) for name in w.arrays() for _ in range(3)]
    fitting = [pair[0] for pair in found if pair and pair[1] == shape]
    return w.any(fitting)


@ARRAYS("gather", 2, leaf=True)
def gathered(w: Writer, shape: Shape, fuel: int) -> str | None:
    name = w.any(w.arrays(len(shape)))
    if not name or not shape or w.shape(name)[1:] != shape[1:]:
        return None
    length = w.shape(name)[0]
    named = [n for n in rows(w, length) if w.kinds[n].length == shape[0]]
    if named and w.maybe(0.7):
        return w.pick(f"{name}[{w.any(named)}]", f"np.take({name}, {w.any(named)}, axis=0)")
    return f"{name}[{[w.random.randrange(length) for _ in range(shape[0])]}]"


@ARRAYS("selection", 2)
def selected(w: Writer, shape: Shape, fuel: int) -> str | None:
    a, b = w.array(shape, fuel - 1), w.array(shape, fuel - 1)
    return w.pick(
        f"np.where({mask(w, shape)}, {a}, {b})", f"np.where({mask(w, shape)}, {a}, {w.number(0)})",
        f"np.clip({a}, -0.8, {w.literal()})", f"np.maximum({a}, {b})",
        f"np.minimum({a}, {w.number(0)})", f"np.maximum({a}, 0.0)",
    )  # fmt: skip


@ARRAYS("axes", 2)
def reduced(w: Writer, shape: Shape, fuel: int) -> str | None:
    how = w.pick("sum", "mean", "max", "var")
    if len(shape) == 1:
        fitting = [
            (n, axis) for n in w.arrays(2) for axis in (0, 1) if w.shape(n)[1 - axis] == shape[0]
        ]
        if not fitting:
            return None
        name, axis = w.random.choice(fitting)
        axis -= 2 * w.maybe(0.3)
        return w.pick(f"np.{how}({name}, axis={axis})", f"{name}.{how}({axis})",
                      f"np.linalg.norm({name}, axis={axis})")  # fmt: skip
    if len(shape) == 2:
        inner = w.array(shape, fuel - 1)
        axis = w.random.randrange(2)
        return f"({inner}) - np.{how}({w.array(shape, 0)}, axis={axis}, keepdims=True)"
    return None


@ARRAYS("products", 3)
def product(w: Writer, shape: Shape, fuel: int) -> str | None:
    if len(shape) == 1:
        left = [n for n in w.arrays(2) if w.shape(n)[0] == shape[0]]
        right = [n for n in w.arrays(2) if w.shape(n)[1] == shape[0]]
        if left and w.maybe(0.6):
            a = w.random.choice(left)
            inner = w.array(w.shape(a)[1:], fuel - 1)
            return w.pick(f"({a} @ ({inner}))", f"np.dot({a}, {inner})",
                          f'np.einsum("ij,j->i", {a}, {inner})')  # fmt: skip
        if right:
            a = w.random.choice(right)
            return f"(({w.array(w.shape(a)[:1], fuel - 1)}) @ {a})"
        return None
    if len(shape) == 2:
        k = w.random.randint(2, 3)
        a, b = w.array((shape[0], k), 0), w.array((k, shape[1]), 0)
        u, v = w.array(shape[:1], 0), w.array(shape[1:], 0)
        return w.pick(f"(({a}) @ ({b}))", f"np.outer({u}, {v})", f"np.matmul({a}, {b})")
    return None


@ARRAYS("shaping", 2)
def shaped(w: Writer, shape: Shape, fuel: int) -> str | None:
    if len(shape) == 1:
        inner, k = w.array(shape, fuel - 1), w.random.randint(0, shape[0])
        a, b = w.array((k,), 0), w.array((shape[0] - k,), 0)
        return w.pick(f"np.roll({inner}, {k})", f"np.flip({inner})", f"np.concatenate([{a}, {b}])",
                      f"np.cumsum({inner}) * 0.5", f"np.hstack(({a}, {b}))",
                      f"np.repeat({w.number(0)}, {shape[0]})",
                      f"np.diff({w.array((shape[0] + 1,), 0)})")  # fmt: skip
    if len(shape) == 2:
        inner = w.array(shape[::-1], fuel - 1)
        stacked = ", ".join(w.array(shape[1:], 0) for _ in range(shape[0]))
        row = w.array(shape[1:], 0)
        return w.pick(f"({inner}).T", f"np.transpose({inner})", f"np.stack([{stacked}])",
                      f"np.array([{stacked}])", f"np.tile({row}, ({shape[0]}, 1))",
                      f"np.broadcast_to({row}, {shape})",
                      f"np.reshape({w.array((shape[0] * shape[1],), 0)}, {shape})")  # fmt: skip
    return None


@ARRAYS("ordering", 1)
def ordered(w: Writer, shape: Shape, fuel: int) -> str | None:
    inner = w.array(shape, fuel - 1)
    if len(shape) != 1:
        return f"np.sort({inner}, axis=0)" if shape else None
    name = w.any(w.of(Array(shape)))
    return f"{name}[np.argsort({name})]" if name and w.maybe(0.4) else f"np.sort({inner})"


@ARRAYS("comprehensions", 1)
def comprehension(w: Writer, shape: Shape, fuel: int) -> str | None:
    if len(shape) != 1:
        return None
    a, source = w.number(0), w.any(w.of(Array(shape)))
    forms = [f"np.array([{w.number(1)} * k for k in range({shape[0]})])"]
    if source:
        forms.append(f"np.array([np.sin(e) * {a} for e in {source}])")
        forms.append(f"np.array([e if e > {a} else {a} * 0.5 for e in {source}])")
        forms.append(f"np.array([p * q for p, q in zip({source}, {source}[::-1])])")
    return w.random.choice(forms)


@ARRAYS("lists", 2, leaf=True)
def item(w: Writer, shape: Shape, fuel: int) -> str | None:
    names = [n for n in w.names(Items) if (kind := w.kinds[n]).item == Array(shape) and kind.least]
    name = w.any(names)
    return f"{name}[{w.random.randrange(w.kinds[name].least)}]" if name else None


@ARRAYS("basic", 2)
def call(w: Writer, shape: Shape, fuel: int) -> str | None:
    return called(w, Array(shape), fuel)


@ARRAYS("basic", 1, leaf=True)
def part_of_longer(w: Writer, shape: Shape, fuel: int) -> str | None:
    name = w.any(w.arrays(1))
    if not name or len(shape) != 1:
        return None
    for _ in range(4):
        text, length = part(w, w.shape(name)[0])
        if length == shape[0]:
            return f"{name}[{text}]"
    return None


@ARRAYS("algebra", 2)
def solved(w: Writer, shape: Shape, fuel: int) -> str | None:
    n = shape[0] if shape else 0
    if not 2 <= n <= 3:
        return None
    matrix = f"(3.0 * np.eye({n}) + np.tanh({w.array((n, n), fuel - 1)}))"
    inner = w.array(shape, 0)
    if len(shape) == 1:
        return w.pick(
            f"np.linalg.solve({matrix}, {inner})", f"np.diag({matrix}) * ({inner})",
            f"np.linalg.inv({matrix}) @ ({inner})", f"np.sum({matrix}, axis=1)",
        )  # fmt: skip
    return w.pick(f"np.linalg.solve({matrix}, {inner})", f"np.triu({inner})",
                  f"np.kron({inner}, np.ones((1, 1)))")  # fmt: skip
