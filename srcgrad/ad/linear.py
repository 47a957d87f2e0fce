"""Whether a rule of the user's is linear in what it is given, so that it may be transposed.

It is where a derivative flows through all that it computes from that, where this derivative does
not read what it is the derivative by, and where zeros give zeros. The first two are told here, from
the program and the two sweeps of reverse mode; the third by the run.
"""

from __future__ import annotations

from collections.abc import Iterable

from srcgrad import support
from srcgrad.ad.derive import Reversed
from srcgrad.analysis.memory import SHAPE_ONLY
from srcgrad.ir.core import Assign, If, Pop, Push, Stmt, Store, While
from srcgrad.ir.liveness import live_part
from srcgrad.ir.walk import MUTATORS, names, operands, walk, writes
from srcgrad.rules.naming import canonical_name
from srcgrad.rules.registry import BindError, bind, lookup

LIKE = SHAPE_ONLY | {canonical_name(fn) for fn in (support.zeros_like, support.shaped)}


def is_linear(done: Reversed, params: Iterable[str]) -> bool:
    """True if a derivative by these parameters flows through all that is computed from them, and
    the backward sweep reads nothing of it, not even a test. Their shapes may be read."""
    known, code = set(params), (*done.prepared.fn.body, *done.sweeps.forward)
    while True:
        before = len(known)
        for stmt in walk(code):
            if _reads(stmt) & known:
                if isinstance(stmt, (If, While)):
                    return False
                known |= _changes(stmt)
        if len(known) == before:
            break
    live, _ = live_part(done.prepared.fn.body)
    for stmt in walk(live):
        cut_off = isinstance(stmt, (Assign, Store)) and not done.activity.varied.get(stmt)
        if cut_off and _changes(stmt) and _reads(stmt) & known:
            return False  # rounded, compared, stopped: no derivative tells
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
