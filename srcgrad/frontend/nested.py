"""Derivatives taken inside the function being lowered: `grad(f)(x)` is a call of a text to be made.

The call of `f` is lowered into a function of its own, whose parameters are the arguments, and after
them the variables of the surroundings that it reads. Its derivative is asked for under a key. What
was captured is an argument like any other, so that a derivative around it sees it vary, and two
derivatives never share anything that could be mixed up.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import gast

from srcgrad.frontend.calls import CALLED, ON_ATOMS, Kwargs, call, definition
from srcgrad.frontend.context import Context
from srcgrad.frontend.deleted import without_deletions
from srcgrad.frontend.exits import normalise
from srcgrad.frontend.expressions import Op
from srcgrad.frontend.requests import AGAIN, MODES, Nested
from srcgrad.frontend.statics import (
    Choice,
    Closure,
    Gradient,
    Partial,
    User,
    is_static,
    shown,
    static_of,
)
from srcgrad.ir.core import (
    Assign,
    Atom,
    Block,
    Const,
    Exit,
    Function,
    Param,
    Stmt,
    Var,
)
from srcgrad.ir.core import Global as GlobalName
from srcgrad.ir.walk import assigned, read_names, rebuild, stored, substitute
from srcgrad.options import Mode

STOP = "srcgrad.support.stop_gradient"
_OPTIONS = ("f", "argnums", "has_aux", "backend")


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
    parts = [_items(ctx, given.get(name)) for name in ("primals", "tangents")]
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


def _run_again(ctx: Context, args: tuple[Atom, ...], kwargs: Kwargs) -> Op | Atom:
    """`checkpoint(f)`: `f`, which becomes a function of its own where it is called."""
    (fn,) = args if len(args) == 1 and not kwargs else (Const(None),)
    if not isinstance(fn, Var) or not is_static(ctx, fn):
        message = "`checkpoint` of a function that is known at run time only"
        return ctx.problem(ctx.node, message, "write a `def`, a `lambda` or the name of a function")
    return ctx.static(Gradient(ctx.static(_known(ctx, fn)), "again", (), False, False))


def _items(ctx: Context, value: Atom | None) -> tuple[Atom, ...] | None:
    """The items of a tuple or list that is written in this very expression."""
    if not isinstance(value, Var) or "@" not in value.name or "@v" in value.name:
        return None
    last = next((s for s in reversed(ctx.block) if value.name in getattr(s, "targets", ())), None)
    if not isinstance(last, Assign) or last.fn not in ("tuple", "list"):
        return None
    return last.args


def _known(ctx: Context, fn: Var) -> Any:
    found = static_of(ctx, fn)
    assert found is not None
    return found


def _literal(ctx: Context, value: Atom) -> Any:
    """Positions and names as written; None where they are computed."""
    if isinstance(value, Const):
        return value.value if type(value.value) in (int, str) else None
    parts = _items(ctx, value)
    if parts is None:
        return None
    items = [_literal(ctx, item) for item in parts]
    return None if None in items else tuple(items)


def called(
    ctx: Context, gradient: Gradient, args: tuple[Atom, ...], kwargs: Kwargs, stem: str
) -> Op | Atom:
    """The call of a derivative."""
    found = static_of(ctx, gradient.fn)
    if isinstance(found, Choice):
        return ctx.problem(
            ctx.node, "a derivative of one of several functions", "choose between derivatives"
        )
    known = _parameters(ctx, found)
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
    return _Lifted(ctx, gradient, list(names[: len(args)]), given, wanted).call(stem)


def _parameters(ctx: Context, found: Any) -> list[str] | None:
    """Names of a callee's parameters; empty where they do not matter, None where `*` takes some."""
    if isinstance(found, User):
        found = definition(ctx, found)
    if isinstance(found, Closure):
        spec = found.node.args
        own = [node.id for node in (*spec.posonlyargs, *spec.args, *spec.kwonlyargs)]
        plain = spec.vararg is None and spec.kwarg is None
        return [shown(name) for name in own] if plain else None
    if isinstance(found, Gradient):
        return _parameters(ctx, static_of(ctx, found.fn))
    if isinstance(found, Partial):
        inner = _parameters(ctx, static_of(ctx, found.fn))
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


@dataclass
class _Lifted:
    """A call of a derivative, on its way to a function of the arguments and what is captured."""

    ctx: Context
    gradient: Gradient
    positional: list[str]
    given: dict[str, Atom]
    wanted: tuple[str, ...]

    def call(self, stem: str) -> Op | Atom:
        ctx = self.ctx
        known, statics = set(ctx.known), dict(ctx.statics)
        before = len(ctx.problems)
        inner = {name: self.parameter(name, atom) for name, atom in self.given.items()}
        with ctx.inner_block() as block:
            args = tuple(inner[name] for name in self.positional)
            rest = {n: a for n, a in inner.items() if n not in self.positional}
            result = call(ctx, _written_out(ctx, self.gradient.fn), args, tuple(rest.items()), stem)
            if isinstance(result, Op):
                result = ctx.emit(stem, result.fn, result.args, result.kwargs)
            ctx.add(Exit("return", result, ctx.unit))
        body = without_deletions(ctx, normalise(ctx, tuple(block)))
        ctx.statics = statics
        if len(ctx.problems) > before or self.refused(body, known):
            return Const(None)
        own = [a.name for a in inner.values() if isinstance(a, Var) and not is_static(ctx, a)]
        captured = sorted((read_names(body) - assigned(body) - set(own)) & known)
        names = _plain_names([*own, *captured], {*ctx.globals, *assigned(body)})
        fn = self.function(_renamed(body, names), [names[n] for n in (*own, *captured)])
        wrt = tuple(names[inner[name].name] for name in self.wanted)  # type: ignore[union-attr]
        how = self.gradient
        outside = tuple(names[name] for name in captured)
        nested = Nested(fn, how.mode, wrt, how.single, how.has_aux, outside)
        made = ctx.env.requests.add(nested, {*ctx.locals, *ctx.globals})
        ctx.globals[made.name] = GlobalName(made.name, "function", "", made)
        ctx.rewritten += 1
        values = [
            self.argument(n) for n, a in inner.items() if isinstance(a, Var) and a.name in own
        ]
        return Op(made, (*values, *map(Var, captured), *how.tangents))

    def parameter(self, name: str, atom: Atom) -> Atom:
        """What stands for an argument in the function; a constant is one there too."""
        if is_static(self.ctx, atom) or isinstance(atom, Const) and name not in self.wanted:
            return atom
        made = self.ctx.variable(name)
        self.ctx.known.add(made)
        self.ctx.steady.add(made)
        return Var(made)

    def argument(self, name: str) -> Atom:
        """An argument that is differentiated is a float, as for `grad`."""
        atom = self.given[name]
        whole = isinstance(atom, Const) and type(atom.value) is int and name in self.wanted
        return Const(float(atom.value)) if whole and isinstance(atom, Const) else atom

    def refused(self, body: Block, known: set[str]) -> bool:
        changed = sorted((assigned(body) | stored(body)) & known)
        if changed:
            self.ctx.problem(
                self.ctx.node,
                f"a function that is {self.how} here changes `{shown(changed[0])}` of its "
                "surroundings",
                "return the new value",
            )
        return bool(changed)

    @property
    def how(self) -> str:
        return "checkpointed" if self.gradient.mode == "again" else "differentiated"

    def function(self, body: Block, params: Sequence[str]) -> Function:
        ctx = self.ctx
        name = _name_of(static_of(ctx, self.gradient.fn), ctx)
        line = ctx.units[ctx.unit].line if ctx.unit in ctx.units else 1
        return Function(
            name, tuple(map(Param, params)), body, ctx.units, ctx.globals, "", ctx.file.name, line
        )


def _name_of(found: Any, ctx: Context) -> str:
    if isinstance(found, Gradient):
        return f"{_name_of(static_of(ctx, found.fn), ctx)}_{found.mode}"
    if isinstance(found, Partial):
        return _name_of(static_of(ctx, found.fn), ctx)
    name = shown(getattr(found, "name", "") or getattr(getattr(found, "fn", None), "name", ""))
    return name if name.isidentifier() else "function"


def _stopped(ctx: Context, args: tuple[Atom, ...], kwargs: Kwargs) -> Op | Atom:
    return Op(STOP, args, kwargs)


def _written_out(ctx: Context, fn: Var) -> Var:
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


def _plain_names(internal: Sequence[str], taken: set[str]) -> dict[str, str]:
    """Names of the user's for variables of the compiler's."""
    found: dict[str, str] = {}
    for name in internal:
        stem = candidate = shown(name)
        number = 1
        while candidate in found.values() or candidate in taken and candidate != name:
            number += 1
            candidate = f"{stem}_{number}"
        found[name] = candidate
    return found


def _renamed(body: Block, names: Mapping[str, str]) -> Block:
    """The block with parameters under their names; nothing in it assigns them."""

    def atom(old: Atom) -> Atom:
        return Var(names[old.name]) if isinstance(old, Var) and old.name in names else old

    def block(inner: Block) -> Block:
        return tuple(map(statement, inner))

    def statement(stmt: Stmt) -> Stmt:
        new = rebuild(substitute(stmt, atom), block)
        cond = getattr(new, "cond", None)
        return new if cond is None else replace(new, cond=atom(cond))  # type: ignore[type-var]

    return block(body)


def _handler(mode: Mode) -> Callable[[Context, tuple[Atom, ...], Kwargs], Op | Atom]:
    return lambda ctx, args, kwargs: _taken(ctx, mode, args, kwargs)


for _mode in MODES:
    for _dotted in (f"srcgrad.{_mode}", f"srcgrad.api.{_mode}"):
        ON_ATOMS[_dotted] = _handler(_mode)
ON_ATOMS["srcgrad.checkpoint"] = ON_ATOMS["srcgrad.checkpoint.checkpoint"] = _run_again
ON_ATOMS["srcgrad.jvp"] = ON_ATOMS["srcgrad.directional.jvp"] = _pushed
ON_ATOMS["srcgrad.stop_gradient"] = ON_ATOMS[STOP] = _stopped
CALLED.append(called)
