"""Whose memory a value may be."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from srcgrad.ad.builder import Builder
from srcgrad.ad.leaves import HELD, Leaf, Path
from srcgrad.ir.core import Atom, Var


def roots(build: Builder, atom: Atom) -> Iterator[str]:
    """A variable, and those that it is a view of, as far as temporaries tell."""
    pending, seen = [atom], set()
    while pending:
        found = pending.pop()
        if isinstance(found, Var) and found.name not in seen:
            seen.add(found.name)
            yield found.name
            made = build.defs.get(found.name)
            if made is not None and not build.is_fresh(found):
                pending.extend(made.args)


class Owners:
    """Adjoints by the variables whose memory they own: they may add to it in place."""

    def __init__(self, build: Builder) -> None:
        self.build = build
        self.paths: dict[str, set[Path]] = {}

    def note(self, path: Path, leaf: Leaf) -> None:
        if leaf.owned and isinstance(leaf.atom, Var):
            self.paths.setdefault(leaf.atom.name, set()).add(path)

    def of(self, atom: Atom, leaves: Mapping[Path, Leaf]) -> Iterator[Path]:
        """Adjoints present that own memory which a value may be in. What is being handed out is
        not added to any more."""
        for name in roots(self.build, atom):
            for path in self.paths.get(name, ()):
                leaf = leaves.get(path)
                if leaf is not None and leaf.owned and leaf.atom == Var(name) and path[0] != HELD:
                    yield path
