"""Loops over dicts and sets: the front end reads an item by its position, these have none.

    for key in d:  ->  keys = list(d.keys())
                       for k in range(len(d)):
                           key = keys[k]

Where only the run can tell whether it is a dict, that is checked before the loop.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from srcgrad import support
from srcgrad.ad.unordered import Unordered
from srcgrad.ir.core import Assign, Atom, Block, For, Stmt, Var
from srcgrad.ir.kinds import Kind
from srcgrad.rules.naming import canonical_name

IN_ORDER = canonical_name(support.in_order)
# What makes a position of another one: `reversed` and `product` count in another way.
_COUNTED = frozenset({"operator.add", "operator.floordiv", "operator.mod", "operator.sub"})


def by_keys(
    loop: For,
    kind: Callable[[Stmt, Atom], Kind],
    fresh: Callable[[Atom], str],
    unordered: Unordered,
) -> tuple[list[Stmt], Block]:
    """What stands before a loop so that items have positions, and the loop's own first statements.

    These are as they were where nothing that is looped over is a dict, or a set.
    """
    head = loop.body[: loop.prologue]
    taken = _read_by_position(head, loop.index)
    found = {stmt.args[0]: kind(stmt, stmt.args[0]) for stmt in taken}
    before: list[Stmt] = []
    for base in sorted(found, key=repr):
        listed = base
        if unordered.has_no_positions(base, found[base]):
            pass
        elif found[base].tag == "unknown":
            before.append(Assign((), IN_ORDER, (base,), unit=loop.unit))
            continue
        elif found[base].tag == "dict":
            listed = Var(fresh(base))
            before.append(Assign((listed.name,), "method.keys", (base,), unit=loop.unit))
        else:
            continue
        keys = fresh(base)
        before.append(Assign((keys,), "builtins.list", (listed,), unit=loop.unit))
        head = tuple(
            replace(stmt, args=(Var(keys), stmt.args[1]))
            if isinstance(stmt, Assign) and stmt in taken and stmt.args[0] == base
            else stmt
            for stmt in head
        )
    return before, head


def _read_by_position(head: Block, index: str) -> list[Assign]:
    """The reads of items at the loop's index, or at a place that is counted from it."""
    places: set[Atom] = {Var(index)}
    found = []
    for stmt in head:
        if not isinstance(stmt, Assign) or len(stmt.args) != 2:
            continue
        if stmt.fn in _COUNTED and not places.isdisjoint(stmt.args):
            places |= {Var(name) for name in stmt.targets}
        elif stmt.fn == "operator.getitem" and stmt.args[1] in places:
            found.append(stmt)
    return found
