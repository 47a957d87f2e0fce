"""Drop statements whose results nobody reads.

A reverse program computes adjoints for everything; what the caller did not ask for dies here, and
the
forward statements that only served it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from srcgrad.ir.core import Assign, Function, If
from srcgrad.ir.liveness import live_part
from srcgrad.ir.walk import walk


def eliminate_dead_code(functions: Sequence[Function]) -> list[Function]:
    """The functions of a module without dead statements; those that stay are the same objects.

    Where an exception is caught, calls raise what they raise in the program: their forward halves
    keep every statement.
    """
    catches = any(isinstance(s, If) and s.form == "try" for fn in functions for s in walk(fn.body))
    return [
        replace(fn, body=live_part(fn.body, catches and _is_forward_half(fn))[0])
        for fn in functions
    ]


def _is_forward_half(fn: Function) -> bool:
    return not any(isinstance(s, Assign) and s.fn == "section" for s in fn.body)
