"""Whether a rule of the user's is linear in what it is given, so that it may be transposed.

It is where its derivative does not read what it is the derivative by, and where it takes zeros to
zeros. The first is told here, from the two sweeps of reverse mode; the second by the run.
"""

from __future__ import annotations

from collections.abc import Iterable

from srcgrad import support
from srcgrad.ad.derive import Reversed
from srcgrad.analysis.memory import SHAPE_ONLY
from srcgrad.ir.core import Assign, If, Pop, Push, Stmt, Store, While
from srcgrad.ir.walk import MUTATORS, names, operands, walk, writes
from srcgrad.rules.naming import canonical_name
from srcgrad.rules.registry import BindError, bind, lookup

LIKE = SHAPE_ONLY | {canonical_name(fn) for fn in (support.zeros_like, support.shaped)}


def is_linear(done: Reversed, params: Iterable[str]) -> bool:
    """True if the backward sweep reads nothing that was computed from these parameters, not even
    a test. Their shapes may be read."""
    known = set(params)
    while True:
        before = len(known)
        for stmt in walk(tuple(done.sweeps.forward)):
            if _reads(stmt) & known:
                if isinstance(stmt, (If, While)):
                    return False
                known |= _changes(stmt)
        if len(known) == before:
            break
    return not any(_reads(s) & known for s in walk((*done.sweeps.backward, *done.finish)))


def _reads(stmt: Stmt) -> set[str]:
    """Names of which a statement reads more than the shape."""
    if isinstance(stmt, While):
        return set(names((stmt.cond,)))
    if isinstance(stmt, Pop):
        return {stmt.tape}
    if isinstance(stmt, Push):
        return set(names((stmt.value,)))
    if not isinstance(stmt, Assign) or not isinstance(stmt.fn, str):
        return set(names(operands(stmt)))
    prim = lookup(stmt.fn)
    if stmt.fn in LIKE:
        return set()
    if prim is None or not prim.silent:
        return set(names(operands(stmt)))
    try:
        given = bind(prim, stmt.args, dict(stmt.kwargs))
    except BindError:
        return set(names(operands(stmt)))
    return set(names(atom for name, atom in given.items() if name not in prim.silent))


def _changes(stmt: Stmt) -> set[str]:
    if isinstance(stmt, Store):
        return {stmt.base.name}
    if isinstance(stmt, Push):
        return {stmt.tape}
    bases = names(operands(stmt)[:1]) if getattr(stmt, "fn", "") in MUTATORS else ()
    return {*writes(stmt), *bases}
