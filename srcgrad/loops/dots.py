"""Sums of products of two rows as calls, which take several elements at once.

for k in range(n):                       s += dot_of(x[i], y, n)
    s += x[i, k] * y[k]        ->        t += dot_back(x[i], y, m, n)
    t += x[i, m - k] * y[k]
"""

from __future__ import annotations

import ast
from collections.abc import Collection

from srcgrad.loops.affine import affine, written
from srcgrad.loops.places import indices_of, places_in, stored_names, target_of
from srcgrad.loops.tree import bounds_of, call, name, names_in, turn_of


def term_of(stmt: ast.AugAssign, loop: ast.For) -> tuple[ast.expr, list[ast.stmt]]:
    """What is added, and the statement before that names it, if nothing else in the loop does."""
    value, at = stmt.value, loop.body.index(stmt)
    last = loop.body[at - 1] if at else None
    if not isinstance(value, ast.Name) or not isinstance(last, ast.Assign):
        return value, []
    others = names_in(s for s in loop.body if s is not stmt and s is not last)
    if target_of(last) != value.id or value.id in others | names_in([last.value]):
        return value, []
    return last.value, [last]


def product_of_rows(value: ast.expr, loop: ast.For) -> ast.expr | None:
    """The sum of a product over the turns of a loop, where each of its sides is along a row."""
    if not isinstance(value, ast.BinOp) or not isinstance(value.op, ast.Mult):
        return None
    sizes = bounds_of(loop)
    if len(sizes) != 1 or isinstance(sizes[0], ast.Constant):
        return None
    changed = places_in(loop.body)[1] | stored_names(loop.body)
    one, other = (_row(side, turn_of(loop), changed) for side in (value.left, value.right))
    if one is None or other is None:
        return None
    if one[1] is not None:
        one, other = other, one
    if one[1] is not None:
        return None
    if other[1] is not None:  # the one that is read backwards goes first
        return call("dot_back", other[0], one[0], other[1], sizes[0])
    return call("dot_of", one[0], other[0], sizes[0])


def _row(
    node: ast.expr, index: str, changed: Collection[str]
) -> tuple[ast.expr, ast.expr | None] | None:
    """The row from the first element on that a loop reads, or as it is with the place of that."""
    if not isinstance(node, ast.Subscript) or not isinstance(node.value, ast.Name):
        return None
    base, (*lead, last) = node.value.id, indices_of(node)
    place = affine(last)
    if place is None or base in changed or names_in([*lead, last]) & {*changed}:
        return None
    factor = place.get(index, 0)
    if abs(factor) != 1 or index in names_in(lead) or any(isinstance(n, ast.Slice) for n in lead):
        return None
    first = {text: own for text, own in place.items() if text != index}
    if factor > 0 and first:
        lead = [*lead, ast.Slice(written(first), None, None)]
    row: ast.expr = name(base)
    if lead:
        where = lead[0] if len(lead) == 1 else ast.Tuple(lead, ast.Load())
        row = ast.Subscript(row, where, ast.Load())
    return row, None if factor > 0 else written(first)
