"""Memory that is put back for the sake of one name only: where that is not read, it need not be."""

from __future__ import annotations

from dataclasses import replace

from srcgrad.ad.assemble import Sweeps
from srcgrad.ad.context import Context
from srcgrad.ad.steps import Code
from srcgrad.ir.core import Block, Store
from srcgrad.ir.forms import form_read
from srcgrad.ir.walk import names, operands, reads, rebuild, walk, writes


def with_own_memory(context: Context, sweeps: Sweeps, entry: Code) -> Sweeps:
    """The backward sweep that says of which stores no other name reads what they leave.

    `entry`: what is read after it.
    """
    block = tuple(sweeps.backward)
    if not any(isinstance(stmt, Store) and stmt.restores for stmt in walk(block)):
        return sweeps
    sites: dict[str, set[int]] = {}
    for facts in (context.aliases.reads, context.aliases.binds):
        for found in facts.values():
            for name, points in found.items():
                sites.setdefault(name, set()).update(site.number for site in points)
    for call, (_, residuals) in context.pairs.items():  # they may be the very memory given
        for name in (*names(operands(call)), *writes(call)):
            sites.setdefault(residuals, set()).update(sites.get(name, ()))
    read = {name for stmt in walk((*block, *entry)) for name in reads(stmt) - {form_read(stmt)}}
    readers: dict[int, set[str]] = {}
    for name in read:
        for site in sites.get(name, ()):
            readers.setdefault(site, set()).add(name)
    alone = {n for n, own in sites.items() if all(readers.get(s, {n}) == {n} for s in own)}
    return replace(sweeps, backward=list(_plain(block, alone)))


def _plain(block: Block, alone: set[str]) -> Block:
    """The block in which stores into these arrays matter to readers of the same name only."""
    out = []
    for stmt in block:
        new = rebuild(stmt, lambda inner: _plain(inner, alone))
        if isinstance(new, Store) and new.restores and new.base.name in alone:
            new = replace(new, restores=False)
        out.append(new)
    return tuple(out)
