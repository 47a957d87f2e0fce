"""What a mask lets through, of large arrays, without a branch for each element.

    flat = x > 1                              flat = ~(x > 1)
    y = np.where(flat, 0.0, x)        ->      y = kept_where(flat, x)
    x_bar = np.where(flat, 0, g)              x_bar = kept_where(flat, g)

Where a mask has no order, a processor guesses every second branch of `np.where` wrongly, and takes
ten times as long as for a product. `g * ~mask` is not the same where `g` is infinite: a product of
the bits is.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace

from srcgrad.ir.core import Assign, Atom, Const, Function, Stmt, Var
from srcgrad.ir.kinds import Kind, is_large
from srcgrad.ir.walk import walk
from srcgrad.optimize.known import KEPT, Known
from srcgrad.optimize.places import with_changes

WHERE = "numpy.where"


def keep_bits(fn: Function, kinds: Mapping[str, Kind]) -> Function:
    """The function that multiplies bits by masks, in both sweeps.

    `kinds`: of variables that have but one. Statements that stay as they are are the same objects.
    """
    known = Known(fn, kinds)
    choices = [s for s in walk(fn.body) if isinstance(s, Assign) and _is_choice(s, known)]
    turned = _turned(fn, known, [s for s in choices if _is_zero(s.args[1])])

    def change(stmt: Assign) -> list[Stmt] | None:
        if stmt in turned.values():
            mask, keep = Var(f"{stmt.target}@mask"), stmt.targets
            made = replace(stmt, targets=(mask.name,))
            return [made, Assign(keep, "operator.invert", (mask,), unit=stmt.unit)]
        if stmt in choices:
            return _masked(stmt, turned)
        return None

    return with_changes(fn, change, everywhere=True)


def _is_choice(stmt: Assign, known: Known) -> bool:
    """True for items of a large array, and zeros elsewhere."""
    if stmt.fn != WHERE or len(stmt.args) != 3 or stmt.kwargs:
        return False
    mask, a, b = stmt.args
    kind, choice = known.inferred(b if _is_zero(a) else a), known.inferred(mask)
    if not (_is_zero(a) or _is_zero(b)) or not is_large(kind):
        return False
    return choice is not None and choice.is_array and choice.dtype == "b" and bool(choice.rank)


def _turned(fn: Function, known: Known, dropping: list[Assign]) -> dict[str, Assign]:
    """The masks that nothing reads but choices of zeros, and what makes them: where they are true,
    zeros are wanted, and so they are made the other way round."""
    readers = Counter(str(s.args[0].name) for s in dropping if isinstance(s.args[0], Var))
    found = {}
    for name, times in readers.items():
        made = known.maker(Var(name))
        plain = made is not None and len(made.targets) == 1 and "@" in name
        if made is not None and plain and known.read[name] == times > 1:
            found[name] = made
    return found


def _masked(stmt: Assign, turned: Mapping[str, Assign]) -> list[Stmt]:
    mask, a, b = stmt.args
    if not _is_zero(a):
        return [replace(stmt, fn=KEPT, args=(mask, a))]
    if isinstance(mask, Var) and mask.name in turned:
        return [replace(stmt, fn=KEPT, args=(mask, b))]
    keep = Var(f"{stmt.target}@keep")
    return [
        replace(stmt, targets=(keep.name,), fn="operator.invert", args=(mask,)),
        replace(stmt, fn=KEPT, args=(keep, b)),
    ]


def _is_zero(atom: Atom) -> bool:
    return atom in (Const(0), Const(0.0))
