"""Whether loops have converged: tests, through which nothing flows."""

from __future__ import annotations

from srcgrad.ir.kinds import BOOL, NONE
from srcgrad.rules.naming import canonical_name
from srcgrad.rules.registry import zero
from srcgrad.support_limits import check_limit, converging, settled

CONVERGING = canonical_name(converging)
TOL = 1e-6  # where a mark does not tell another one

zero(settled, signature="step, new, old", kind=lambda call: BOOL)
zero(check_limit, signature="loop, tol, new, old", kind=lambda call: NONE)
