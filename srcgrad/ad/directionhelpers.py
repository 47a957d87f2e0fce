"""Helpers of derivatives, for tangents along many directions."""

from __future__ import annotations

from srcgrad import support, support_arrays, support_directions, support_pushforwards
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
        support.unbroadcast: support_directions.unbroadcast_along,
        support.spread: support_directions.spread_along,
        support_arrays.split_like: support_directions.split_along,
        support_pushforwards.rearranged: support_directions.rearranged_along,
    }.items()
}
ADD = canonical_name(support.add)
SUM_ALONG = canonical_name(support_directions.sum_along)
OVER = canonical_name(support.over)
SOLVE = canonical_name(support_pushforwards.solve_tangent_a)


def helper(lanes: Lanes, stmt: Assign) -> bool:
    """Write a call of a helper for many directions; False if it is none that is known."""
    fn = str(stmt.fn)
    first_alone = not any(map(lanes.has, operands(stmt)[1:]))
    if fn == OVER:  # numbers
        lanes.done("numpy.divide", *stmt.args)
    elif fn == ADD:
        lanes.done(SUM_ALONG, *map(lanes.full, stmt.args))
    elif fn in STACKED and first_alone:
        ranks = [lanes.kind(atom).rank for atom in stmt.args]
        if fn == SOLVE and (None in ranks or ranks[0] != max(rank or 0 for rank in ranks)):
            raise lanes.refuse("one matrix for a stack of right sides")
        lanes.done(fn, *stmt.args, **dict(stmt.kwargs))
    elif fn in FORMS and first_alone:
        lanes.done(FORMS[fn], *stmt.args)
    else:
        return False
    return True
