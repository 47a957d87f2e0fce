"""Derivatives taken inside the function being lowered: `grad(f)(x)` is a call of a text to be made.

The call of `f` is lowered into a function of its own, whose parameters are the arguments, and after
them the variables of the surroundings that it reads. Its derivative is asked for under a key. What
was captured is an argument like any other, so that a derivative around it sees it vary, and two
derivatives never share anything that could be mixed up.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import gast

from srcgrad.frontend.calls import CALLED, ON_ATOMS, Kwargs, call_value, definition
from srcgrad.frontend.context import Context
from srcgrad.frontend.expressions import Op
from srcgrad.frontend.known import items_of
from srcgrad.frontend.lifting import lifted
from srcgrad.frontend.requests import AGAIN, MODES, Nested
from srcgrad.frontend.statics import (
    Choice,
    Closure,
    Gradient,
    Partial,
    User,
    constant_of,
    is_static,
    shown,
    snapshot,
    static_of,
)
from srcgrad.frontend.statics import (
    Sequence as StaticSequence,
)
from srcgrad.ir.core import (
    Atom,
    Const,
    Var,
)
from srcgrad.ir.core import Global as GlobalName
from srcgrad.options import Mode

STOP = "srcgrad.support.stop_gradient"
# How it is made, which `backend` and those behind it say, is said for the whole program.
_OPTIONS = ("f", "argnums", "has_aux", "backend", "cache", "memory_budget", "optimize")


def _taken(ctx: Context, mode: Mode, args: tuple[Atom, ...], kwargs: Kwargs) -> Op | Atom:
    """`grad(f, argnums)`: a value that lowering knows, to be called."""
    given = dict(zip(("f", "argnums"), args, strict=False)) | dict(kwargs)
    fn = given.get("f", Const(None))
    if set(given) - set(_OPTIONS) or len(args) > 2:
        return ctx.problem(ctx.node, f"this call of `{mode}` is not known")
    if not isinstance(fn, Var) or not is_static(ctx, fn):
        return ctx.problem(
            ctx.node,
            f"`{mode}` of a function that is known at run time only",
            "write a `def`, a `lambda` or the name of a function",
        )
    argnums = _literal(ctx, given.get("argnums", Const(0)))
    has_aux = given.get("has_aux", Const(False))
    if argnums is None or not isinstance(has_aux, Const):
        return ctx.problem(ctx.node, f"`argnums` of `{mode}` must be written as a literal here")
    held = ctx.static(_known(ctx, fn))
    single = not isinstance(argnums, tuple)
    wanted = argnums if isinstance(argnums, tuple) else (argnums,)
    return ctx.static(Gradient(held, mode, wanted, single, bool(has_aux.value)))


def _pushed(ctx: Context, args: tuple[Atom, ...], kwargs: Kwargs) -> Op | Atom:
    """`jvp(f, (x, y), (x_dot, y_dot))`: a call of the tangent function."""
    given = dict(zip(("f", "primals", "tangents"), args, strict=False)) | dict(kwargs)
    fn = given.get("f", Const(None))
    parts = [items_of(ctx, given.get(name, Const(None)), "t") for name in ("primals", "tangents")]
    primals, tangents = parts
    if primals is None or tangents is None or len(primals) != len(tangents) or len(given) > 3:
        message = "this call of `jvp` is not known"
        return ctx.problem(ctx.node, message, "write `jvp(f, (x, y), (x_dot, y_dot))`")
    if not isinstance(fn, Var) or not is_static(ctx, fn):
        return ctx.problem(ctx.node, "`jvp` of a function that is known at run time only")
    if Const(None) in tangents:
        return ctx.problem(ctx.node, "a tangent that is None", "write zeros")
    held = ctx.static(_known(ctx, fn))
    wanted = tuple(range(len(primals)))
    dots = tuple(
        Const(float(d.value)) if isinstance(d, Const) and type(d.value) is int else d
        for d in tangents
    )
    pushed = Gradient(held, "jvp", wanted, False, False, dots)
    return called(ctx, pushed, tuple(primals), (), "out")


def _pulled(ctx: Context, args: tuple[Atom, ...], kwargs: Kwargs) -> Op | Atom:
    """`vjp(f, x, y)`: the value, and the pullback, a value that lowering knows."""
    fn, primals = (args[0] if args else Const(None)), args[1:]
    if kwargs or not primals:
        return ctx.problem(ctx.node, "this call of `vjp` is not known", "write `vjp(f, x, y)`")
    if not isinstance(fn, Var) or not is_static(ctx, fn):
        return ctx.problem(ctx.node, "`vjp` of a function that is known at run time only")
    if any(is_static(ctx, x) or _is_discrete(x, len(primals) > 1) for x in primals):
        message = "`vjp` of arguments that are not all differentiated"
        return ctx.problem(ctx.node, message, "name the others in a lambda")
    held = ctx.static(_known(ctx, fn))
    at = tuple(snapshot(ctx, x) for x in primals)
    value = call_value(ctx, held, at, "out")
    wanted = tuple(range(len(primals)))
    pullback = ctx.static(Gradient(held, "pull", wanted, False, False, primals=at))
    return ctx.static(StaticSequence("tuple", [snapshot(ctx, value), pullback], ctx.depth))


def _is_discrete(value: Atom, among_others: bool) -> bool:
    plain = (float, complex) if among_others else (int, float, complex)
    return isinstance(value, Const) and type(value.value) not in plain


def _run_again(ctx: Context, args: tuple[Atom, ...], kwargs: Kwargs) -> Op | Atom:
    """`checkpoint(f)`: `f`, which becomes a function of its own where it is called."""
    (fn,) = args if len(args) == 1 and not kwargs else (Const(None),)
    if not isinstance(fn, Var) or not is_static(ctx, fn):
        message = "`checkpoint` of a function that is known at run time only"
        return ctx.problem(ctx.node, message, "write a `def`, a `lambda` or the name of a function")
    return ctx.static(Gradient(ctx.static(_known(ctx, fn)), "again", (), False, False))


def _known(ctx: Context, fn: Var) -> Any:
    found = static_of(ctx, fn)
    assert found is not None
    return found


def _display(ctx: Context, value: Atom) -> tuple[Atom, ...] | None:
    """Positions and names: written here, or in a tuple of the surroundings."""
    held = isinstance(value, Var) and not ctx.is_local(value.name)
    known = ctx.globals.get(value.name) if held and isinstance(value, Var) else None
    if known is not None and type(known.value) is tuple:
        return tuple(map(Const, known.value))
    return items_of(ctx, value, "t")


def _literal(ctx: Context, value: Atom) -> Any:
    """Positions and names as written; None where they are computed."""
    value = constant_of(ctx, value)
    if isinstance(value, Const):
        return value.value if type(value.value) in (int, str) else None
    parts = _display(ctx, value)
    if parts is None:
        return None
    items = [_literal(ctx, item) for item in parts]
    return None if None in items else tuple(items)


def called(
    ctx: Context, gradient: Gradient, args: tuple[Atom, ...], kwargs: Kwargs, stem: str
) -> Op | Atom:
    """The call of a derivative."""
    if gradient.mode == "pull" and not gradient.tangents:
        if len(args) != 1 or kwargs or is_static(ctx, args[0]) or args[0] == Const(None):
            return ctx.problem(ctx.node, "a pullback is called on one cotangent")
        pulled = replace(gradient, tangents=(_argument(args[0], True),))
        return called(ctx, pulled, gradient.primals, (), stem)
    found = static_of(ctx, gradient.fn)
    if isinstance(found, Choice):
        return ctx.problem(
            ctx.node, "a derivative of one of several functions", "choose between derivatives"
        )
    known = parameters_of(ctx, found)
    if known is None:
        message = "a derivative of a function with `*args` or `**kwargs`"
        return ctx.problem(ctx.node, message, "name its parameters in a lambda")
    names = known or [f"x{k + 1}" for k in range(len(args))]
    if len(args) > len(names):
        return ctx.problem(ctx.node, "this call of a derivative has too many arguments")
    given = dict(zip(names, args, strict=False)) | dict(kwargs)
    wanted = _wanted(ctx, gradient, names, given)
    if wanted is None:
        return Const(None)
    return _lifted_call(ctx, gradient, list(names[: len(args)]), given, wanted, stem)


def parameters_of(ctx: Context, found: Any) -> list[str] | None:
    """Names of a callee's parameters; empty where they do not matter, None where `*` takes some."""
    if isinstance(found, User):
        found = definition(ctx, found)
    if isinstance(found, Closure):
        spec = found.node.args
        own = [node.id for node in (*spec.posonlyargs, *spec.args, *spec.kwonlyargs)]
        plain = spec.vararg is None and spec.kwarg is None
        return [shown(name) for name in own] if plain else None
    if isinstance(found, Gradient):
        return parameters_of(ctx, static_of(ctx, found.fn))
    if isinstance(found, Partial):
        inner = parameters_of(ctx, static_of(ctx, found.fn))
        rest = None if inner is None else inner[len(found.args) :]
        return None if rest is None else [n for n in rest if n not in dict(found.kwargs)]
    return []


def _wanted(
    ctx: Context, gradient: Gradient, names: Sequence[str], given: Mapping[str, Atom]
) -> tuple[str, ...] | None:
    """Names of the parameters to differentiate; None, and a problem, where they are not given."""
    found = []
    for item in gradient.wanted:
        known = (
            isinstance(item, str)
            and item in given
            or type(item) is int
            and -len(names) <= item < len(names)
        )
        name = item if isinstance(item, str) else names[item] if known else ""
        if name not in given or is_static(ctx, given[name]):
            ctx.problem(
                ctx.node, f"this derivative is with respect to {item!r}, which is not given"
            )
            return None
        found.append(name)
    return tuple(found)


def _lifted_call(
    ctx: Context,
    how: Gradient,
    positional: list[str],
    given: dict[str, Atom],
    wanted: tuple[str, ...],
    stem: str,
) -> Op | Atom:
    """A call of a derivative: of a function of the arguments and what is captured."""
    fn, name = written_out(ctx, how.fn), called_name(static_of(ctx, how.fn), ctx)
    found = lifted(ctx, name, fn, positional, given, set(wanted), stem)
    if found is None:
        return Const(None)
    wrt = tuple(found.names[name] for name in wanted)
    taken = {*ctx.locals, *ctx.globals}
    if how.mode == "again":
        made = ctx.env.requests.lift(replace(found.fn, again=True), taken)
    else:
        nested = Nested(found.fn, how.mode, wrt, how.single, how.has_aux, found.captured_names)
        made = ctx.env.requests.add(nested, taken)
    ctx.globals[made.name] = GlobalName(made.name, "function", "", made)
    ctx.rewritten += 1
    values = [_argument(given[n], n in wanted) for n in found.own]
    return Op(made, (*values, *map(Var, found.captured), *how.tangents))


def _argument(atom: Atom, wanted: bool) -> Atom:
    """An argument that is differentiated is a float, as for `grad`."""
    whole = isinstance(atom, Const) and type(atom.value) is int and wanted
    return Const(float(atom.value)) if whole and isinstance(atom, Const) else atom


def called_name(found: Any, ctx: Context) -> str:
    if isinstance(found, Gradient):
        return f"{called_name(static_of(ctx, found.fn), ctx)}_{found.mode}"
    if isinstance(found, Partial):
        return called_name(static_of(ctx, found.fn), ctx)
    name = shown(getattr(found, "name", "") or getattr(getattr(found, "fn", None), "name", ""))
    return name if name.isidentifier() else "function"


def _stopped(ctx: Context, args: tuple[Atom, ...], kwargs: Kwargs) -> Op | Atom:
    return Op(STOP, args, kwargs)


def written_out(ctx: Context, fn: Var) -> Var:
    """A function of the module as a closure, unless it calls itself."""
    found = static_of(ctx, fn)
    rules = ctx.env.requests.rules
    if isinstance(found, User) and (found.fn.key in rules or found.fn.key.endswith(AGAIN)):
        return fn
    if not isinstance(found, User) or ctx.env.takes_stars(found.fn):
        return fn
    closure = definition(ctx, found)
    names = {node.id for node in gast.walk(closure.node) if isinstance(node, gast.Name)}
    return fn if found.fn.name in names else ctx.static(closure)


def _handler(mode: Mode) -> Callable[[Context, tuple[Atom, ...], Kwargs], Op | Atom]:
    return lambda ctx, args, kwargs: _taken(ctx, mode, args, kwargs)


for _mode in MODES:
    for _dotted in (f"srcgrad.{_mode}", f"srcgrad.api.{_mode}"):
        ON_ATOMS[_dotted] = _handler(_mode)
ON_ATOMS["srcgrad.checkpoint"] = ON_ATOMS["srcgrad.checkpoint.checkpoint"] = _run_again
ON_ATOMS["srcgrad.jvp"] = ON_ATOMS["srcgrad.directional.jvp"] = _pushed
ON_ATOMS["srcgrad.vjp"] = ON_ATOMS["srcgrad.pulling.vjp"] = _pulled
ON_ATOMS["srcgrad.stop_gradient"] = ON_ATOMS[STOP] = _stopped
CALLED.append(called)
