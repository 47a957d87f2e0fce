"""Definite assignment: which variables certainly have a value before and after compound
statements."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import field

from srcgrad.ir.classes import dataclass
from srcgrad.ir.core import Block, Exit, For, Function, If, Stmt, While
from srcgrad.ir.walk import writes


@dataclass(slots=True)
class Bound:
    before: dict[Stmt, frozenset[str]] = field(default_factory=dict)
    after: dict[Stmt, frozenset[str]] = field(default_factory=dict)


def find_bound(fn: Function, names: Iterable[str]) -> Bound:
    """Definitely assigned variables of `fn`; `names` are bound on entry."""
    facts = Bound()
    _block(fn.body, set(names), facts)
    return facts


def surely_bound(block: Block, names: Iterable[str]) -> set[str]:
    """Names that certainly have a value after the block."""
    return _block(block, set(names), Bound()) or set()


def _block(block: Block, bound: set[str], facts: Bound) -> set[str] | None:
    """Updates `bound` in place; returns None if the block leaves by a return or break."""
    for stmt in block:
        if isinstance(stmt, Exit):
            return None
        if isinstance(stmt, If):
            facts.before[stmt] = frozenset(bound)
            arms = [_block(arm, set(bound), facts) for arm in (stmt.then, stmt.orelse)]
            ends = [arm for arm in arms if arm is not None]
            if not ends:
                return None
            bound |= set.intersection(*ends) | set(writes(stmt))
            facts.after[stmt] = frozenset(bound)
        elif isinstance(stmt, (For, While)):
            facts.before[stmt] = frozenset(bound)
            inside = set(bound) | set(writes(stmt))
            if isinstance(stmt, While):
                _block(stmt.test, bound, facts)
                inside = set(bound)
            _block(stmt.body, inside, facts)
            facts.after[stmt] = frozenset(bound)
        else:
            bound.update(writes(stmt))
    return bound
