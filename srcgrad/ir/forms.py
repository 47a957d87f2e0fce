"""Operands of which only the form is read: the shape, and for new zeros the dtype.

What is in the memory does not matter to them, so that a value need not be recorded for their sake,
nor what is written into it be computed.
"""

from __future__ import annotations

from collections.abc import Iterable

from srcgrad.ir.core import Assign, Const, Stmt, Store, Var

FORM = "%form"  # marks a name of which only the form is of use
# function -> position of the operand
SHAPE_OF = {
    "attr.ndim": 0,
    "attr.shape": 0,
    "attr.size": 0,
    "numpy.ndim": 0,
    "numpy.shape": 0,
    "numpy.size": 0,
    "srcgrad.support.unbroadcast": 1,
    "srcgrad.support_arrays.expand_reduced": 1,
    "srcgrad.support_arrays.short_diff_adjoint": 1,
    "srcgrad.support_arrays.reduced_count": 1,
}
FORM_OF = SHAPE_OF | {
    "numpy.empty_like": 0,
    "numpy.full_like": 0,
    "numpy.ones_like": 0,
    "numpy.zeros_like": 0,
}


def form(name: str) -> str:
    """Stands for the form of a variable among names."""
    return f"{name}{FORM}"


def form_read(stmt: Stmt) -> str | None:
    """The variable of which a statement reads the form alone."""
    if type(stmt) is not Assign:
        return None
    position = FORM_OF.get(stmt.fn) if type(stmt.fn) is str else None
    if position is None or position >= len(stmt.args):
        return None
    atom = stmt.args[position]
    others = (*stmt.args[:position], *stmt.args[position + 1 :], *(a for _, a in stmt.kwargs))
    return atom.name if isinstance(atom, Var) and atom not in others else None


def used_names(stmt: Stmt, read: Iterable[str]) -> Iterable[str]:
    """The names that a statement reads, those of which it reads the form alone marked."""
    alone = form_read(stmt)
    return read if alone is None else [form(n) if n == alone else n for n in read]


def changes_form(stmt: Store) -> bool:
    """True for stores that may change an attribute of an object: `obj.size = n`."""
    return isinstance(stmt.index, Const) and isinstance(stmt.index.value, str)
