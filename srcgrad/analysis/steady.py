"""Loops whose items Python reads at another time than the loop here does.

`itertools.product(x, y)` reads `x` before the loop, and the loop here reads an item where it wants
it; with `itertools.chain` it is the other way round. Both mean the same where nothing changes `x`
meanwhile.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from srcgrad.analysis.alias import AliasFacts
from srcgrad.analysis.kinds import KindFacts
from srcgrad.analysis.memory import NOTHING, Sites
from srcgrad.ir.core import Assign, For, Function, Stmt, Store, Var
from srcgrad.ir.kinds import UNKNOWN, Kind
from srcgrad.ir.walk import walk

Problems = dict[Stmt, tuple[str, str]]


def find_unsteady(fn: Function, kinds: KindFacts, aliases: AliasFacts) -> Problems:
    """Statements that change what a loop around them takes its items from."""
    found: Problems = {}
    loops = [stmt for stmt in walk(fn.body) if isinstance(stmt, For) and stmt.steady]
    if not loops:
        return found
    header: dict[int, list[Stmt]] = {}
    for stmt in walk(fn.body):
        header.setdefault(stmt.unit, []).append(stmt)
    for loop in loops:
        for name, deep in loop.steady:
            readers = walk(fn.body) if deep else header[loop.unit]
            sites, kind = _held(name, readers, kinds, aliases)
            if (kind.rank or 0) > 1:
                continue  # its items are views, which see the change
            for stmt in _changing(loop, sites, kinds, aliases, UNKNOWN if deep else kind):
                found[stmt] = (
                    "this changes what the loop around it takes its items from",
                    "loop over a list that is made before it",
                )
    return found


def _held(
    name: str, readers: Iterable[Stmt], kinds: KindFacts, aliases: AliasFacts
) -> tuple[Sites, Kind]:
    """The memory of a variable that statements make or read, and its kind."""
    sites, kind = NOTHING, UNKNOWN
    for stmt in readers:
        made = aliases.binds.get(stmt, {}).get(name, NOTHING)
        read = aliases.reads.get(stmt, {}).get(name, NOTHING)
        if made:
            sites, kind = sites | made, kinds.after(stmt, name)
        elif read:
            sites, kind = sites | read, kinds.before(stmt, Var(name))
    return sites, kind


def _changing(
    loop: For, sites: Sites, kinds: KindFacts, aliases: AliasFacts, kind: Kind
) -> Iterator[Stmt]:
    """Statements in a loop that change memory, but for that of another kind, which it holds."""
    for stmt in walk(loop.body):
        for known in (aliases.written, aliases.mutated, aliases.clobbered):
            if not sites.isdisjoint(known.get(stmt, NOTHING)):
                base = _base(stmt)
                other = UNKNOWN if base is None else kinds.before(stmt, base)
                if "unknown" in (kind.tag, other.tag) or kind.tag == other.tag:
                    yield stmt


def _base(stmt: Stmt) -> Var | None:
    """The variable whose memory a statement changes, where it is one."""
    if isinstance(stmt, Store):
        return stmt.base
    first = stmt.args[0] if isinstance(stmt, Assign) and stmt.args else None
    known = isinstance(stmt, Assign) and str(stmt.fn).startswith(("method.", "operator."))
    return first if known and isinstance(first, Var) else None
