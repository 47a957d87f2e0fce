"""Which names of the lists have a rule, by list and area."""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from pathlib import Path

import srcgrad.rules  # noqa: F401  (fills the table)
from srcgrad.ad.writers import HANDLERS
from srcgrad.frontend.calls import ON_ATOMS
from srcgrad.frontend.higher import ON_NODES
from srcgrad.rules.methods import METHODS
from srcgrad.rules.naming import canonical_name
from srcgrad.rules.registry import TABLE

LISTS = ("baseline", "beyond", "zero_derivative")
_METHOD = "numpy.ndarray."


def names_of(title: str) -> list[str]:
    return (Path(__file__).parent / f"{title}.txt").read_text(encoding="utf-8").split()


def has_rule(name: str) -> bool:
    """A rule under this name, or under another name of the same function, or it is written out."""
    if name.startswith(_METHOD):
        method = name.removeprefix(_METHOD)
        return f"attr.{method}" in TABLE or METHODS.get(method) in TABLE
    written_out = name in HANDLERS or name in ON_ATOMS or name in ON_NODES
    return written_out or name in TABLE or _canonical(name) in TABLE


def _canonical(name: str) -> str:
    module, _, attribute = name.rpartition(".")
    try:
        found = getattr(importlib.import_module(module), attribute, None)
    except ImportError:
        return ""  # a distribution of scipy.stats, which is no module, or no SciPy here
    return canonical_name(found, strict=False)


def area(name: str) -> str:
    """The module that a name belongs to."""
    module = name.rpartition(".")[0]
    return "scipy.stats" if module.startswith("scipy.stats.") else module


def areas(names: list[str]) -> Iterator[tuple[str, list[str], list[str]]]:
    """Each area with its names and those that have no rule."""
    for title in sorted({area(name) for name in names}):
        own = [name for name in names if area(name) == title]
        yield title, own, [name for name in own if not has_rule(name)]
