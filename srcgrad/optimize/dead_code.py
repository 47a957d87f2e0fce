"""Drop statements whose results nobody reads.

A reverse program computes adjoints for everything; what the caller did not ask for dies here, and
the
forward statements that only served it.
"""

from __future__ import annotations

from dataclasses import replace

from srcgrad.ir.core import Function
from srcgrad.ir.liveness import live_part


def eliminate_dead_code(fn: Function) -> Function:
    """The function without dead statements; statements that stay are the same objects."""
    return replace(fn, body=live_part(fn.body)[0])
