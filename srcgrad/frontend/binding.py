"""Arguments of a call, by the names of the parameters they are given to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from srcgrad.frontend.context import Context
from srcgrad.frontend.statics import Closure, Table, snapshot
from srcgrad.frontend.statics import Sequence as StaticSequence
from srcgrad.ir.core import Atom, Const


def bind_arguments(
    ctx: Context, fn: Closure, args: Sequence[Atom], kwargs: Mapping[str, Atom]
) -> dict[str, Atom] | None:
    """The value of each parameter; None, and a problem, where the call does not fit."""
    spec = fn.node.args
    positional = [node.id for node in (*spec.posonlyargs, *spec.args)]
    given: dict[str, Atom] = dict(zip(positional, args, strict=False))
    rest = list(args[len(positional) :])
    named = {node.id for node in (*spec.args, *spec.kwonlyargs)}
    extra = {name: value for name, value in kwargs.items() if name not in named}
    fault = _fault(fn, given, rest, kwargs, extra)
    given |= {name: value for name, value in kwargs.items() if name in named}
    for name in (*positional, *(node.id for node in spec.kwonlyargs)):
        if name not in given and name in fn.defaults:
            given[name] = fn.defaults[name]
        elif name not in given:
            fault = fault or f"misses the argument `{name}`"
    if fault:
        ctx.problem(ctx.node, f"this call of `{fn.name}` {fault}")
        return None
    if spec.vararg is not None:
        items = [snapshot(ctx, value) for value in rest]
        given[spec.vararg.id] = ctx.static(StaticSequence("tuple", items, ctx.depth))
    if spec.kwarg is not None:
        table = {Const(name): snapshot(ctx, value) for name, value in extra.items()}
        given[spec.kwarg.id] = ctx.static(Table(table))
    return given


def _fault(
    fn: Closure,
    given: Mapping[str, Atom],
    rest: list[Atom],
    kwargs: Mapping[str, Atom],
    extra: Mapping[str, Atom],
) -> str:
    spec = fn.node.args
    if rest and spec.vararg is None:
        return "has too many arguments"
    twice = [name for name in kwargs if name in given and name not in extra]
    if twice:
        return f"gives `{twice[0]}` twice"
    if extra and spec.kwarg is None:
        return f"names `{next(iter(extra))}`, which is no parameter"
    return ""
