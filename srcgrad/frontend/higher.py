"""Functions of the library that take functions: `partial`, `reduce`, `map`, `sorted` with a key."""

from __future__ import annotations

import copy
from collections.abc import Callable
from functools import partial
from types import FunctionType
from typing import Any, TypeAlias

import gast

from srcgrad.frontend import templates
from srcgrad.frontend.calls import LOWER_BODY, ON_ATOMS, Identity, Kwargs, call_value
from srcgrad.frontend.comprehensions import loops
from srcgrad.frontend.context import Context, Node
from srcgrad.frontend.environment import LiveEnvironment, Users
from srcgrad.frontend.expressions import Op, arguments, atom
from srcgrad.frontend.inline import inline
from srcgrad.frontend.items import ITEMS, Items, items_of
from srcgrad.frontend.lazy import as_list, builtin_call, generator, lazy_arguments, local, name_of
from srcgrad.frontend.names import resolve
from srcgrad.frontend.parse import to_gast
from srcgrad.frontend.source import locate
from srcgrad.frontend.statics import Closure, Partial, Sequence, is_static, snapshot, static_of
from srcgrad.frontend.targets import assign_atom
from srcgrad.ir.core import Atom, Const, Store, Var


def _partial(ctx: Context, args: tuple[Atom, ...], kwargs: Kwargs) -> Op | Atom:
    fn = args[0] if args else Const(None)
    if not isinstance(fn, Var) or not is_static(ctx, fn):
        return ctx.problem(ctx.node, "`partial` of a function that is known at run time only")
    fixed = tuple(snapshot(ctx, value) for value in args[1:])
    named = tuple((name, snapshot(ctx, value)) for name, value in kwargs)
    return ctx.static(Partial(_held(ctx, fn), fixed, named))


def _held(ctx: Context, fn: Var) -> Var:
    found = static_of(ctx, fn)
    assert found is not None
    return ctx.static(found)


def _wraps(ctx: Context, args: tuple[Atom, ...], kwargs: Kwargs) -> Atom:
    return ctx.static(Identity())


def _cache(ctx: Context, args: tuple[Atom, ...], kwargs: Kwargs) -> Atom:
    """A cached function gives what the function gives."""
    fn = args[0] if args else None
    return fn if fn is not None and is_static(ctx, fn) else ctx.static(Identity())


def _reduce(ctx: Context, node: Node, stem: str) -> Op | Atom:
    """`functools.reduce`: a loop."""
    if node.keywords or len(node.args) not in (2, 3):
        return ctx.problem(node, "this call of `reduce` is not supported", "write a loop")
    fn, items = atom(ctx, node.args[0], stem), as_list(ctx, node.args[1])
    whole = atom(ctx, items, stem)
    given = [atom(ctx, node.args[2], stem)] if len(node.args) == 3 else []
    held = static_of(ctx, whole)
    if isinstance(held, Sequence):
        values = [*given, *held.items]
        value = values[0] if values else Const(None)
        for other in values[1:]:
            value = call_value(ctx, fn, (value, other), stem)
        return value
    result, values_name, index = (local(ctx, stem) for _ in range(3))
    ctx.copy(values_name, whole)
    start = given[0] if given else Op("operator.getitem", (whole, Const(0)))
    if isinstance(start, Op):
        ctx.assign((result,), start.fn, start.args)
    else:
        ctx.copy(result, start)
    first = gast.copy_location(gast.Constant(0 if given else 1, None), node)
    count = builtin_call(ctx, "len", [name_of(values_name, node)], node)
    span = builtin_call(ctx, "range", [first, count], node)

    def step() -> None:
        item = ctx.emit(stem, "operator.getitem", (Var(values_name), Var(index)))
        ctx.copy(result, call_value(ctx, fn, (Var(result), item), stem))

    loops(ctx, generator(ctx, name_of(index, node), [index], [span], node.func), step)
    return Var(result)


def _map_items(ctx: Context, node: Node, stem: str, changed: set[str]) -> Items:
    """`for v in map(f, a, b)`: `f` is called in the loop, as Python does."""
    fn = atom(ctx, node.args[0], stem)
    if static_of(ctx, fn) is None or node.keywords or len(node.args) < 2:
        ctx.problem(node, "this call of `map` is not supported", "write the call in the loop")
        return Items(Const(0), lambda k, target: None)
    whole = node.args[1] if len(node.args) == 2 else builtin_call(ctx, "zip", node.args[1:], node)
    inner = items_of(ctx, whole, stem, changed)

    def assign(k: Atom, target: Node) -> None:
        names = [name_of(local(ctx, stem), node) for _ in node.args[1:]]
        single = len(names) == 1
        inner.assign(k, names[0] if single else gast.Tuple(names, gast.Store()))
        value = call_value(ctx, fn, tuple(Var(name.id) for name in names), stem)
        assign_atom(ctx, target, value)

    return Items(inner.length, assign, False, inner.count, inner.sources)


def _with_key(ctx: Context, node: Node, stem: str, dotted: str) -> Op | Atom:
    """`sorted`, `min` and `max` with a `key`: positions of the keys in order, then the items."""
    given = {keyword.arg: keyword.value for keyword in node.keywords}
    key = given.pop("key", None)
    if key is None:
        return Op(dotted, *arguments(ctx, lazy_arguments(ctx, node), stem))
    backwards = False
    if dotted == "builtins.sorted":
        backwards = _is_true(given.pop("reverse", None), given)
    else:
        node = _of_one(node)
    if given or len(node.args) != 1 or isinstance(getattr(key, "body", None), gast.Tuple):
        return ctx.problem(node, "this call with `key` is not supported", "sort by one number")
    item, index = local(ctx, stem), local(ctx, stem)
    given_items = atom(ctx, as_list(ctx, node.args[0]), stem)
    given_items = ctx.emit(stem, "builtins.list", (given_items,))  # a dict has no positions
    if not isinstance(given_items, Var) or is_static(ctx, given_items):
        return ctx.problem(node, "this call with `key` is not supported", "sort an array or a list")
    values = given_items.name
    keys = gast.copy_location(gast.Call(key, [name_of(item, key)], []), key)
    keys = generator(ctx, keys, [item], [name_of(values, node)], node)
    keys_at = atom(ctx, gast.copy_location(gast.ListComp(keys.elt, keys.generators), node), stem)
    if dotted != "builtins.sorted":
        place = "numpy.argmin" if dotted == "builtins.min" else "numpy.argmax"
        return Op("operator.getitem", (Var(values), ctx.emit(stem, place, (keys_at,))))
    order = _order(ctx, keys_at, backwards, stem).name
    if _counts_up(ctx, node.args[0]):  # the positions are the items
        return Op("method.tolist", (Var(order),))
    element = gast.Subscript(name_of(values, node), name_of(index, node), gast.Load())
    gast.copy_location(element, node)
    chosen = generator(ctx, element, [index], [name_of(order, node)], node)
    return atom(ctx, gast.copy_location(gast.ListComp(element, chosen.generators), node), stem)


def _is_true(flag: Node | None, given: dict[str, Node]) -> bool:
    """Whether a keyword is given as `True`; one that is no literal goes back to those given."""
    if flag is not None and not isinstance(flag, gast.Constant):
        given["reverse"] = flag
    return isinstance(flag, gast.Constant) and bool(flag.value)


def _of_one(node: Node) -> Node:
    """`max(a, b, key=f)` as `max((a, b), key=f)`."""
    if len(node.args) < 2 or any(isinstance(arg, gast.Starred) for arg in node.args):
        return node
    whole = gast.copy_location(gast.Tuple(node.args, gast.Load()), node)
    return gast.copy_location(gast.Call(node.func, [whole], node.keywords), node)


def _order(ctx: Context, keys: Atom, backwards: bool, stem: str) -> Var:
    """Positions of keys in order. Backwards, equal keys keep their order, as from the other end."""
    if not backwards:
        return ctx.emit(stem, "numpy.argsort", (keys,), (("kind", Const("stable")),))
    turned = ctx.emit(stem, "slice", (Const(None), Const(None), Const(-1)))
    keys = ctx.emit(stem, "operator.getitem", (keys, turned))
    order = ctx.emit(stem, "numpy.argsort", (keys,), (("kind", Const("stable")),))
    count = ctx.emit(stem, "builtins.len", (keys,))
    last = ctx.emit(stem, "operator.sub", (count, Const(1)))
    order = ctx.emit(stem, "operator.sub", (last, order))
    return ctx.emit(stem, "operator.getitem", (order, turned))


def _counts_up(ctx: Context, node: Node) -> bool:
    """Whether an expression is `range(n)`."""
    if not isinstance(node, gast.Call) or len(node.args) != 1 or node.keywords:
        return False
    path = resolve(ctx, node.func)
    return path is not None and path.dotted == "builtins.range"


OnAtoms: TypeAlias = Callable[[Context, tuple[Atom, ...], Kwargs], Op | Atom]


def _template(ctx: Context, function: Callable[..., Any]) -> Closure:
    """A function of `templates.py`, to be written out."""
    assert isinstance(function, FunctionType)
    key = f"{function.__module__}:{function.__name__}"
    if key not in ctx.definitions:
        located = locate(function)
        env = LiveEnvironment(function, located.file, Users())
        tree = to_gast(located.file, copy.deepcopy(located.node))
        ctx.definitions[key] = Closure(tree, env, located.file, located.name, {}, True, key)
    return ctx.definitions[key]


def _written(
    function: Callable[..., Any],
) -> Callable[[Context, tuple[Atom, ...], Kwargs], Op | Atom]:
    """A handler that writes a template out."""

    def handler(ctx: Context, args: tuple[Atom, ...], kwargs: Kwargs) -> Op | Atom:
        if not any(is_static(ctx, value) for value in (*args, *dict(kwargs).values())):
            problem = "the function given to this call is known at run time only"
            return ctx.problem(ctx.node, problem, "name a function")
        return inline(ctx, _template(ctx, function), args, dict(kwargs), "out", LOWER_BODY[0])

    return handler


def _vectorize(ctx: Context, args: tuple[Atom, ...], kwargs: Kwargs) -> Op | Atom:
    if len(args) != 1 or kwargs or not is_static(ctx, args[0]):
        return ctx.problem(ctx.node, "this call of `vectorize` is not supported", "write a loop")
    body = ctx.static(_template(ctx, templates.vectorize))
    return ctx.static(Partial(body, (snapshot(ctx, args[0]),)))


def _piecewise(ctx: Context, node: Node, stem: str) -> Op | Atom:
    """`np.piecewise(x, [c, ...], [f, ...])`: a store for each condition, in this order."""
    parts = node.args[1:]
    shown = len(parts) == 2 and all(isinstance(p, gast.List | gast.Tuple) for p in parts)
    more = len(parts[1].elts) - len(parts[0].elts) if shown else -1
    if node.keywords or more not in (0, 1):
        reason = "this call of `piecewise` is not supported"
        return ctx.problem(node, reason, "write the lists of conditions and functions out")
    x = ctx.emit(stem, "numpy.asarray", (atom(ctx, node.args[0], stem),))
    conditions = [atom(ctx, condition, stem) for condition in parts[0].elts]
    if more:
        taken = conditions[0]
        for condition in conditions[1:]:
            taken = ctx.emit(stem, "numpy.logical_or", (taken, condition))
        conditions.append(ctx.emit(stem, "numpy.logical_not", (taken,)))
    values = [atom(ctx, value, stem) for value in parts[1].elts]
    out = local(ctx, stem)
    ctx.assign((out,), "numpy.zeros_like", (x,))
    for condition, value in zip(conditions, values, strict=True):
        if static_of(ctx, value) is not None:
            chosen = ctx.emit(stem, "operator.getitem", (x, condition))
            value = call_value(ctx, value, (chosen,), stem)
        ctx.add(Store(Var(out), condition, value, "set", ctx.unit))
    return Var(out)


ON_ATOMS.update(
    {
        "numpy.apply_along_axis": _written(templates.apply_along_axis),
        "numpy.apply_over_axes": _written(templates.apply_over_axes),
        "numpy.vectorize": _vectorize,
        "functools.cache": _cache,
        "functools.lru_cache": _cache,
        "functools.partial": _partial,
        "functools.wraps": _wraps,
    }
)
KEYED = frozenset({"builtins.max", "builtins.min", "builtins.sorted"})
# These look at the expressions of their arguments.
ON_NODES: dict[str, Callable[[Context, Node, str], Op | Atom]] = {
    "_functools.reduce": _reduce,
    "functools.reduce": _reduce,
    "numpy.piecewise": _piecewise,
    **{name: partial(_with_key, dotted=name) for name in sorted(KEYED)},
}
ITEMS["map"] = _map_items
