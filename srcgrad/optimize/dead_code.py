"""Drop statements whose results nobody reads.

A reverse program computes adjoints for everything; what the caller did not ask for dies here, and
the
forward statements that only served it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from srcgrad.ir.core import Assign, Block, Function, If, Var
from srcgrad.ir.library import may_write
from srcgrad.ir.liveness import has_effect, live_part
from srcgrad.ir.walk import (
    AUGMENTED,
    MUTATORS,
    names,
    operands,
    read_names,
    reads,
    rebuild,
    same,
    walk,
    writes,
)

APPEND = "method.append"
ITEMS = (APPEND, "operator.getitem")


def eliminate_dead_code(functions: Sequence[Function]) -> list[Function]:
    """The functions of a module without dead statements; those that stay are the same objects.

    Where an exception is caught, calls raise what they raise in the program: their forward halves
    keep every statement.
    """
    catches = any(type(s) is If and s.form == "try" for fn in functions for s in walk(fn.body))
    whole = [catches and _is_forward_half(fn) for fn in functions]
    return [
        replace(fn, body=_live(fn.body, keeps)) for fn, keeps in zip(functions, whole, strict=True)
    ]


def _live(block: Block, whole: bool) -> Block:
    """The block without what is dead; lists that only grow by what is read of them are, too."""
    found = live_part(block, whole)[0]
    lists = set() if whole else _grown(found)
    while lists:
        kept = live_part(_without_appends(found, lists))[0]
        left = lists - read_names(kept)
        if left == lists:
            return kept
        lists = left
    return found


def _grown(block: Block) -> set[str]:
    """Names of new lists of which nothing but items is read, and that are appended to."""
    if not any(type(stmt) is Assign and stmt.fn == APPEND for stmt in walk(block)):
        return set()
    new: set[str] = set()
    appended: set[str] = set()
    others: set[str] = set()
    for stmt in walk(block):
        own = stmt.args[:1] if isinstance(stmt, Assign) and stmt.fn in ITEMS else ()
        of = {atom.name for atom in own if isinstance(atom, Var)}
        others |= set(names(operands(stmt)[1:])) if of else reads(stmt)
        if isinstance(stmt, Assign) and stmt.fn == APPEND:
            appended |= of
        if isinstance(stmt, Assign) and stmt.fn == "list":
            new.update(stmt.targets)
        else:
            others.update(writes(stmt))
    return (new & appended) - others


def _without_appends(block: Block, lists: set[str]) -> Block:
    return tuple(
        rebuild(stmt, lambda inner: _without_appends(inner, lists))
        for stmt in block
        if not (
            isinstance(stmt, Assign)
            and stmt.fn == APPEND
            and not lists.isdisjoint(names(stmt.args[:1]))
        )
    )


def drop_unread(fn: Function) -> Function:
    """A program as it is written, without values that no statement reads.

    Names of it may share memory: stores stay, and all that may write.
    """
    while True:
        body = _without(fn.body, read_names(fn.body))
        if body is fn.body:
            return fn
        fn = replace(fn, body=body)


def _without(block: Block, read: set[str]) -> Block:
    kept = [
        rebuild(stmt, lambda inner: _without(inner, read))
        for stmt in block
        if not (isinstance(stmt, Assign) and _is_value(stmt) and read.isdisjoint(stmt.targets))
    ]
    return same(block, kept)


def _is_value(stmt: Assign) -> bool:
    """True for what gives a value, and does nothing else."""
    known = isinstance(stmt.fn, str) and bool(stmt.targets)
    if not known or has_effect(stmt) or may_write(stmt):
        return False
    return stmt.fn not in MUTATORS and stmt.fn not in AUGMENTED


def _is_forward_half(fn: Function) -> bool:
    return not any(isinstance(s, Assign) and s.fn == "section" for s in fn.body)
