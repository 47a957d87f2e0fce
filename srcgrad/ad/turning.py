"""Matrices, and stacks of them, that are transposed twice, and transposed products of them.

`b.T @ a` stands for `(a.T @ b).T`, which is a view, and x for what `np.swapaxes` turns twice.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from srcgrad.ir.core import Atom, Const, Var
from srcgrad.ir.kinds import Kind

if TYPE_CHECKING:
    from srcgrad.ad.builder import Builder

TURNS = ("attr.T", "numpy.swapaxes")
Axes = tuple[int, int]  # from the end, the first one first


def turned(build: Builder, fn: str, args: tuple[Atom, ...]) -> Atom | None:
    """The transpose as what the same statement of the program has already; None if it has none."""
    axes = _axes(build.kind(args[0]), fn, args)
    if axes is None:
        return None
    back = _turned(build, args[0], axes)
    return back if back is not None else _turned_product(build, fn, args[0], axes)


def _turned_product(build: Builder, fn: str, atom: Atom, axes: Axes) -> Atom | None:
    """The transpose of a product that the same statement makes of a transposed matrix."""
    product = build.still_made(atom)
    if product is None or product.fn != "operator.matmul" or product.unit != build.unit:
        return None
    inner = [_turned(build, arg, axes) for arg in product.args]
    rank = build.kind(atom).rank
    if inner == [None, None] or any(build.kind(arg).rank != rank for arg in product.args):
        return None
    if axes != (-2, -1) or fn == "attr.T" and rank != 2:
        return None
    places = () if fn == "attr.T" else (Const(-1), Const(-2))
    parts = [
        other if other is not None else build.emit(fn, (arg, *places))
        for other, arg in zip(inner, product.args, strict=True)
    ]
    return build.emit("operator.matmul", parts[::-1])


def _turned(build: Builder, atom: Atom, axes: Axes) -> Atom | None:
    """x where the operand is the temporary `x.T`, and x is what it was."""
    stmt = build.defs.get(atom.name) if isinstance(atom, Var) else None
    if stmt is None or stmt.fn not in TURNS or stmt.unit != build.unit or stmt.kwargs:
        return None
    if _axes(build.kind(atom), str(stmt.fn), stmt.args) != axes:
        return None
    inner = stmt.args[0]
    name = inner.name if isinstance(inner, Var) else ""
    return inner if build.changes.get(name, 0) == build.read_at.get(stmt.target) else None


def _axes(kind: Kind, fn: str, args: tuple[Atom, ...]) -> Axes | None:
    """Which axes a transpose exchanges, of an array whose rank is known."""
    rank = kind.rank
    if rank is None or not kind.is_array:
        return None
    if fn == "attr.T":
        return (-2, -1) if rank == 2 else None
    found = [arg.value for arg in args[1:] if isinstance(arg, Const) and type(arg.value) is int]
    if len(found) != 2 or not all(-rank <= axis < rank for axis in found):
        return None
    first, second = sorted(axis % rank - rank for axis in found)
    return first, second
