"""The shape of a value, read of an operand that the backward sweep reads anyway.

The mean of `r ** 2` needs no more of the squares than how many there are, and the adjoint of the
square reads `r`: `r.size` saves the squares, where their values are of no use.
"""

from __future__ import annotations

from srcgrad.ad.broadcasting import same_shape
from srcgrad.ad.choose import squared_call
from srcgrad.ad.context import Context
from srcgrad.ad.operands import Operands
from srcgrad.ir.core import Assign, Atom, Var
from srcgrad.rules.registry import formulas_for


def form_of(atom: Atom, context: Context, operands: Operands) -> Atom:
    """An operand that has the shape of a temporary and is needed for its adjoint, or the
    temporary."""
    while isinstance(atom, Var):
        made = operands.defs.get(atom.name)
        source = _source(made, context, operands) if made is not None else None
        if source is None:
            break
        atom = source
    return atom


def _source(stmt: Assign, context: Context, operands: Operands) -> Var | None:
    varied = context.activity.varied.get(stmt, frozenset())
    if not varied or stmt not in context.activity.useful or len(stmt.targets) != 1:
        return None
    kinds = context.kinds
    found = squared_call(stmt, kinds)
    if found is None or not found[0].elementwise:
        return None
    prim, call = found
    formulas = formulas_for(prim, call) or {}
    active = [p for p, a in call.args.items() if isinstance(a, Var) and a.name in varied]
    read = frozenset().union(*(formulas[p].reads for p in active if p in formulas))
    whole = kinds.after(stmt, stmt.target)
    if "y" in read or not whole.is_array:
        return None  # the value is kept, so that its own shape costs nothing
    for param, atom in call.args.items():
        if param not in read or not isinstance(atom, Var):
            continue
        name = atom.name
        given = name in context.params and name not in operands.assigned
        lasting = given or operands.single(name) is not None
        if lasting and same_shape(kinds.before(stmt, atom), whole):
            return atom
    return None
