"""What a mask lets through, of large arrays, without a branch for each element.

    x_bar = np.where(mask, 0, g)      ->      x_bar = kept_where(~mask, g)

Where a mask has no order, a processor guesses every second branch of `np.where` wrongly, and takes
ten times as long as for a product. `g * ~mask` is not the same where `g` is infinite: a product of
the bits is.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from srcgrad.ir.core import Assign, Atom, Const, Function, Stmt, Var
from srcgrad.ir.kinds import Kind
from srcgrad.optimize.known import KEPT, Known
from srcgrad.optimize.lives import is_large
from srcgrad.optimize.places import with_changes

WHERE = "numpy.where"


def keep_bits(fn: Function, kinds: Mapping[str, Kind]) -> Function:
    """The function whose adjoint multiplies bits by masks.

    `kinds`: of variables that have but one. Statements that stay as they are are the same objects.
    """
    known = Known(fn, kinds)
    return with_changes(fn, lambda stmt: _masked(stmt, known))


def _masked(stmt: Assign, known: Known) -> list[Stmt] | None:
    if stmt.fn != WHERE or len(stmt.args) != 3:
        return None
    mask, a, b = stmt.args
    value = b if _is_zero(a) else a
    kind, choice = known.inferred(value), known.inferred(mask)
    if not (_is_zero(a) or _is_zero(b)) or stmt.kwargs or not is_large(kind):
        return None
    if choice is None or not choice.is_array or choice.dtype != "b" or not choice.rank:
        return None
    if value is a:
        return [replace(stmt, fn=KEPT, args=(mask, value))]
    keep = Var(f"{stmt.target}keep")
    return [
        replace(stmt, targets=(keep.name,), fn="operator.invert", args=(mask,)),
        replace(stmt, fn=KEPT, args=(keep, value)),
    ]


def _is_zero(atom: Atom) -> bool:
    return atom in (Const(0), Const(0.0))
