"""Arithmetic of Python's integers that may leave the 64 bits which compiled code has for them.

It is checked where it runs (`carried.py`), and what leaves them is computed by Python. Not checked
are indices of loops and lengths, which are known to be small, and steps by a small literal, which
take longer than anybody waits.
"""

from __future__ import annotations

import ast
from collections.abc import Sequence

from srcgrad.loops.tree import call, number_in
from srcgrad.loops.values import Number, Value

_SMALL = 1 << 31


def within_64_bits(fn: str, values: Sequence[Value], node: ast.expr) -> ast.expr:
    """The operation `node` on numbers, with a check where it may leave them."""
    numbers = [v for v in values if isinstance(v, Number) and v.dtype == "pi"]
    if len(numbers) != 2 or len(values) != 2:
        return node
    a, b = (number.expr for number in numbers)
    literals = [found for found in (number_in(a), number_in(b)) if found is not None]
    if fn in ("operator.add", "operator.sub"):
        return node if any(abs(n) < _SMALL for n in literals) else call("int_sum", node, a, b)
    if fn != "operator.mul" or len(literals) != 1 or abs(literals[0]) < 2:
        return node  # products of two names are checked as of any operands
    loose = [n for n in numbers if n.bounds == (None, None) and number_in(n.expr) is None]
    return call("int_product", a, b) if loose else node
