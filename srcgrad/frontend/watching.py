"""Containers of the surroundings that a program was read with: it is read anew when they change."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from srcgrad.frontend.context import Context

LENGTH = "len()"  # no key


class Contents:
    """A container, to be read like the dictionary that a guard looks into."""

    def __init__(self, held: Any) -> None:
        self.held = held

    def get(self, key: Any) -> Any:
        try:
            return len(self.held) if key == LENGTH else self.held[key]
        except LookupError:
            return self


def watch(ctx: Context, held: Any, keys: Iterable[Any]) -> None:
    """Note the items of a container, and how many there are."""
    seen = Contents(held)
    ctx.guards += [(seen, key, held[key]) for key in keys]
    ctx.guards += [(seen, LENGTH, len(held))]


def watch_absence(ctx: Context, obj: Any, name: str) -> None:
    """Note that an object has no attribute of its own by this name, so that its class gives it."""
    if hasattr(obj, "__dict__"):
        seen = Contents(vars(obj))
        ctx.guards.append((seen, name, seen))
