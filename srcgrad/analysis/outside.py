"""Calls whose effect is seen outside: they print, draw, or change containers of others."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

from srcgrad.ir.core import Assign, Block, Function, Stmt, UserFunction, Var
from srcgrad.ir.library import is_store
from srcgrad.ir.liveness import has_effect
from srcgrad.ir.walk import MUTATORS, reads, rebuild, walk, writes
from srcgrad.rules.registry import lookup, viewed

# What makes a container, or an array, that nobody else holds.
_MAKERS = frozenset({
    "list", "dict", "set", "builtins.list", "builtins.dict", "builtins.set", "srcgrad.support.own",
    "method.copy",
    *(f"operator.{fn}" for fn in ("add", "sub", "mul", "truediv", "pow", "neg", "matmul")),
})  # fmt: skip
_QUIET = frozenset({"numpy.errstate"})  # contexts that nobody outside can tell
# What raises or warns, if anything. A context is left where it was entered, which is looked at.
_SILENT = frozenset({
    "assert", "raise", "section", "try.caught", "with.leave", "srcgrad.support.alone",
    "srcgrad.support.apart", "srcgrad.support.floats", "srcgrad.support.in_order",
    "srcgrad.support.keywords", "srcgrad.support.cotangent", "srcgrad.support.number",
    "srcgrad.support.vanishing",
    "srcgrad.support_complex.real_only", "srcgrad.support_limits.check_attractive",
    "srcgrad.support_limits.check_limit",
})  # fmt: skip


def seen_outside(fn: Function) -> Iterator[Assign]:
    """Calls that somebody outside can tell were made twice, as far as can be known.

    Calls of the user's own functions are looked at there; parameters that are changed are copies.
    """
    own = _own_containers(fn)
    quiet = {t for s in walk(fn.body) if getattr(s, "fn", "") in _QUIET for t in writes(s)}
    for stmt in walk(fn.body):
        if isinstance(stmt, Assign) and stmt.fn == "with.enter" and reads(stmt) <= quiet:
            continue
        if not isinstance(stmt, Assign) or stmt.fn in _SILENT or not has_effect(stmt):
            continue
        if isinstance(stmt.fn, str) and is_store(stmt):
            continue
        base = stmt.args[0] if stmt.args and stmt.fn in MUTATORS else None
        held = isinstance(base, Var) and base.name in own
        if isinstance(stmt.fn, str) and not held:
            yield stmt


def _own_containers(fn: Function) -> set[str]:
    """Names that hold parameters or containers made in the function, and nothing else."""
    others: set[str] = set(fn.globals)
    own: set[str] = {p.name for p in fn.params}
    for stmt in walk(fn.body):
        fresh = isinstance(stmt, Assign) and _makes(stmt)
        (own if fresh else others).update(writes(stmt))
    return own - others


def _makes(stmt: Assign) -> bool:
    """True for what gives a container or an array that nobody else holds."""
    if stmt.fn in _MAKERS or not isinstance(stmt.fn, str):
        return stmt.fn in _MAKERS
    prim = lookup(stmt.fn) if stmt.fn.startswith("numpy.") else None
    given = dict(stmt.kwargs)
    return prim is not None and "out" not in given and not viewed(prim, stmt.args, given)


def prints_or_draws(fn: Function) -> bool:
    """True if a function itself does what somebody outside can tell."""
    return next(seen_outside(fn), None) is not None


def with_acting_calls(fn: Function, acts: Callable[[UserFunction], bool]) -> Function:
    """The function with a mark on calls that are made for more than their value."""
    made: dict[Stmt, Stmt] = {}

    def one(stmt: Stmt) -> Stmt:
        called = stmt.fn if isinstance(stmt, Assign) and stmt.targets else None
        if isinstance(called, UserFunction) and not called.acts and acts(called):
            assert isinstance(stmt, Assign)
            made[stmt] = replace(stmt, fn=replace(called, acts=True))
        new = made.get(stmt) or rebuild(stmt, block)
        if new is not stmt:
            made[stmt] = new
        return new

    def block(inner: Block) -> Block:
        found = tuple(map(one, inner))
        return inner if all(a is b for a, b in zip(found, inner, strict=True)) else found

    body = block(fn.body)
    if not made:
        return fn
    units = {
        number: replace(unit, stmts=tuple(made.get(stmt, stmt) for stmt in unit.stmts))
        for number, unit in fn.units.items()
    }
    return replace(fn, body=body, units=units)
