"""Sums of many short rows are made column by column, in the order that `np.sum` has there.

    np.sum(x, axis=1, keepdims=True)      ->      row_sums(x, keepdims=True)

For each row `np.sum` starts anew, which takes ten times as long as the additions of a few elements.
Rows of less than eight elements it adds in order, from zero: the values are the same to the bit, so
that statements of the program may be spelled so too.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from srcgrad import support_selection
from srcgrad.ir.core import Assign, Const, Function, Stmt
from srcgrad.ir.kinds import Kind, floor_of
from srcgrad.optimize.known import Known
from srcgrad.optimize.places import with_changes
from srcgrad.rules.naming import canonical_name

SUM = "numpy.sum"
ROWS = canonical_name(support_selection.row_sums)
WIDEST = 5  # elements of a row: wider ones are read from memory once for each of their columns
MANY = 512  # rows at least, as far as is known


def sum_rows(fn: Function, kinds: Mapping[str, Kind]) -> Function:
    """The function with sums of short rows by columns, in the program's own statements too.

    `kinds`: of variables that have but one. Statements that stay as they are are the same objects.
    """
    known = Known(fn, kinds)
    return with_changes(fn, lambda stmt: _by_columns(stmt, known), everywhere=True)


def _by_columns(stmt: Assign, known: Known) -> list[Stmt] | None:
    if stmt.fn != SUM or len(stmt.targets) != 1 or not stmt.args:
        return None
    x, *given = stmt.args
    options = dict(stmt.kwargs)
    axis = options.pop("axis", None) if not given else given.pop()
    kept = options.pop("keepdims", Const(False))
    if given or options or axis not in (Const(1), Const(-1)) or not isinstance(kept, Const):
        return None
    if type(kept.value) is not bool or not _is_of_short_rows(known.inferred(x)):
        return None
    keep = (("keepdims", kept),) if kept.value else ()
    return [replace(stmt, fn=ROWS, args=(x,), kwargs=keep)]


def _is_of_short_rows(kind: Kind | None) -> bool:
    """True for a matrix known to have many rows of few elements."""
    if kind is None or kind.rank != 2 or not kind.is_array or kind.dtype not in ("f8", "f4"):
        return False
    rows, width = kind.shape or ()
    return isinstance(width, int) and 2 <= width <= WIDEST and floor_of(rows) >= MANY
