"""Statements of a function left out, or exchanged for others."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace

from srcgrad.ir.core import Block, Function, Stmt
from srcgrad.ir.walk import rebuild, same


def exchanged(
    fn: Function, gone: Collection[Stmt], instead: Mapping[Stmt, tuple[Stmt, ...]]
) -> Function:
    """The function without some statements, and with others in place of some.

    Statements that stay as they are are the same objects.
    """
    if not gone and not instead:
        return fn

    def block(old: Block) -> Block:
        new: list[Stmt] = []
        for stmt in old:
            if stmt in instead:
                new += instead[stmt]
            elif stmt not in gone:
                new.append(rebuild(stmt, block))
        return same(old, new)

    return replace(fn, body=block(fn.body))
