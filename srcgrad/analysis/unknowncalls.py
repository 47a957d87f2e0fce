"""Calls that may do to what they are given what nobody knows: keep it, change it, show it."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from srcgrad.analysis.kinds import KindFacts
from srcgrad.analysis.memory import IMMUTABLE, Effects, is_opaque, only_tells
from srcgrad.ir.core import Assign, Function, Stmt, UserFunction, Var
from srcgrad.ir.walk import LIST_STEPS, MUTATORS, is_list_step, operands, walk
from srcgrad.rules.registry import lookup

HARMLESS = frozenset({
    "srcgrad.support.alone", "srcgrad.support.apart", "srcgrad.support.floats",
    "srcgrad.support.in_order", "srcgrad.support.keywords", "assert", "raise",
    "builtins.print", "copy", "operator.getitem", "tuple", "list", "dict",
})  # fmt: skip
EffectsOf = Callable[[UserFunction], tuple[Effects, tuple[str, ...]]]


def is_harmless(stmt: Assign) -> bool:
    """True for a call without a result that does nothing to its arguments."""
    if stmt.fn in LIST_STEPS:
        return is_list_step(stmt)
    return stmt.fn in HARMLESS or isinstance(stmt.fn, str) and lookup(stmt.fn) is not None


def keeps_unknown(stmt: Assign, kinds: KindFacts) -> bool:
    """True for a call of the library's, or of an object's method, that is made for its effect."""
    if not stmt.targets:
        return not is_harmless(stmt) and not only_tells(stmt, kinds)
    return stmt.fn not in MUTATORS and is_opaque(stmt, kinds)


def doubtful_calls(fn: Function, kinds: KindFacts, effects_of: EffectsOf) -> Iterator[Stmt]:
    """Calls in a function that hand something on to such a call, in functions of the user's too."""
    for stmt in walk(fn.body):
        if not isinstance(stmt, Assign):
            continue
        if isinstance(stmt.fn, UserFunction):
            if effects_of(stmt.fn)[0].doubtful:
                yield stmt
        elif keeps_unknown(stmt, kinds):
            silent = IMMUTABLE if stmt.targets else {"str"}
            given = [kinds.before(stmt, a).tag for a in operands(stmt) if isinstance(a, Var)]
            if not silent.issuperset(given):
                yield stmt
