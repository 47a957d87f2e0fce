"""Loops over what `itertools` and NumPy give one by one: an item follows from its position.

`product`, `combinations` and `permutations` take items by their positions, so that the items may
be differentiated; `chain`, `pairwise` and `islice` are displays and slices; `accumulate` is a loop.
"""

from __future__ import annotations

from collections.abc import Sequence

import gast

from srcgrad.frontend.calls import call_value
from srcgrad.frontend.comprehensions import loops
from srcgrad.frontend.context import Context, Node
from srcgrad.frontend.expressions import Op, atom
from srcgrad.frontend.lazy import as_list, builtin_call, generator, library_call, local, name_of
from srcgrad.frontend.loops import LIBRARY_ITEMS, Items, as_tuple, item_at, items_of, parts_of
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
    if node.keywords or not node.args:
        return _refused(ctx, node)
    inner = [items_of(ctx, as_list(ctx, arg), stem, changed) for arg in node.args]
    strides: list[Atom] = [Const(1)]
    for items in reversed(inner):
        strides.insert(0, ctx.emit(stem, "operator.mul", (strides[0], items.length)))

    def assign(k: Atom, target: Node) -> None:
        found = []
        for items, stride in zip(inner, strides[1:], strict=True):
            turns = ctx.emit(stem, "operator.floordiv", (k, stride))
            found.append((items, ctx.emit(stem, "operator.mod", (turns, items.length))))
        _hand_over(ctx, target, found, stem)

    return Items(strides[0], assign)


def _chosen(ctx: Context, node: Node, stem: str, changed: set[str]) -> Items:
    """`combinations(a, r)`, `permutations(a, r)`: of the positions, and then the items."""
    size = node.args[1] if len(node.args) == 2 else None
    if node.keywords or not isinstance(size, gast.Constant) or not isinstance(size.value, int):
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

    return Items(ctx.emit(stem, "builtins.len", (chosen,)), assign)


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
    starred = [gast.Starred(as_list(ctx, arg), gast.Load()) for arg in node.args]
    joined = gast.List([gast.copy_location(item, node) for item in starred], gast.Load())
    return items_of(ctx, gast.copy_location(joined, node), stem, changed)


def _slice(node: Node, name: str, bounds: list[Node | None]) -> Node:
    cut = gast.copy_location(gast.Slice(*bounds), node)
    return gast.copy_location(gast.Subscript(name_of(name, node), cut, gast.Load()), node)


def _pairwise(ctx: Context, node: Node, stem: str, changed: set[str]) -> Items:
    """`pairwise(a)`: `zip(a[:-1], a[1:])`."""
    if len(node.args) != 1:
        return _refused(ctx, node)
    name = local(ctx, stem)
    ctx.copy(name, atom(ctx, as_list(ctx, node.args[0]), stem))
    last, first = (gast.copy_location(gast.Constant(v, None), node) for v in (-1, 1))
    both = [_slice(node, name, [None, last, None]), _slice(node, name, [first, None, None])]
    return items_of(ctx, builtin_call(ctx, "zip", both, node), stem, changed)


def _islice(ctx: Context, node: Node, stem: str, changed: set[str]) -> Items:
    """`islice(a, start, stop, step)`: a slice of the list."""
    if node.keywords or not 2 <= len(node.args) <= 4:
        return _refused(ctx, node)
    name = local(ctx, stem)
    ctx.copy(name, atom(ctx, as_list(ctx, node.args[0]), stem))
    given: list[Node | None] = list(node.args[1:])
    bounds = [None, given[0], None] if len(given) == 1 else [*given, None][:3]
    return items_of(ctx, _slice(node, name, bounds), stem, changed)


def _accumulate(ctx: Context, node: Node, stem: str, changed: set[str]) -> Items:
    """`accumulate(a, f)`: a list of the results so far."""
    if node.keywords or not 1 <= len(node.args) <= 2:
        return _refused(ctx, node)
    fn = atom(ctx, node.args[1], stem) if len(node.args) == 2 else None
    values, made, so_far, index = (local(ctx, stem) for _ in range(4))
    ctx.copy(values, atom(ctx, as_list(ctx, node.args[0]), stem))
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
    return items_of(ctx, name_of(made, node), stem, changed)


LIBRARY_ITEMS.update(
    {
        "itertools.accumulate": _accumulate,
        "itertools.chain": _chain,
        "itertools.combinations": _chosen,
        "itertools.islice": _islice,
        "itertools.pairwise": _pairwise,
        "itertools.permutations": _chosen,
        "itertools.product": _product,
        "numpy.ndenumerate": _numbered,
        "numpy.ndindex": _listed,
    }
)
