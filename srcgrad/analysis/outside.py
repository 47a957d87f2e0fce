"""Calls whose effect is seen outside: they print, draw, or change containers of others."""

from __future__ import annotations

from collections.abc import Iterator

from srcgrad.ir.core import Assign, Function, Var
from srcgrad.ir.liveness import has_effect
from srcgrad.ir.walk import MUTATORS, walk, writes

# What makes a container that nobody else holds.
_MAKERS = frozenset({"list", "dict", "set", "builtins.list", "builtins.dict", "builtins.set"})
_SILENT = frozenset({"assert", "raise", "section"})


def seen_outside(fn: Function) -> Iterator[Assign]:
    """Calls that somebody outside can tell were made twice, as far as can be known."""
    own = _own_containers(fn)
    for stmt in walk(fn.body):
        if not isinstance(stmt, Assign) or stmt.fn in _SILENT or not has_effect(stmt):
            continue
        base = stmt.args[0] if stmt.args and stmt.fn in MUTATORS else None
        if not (isinstance(base, Var) and base.name in own):
            yield stmt


def _own_containers(fn: Function) -> set[str]:
    """Names that hold containers made in the function, and nothing else."""
    others: set[str] = {p.name for p in fn.params} | set(fn.globals)
    own: set[str] = set()
    for stmt in walk(fn.body):
        fresh = isinstance(stmt, Assign) and stmt.fn in _MAKERS
        (own if fresh else others).update(writes(stmt))
    return own - others
