"""Calls of values that lowering knows, on arguments already computed."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import TypeAlias

from srcgrad.frontend.context import Context, Node
from srcgrad.frontend.expressions import Op
from srcgrad.frontend.frozen import Frozen
from srcgrad.frontend.inline import LowerBody, inline
from srcgrad.frontend.making import make
from srcgrad.frontend.meeting import Arm, join
from srcgrad.frontend.objects import Class, Ignored, Instance, Record, attribute
from srcgrad.frontend.parse import to_gast
from srcgrad.frontend.requests import AGAIN
from srcgrad.frontend.statics import (
    Choice,
    Closure,
    Function,
    Gradient,
    Library,
    Partial,
    Static,
    Unknown,
    User,
    is_static,
    snapshot,
    static_of,
)
from srcgrad.ir.classes import dataclass
from srcgrad.ir.core import Atom, Const, Global, If, UserFunction, Var

Kwargs: TypeAlias = tuple[tuple[str, Atom], ...]

LOWER_BODY: list[LowerBody] = []  # of `statements.py`, which imports this file
# Of `nested.py`, which does, too.
CALLED: list[Callable[[Context, Gradient, tuple[Atom, ...], Kwargs, str], Op | Atom]] = []
# Functions of libraries that take functions or objects, by name; other files add theirs.
ON_ATOMS: dict[str, Callable[[Context, tuple[Atom, ...], Kwargs], Op | Atom]] = {}


@dataclass(eq=False)
class Identity(Static):
    """A decorator that gives back the function it is put on: `functools.wraps(f)`."""


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
        return choose(ctx, found, lambda fn: call(ctx, fn, given, kwargs, stem), stem)
    if isinstance(found, Closure):
        return inline(ctx, found, args, dict(kwargs), stem, LOWER_BODY[0])
    if isinstance(found, Gradient):
        return CALLED[0](ctx, found, args, kwargs, stem)
    if isinstance(found, User) and found.fn.key in ctx.env.requests.rules:
        return _with_rule(ctx, found.fn, args, kwargs)
    if isinstance(found, User) and found.fn.key.endswith(AGAIN):
        return _checkpointed(ctx, found, args, kwargs, stem)
    if isinstance(found, User):
        if any(is_static(ctx, value) for value in (*args, *dict(kwargs).values())):
            return inline(ctx, definition(ctx, found), args, dict(kwargs), stem, LOWER_BODY[0])
        if ctx.env.takes_stars(found.fn) or ctx.frames and ctx.conflicts(found.fn):
            return inline(ctx, definition(ctx, found), args, dict(kwargs), stem, LOWER_BODY[0])
        return Op(found.fn, args, kwargs)
    if isinstance(found, Library):
        special = ON_ATOMS.get(found.dotted)
        return special(ctx, args, kwargs) if special else Op(found.dotted, args, kwargs)
    if isinstance(found, Function):
        return found.called(ctx, args, kwargs)
    if isinstance(found, Identity):
        return args[0]
    if isinstance(found, Ignored):
        return Const(None)
    if isinstance(found, Class):
        return make(ctx, found.cls, args, kwargs, call)
    if isinstance(found, Record | Instance):
        method = attribute(ctx, found, "__call__", ctx.node, apply)
        assert not isinstance(method, Op)
        return call(ctx, method, args, kwargs, stem)
    if found is not None:
        reason = found.reason if isinstance(found, Unknown) else f"{found.what} is called"
        return ctx.problem(ctx.node, reason, "give each function a name of its own")
    return Op("call", (fn, *args), kwargs)


def _with_rule(ctx: Context, fn: UserFunction, args: tuple[Atom, ...], kwargs: Kwargs) -> Op | Atom:
    """A call that stays a call, of a function that carries a rule."""
    if any(is_static(ctx, value) for value in (*args, *dict(kwargs).values())):
        message = f"`{fn.name}` carries a rule for its derivative, and is given a function"
        return ctx.problem(ctx.node, message, "let it use a function of the module")
    return _stays(ctx, fn, args, kwargs)


def _checkpointed(
    ctx: Context, user: User, args: tuple[Atom, ...], kwargs: Kwargs, stem: str
) -> Op | Atom:
    """A call that stays a call; where functions or objects are given, of a function of its own."""
    inner = UserFunction(user.fn.name, user.fn.key.removesuffix(AGAIN))
    given = any(is_static(ctx, value) for value in (*args, *dict(kwargs).values()))
    if given or ctx.env.takes_stars(inner):
        again = Gradient(ctx.static(User(inner, user.name)), "again", (), False, False)
        return CALLED[0](ctx, again, args, kwargs, stem)
    return _stays(ctx, user.fn, args, kwargs)


def _stays(ctx: Context, fn: UserFunction, args: tuple[Atom, ...], kwargs: Kwargs) -> Op | Atom:
    known = ctx.globals.get(fn.name)
    if ctx.is_local(fn.name) or known and known.kind != "opaque" and known.value != fn:
        return ctx.problem(ctx.node, f"`{fn.name}` means another thing here", "rename it")
    ctx.globals[fn.name] = Global(fn.name, "function", "", fn)
    ctx.rewritten += 1
    return Op(fn, args, kwargs)


def apply(ctx: Context, fn: Atom, args: tuple[Atom, ...]) -> Atom:
    return call_value(ctx, fn, args, "t")


def definition(ctx: Context, user: User) -> Closure:
    """A function of a module, to be written out."""
    found = ctx.definitions.get(user.fn.key)
    if found is None:
        fn = UserFunction(user.fn.name, user.fn.key.removesuffix(AGAIN))
        known = ctx.env.definition(fn)
        tree = to_gast(known.file, copy.deepcopy(known.node))
        found = Closure(tree, known.env, known.file, known.name, {}, True, user.fn.key)
        found.defaults = {name: _constant(ctx, value) for name, value in known.defaults.items()}
        ctx.definitions[user.fn.key] = found
    return found


def _constant(ctx: Context, value: object) -> Atom:
    plain = value is None or type(value) in (bool, int, float, complex, str)
    return Const(value) if plain else ctx.static(Unknown("this default cannot be used here"))


def choose(ctx: Context, choice: Choice, act: Callable[[Atom], Op | Atom], stem: str) -> Atom:
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


def read(ctx: Context, found: Static, name: str, node: Node, stem: str) -> Op | Atom:
    """An attribute of one object, or of one of several."""
    if isinstance(found, Choice):

        def of_one(option: Atom) -> Op | Atom:
            inner = static_of(ctx, option)
            return Const(None) if inner is None else read(ctx, inner, name, node, stem)

        return choose(ctx, found, of_one, stem)
    if isinstance(found, Frozen):
        return found.attribute(ctx, name)
    return attribute(ctx, found, name, node, apply)
