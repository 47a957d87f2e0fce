"""Variables that may stand for the same memory: a statement that writes it changes them all."""

from __future__ import annotations

import functools

from srcgrad.ad.tangents import dot
from srcgrad.analysis.memory import AliasFacts
from srcgrad.ir.core import Stmt


class Memory:
    """Variables by the memory that they may stand for."""

    def __init__(self, aliases: AliasFacts) -> None:
        self.aliases = aliases

    @functools.cached_property
    def names(self) -> dict[int, set[str]]:
        found: dict[int, set[str]] = {}
        for facts in (self.aliases.reads, self.aliases.binds):
            for places in facts.values():
                for name, sites in places.items():
                    for site in sites:
                        found.setdefault(site.number, set()).add(name)
        return found

    def changed_by(self, stmt: Stmt) -> set[str]:
        """Variables whose memory a statement may write, and their tangents, which change alike."""
        facts = (self.aliases.written, self.aliases.mutated, self.aliases.clobbered)
        sites = {site.number for known in facts for site in known.get(stmt, ())}
        changed = {name for number in sites for name in self.names.get(number, ())}
        return changed | {dot(name) for name in changed}
