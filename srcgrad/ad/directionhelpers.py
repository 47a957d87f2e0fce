"""Helpers of derivatives, for tangents along many directions."""

from __future__ import annotations

from srcgrad import support, support_pushforwards, support_tangents
from srcgrad.ad.lanes import Lanes
from srcgrad.ir.core import Assign
from srcgrad.ir.walk import operands
from srcgrad.rules.naming import canonical_name

# Helpers that take stacks of matrices, and broadcast: they need not know of the axis in front.
STACKED = frozenset(
    canonical_name(helper)
    for helper in (
        support_pushforwards.cholesky_tangent,
        support_pushforwards.eigh_tangent,
        support_pushforwards.eigvalsh_tangent,
        support_pushforwards.from_lower,
        support_pushforwards.matrix_power_tangent,
        support_pushforwards.pinv_tangent,
        support_pushforwards.qr_tangent,
        support_pushforwards.r_tangent,
        support_pushforwards.singular_values_tangent,
        support_pushforwards.solve_tangent_a,
        support_pushforwards.svd_tangent,
    )
)
# Helpers with a form of their own for many directions.
FORMS = {
    canonical_name(one): canonical_name(many)
    for one, many in {
        support_pushforwards.rearranged: support_tangents.rearranged_along,
    }.items()
}
OVER = canonical_name(support.over)


def is_stacked(stmt: Assign, lanes: Lanes) -> bool:
    """True for a helper that may be called as it is: only its first operand has the axis, in front
    of all stacks that there are."""
    first, *rest = operands(stmt)
    if any(map(lanes.has, rest)):
        return False
    return all(lanes.kind(atom).rank in (0, 1, 2) or not lanes.kind(atom).is_array for atom in rest)


def helper(lanes: Lanes, stmt: Assign) -> bool:
    """Write a call of a helper for many directions; False if it is none that is known."""
    fn = str(stmt.fn)
    if fn == OVER:  # numbers
        lanes.done("numpy.divide", *stmt.args)
    elif fn in STACKED and is_stacked(stmt, lanes):
        lanes.done(fn, *stmt.args, **dict(stmt.kwargs))
    elif fn in FORMS and not any(map(lanes.has, operands(stmt)[1:])):
        lanes.done(FORMS[fn], *stmt.args)
    else:
        return False
    return True
