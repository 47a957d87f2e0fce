"""Kinds of derivative variables, with what they were before: branches are told apart by that.

Copies of the whole table at each branch would take time that grows with the square of the program.
"""

from __future__ import annotations

from collections.abc import Mapping

from srcgrad.ir.kinds import Kind


class KindTable(dict[str, Kind]):
    """`past`: each name that was set, and its kind until then. Its length is a moment."""

    __slots__ = ("past",)

    def __init__(self) -> None:
        super().__init__()
        self.past: list[tuple[str, Kind | None]] = []

    def __setitem__(self, name: str, kind: Kind) -> None:
        self.past.append((name, self.get(name)))
        super().__setitem__(name, kind)

    @property
    def moment(self) -> int:
        return len(self.past)

    def changed(self, since: int) -> dict[str, Kind]:
        """The names that were set since a moment, with their kinds now."""
        return {name: self[name] for name, _ in self.past[since:]}

    def before(self, since: int) -> dict[str, Kind]:
        """The names that were set since a moment, with their kinds then; new ones left out."""
        found: dict[str, Kind | None] = {}
        for name, kind in self.past[since:]:
            found.setdefault(name, kind)
        return {name: kind for name, kind in found.items() if kind is not None}

    def turn_to(self, since: int, kinds: Mapping[str, Kind]) -> None:
        """What was set since a moment is as it was then, but for these; new names stay."""
        for name, kind in {**self.before(since), **kinds}.items():
            self[name] = kind
