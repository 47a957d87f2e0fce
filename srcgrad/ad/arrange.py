"""The order of primal statements and tangents inside one statement of the user's.

A tangent reads operands as they were before its statement, and sometimes the result. Where nothing
it reads is overwritten, the tangents stand together below the user's own text, or above it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import field

from srcgrad.ad.tangents import DOT
from srcgrad.ir.classes import dataclass
from srcgrad.ir.core import Assign, Block, For, If, Stmt, Store, While
from srcgrad.ir.liveness import has_effect
from srcgrad.ir.walk import MUTATORS, read_names, walk, writes


@dataclass(slots=True)
class Part:
    """A primal statement and its tangent. `stmts`: the primal as it is to be printed."""

    stmt: Stmt
    stmts: list[Stmt]
    code: list[Stmt] = field(default_factory=list)
    keep: list[Stmt] = field(default_factory=list)  # runs before the primal, whatever the order
    reads_result: bool = False


def arrange(parts: list[Part]) -> list[Stmt]:
    """The statements of one unit and their tangents in an order that is right, and reads well."""
    primal = [stmt for part in parts for stmt in part.stmts]
    tangents = [stmt for part in parts for stmt in part.code]
    if not tangents:
        return primal
    if not any(part.keep for part in parts):
        if may_follow(parts):
            return primal + tangents
        if _may_precede(parts):
            return tangents + primal
    return [stmt for part in parts for stmt in _in_place(part)]


def acts(stmt: Stmt) -> bool:
    """True for what changes memory, or does more than bind a name."""
    if isinstance(stmt, (Store, If, For, While)):
        return True
    if not isinstance(stmt, Assign):
        return False
    return not stmt.targets or stmt.fn in MUTATORS or has_effect(stmt)


def _in_place(part: Part) -> list[Stmt]:
    bound = set(_bound(part.stmts))
    late = part.reads_result or not (bound & _reads(part)) and not any(map(acts, part.stmts))
    if late:
        return [*part.keep, *part.stmts, *part.code]
    return [*part.keep, *part.code, *part.stmts]


def may_follow(parts: list[Part]) -> bool:
    """True if every tangent may stand behind the last statement."""
    later: set[str] = set()
    read: set[str] = set()  # by primal statements: calls read tangents
    for part in reversed(parts):
        if _changes(part.code, read):
            return False
        read |= read_names(tuple(part.stmts))
        own = set() if part.reads_result else set(_bound(part.stmts))
        if any(map(acts, part.stmts)) or _reads(part) & (later | own):
            return False
        later |= set(_bound(part.stmts))
    return True


def _may_precede(parts: list[Part]) -> bool:
    """True if every tangent may stand before the first statement."""
    bound = {name for part in parts for name in _bound(part.stmts)}
    if any(acts(stmt) for part in parts[:-1] for stmt in part.stmts):
        return False
    read: set[str] = set()
    for part in parts:
        if _changes(part.code, read):
            return False
        read |= read_names(tuple(part.stmts))
    return not any(part.reads_result or _reads(part) & bound for part in parts)


def _changes(code: list[Stmt], read: set[str]) -> bool:
    """True if names that are read are others afterwards, or hold something else: a store into one
    tangent may change any."""
    stores = any(map(acts, walk(tuple(code))))
    return bool(read & set(_bound(code))) or stores and any(DOT in name for name in read)


def _bound(stmts: Iterable[Stmt]) -> list[str]:
    return [name for stmt in walk(tuple(stmts)) for name in writes(stmt)]


def _reads(part: Part) -> set[str]:
    block: Block = tuple(part.code)
    return read_names(block)
