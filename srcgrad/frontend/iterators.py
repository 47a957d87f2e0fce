"""Loops over what `itertools` and NumPy give one by one: an item follows from its position.

`product`, `combinations` and `permutations` take items by their positions, so that the items may
be differentiated; `chain`, `pairwise` and `islice` are displays and slices; `accumulate` is a loop.
Python reads what they are given before the loop, or in it, and here it is the other way round: so
that must not change meanwhile (`Items.sources`, `analysis/steady.py`).
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from dataclasses import replace

import gast

from srcgrad.frontend import ranges
from srcgrad.frontend.calls import call_value
from srcgrad.frontend.comprehensions import loops
from srcgrad.frontend.context import Context, Node
from srcgrad.frontend.expressions import SPREAD, Op, atom
from srcgrad.frontend.items import (
    ENDLESS,
    ITEMS,
    LIBRARY_ITEMS,
    SPREAD_ITEMS,
    Items,
    Sources,
    as_tuple,
    item_at,
    items_of,
    parts_of,
    sources_of,
)
from srcgrad.frontend.lazy import (
    as_list,
    builtin_call,
    generator,
    is_lazy,
    library_call,
    local,
    name_of,
)
from srcgrad.frontend.targets import assign_atom, bind
from srcgrad.ir.core import Atom, Const, Var


def _refused(ctx: Context, node: Node) -> Items:
    ctx.problem(node, "this call is not supported in a loop", "write the loops out")
    return Items(Const(0), lambda k, target: None)


def _hand_over(ctx: Context, target: Node, items: Sequence[tuple[Items, Atom]], stem: str) -> None:
    """Assign the tuple of several items, each at a position of its own."""
    targets = parts_of(target, len(items))
    if targets is None:
        values = [item_at(ctx, inner, place, stem) for inner, place in items]
        assign_atom(ctx, target, as_tuple(ctx, values, stem))
        return
    for (inner, place), part in zip(items, targets, strict=True):
        inner.assign(place, part)


def _product(ctx: Context, node: Node, stem: str, changed: set[str]) -> Items:
    """`product(a, b)`: the last one turns fastest."""
    given = {keyword.arg: keyword.value for keyword in node.keywords}
    times = given.pop("repeat", gast.Constant(1, None))
    if given or not node.args or times is None or not _is_count(times):
        return _refused(ctx, node)
    inner = [items_of(ctx, as_list(ctx, arg), stem, changed) for arg in node.args] * times.value
    strides: list[Atom] = [inner[-1].length]  # turns until an item of each one is back
    for items in reversed(inner[:-1]):
        strides.insert(0, ctx.emit(stem, "operator.mul", (items.length, strides[0])))

    def assign(k: Atom, target: Node) -> None:
        found, last = [], len(inner) - 1
        for n, items in enumerate(inner):
            place = k if n == last else ctx.emit(stem, "operator.floordiv", (k, strides[n + 1]))
            if n:
                place = ctx.emit(stem, "operator.mod", (place, items.length))
            found.append((items, place))
        _hand_over(ctx, target, found, stem)

    return Items(strides[0], assign, sources=_whole(sources_of(inner)))


def _is_count(node: Node) -> bool:
    return isinstance(node, gast.Constant) and type(node.value) is int and node.value > 0


def _chosen(ctx: Context, node: Node, stem: str, changed: set[str]) -> Items:
    """`combinations(a, r)`, `permutations(a, r)`: of the positions, and then the items."""
    size = node.args[1] if len(node.args) == 2 else None
    if node.keywords or not node.args:
        return _refused(ctx, node)
    if ranges.builtin_call(ctx, node.args[0]) == "range":
        return _of_numbers(ctx, node, stem)
    if size is None or not _is_count(size):
        return _refused(ctx, node)
    inner = items_of(ctx, as_list(ctx, node.args[0]), stem, changed)
    span = ctx.emit(stem, "builtins.range", (inner.length,))
    positions = ctx.emit(stem, library_call(ctx, node), (span, Const(size.value)))
    chosen = ctx.emit(stem, "builtins.list", (positions,))

    def assign(k: Atom, target: Node) -> None:
        places = ctx.emit(stem, "operator.getitem", (chosen, k))
        found = [
            (inner, ctx.emit(stem, "operator.getitem", (places, Const(i))))
            for i in range(size.value)
        ]
        _hand_over(ctx, target, found, stem)

    length = ctx.emit(stem, "builtins.len", (chosen,))
    return Items(length, assign, sources=_whole(inner.sources))


def _of_numbers(ctx: Context, node: Node, stem: str) -> Items:
    """`permutations(range(n), r)`: a list, which carries no derivative."""
    given = tuple(atom(ctx, arg, stem) for arg in node.args)
    made = ctx.emit(stem, "builtins.list", (ctx.emit(stem, library_call(ctx, node), given),))

    def assign(k: Atom, target: Node) -> None:
        bind(ctx, target, Op("operator.getitem", (made, k)), stem)

    return Items(ctx.emit(stem, "builtins.len", (made,)), assign)


def _listed(ctx: Context, node: Node, stem: str, changed: set[str]) -> Items:
    """`np.ndindex(shape)`: nothing of it carries a derivative."""
    return items_of(ctx, builtin_call(ctx, "list", [node], node), stem, changed)


def _numbered(ctx: Context, node: Node, stem: str, changed: set[str]) -> Items:
    """`np.ndenumerate(a)`: an index, and the element there."""
    if node.keywords or len(node.args) != 1 or not isinstance(node.func, gast.Attribute):
        return _refused(ctx, node)
    array = local(ctx, stem)
    ctx.copy(array, atom(ctx, node.args[0], stem))
    shape = gast.Attribute(name_of(array, node), "shape", gast.Load())
    index = gast.Call(gast.Attribute(node.func.value, "ndindex", gast.Load()), [shape], [])
    inner = _listed(ctx, gast.copy_location(index, node), stem, changed)

    def assign(k: Atom, target: Node) -> None:
        place = item_at(ctx, inner, k, stem)
        read = Op("operator.getitem", (Var(array), place))
        targets = parts_of(target, 2)
        if targets is None:
            value = ctx.emit(stem, read.fn, read.args)
            assign_atom(ctx, target, as_tuple(ctx, [place, value], stem))
            return
        assign_atom(ctx, targets[0], place)
        bind(ctx, targets[1], read, stem)

    return Items(inner.length, assign)


def _chain(ctx: Context, node: Node, stem: str, changed: set[str]) -> Items:
    """`chain(a, b)`: the list `[*a, *b]`."""
    names, sources = zip(*(_source(ctx, arg, stem) for arg in node.args), strict=True)
    starred = [gast.Starred(name_of(name, node), gast.Load()) for name in names]
    joined = gast.List([gast.copy_location(item, node) for item in starred], gast.Load())
    items = items_of(ctx, gast.copy_location(joined, node), stem, changed)
    return _unchanged(items, tuple(itertools.chain(*sources)))


def _from_iterable(ctx: Context, node: Node, stem: str, changed: set[str]) -> Items:
    """`chain.from_iterable(rows)`: the list of all items of all rows."""
    if len(node.args) != 1:
        return _refused(ctx, node)
    row, item = (name_of(local(ctx, stem), node) for _ in range(2))
    clauses = [gast.comprehension(row, node.args[0], [], 0), gast.comprehension(item, row, [], 0)]
    joined = gast.copy_location(gast.ListComp(item, clauses), node)
    return _unchanged(items_of(ctx, joined, stem, changed), _read(node.args[0]))


def _spread(ctx: Context, node: Node, rows: Node, stem: str, changed: set[str]) -> Items:
    """`zip(*rows)` and the like, of as many rows as are known; else by their positions."""
    known = SPREAD["sequence"](ctx, rows, stem)
    if known is not None:
        names = [local(ctx, stem) for _ in known]
        for name, row in zip(names, known, strict=True):
            ctx.copy(name, row)
        call = gast.Call(node.func, [name_of(name, node) for name in names], node.keywords)
        return items_of(ctx, gast.copy_location(call, node), stem, changed)
    if any(getattr(keyword.value, "value", True) for keyword in node.keywords):
        ctx.problem(node, "`strict=True` of rows whose number is not known", "leave it out")
    if library_call(ctx, gast.Call(node.func, [], [])) == "builtins.zip":
        return _columns(ctx, rows, stem)
    call = gast.Call(node.func, [rows], [])
    if library_call(ctx, call) == "itertools.chain":
        return _from_iterable(ctx, gast.copy_location(call, node), stem, changed)
    return _refused(ctx, node)


def _columns(ctx: Context, rows: Node, stem: str) -> Items:
    """`zip(*rows)`: a tuple of the items at a position."""
    name, sources = _source(ctx, rows, stem)

    def of_rows(element: Callable[[Node], Node]) -> Node:
        row = local(ctx, stem)
        made = generator(ctx, element(name_of(row, rows)), [row], [name_of(name, rows)], rows)
        return gast.copy_location(gast.ListComp(made.elt, made.generators), rows)

    lengths = of_rows(lambda row: builtin_call(ctx, "len", [row], rows))
    shortest = atom(ctx, builtin_call(ctx, "min", [lengths], rows), stem)

    def assign(k: Atom, target: Node) -> None:
        at = local(ctx, stem)
        ctx.copy(at, k)
        place = name_of(at, rows)
        items = of_rows(
            lambda row: gast.copy_location(gast.Subscript(row, place, gast.Load()), rows)
        )
        assign_atom(ctx, target, atom(ctx, builtin_call(ctx, "tuple", [items], rows), stem))

    return Items(shortest, assign, sources=sources)


def _count(ctx: Context, node: Node, stem: str, changed: set[str]) -> Items:
    """`count(start, step)`, which `zip` ends."""
    if node.keywords or len(node.args) > 2:
        return _refused(ctx, node)
    given = [ranges.kept(ctx, atom(ctx, arg, stem), stem, changed) for arg in node.args]
    start, step = [*given, Const(0), Const(1)][:2] if len(given) != 1 else [*given, Const(1)]

    def assign(k: Atom, target: Node) -> None:
        far = k if step == Const(1) else ctx.emit(stem, "operator.mul", (k, step))
        bind(ctx, target, Op("operator.add", (start, far)), stem)

    return Items(ENDLESS, assign)


def _repeat(ctx: Context, node: Node, stem: str, changed: set[str]) -> Items:
    """`repeat(value, times)`."""
    if node.keywords or not 1 <= len(node.args) <= 2:
        return _refused(ctx, node)
    given = [ranges.kept(ctx, atom(ctx, arg, stem), stem, changed) for arg in node.args]
    return Items(
        given[1] if len(given) == 2 else ENDLESS,
        lambda k, target: assign_atom(ctx, target, given[0]),
    )


def _cycle(ctx: Context, node: Node, stem: str, changed: set[str]) -> Items:
    """`cycle(a)`, which `zip` ends."""
    if node.keywords or len(node.args) != 1:
        return _refused(ctx, node)
    inner = items_of(ctx, as_list(ctx, node.args[0]), stem, changed)

    def assign(k: Atom, target: Node) -> None:
        inner.assign(ctx.emit(stem, "operator.mod", (k, inner.length)), target)

    return Items(ENDLESS, assign, sources=_whole(inner.sources))


def _filter(ctx: Context, node: Node, stem: str, changed: set[str]) -> Items:
    """`filter(f, a)`: a list of the items that pass."""
    if not is_lazy(ctx, node):
        return _refused(ctx, node)
    return _unchanged(items_of(ctx, as_list(ctx, node), stem, changed), _read(node))


def _unchanged(items: Items, sources: Sources) -> Items:
    return replace(items, sources=sources)


def _whole(sources: Sources) -> Sources:
    """The same, where the items must not change either."""
    return tuple((name, "items" if what == "length" else what) for name, what in sources)


def _source(ctx: Context, arg: Node, stem: str) -> tuple[str, Sources]:
    """A variable that holds what a function is given, and what must not change."""
    name, lazy = local(ctx, stem), is_lazy(ctx, arg) or isinstance(arg, gast.GeneratorExp)
    ctx.copy(name, atom(ctx, as_list(ctx, arg), stem))
    return name, ((name, "items"), *(_read(arg) if lazy else ()))


def _read(node: Node) -> Sources:
    return tuple((n.id, "held") for n in gast.walk(node) if isinstance(n, gast.Name))


def _slice(node: Node, name: str, bounds: list[Node | None]) -> Node:
    cut = gast.copy_location(gast.Slice(*bounds), node)
    return gast.copy_location(gast.Subscript(name_of(name, node), cut, gast.Load()), node)


def _pairwise(ctx: Context, node: Node, stem: str, changed: set[str]) -> Items:
    """`pairwise(a)`: `zip(a[:-1], a[1:])`."""
    if len(node.args) != 1:
        return _refused(ctx, node)
    name, sources = _source(ctx, node.args[0], stem)
    last, first = (gast.copy_location(gast.Constant(v, None), node) for v in (-1, 1))
    both = [_slice(node, name, [None, last, None]), _slice(node, name, [first, None, None])]
    return _unchanged(items_of(ctx, builtin_call(ctx, "zip", both, node), stem, changed), sources)


def _islice(ctx: Context, node: Node, stem: str, changed: set[str]) -> Items:
    """`islice(a, start, stop, step)`: a slice of the list."""
    if node.keywords or not 2 <= len(node.args) <= 4:
        return _refused(ctx, node)
    name, sources = _source(ctx, node.args[0], stem)
    given: list[Node | None] = list(node.args[1:])
    bounds = [None, given[0], None] if len(given) == 1 else [*given, None][:3]
    return _unchanged(items_of(ctx, _slice(node, name, bounds), stem, changed), sources)


def _accumulate(ctx: Context, node: Node, stem: str, changed: set[str]) -> Items:
    """`accumulate(a, f)`: a list of the results so far."""
    if node.keywords or not 1 <= len(node.args) <= 2:
        return _refused(ctx, node)
    fn = atom(ctx, node.args[1], stem) if len(node.args) == 2 else None
    made, so_far, index = (local(ctx, stem) for _ in range(3))
    values, sources = _source(ctx, node.args[0], stem)
    ctx.assign((so_far,), "operator.getitem", (Var(values), Const(0)))
    ctx.assign((made,), "list", (Var(so_far),))
    one = gast.copy_location(gast.Constant(1, None), node)
    count = builtin_call(ctx, "len", [name_of(values, node)], node)
    span = builtin_call(ctx, "range", [one, count], node)

    def step() -> None:
        item = ctx.emit(stem, "operator.getitem", (Var(values), Var(index)))
        if fn is None:
            ctx.assign((so_far,), "operator.add", (Var(so_far), item))
        else:
            ctx.copy(so_far, call_value(ctx, fn, (Var(so_far), item), stem))
        ctx.assign((), "method.append", (Var(made), Var(so_far)))

    loops(ctx, generator(ctx, name_of(index, node), [index], [span], node.func), step)
    return _unchanged(items_of(ctx, name_of(made, node), stem, changed), sources)


LIBRARY_ITEMS.update(
    {
        "itertools.accumulate": _accumulate,
        "itertools.chain": _chain,
        "itertools.chain.from_iterable": _from_iterable,
        "itertools.combinations": _chosen,
        "itertools.count": _count,
        "itertools.cycle": _cycle,
        "itertools.islice": _islice,
        "itertools.pairwise": _pairwise,
        "itertools.permutations": _chosen,
        "itertools.product": _product,
        "itertools.repeat": _repeat,
        "numpy.ndenumerate": _numbered,
        "numpy.ndindex": _listed,
    }
)
ITEMS["filter"] = _filter
SPREAD_ITEMS.append(_spread)
