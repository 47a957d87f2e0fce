"""New arrays by NumPy's own functions."""

from __future__ import annotations

import ast
import itertools
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
    """A new array by one of NumPy's functions, with these `items` in order."""
    base = low.uses.memory(stmt.target)
    node = empty(lengths, dtype, fn)
    if value is not None:
        assert isinstance(node, ast.Call)
        node.args.insert(1, value)
    code: list[ast.stmt] = [assign(base, node)]
    places = itertools.product(*(range(n) for n in shape if isinstance(n, int)))
    for place, item in zip(places, items or (), strict=False):
        index: ast.expr = ast.Tuple([*map(constant, place)], ast.Load())
        index = constant(place[0]) if len(place) == 1 else index
        code.append(assign(ast.Subscript(name(base), index, ast.Load()), item))
    low.place(code)
    return whole(base, shape, dtype, low.uses.group(stmt.target))
