"""All functions that have a form as loops, and what happens to elements of arrays."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from srcgrad.ir.core import Assign
from srcgrad.loops import arrays, reductions
from srcgrad.loops.indexing import add_at, getitem, in_place, part, store, true_view
from srcgrad.loops.values import Value

if TYPE_CHECKING:
    from srcgrad.loops.lower import Loops


def _accumulate(low: Loops, stmt: Assign) -> Value | None:
    add_at(low, stmt)
    return None


def _number(low: Loops, stmt: Assign) -> Value:
    return low.number(stmt.args[0])


HANDLERS: dict[str, Callable[[Loops, Assign], Value | None]] = {
    **arrays.HANDLERS,
    **reductions.HANDLERS,
    "operator.getitem": getitem,
    "numpy.add.at": _accumulate,
    "srcgrad.support.accumulate": _accumulate,
    "srcgrad.support.number": _number,
}

__all__ = ["HANDLERS", "in_place", "part", "store", "true_view"]
