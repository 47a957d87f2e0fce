"""Memory that is put back for the sake of one name only: where that is not read, it need not be."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from srcgrad.ad.assemble import Sweeps
from srcgrad.ad.context import Context
from srcgrad.ad.steps import Code
from srcgrad.ir.core import Assign, Block, Store
from srcgrad.ir.forms import form_read
from srcgrad.ir.walk import MUTATORS, names, operands, reads, rebuild, walk, writes
from srcgrad.rules.registry import lookup


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
    read = {name for stmt in walk((*block, *entry)) for name in reads(stmt) - {form_read(stmt)}}
    readers: dict[int, set[str]] = {}
    for name in read:
        for site in sites.get(name, ()):
            readers.setdefault(site, set()).add(name)
    held = set[int]().union(*(sites.get(name, set()) for name in _held(context.fn.body)))
    # A name that is brought back may name the same memory again: `y = np.asarray(y)`, undone.
    bound = {name for stmt in walk(block) if not isinstance(stmt, Store) for name in writes(stmt)}
    alone = {
        name
        for name, own in sites.items()
        if name not in bound
        and own.isdisjoint(held)
        and all(readers.get(site, {name}) == {name} for site in own)
    }
    return replace(sweeps, backward=list(_plain(block, alone)))


def _held(block: Block) -> Iterator[str]:
    """Names of memory that may be had otherwise: from containers, residuals, code of others."""
    for stmt in walk(block):
        fn = stmt.fn if isinstance(stmt, Assign) else None
        if isinstance(stmt, Store):
            yield from names((stmt.value,))
        elif isinstance(stmt, Assign) and not (isinstance(fn, str) and _is_plain(fn)):
            yield from (*names(operands(stmt)), *writes(stmt))


def _is_plain(fn: str) -> bool:
    """True for what keeps nothing but a view of what it is given."""
    if fn in ("copy", "slice", "operator.getitem") or fn.startswith("attr."):
        return True
    return fn not in MUTATORS and fn not in ("tuple", "list", "dict") and lookup(fn) is not None


def _plain(block: Block, alone: set[str]) -> Block:
    """The block in which stores into these arrays matter to readers of the same name only."""
    out = []
    for stmt in block:
        new = rebuild(stmt, lambda inner: _plain(inner, alone))
        if isinstance(new, Store) and new.restores and new.base.name in alone:
            new = replace(new, restores=False)
        out.append(new)
    return tuple(out)
