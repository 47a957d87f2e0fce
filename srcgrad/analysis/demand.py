"""What a scalar result says of parameters nothing is known of.

`grad` needs a scalar. If the result is elementwise in its operands, each of them is a scalar too,
and so
on back to the parameters: a broadcast result has rank 0 only if every operand has.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from srcgrad.ir.core import Assign, Exit, Function, Var
from srcgrad.ir.kinds import Kind
from srcgrad.ir.walk import names, walk, writes
from srcgrad.rules.registry import lookup


def scalar_params(fn: Function, kinds: Mapping[str, Kind]) -> tuple[str, ...]:
    """Parameters of unknown kind that a scalar result proves to be scalars."""
    counts: Counter[str] = Counter(name for stmt in walk(fn.body) for name in writes(stmt))
    wanted: set[str] = set()
    for stmt in walk(fn.body):
        if isinstance(stmt, Exit) and stmt.kind == "return":
            wanted |= set(names((stmt.value,)))
    for stmt in reversed(fn.body):
        if not isinstance(stmt, Assign) or len(stmt.targets) != 1:
            continue
        if stmt.target not in wanted or counts[stmt.target] != 1 or not isinstance(stmt.fn, str):
            continue
        prim = lookup(stmt.fn)
        if stmt.fn == "copy" or prim is not None and prim.elementwise:
            wanted |= {atom.name for atom in stmt.args if isinstance(atom, Var)}
    unknown = [p.name for p in fn.params if kinds[p.name].tag == "unknown"]
    return tuple(name for name in unknown if name in wanted and not counts[name])
