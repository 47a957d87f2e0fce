"""Modules that srcgrad itself does without: formulas and carried helpers name their functions."""

from __future__ import annotations

import importlib
from typing import Any


class Distant:
    """A module that formulas name, imported where one of its functions is called at the latest.

    Only derivatives of programs that import it get there.
    """

    def __init__(self, dotted: str) -> None:
        self.dotted = dotted

    def __getattr__(self, name: str) -> Distant:
        if name.startswith("__"):
            raise AttributeError(name)
        return Distant(f"{self.dotted}.{name}")

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        return self.found()(*args, **kwargs)

    def found(self) -> Any:
        """The object itself: of the longest part of the name that is a module."""
        module, _, path = self.dotted.rpartition(".")
        try:
            return getattr(importlib.import_module(module), path)
        except ImportError:
            owner, _, attribute = module.rpartition(".")
            return getattr(getattr(importlib.import_module(owner), attribute), path)
