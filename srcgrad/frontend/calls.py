"""Calls whose callee lowering knows, and functions of the library that take functions."""

from __future__ import annotations

import copy
import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from types import FunctionType
from typing import Any

import gast

from srcgrad.frontend.comprehensions import loops
from srcgrad.frontend.context import Context, Node
from srcgrad.frontend.environment import BUILTINS
from srcgrad.frontend.expressions import (
    HANDLERS,
    OPERATORS,
    Op,
    arguments,
    atom,
    folded,
    method_of,
)
from srcgrad.frontend.inline import LowerBody, define, inline
from srcgrad.frontend.loops import ITEMS, Items, items_of
from srcgrad.frontend.names import Path, callee, read_name, read_path, resolve
from srcgrad.frontend.objects import (
    Class,
    Ignored,
    Instance,
    Record,
    Super,
    attribute,
    lift,
    make,
)
from srcgrad.frontend.parse import CHAIN, to_gast
from srcgrad.frontend.statics import (
    Arm,
    Choice,
    Closure,
    Library,
    Partial,
    Sequence,
    Static,
    Table,
    Unknown,
    User,
    is_static,
    join,
    snapshot,
    static_of,
)
from srcgrad.frontend.targets import assign_atom
from srcgrad.ir.core import Atom, Const, If, UserFunction, Var

LOWER_BODY: list[LowerBody] = []  # of `statements.py`, which imports this file
Kwargs = tuple[tuple[str, Atom], ...]


@dataclass(eq=False)
class Identity(Static):
    """A decorator that gives back the function it is put on: `functools.wraps(f)`."""


def _call(ctx: Context, node: Node, stem: str) -> Op | Atom:
    func = node.func
    if isinstance(func, gast.Name) and func.id == CHAIN:
        return _plain_call(ctx, node, stem)
    fn = _known_callee(ctx, func, stem)
    higher = static_of(ctx, fn) if isinstance(fn, Var) else None
    if isinstance(higher, Library) and higher.dotted in _KEYED:
        if not any(keyword.arg == "key" for keyword in node.keywords):
            fn = None
    if fn is None:
        return _plain_call(ctx, _lazy_arguments(ctx, node), stem)
    if isinstance(fn, Op):
        return _method(ctx, fn, node, stem)
    found = static_of(ctx, fn)
    if found is None:
        args, kwargs = arguments(ctx, node, stem)
        return Op("call", (fn, *args), kwargs)
    if isinstance(found, Library):
        return _library(ctx, found.dotted, node, stem)
    args, kwargs = arguments(ctx, node, stem)
    ctx.node = node
    return call(ctx, fn, args, kwargs, stem)


def _known_callee(ctx: Context, func: Node, stem: str) -> Atom | Op | None:
    """The callee as an atom; the receiver of a method (an `Op`), if it is static; else None."""
    if isinstance(func, gast.Name):
        if func.id in ctx.statics:
            return atom(ctx, func, stem)
        if ctx.is_local(func.id):
            return None
    path = resolve(ctx, func)
    if path is not None:
        return _of_path(ctx, path, func)
    if not isinstance(func, gast.Attribute):
        return None if isinstance(func, gast.Name) else atom(ctx, func, stem)
    base = func.value
    if isinstance(base, gast.Name) and ctx.is_local(base.id) and base.id not in ctx.statics:
        return None
    return Op(func.attr, (_base(ctx, base, stem),))


def _of_path(ctx: Context, path: Path, func: Node) -> Atom | None:
    fn = callee(ctx, path)
    if isinstance(fn, UserFunction):
        return ctx.static(User(fn, path.root if not path.depth else ""))
    if fn in _HIGHER:
        return ctx.static(Library(str(fn)))
    return None if fn is not None or path.obj is None else lift(ctx, path.obj, Var(path.root))


def _method(ctx: Context, receiver: Op, node: Node, stem: str) -> Op | Atom:
    (base,) = receiver.args
    found = static_of(ctx, base)
    if isinstance(found, Sequence) and found.kind == "list" and receiver.fn == "append":
        args, _ = arguments(ctx, node, stem)
        if ctx.depth != found.depth or len(args) != 1:
            return ctx.problem(
                node,
                "a list of functions changes in a branch, a loop or a callee",
                "write the list out",
            )
        found.items.append(snapshot(ctx, args[0]))
        return Const(None)
    if isinstance(found, Table) and receiver.fn == "get":
        args, _ = arguments(ctx, node, stem)
        if args and isinstance(args[0], Const):
            return found.items.get(args[0], args[1] if len(args) > 1 else Const(None))
    if isinstance(found, Record | Instance | Class | Super | Choice):
        method = _read(ctx, found, str(receiver.fn), node.func, stem)
        fn = ctx.emit(stem, method.fn, method.args) if isinstance(method, Op) else method
        args, kwargs = arguments(ctx, node, stem)
        ctx.node = node
        return call(ctx, fn, args, kwargs, stem)
    if found is not None:
        return method_of(ctx, base, node, stem)
    node, value = copy.copy(node), node.func.value
    node.func = copy.copy(node.func)
    known = gast.Constant(base.value, None) if isinstance(base, Const) else _name(base.name, value)
    node.func.value = gast.copy_location(known, value)
    return _plain_call(ctx, _lazy_arguments(ctx, node), stem)


# --- callees


def call_value(ctx: Context, fn: Atom, args: tuple[Atom, ...], stem: str) -> Atom:
    """The result of calling an atom."""
    found = call(ctx, fn, args, (), stem)
    return ctx.emit(stem, found.fn, found.args, found.kwargs) if isinstance(found, Op) else found


def call(ctx: Context, fn: Atom, args: tuple[Atom, ...], kwargs: Kwargs, stem: str) -> Op | Atom:
    """Call an atom on computed arguments."""
    found = static_of(ctx, fn)
    if isinstance(found, Partial):
        both = dict(found.kwargs) | dict(kwargs)
        return call(ctx, found.fn, (*found.args, *args), tuple(both.items()), stem)
    if isinstance(found, Choice):
        given = tuple(snapshot(ctx, value) for value in args)
        return _choose(ctx, found, lambda fn: call(ctx, fn, given, kwargs, stem), stem)
    if isinstance(found, Closure):
        return inline(ctx, found, args, dict(kwargs), stem, LOWER_BODY[0])
    if isinstance(found, User):
        if any(is_static(ctx, value) for value in (*args, *dict(kwargs).values())):
            return inline(ctx, definition(ctx, found), args, dict(kwargs), stem, LOWER_BODY[0])
        if ctx.env.takes_stars(found.fn) or ctx.frames and ctx.conflicts(found.fn):
            return inline(ctx, definition(ctx, found), args, dict(kwargs), stem, LOWER_BODY[0])
        return Op(found.fn, args, kwargs)
    if isinstance(found, Library):
        special = _ON_ATOMS.get(found.dotted)
        return special(ctx, args, kwargs) if special else Op(found.dotted, args, kwargs)
    if isinstance(found, Identity):
        return args[0]
    if isinstance(found, Ignored):
        return Const(None)
    if isinstance(found, Class):
        return make(ctx, found.cls, args, kwargs, call)
    if isinstance(found, Record | Instance):
        method = attribute(ctx, found, "__call__", ctx.node, _apply)
        assert not isinstance(method, Op)
        return call(ctx, method, args, kwargs, stem)
    if found is not None:
        reason = found.reason if isinstance(found, Unknown) else f"{found.what} is called"
        return ctx.problem(ctx.node, reason, "give each function a name of its own")
    return Op("call", (fn, *args), kwargs)


def _apply(ctx: Context, fn: Atom, args: tuple[Atom, ...]) -> Atom:
    return call_value(ctx, fn, args, "t")


def _super(ctx: Context, args: tuple[Atom, ...], kwargs: Kwargs) -> Atom:
    """`super()`: the class it stands in is a variable around the method."""
    env = ctx.frames[-1].closure.env if ctx.frames else ctx.env
    cls = env.lookup("__class__")
    first = ctx.frames[-1].first if ctx.frames else None
    found = static_of(ctx, first)
    if args or cls is None or not isinstance(found, Record | Instance) or first is None:
        return ctx.problem(ctx.node, "this call of `super` is not supported", "name the class")
    of = found.cls if isinstance(found, Record) else type(found.obj)
    assert isinstance(first, Var)
    return ctx.static(Super(cls.obj, first, of))


def _isinstance(ctx: Context, args: tuple[Atom, ...], kwargs: Kwargs) -> Op | Atom:
    found, cls = (static_of(ctx, value) for value in args)
    known = found.cls if isinstance(found, Record) else None
    known = type(found.obj) if isinstance(found, Instance) else known
    if known is not None and isinstance(cls, Class):
        return Const(issubclass(known, cls.cls))
    return Op("builtins.isinstance", args)


def definition(ctx: Context, user: User) -> Closure:
    """A function of a module, to be written out."""
    found = ctx.definitions.get(user.fn.key)
    if found is None:
        known = ctx.env.definition(user.fn)
        tree = to_gast(known.file, copy.deepcopy(known.node))
        found = Closure(tree, known.env, known.file, known.name, {}, True, user.fn.key)
        found.defaults = {name: _constant(ctx, value) for name, value in known.defaults.items()}
        ctx.definitions[user.fn.key] = found
    return found


def _constant(ctx: Context, value: object) -> Atom:
    plain = value is None or type(value) in (bool, int, float, complex, str)
    return Const(value) if plain else ctx.static(Unknown("this default cannot be used here"))


def _choose(ctx: Context, choice: Choice, act: Callable[[Atom], Op | Atom], stem: str) -> Atom:
    """What is done with one of several values: each in its own branch."""
    result = ctx.variable(stem)

    def branch(position: int) -> None:
        if position == len(choice.options) - 1:
            chosen(position)
            return
        test = ctx.emit("test", "operator.eq", (choice.which, Const(position)))
        arms: list[Arm] = []
        with ctx.arm(arms) as then:
            chosen(position)
        with ctx.arm(arms) as orelse:
            branch(position + 1)
        join(ctx, arms)
        ctx.add(If(test, tuple(then), tuple(orelse), "if", ctx.unit))

    def chosen(position: int) -> None:
        found = act(choice.options[position])
        if isinstance(found, Op):
            ctx.assign((result,), found.fn, found.args, found.kwargs)
        else:
            ctx.copy(result, found)

    branch(0)
    known = ctx.statics.get(result)
    return Var(result) if known is None else ctx.static(known)


# --- functions of the library that take functions


def _library(ctx: Context, dotted: str, node: Node, stem: str) -> Op | Atom:
    special = _ON_NODES.get(dotted)
    if special is not None:
        return special(ctx, node, stem)
    args, kwargs = arguments(ctx, _lazy_arguments(ctx, node), stem)
    handler = _ON_ATOMS.get(dotted)
    ctx.node = node
    return handler(ctx, args, kwargs) if handler else Op(dotted, args, kwargs)


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
    result, values_name, index = (_local(ctx, stem) for _ in range(3))
    ctx.copy(values_name, whole)
    start = given[0] if given else Op("operator.getitem", (whole, Const(0)))
    if isinstance(start, Op):
        ctx.assign((result,), start.fn, start.args)
    else:
        ctx.copy(result, start)
    first = gast.copy_location(gast.Constant(0 if given else 1, None), node)
    count = _builtin(ctx, "len", [_name(values_name, node)], node)
    span = _builtin(ctx, "range", [first, count], node)

    def step() -> None:
        item = ctx.emit(stem, "operator.getitem", (Var(values_name), Var(index)))
        ctx.copy(result, call_value(ctx, fn, (Var(result), item), stem))

    loops(ctx, _generator(ctx, _name(index, node), [index], [span], node.func), step)
    return Var(result)


def _builtin(ctx: Context, name: str, args: list[Node], place: Node) -> Node:
    """A call of a builtin, whatever its name stands for here."""
    spelled = f"{name}@builtin"
    ctx.foreign[spelled] = (BUILTINS, name)
    return gast.copy_location(gast.Call(_name(spelled, place), args, []), place)


def as_list(ctx: Context, node: Node) -> Node:
    """`map`, `filter` or a generator expression, read at once."""
    found = as_generator(ctx, node) if _is_lazy(ctx, node) else node
    if not isinstance(found, gast.GeneratorExp):
        return found
    return gast.copy_location(gast.ListComp(found.elt, found.generators), node)


def _lazy_arguments(ctx: Context, node: Node) -> Node:
    """`map` and `filter` among the arguments of a call, as generator expressions."""
    if not any(_is_lazy(ctx, arg) for arg in node.args):
        return node
    node = copy.copy(node)
    node.args = [as_generator(ctx, arg) if _is_lazy(ctx, arg) else arg for arg in node.args]
    return node


def _is_lazy(ctx: Context, node: Node) -> bool:
    if not isinstance(node, gast.Call) or node.keywords or len(node.args) < 2:
        return False
    if not isinstance(node.func, gast.Name) or node.func.id in ctx.statics:
        return False
    path = resolve(ctx, node.func)
    return path is not None and path.dotted in ("builtins.map", "builtins.filter")


def as_generator(ctx: Context, node: Node) -> Node:
    """`map(f, a, b)` and `filter(f, a)` as generator expressions; `f` is evaluated now."""
    fn, *iterables = node.args
    items = [_local(ctx, "item") for _ in iterables]
    names = [_name(item, fn) for item in items]
    if node.func.id.partition("@")[0] == "filter":
        own = isinstance(fn, gast.Constant)
        test = names[0] if own else _call_of(ctx, fn, names)
        return _generator(ctx, names[0], items, iterables, node, [test])
    return _generator(ctx, _call_of(ctx, fn, names), items, iterables, node)


def _call_of(ctx: Context, fn: Node, args: list[Node]) -> Node:
    name = _local(ctx, "f")
    ctx.copy(name, atom(ctx, fn, "f"))
    return gast.copy_location(gast.Call(_name(name, fn), args, []), fn)


def _generator(
    ctx: Context,
    element: Node,
    items: list[str],
    iterables: list[Node],
    place: Node,
    tests: list[Node] | None = None,
) -> Node:
    """`(element for items in zip(iterables) if tests)`."""
    target = _name(items[0], place)
    iterable = iterables[0]
    if len(items) > 1:
        names = [_name(item, place) for item in items]
        target = gast.copy_location(gast.Tuple(names, gast.Store()), place)
        iterable = _builtin(ctx, "zip", iterables, place)
    clause = gast.comprehension(target, iterable, tests or [], 0)
    return gast.copy_location(gast.GeneratorExp(element, [clause]), place)


def _local(ctx: Context, stem: str) -> str:
    name = ctx.variable(stem)
    ctx.locals.add(name)
    return name


def _name(name: str, place: Node) -> Node:
    return gast.copy_location(gast.Name(name, gast.Load(), None, None), place)


def _map_items(ctx: Context, node: Node, stem: str, changed: set[str]) -> Items:
    """`for v in map(f, a, b)`: `f` is called in the loop, as Python does."""
    fn = atom(ctx, node.args[0], stem)
    if static_of(ctx, fn) is None or node.keywords or len(node.args) < 2:
        ctx.problem(node, "this call of `map` is not supported", "write the call in the loop")
        return Items(Const(0), lambda k, target: None)
    whole = node.args[1] if len(node.args) == 2 else _builtin(ctx, "zip", node.args[1:], node)
    inner = items_of(ctx, whole, stem, changed)

    def assign(k: Atom, target: Node) -> None:
        names = [_name(_local(ctx, stem), node) for _ in node.args[1:]]
        single = len(names) == 1
        inner.assign(k, names[0] if single else gast.Tuple(names, gast.Store()))
        value = call_value(ctx, fn, tuple(Var(name.id) for name in names), stem)
        assign_atom(ctx, target, value)

    return Items(inner.length, assign, count=inner.count)


def _with_key(ctx: Context, node: Node, stem: str, dotted: str) -> Op | Atom:
    """`sorted`, `min` and `max` with a `key`: the positions of the keys in order, then the items."""
    given = {keyword.arg: keyword.value for keyword in node.keywords}
    key = given.pop("key", None)
    if key is None:
        return Op(dotted, *arguments(ctx, _lazy_arguments(ctx, node), stem))
    if given or len(node.args) != 1 or isinstance(getattr(key, "body", None), gast.Tuple):
        return ctx.problem(node, "this call with `key` is not supported", "sort by one number")
    item, index = _local(ctx, stem), _local(ctx, stem)
    given_items = atom(ctx, as_list(ctx, node.args[0]), stem)
    if dotted == "builtins.sorted":
        given_items = ctx.emit(stem, "builtins.list", (given_items,))
    if not isinstance(given_items, Var) or is_static(ctx, given_items):
        return ctx.problem(node, "this call with `key` is not supported", "sort an array or a list")
    values = given_items.name
    keys = gast.copy_location(gast.Call(key, [_name(item, key)], []), key)
    keys = _generator(ctx, keys, [item], [_name(values, node)], node)
    keys_at = atom(ctx, gast.copy_location(gast.ListComp(keys.elt, keys.generators), node), stem)
    if dotted != "builtins.sorted":
        place = "numpy.argmin" if dotted == "builtins.min" else "numpy.argmax"
        return Op("operator.getitem", (Var(values), ctx.emit(stem, place, (keys_at,))))
    order = ctx.emit(stem, "numpy.argsort", (keys_at,), (("kind", Const("stable")),)).name
    if _counts_up(ctx, node.args[0]):  # the positions are the items
        return Op("method.tolist", (Var(order),))
    element = gast.Subscript(_name(values, node), _name(index, node), gast.Load())
    gast.copy_location(element, node)
    chosen = _generator(ctx, element, [index], [_name(order, node)], node)
    return atom(ctx, gast.copy_location(gast.ListComp(element, chosen.generators), node), stem)


def _counts_up(ctx: Context, node: Node) -> bool:
    """Whether an expression is `range(n)`."""
    if not isinstance(node, gast.Call) or len(node.args) != 1 or node.keywords:
        return False
    path = resolve(ctx, node.func)
    return path is not None and path.dotted == "builtins.range"


def _lambda(ctx: Context, node: Node, stem: str) -> Atom:
    return define(ctx, node, "<lambda>")


def _path(ctx: Context, node: Node, stem: str) -> Op | Atom:
    """A path to a function, as a value."""
    path = resolve(ctx, node)
    if path is not None and not path.dotted:
        lifted = lift(ctx, path.obj, None)
        if lifted is not None:
            return lifted
    if path is not None:
        user = ctx.env.user_function(path.obj)
        if user is not None:
            return ctx.static(User(user, ""))
        return read_path(ctx, path, node, stem)
    base = _base(ctx, node.value, stem)
    found = static_of(ctx, base)
    if found is None:
        return Op(f"attr.{node.attr}", (base,))
    return _read(ctx, found, node.attr, node, stem)


def _base(ctx: Context, node: Node, stem: str) -> Atom:
    """What an attribute is taken of: an object itself, where a loop carries it."""
    if isinstance(node, gast.Name) and node.id in ctx.carried and node.id in ctx.statics:
        ctx.rewritten += 1
        return ctx.static(ctx.statics[node.id])
    return atom(ctx, node, stem)


def _read(ctx: Context, found: Static, name: str, node: Node, stem: str) -> Op | Atom:
    """An attribute of one object, or of one of several."""
    if isinstance(found, Choice):

        def read(option: Atom) -> Op | Atom:
            inner = static_of(ctx, option)
            return Const(None) if inner is None else _read(ctx, inner, name, node, stem)

        return _choose(ctx, found, read, stem)
    return attribute(ctx, found, name, node, _apply)


def _global(ctx: Context, node: Node, stem: str) -> Atom:
    """A name; an object of the module's that lowering can take apart."""
    found = read_name(ctx, node, stem)
    if isinstance(found, Var) and not ctx.is_local(node.id):
        binding = ctx.binding(node.id)
        if binding is not None and binding.glob.kind == "opaque":
            return lift(ctx, binding.obj, found) or found
    return found


def _special(ctx: Context, base: Atom, method: str, args: tuple[Atom, ...], node: Node) -> Any:
    """The value of a special method of an object made here; None if it is none."""
    found = static_of(ctx, base)
    if not isinstance(found, Record) or not isinstance(
        inspect.getattr_static(found.cls, method, None), FunctionType
    ):
        return None
    fn = attribute(ctx, found, method, node, _apply)
    return None if isinstance(fn, Op) else call(ctx, fn, args, (), "t")


def _unary(ctx: Context, node: Node, stem: str) -> Op | Atom:
    name = {"USub": "__neg__", "UAdd": "__pos__", "Invert": "__invert__"}
    method = name.get(type(node.op).__name__)
    if method is None or isinstance(node.operand, gast.Constant):
        return _plain_unary(ctx, node, stem)
    base = atom(ctx, node.operand, stem)
    found = _special(ctx, base, method, (), node)
    return Op(f"operator.{OPERATORS[type(node.op).__name__]}", (base,)) if found is None else found


def _subscript(ctx: Context, node: Node, stem: str) -> Op | Atom:
    base = atom(ctx, node.value, stem)
    index = atom(ctx, node.slice, stem)
    found = _special(ctx, base, "__getitem__", (index,), node)
    return Op("operator.getitem", (base, index)) if found is None else found


def _length(ctx: Context, args: tuple[Atom, ...], kwargs: Kwargs) -> Op | Atom:
    found = _special(ctx, args[0], "__len__", (), ctx.node) if args else None
    return Op("builtins.len", args) if found is None else found


def _operator(ctx: Context, node: Node, stem: str) -> Op | Atom:
    """A binary operator; of an object, the method that carries it out."""
    left = atom(ctx, node.left, stem)
    right = atom(ctx, node.right, stem)
    name = OPERATORS[type(node.op).__name__].removesuffix("_")
    for base, other, spelled in ((left, right, f"__{name}__"), (right, left, f"__r{name}__")):
        found = _special(ctx, base, spelled, (other,), node)
        if found is not None:
            return found
    fn = f"operator.{OPERATORS[type(node.op).__name__]}"
    return folded(ctx, fn, left, right) or Op(fn, (left, right))


_ON_ATOMS: Mapping[str, Callable[[Context, tuple[Atom, ...], Kwargs], Op | Atom]] = {
    "builtins.isinstance": _isinstance,
    "builtins.len": _length,
    "functools.cache": _cache,
    "functools.lru_cache": _cache,
    "functools.partial": _partial,
    "functools.wraps": _wraps,
    "builtins.super": _super,
}
_ON_NODES: Mapping[str, Callable[[Context, Node, str], Op | Atom]] = {
    "_functools.reduce": _reduce,
    "functools.reduce": _reduce,
    **{
        f"builtins.{n}": partial(_with_key, dotted=f"builtins.{n}")
        for n in ("max", "min", "sorted")
    },
}
_KEYED = frozenset({"builtins.max", "builtins.min", "builtins.sorted"})
_HIGHER = frozenset(_ON_ATOMS) | frozenset(_ON_NODES)

_plain_call = HANDLERS["Call"]
_plain_unary = HANDLERS["UnaryOp"]
ITEMS["map"] = _map_items
HANDLERS.update(
    {
        "Attribute": _path,
        "BinOp": _operator,
        "UnaryOp": _unary,
        "Subscript": _subscript,
        "Name": _global,
        "Call": _call,
        "Lambda": _lambda,
    }
)
