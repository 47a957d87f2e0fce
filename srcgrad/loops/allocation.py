"""New arrays by NumPy's own functions."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from srcgrad.ir.core import Assign
from srcgrad.ir.kinds import Dtype, Length
from srcgrad.loops.nest import empty
from srcgrad.loops.tree import assign, constant, name
from srcgrad.loops.values import Array, whole

if TYPE_CHECKING:
    from srcgrad.loops.lower import Loops


def allocated(
    low: Loops, stmt: Assign, fn: str, shape: tuple[Length, ...], lengths: tuple[ast.expr, ...],
    dtype: Dtype, items: list[ast.expr] | None = None, value: ast.expr | None = None,
) -> Array:  # fmt: skip
    """A new array by one of NumPy's functions."""
    base = low.uses.memory(stmt.target)
    node = empty(lengths, dtype, fn)
    if value is not None:
        assert isinstance(node, ast.Call)
        node.args.insert(1, value)
    code: list[ast.stmt] = [assign(base, node)]
    for i, item in enumerate(items or ()):
        place = ast.Subscript(name(base), constant(i), ast.Load())
        code.append(assign(place, item))
    low.place(code)
    return whole(base, shape, dtype, low.uses.group(stmt.target))
