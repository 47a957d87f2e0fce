"""The rules: each file declares primitives in the registry; importing this fills the table."""

from __future__ import annotations

from srcgrad.rules import (
    builtinfunctions,
    complexparts,
    copying,
    creation,
    discrete,
    einsum,
    elementwise,
    indexing,
    joining,
    linalg,
    mathfunctions,
    operators,
    ordering,
    powers,
    products,
    reductions,
    running,
    selection,
    shaping,
    statistics,
)

__all__ = [
    "builtinfunctions",
    "complexparts",
    "copying",
    "creation",
    "discrete",
    "einsum",
    "elementwise",
    "indexing",
    "joining",
    "linalg",
    "mathfunctions",
    "operators",
    "ordering",
    "powers",
    "products",
    "reductions",
    "running",
    "selection",
    "shaping",
    "statistics",
]
