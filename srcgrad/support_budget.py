"""What stands in a text that counts what it would record."""

from __future__ import annotations

from typing import Any


def weigh(value: Any, loop: str, what: str) -> None:
    """Stands for a `Ledger` of `srcgrad.ledger`, which takes its place before the text is run."""
