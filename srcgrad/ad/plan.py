"""What the analysis of recorded values finds, and the state it carries through a program."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import field
from typing import Any

from srcgrad.analysis.alias import Site
from srcgrad.ir.classes import dataclass
from srcgrad.ir.core import Assign, Block, Exit, If, Stmt
from srcgrad.ir.walk import assigned, leaves_by, stored, walk, writes

Arm = tuple[Stmt, int]  # a nested block: its statement and position


@dataclass(slots=True)
class Required:
    """Variables (with the unit whose adjoint reads them) and memory that adjoints so far will
    read."""

    names: dict[str, int] = field(default_factory=dict)
    sites: set[Site] = field(default_factory=set)

    def copy(self) -> Required:
        return Required(dict(self.names), set(self.sites))

    def join(self, other: Required) -> None:
        self.names = {**other.names, **self.names}
        self.sites |= other.sites

    def need(self, names: Iterable[str], unit: int) -> None:
        for name in sorted(names):  # their order decides that of tapes in the text
            self.names.setdefault(name, unit)

    def drop(self, names: Iterable[str]) -> None:
        for name in names:
            self.names.pop(name, None)


@dataclass(slots=True)
class Plan:
    """What to record, and where."""

    # variables, before a statement
    before: dict[Stmt, dict[str, int]] = field(default_factory=dict)
    content: dict[Stmt, int] = field(default_factory=dict)  # stores that record what they overwrite
    # variables, once per run of a block
    at_end: dict[Arm, dict[str, int]] = field(default_factory=dict)
    # variables computed again instead
    again: dict[Arm, dict[str, Assign]] = field(default_factory=dict)
    lost: dict[str, Stmt] = field(default_factory=dict)  # recorded in a `try`, of before it
    unbound: set[str] = field(default_factory=set)  # recorded where they may have no value yet


@dataclass(slots=True)
class Scope:
    """One block under analysis: what it surely defines, what it reads of before."""

    bound: set[str]
    defined: set[str] = field(default_factory=set)
    exposed: set[str] = field(default_factory=set)

    def read(self, names: Iterable[str]) -> None:
        self.exposed |= set(names) - self.defined

    def define(self, names: Iterable[str]) -> None:
        names = set(names)
        self.defined |= names
        self.bound |= names

    def inner(self) -> Scope:
        return Scope(set(self.bound))

    def merge(self, scopes: list[Scope]) -> None:
        for scope in scopes:
            self.read(scope.exposed)
        if scopes:
            self.define(set.intersection(*(scope.defined for scope in scopes)))


def last_definitions(block: Block, pairs: Mapping[Stmt, tuple[Any, str]]) -> dict[str, Stmt]:
    """For each variable a block assigns, the last of its own statements that does. What a call
    keeps for its adjoint is one of them."""
    last: dict[str, Stmt] = {}
    for stmt in block:
        for part in walk((stmt,)):
            last |= dict.fromkeys(writes(part), stmt)
            if part in pairs:
                last[pairs[part][1]] = stmt
    return last


def last_changes(block: Block, last: Mapping[str, Stmt]) -> dict[str, int]:
    """For each variable, where the block has its last value: behind its last definition, and what
    is stored into it after that. Where the block may be left in between, it is the definition."""
    found: dict[str, int] = {}
    known: set[str] = set()  # defined for the last time, and the block was not left since
    for place, stmt in enumerate(block):
        if known and _may_end(stmt):
            known.clear()
        found.update(dict.fromkeys(known & stored((stmt,)), place))
        own = {name for name in assigned((stmt,)) if last.get(name) is stmt}
        found.update(dict.fromkeys(own, place))
        known |= own
    places = {stmt: place for place, stmt in enumerate(block)}
    return {name: places[stmt] for name, stmt in last.items()} | found


def _may_end(stmt: Stmt) -> bool:
    """True if what follows in the block may not be reached."""
    returns = any(isinstance(s, Exit) and s.kind == "return" for s in walk((stmt,)))
    return returns or isinstance(stmt, Exit) or may_leave(stmt)


def may_leave(stmt: Stmt) -> bool:
    return isinstance(stmt, If) and any(
        leaves_by((stmt,), kind) for kind in ("break", "continue", "return")
    )
