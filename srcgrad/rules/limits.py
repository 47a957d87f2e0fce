"""Whether loops have converged: tests, through which nothing flows."""

from __future__ import annotations

from srcgrad.ir.kinds import BOOL, NONE, UNKNOWN
from srcgrad.rules.naming import canonical_name
from srcgrad.rules.registry import primitive, pullback, zero
from srcgrad.rules.tangents import pushforward
from srcgrad.support_limits import (
    changed,
    check_attractive,
    check_limit,
    converging,
    free_part,
    probe,
    settled,
    some_kept,
    unchanged_part,
    unknowns,
)

CONVERGING = canonical_name(converging)
TOL = 1e-6  # where a mark does not tell another one

zero(settled, signature="step, new, old", kind=lambda call: BOOL)
zero(check_limit, signature="loop, tol, new, old", kind=lambda call: NONE)

zero(
    check_attractive,
    signature="loop, step, values, free, places, reads",
    kind=lambda call: NONE,
)
zero(changed, signature="new, old", kind=lambda call: UNKNOWN)
zero(some_kept, signature="*free", kind=lambda call: BOOL)
zero(probe, signature="free, like", kind=lambda call: call.kind("like"))
zero(unknowns, signature="free, like, step", kind=lambda call: UNKNOWN)
primitive(free_part, "free, value", kind=lambda call: call.kind("value"), silent=("free",))
pullback(free_part, value=lambda g, y, free: free_part(free, g))
pushforward(free_part, value=lambda d, y, free: free_part(free, d))
primitive(
    unchanged_part,
    "like, free, value",
    kind=lambda call: call.kind("like"),
    silent=("like", "free"),
)
pullback(unchanged_part, value=lambda g, y, free, value: unchanged_part(value, free, g))
pushforward(unchanged_part, value=lambda d, y, like, free: unchanged_part(like, free, d))
