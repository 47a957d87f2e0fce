"""Products of matrices that are transposed: `b.T @ a` for `(a.T @ b).T`, which is a view."""

from __future__ import annotations

from typing import TYPE_CHECKING

from srcgrad.ir.core import Atom, Var

if TYPE_CHECKING:
    from srcgrad.ad.builder import Builder


def turned_product(build: Builder, atom: Atom) -> Atom | None:
    """The transpose of a product that the same statement makes of a transposed matrix."""
    product = build.still_made(atom)
    if product is None or product.fn != "operator.matmul" or product.unit != build.unit:
        return None
    inner = [_turned(build, arg) for arg in product.args]
    if inner == [None, None] or any(build.kind(arg).rank != 2 for arg in product.args):
        return None
    parts = [
        other if other is not None else build.emit("attr.T", (arg,))
        for other, arg in zip(inner, product.args, strict=True)
    ]
    return build.emit("operator.matmul", parts[::-1])


def _turned(build: Builder, atom: Atom) -> Atom | None:
    """x where the operand is the temporary `x.T`, and x is what it was."""
    stmt = build.defs.get(atom.name) if isinstance(atom, Var) else None
    if stmt is None or stmt.fn != "attr.T" or stmt.unit != build.unit:
        return None
    (inner,) = stmt.args
    name = inner.name if isinstance(inner, Var) else ""
    return inner if build.changes.get(name, 0) == build.read_at.get(stmt.target) else None
