"""Loops whose items Python takes in another way than the loop here does, where something changes.

The length of a list is taken once, and Python looks at it at every turn. `itertools.product(x, y)`
reads `x` before the loop, and the loop here reads an item where it wants it; with
`itertools.chain` it is the other way round. Both mean the same where nothing changes meanwhile.
"""

from __future__ import annotations

from collections.abc import Iterable

from srcgrad.analysis.alias import AliasFacts
from srcgrad.analysis.filling import is_filling
from srcgrad.analysis.kinds import KindFacts
from srcgrad.analysis.memory import NOTHING, Sites
from srcgrad.ir.core import Assign, For, Function, Steady, Stmt, Store, Var
from srcgrad.ir.kinds import UNKNOWN, Kind
from srcgrad.ir.walk import walk

Problems = dict[Stmt, tuple[str, str]]
_SAME_LENGTH = frozenset({"method.fill", "method.reverse", "method.sort"})
_MESSAGES = {
    True: "this changes the length of what is looped over",
    False: "this changes what the loop around it takes its items from",
}


def find_unsteady(fn: Function, kinds: KindFacts, aliases: AliasFacts) -> Problems:
    """Statements that change what a loop around them takes its items from."""
    found: Problems = {}
    loops = [stmt for stmt in walk(fn.body) if isinstance(stmt, For) and stmt.steady]
    changes = _changes(aliases) if loops else {}
    if not changes:
        return found
    header: dict[int, list[Stmt]] = {}
    for stmt in walk(fn.body):
        header.setdefault(stmt.unit, []).append(stmt)
    for loop in loops:
        within = [stmt for stmt in walk(loop.body) if stmt in changes]
        for name, what in loop.steady if within else ():
            if what == "held":
                sites, kind = _held(name, walk(fn.body), kinds, aliases)[0], UNKNOWN
            else:
                sites, kind = _held(name, header[loop.unit], kinds, aliases)
                # What it holds itself: of a parameter both are one.
                sites = sites - _items(loop, aliases) or sites
            message = _MESSAGES[what == "length"]
            for stmt in within:
                if sites.isdisjoint(changes[stmt]) or not _is_alike(stmt, kind, kinds):
                    continue
                if _matters(stmt, what, kind, aliases) and not is_filling(fn, loop, stmt):
                    found[stmt] = message, "loop over a list that is made before it"
    return found


def _matters(stmt: Stmt, what: Steady, kind: Kind, aliases: AliasFacts) -> bool:
    """Whether a change is one of the length, where only that matters. Items that are views see
    any other change."""
    if what == "length":
        return stmt in aliases.mutated and getattr(stmt, "fn", "") not in _SAME_LENGTH
    return (kind.rank or 0) < 2


def _items(loop: For, aliases: AliasFacts) -> Sites:
    """The memory of the items that a loop takes."""
    bound = (aliases.binds.get(stmt, {}) for stmt in loop.body[: loop.prologue])
    return NOTHING.union(*(sites for names in bound for sites in names.values()))


def _changes(aliases: AliasFacts) -> dict[Stmt, Sites]:
    """The memory that statements change."""
    found: dict[Stmt, Sites] = {}
    for known in (aliases.written, aliases.mutated, aliases.clobbered):
        for stmt, sites in known.items():
            found[stmt] = found.get(stmt, NOTHING) | sites
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


def _is_alike(stmt: Stmt, kind: Kind, kinds: KindFacts) -> bool:
    """Whether a statement may change memory of a kind, and not only what such memory holds."""
    base = _base(stmt)
    other = UNKNOWN if base is None else kinds.before(stmt, base)
    return "unknown" in (kind.tag, other.tag) or kind.tag == other.tag


def _base(stmt: Stmt) -> Var | None:
    """The variable whose memory a statement changes, where it is one."""
    if isinstance(stmt, Store):
        return stmt.base
    first = stmt.args[0] if isinstance(stmt, Assign) and stmt.args else None
    known = isinstance(stmt, Assign) and str(stmt.fn).startswith(("method.", "operator."))
    return first if known and isinstance(first, Var) else None
