"""Special methods of objects made in the function, and `super`, `isinstance`, `len` of them."""

from __future__ import annotations

import dataclasses
import inspect
from functools import partial
from types import FunctionType

import gast

from srcgrad.frontend.calls import ON_ATOMS, Kwargs, apply, call
from srcgrad.frontend.context import Context, Node
from srcgrad.frontend.expressions import HANDLERS, OPERATORS, Op, atom, folded
from srcgrad.frontend.frozen import FAMILIES, freeze
from srcgrad.frontend.objects import Class, Instance, Record, Super, attribute
from srcgrad.frontend.statics import static_of
from srcgrad.ir.core import Atom, Const, Var


def _special(
    ctx: Context, base: Atom, method: str, args: tuple[Atom, ...], node: Node
) -> Op | Atom | None:
    """The value of a special method of an object made here; None if it is none."""
    found = static_of(ctx, base)
    if not isinstance(found, Record) or not isinstance(
        inspect.getattr_static(found.cls, method, None), FunctionType
    ):
        return None
    fn = attribute(ctx, found, method, node, apply)
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


def _slice(ctx: Context, args: tuple[Atom, ...], kwargs: Kwargs) -> Op | Atom:
    """`slice(a, b)` is what `a:b` is in an index."""
    if kwargs or not 1 <= len(args) <= 3:
        return Op("builtins.slice", args, kwargs)
    ends = (Const(None), *args) if len(args) == 1 else args
    return Op("slice", (*ends, Const(None))[:3])


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


def _replaced(ctx: Context, args: tuple[Atom, ...], kwargs: Kwargs) -> Op | Atom:
    """`dataclasses.replace(obj, name=value)`: `__init__` with the fields of the old object."""
    found = static_of(ctx, args[0]) if len(args) == 1 else None
    if not isinstance(found, Record):
        return Op("dataclasses.replace", args, kwargs)
    given = dict(kwargs)
    for field in dataclasses.fields(found.cls):
        if field.init and field.name not in given:
            given[field.name] = Var(found.attrs[field.name])
    return call(ctx, ctx.static(Class(found.cls)), (), tuple(given.items()), "t")


_plain_unary = HANDLERS["UnaryOp"]
HANDLERS.update({"BinOp": _operator, "Subscript": _subscript, "UnaryOp": _unary})
ON_ATOMS["dataclasses.replace"] = _replaced
ON_ATOMS.update(
    {
        "builtins.isinstance": _isinstance,
        "builtins.len": _length,
        "builtins.slice": _slice,
        "builtins.super": _super,
    }
)
ON_ATOMS.update({family: partial(freeze, family=family) for family in FAMILIES})
