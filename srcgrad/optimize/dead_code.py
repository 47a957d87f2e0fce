"""Drop statements whose results nobody reads.

A reverse program computes adjoints for everything; what the caller did not ask for dies here, and
the
forward statements that only served it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from srcgrad.ir.core import Assign, Block, Function, If
from srcgrad.ir.library import may_write
from srcgrad.ir.liveness import has_effect, live_part
from srcgrad.ir.walk import AUGMENTED, MUTATORS, read_names, rebuild, walk


def eliminate_dead_code(functions: Sequence[Function]) -> list[Function]:
    """The functions of a module without dead statements; those that stay are the same objects.

    Where an exception is caught, calls raise what they raise in the program: their forward halves
    keep every statement.
    """
    catches = any(isinstance(s, If) and s.form == "try" for fn in functions for s in walk(fn.body))
    return [
        replace(fn, body=live_part(fn.body, catches and _is_forward_half(fn))[0])
        for fn in functions
    ]


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
    same = len(kept) == len(block) and all(a is b for a, b in zip(kept, block, strict=True))
    return block if same else tuple(kept)


def _is_value(stmt: Assign) -> bool:
    """True for what gives a value, and does nothing else."""
    known = isinstance(stmt.fn, str) and bool(stmt.targets)
    if not known or has_effect(stmt) or may_write(stmt):
        return False
    return stmt.fn not in MUTATORS and stmt.fn not in AUGMENTED


def _is_forward_half(fn: Function) -> bool:
    return not any(isinstance(s, Assign) and s.fn == "section" for s in fn.body)
