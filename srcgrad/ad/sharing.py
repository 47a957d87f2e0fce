"""Which values of an adjoint are computed once for all that read them."""

from __future__ import annotations

from srcgrad.ir.core import Callee
from srcgrad.rules.registry import lookup


def is_worth_sharing(fn: Callee) -> bool:
    """Cheap operations read better where they are used; a named copy of them would be noise.

    New arrays of one number are there to be written into.
    """
    if not isinstance(fn, str) or fn.startswith(("attr.", "load.", "method.")):
        return False
    if fn.startswith("srcgrad."):
        return fn.startswith("srcgrad.support_systems.")
    if fn in ("numpy.zeros_like", "numpy.zeros", "numpy.ones_like", "numpy.full_like"):
        return False
    prim = lookup(fn)
    is_new = prim is not None and (prim.view is None or prim.is_view is not None)
    return prim is not None and is_new and not prim.cheap
