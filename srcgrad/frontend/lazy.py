"""`map` and `filter` as generator expressions, and other trees that lowering makes itself."""

from __future__ import annotations

import copy

import gast

from srcgrad.frontend.context import Context, Node
from srcgrad.frontend.environment import builtin
from srcgrad.frontend.expressions import atom
from srcgrad.frontend.names import resolve


def builtin_call(ctx: Context, name: str, args: list[Node], place: Node) -> Node:
    """A call of a builtin, whatever its name stands for here."""
    spelled = f"{name}@builtin"
    ctx.builtins[spelled] = builtin(name)
    return gast.copy_location(gast.Call(name_of(spelled, place), args, []), place)


def as_list(ctx: Context, node: Node) -> Node:
    """`map`, `filter` or a generator expression, read at once."""
    found = as_generator(ctx, node) if is_lazy(ctx, node) else node
    if not isinstance(found, gast.GeneratorExp):
        return found
    return gast.copy_location(gast.ListComp(found.elt, found.generators), node)


def unzipped(ctx: Context, node: Node, targets: Node) -> Node:
    """`a, b = zip(*rows)`: the first items of all rows, then the second ones."""
    rows = spread_call(ctx, node, frozenset({"builtins.zip"}))
    if rows is None or node.keywords:
        return node
    if any(isinstance(target, gast.Starred) for target in targets.elts):
        return node
    if not isinstance(rows, gast.Name):
        name = local(ctx, "rows")
        ctx.copy(name, atom(ctx, rows, "rows"))
        rows = name_of(name, node)
    elif rows.id in ctx.statics:
        return node
    columns = []
    for k in range(len(targets.elts)):
        row = local(ctx, "row")
        place = gast.copy_location(gast.Constant(k, None), node)
        item = gast.copy_location(gast.Subscript(name_of(row, node), place, gast.Load()), node)
        column = as_list(ctx, generator(ctx, item, [row], [rows], node))
        columns.append(builtin_call(ctx, "tuple", [column], node))
    return gast.copy_location(gast.Tuple(columns, gast.Load()), node)


def lazy_arguments(ctx: Context, node: Node) -> Node:
    """`map`, `filter`, `zip` and the like among the arguments of a call, as generator
    expressions."""
    pairs = library_call(ctx, node) == "builtins.dict"  # a comprehension of their own
    lazy = [is_lazy(ctx, arg) or not pairs and gives_items(ctx, arg) for arg in node.args]
    if not any(lazy):
        return node
    node = copy.copy(node)
    given = zip(node.args, lazy, strict=True)
    node.args = [as_generator(ctx, arg) if found else arg for arg, found in given]
    return node


# What gives items one by one, and a loop takes apart as it stands.
TAKEN_APART = frozenset({"builtins.enumerate", "builtins.reversed", "builtins.zip"})


def gives_items(ctx: Context, node: Node) -> bool:
    """`zip(a, b)`, `zip(*rows)`, `enumerate(a)`, `reversed(a)` or `d.items()`."""
    if spread_call(ctx, node, SPREAD_OVER) is not None:
        return True
    return library_call(ctx, node) in TAKEN_APART or (
        isinstance(node, gast.Call)
        and isinstance(node.func, gast.Attribute)
        and node.func.attr == "items"
        and not (node.args or node.keywords)
        and resolve(ctx, node.func) is None
    )


# What gives items one by one, which a loop takes (see `iterators.py`).
ITERATORS = frozenset({
    "itertools.accumulate", "itertools.chain", "itertools.chain.from_iterable",
    "itertools.combinations", "itertools.islice", "itertools.pairwise",
    "itertools.permutations", "itertools.product",
})  # fmt: skip


def library_call(ctx: Context, node: Node) -> str:
    """The dotted name of the library function that an expression calls; empty if it does not."""
    if not isinstance(node, gast.Call) or any(isinstance(a, gast.Starred) for a in node.args):
        return ""
    if not isinstance(node.func, gast.Name | gast.Attribute):
        return ""
    root = node.func
    while isinstance(root, gast.Attribute):
        root = root.value
    if not isinstance(root, gast.Name) or root.id in ctx.statics:
        return ""
    path = resolve(ctx, node.func)
    return "" if path is None else path.dotted


SPREAD_OVER = frozenset({"builtins.zip", "itertools.chain", "itertools.product"})


def spread_call(ctx: Context, node: Node, names: frozenset[str]) -> Node | None:
    """`rows`, where an expression is `zip(*rows)` or the like."""
    if not isinstance(node, gast.Call) or len(node.args) != 1:
        return None
    if any(keyword.arg != "strict" for keyword in node.keywords):
        return None
    if not isinstance(node.args[0], gast.Starred):
        return None
    plain = gast.copy_location(gast.Call(node.func, [], []), node)
    return node.args[0].value if library_call(ctx, plain) in names else None


def is_lazy(ctx: Context, node: Node) -> bool:
    if library_call(ctx, node) in ITERATORS:
        return True
    if not isinstance(node, gast.Call) or node.keywords or len(node.args) < 2:
        return False
    if not isinstance(node.func, gast.Name) or node.func.id in ctx.statics:
        return False
    path = resolve(ctx, node.func)
    return path is not None and path.dotted in ("builtins.map", "builtins.filter")


def as_generator(ctx: Context, node: Node) -> Node:
    """`map(f, a, b)` and `filter(f, a)` as generator expressions; `f` is evaluated now."""
    if library_call(ctx, node) in ITERATORS or gives_items(ctx, node):
        item = local(ctx, "item")
        return generator(ctx, name_of(item, node), [item], [node], node)
    fn, *iterables = node.args
    items = [local(ctx, "item") for _ in iterables]
    names = [name_of(item, fn) for item in items]
    if node.func.id.partition("@")[0] == "filter":
        own = isinstance(fn, gast.Constant)
        test = names[0] if own else _call_of(ctx, fn, names)
        return generator(ctx, names[0], items, iterables, node, [test])
    return generator(ctx, _call_of(ctx, fn, names), items, iterables, node)


def _call_of(ctx: Context, fn: Node, args: list[Node]) -> Node:
    call = gast.copy_location(gast.Call(fn, args, []), fn)
    if library_call(ctx, call):
        return call
    name = local(ctx, "f")
    ctx.copy(name, atom(ctx, fn, "f"))
    return gast.copy_location(gast.Call(name_of(name, fn), args, []), fn)


def generator(
    ctx: Context,
    element: Node,
    items: list[str],
    iterables: list[Node],
    place: Node,
    tests: list[Node] | None = None,
) -> Node:
    """`(element for items in zip(iterables) if tests)`."""
    target = name_of(items[0], place)
    iterable = iterables[0]
    if len(items) > 1:
        names = [name_of(item, place) for item in items]
        target = gast.copy_location(gast.Tuple(names, gast.Store()), place)
        iterable = builtin_call(ctx, "zip", iterables, place)
    clause = gast.comprehension(target, iterable, tests or [], 0)
    return gast.copy_location(gast.GeneratorExp(element, [clause]), place)


def local(ctx: Context, stem: str) -> str:
    name = ctx.variable(stem)
    ctx.locals.add(name)
    return name


def name_of(name: str, place: Node) -> Node:
    return gast.copy_location(gast.Name(name, gast.Load(), None, None), place)
