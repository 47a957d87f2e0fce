"""Contributions that neighbours add to the same elements, gathered.

The adjoint of a stencil scatters: each turn adds what it found to several elements, of which the
next turn adds to some again, and no two turns can run at once. Gathered, each element adds up what
its neighbours left for it: `x_bar[ii] += v[ii + 2] + v[ii + 1] + v[ii]`, with zeros around `v`.
"""

from __future__ import annotations

import ast
from collections.abc import Callable

from srcgrad.ir.classes import dataclass
from srcgrad.loops.nest import Nest, empty, looped
from srcgrad.loops.tree import (
    add,
    assign,
    augment,
    constant,
    index,
    integer,
    name,
    names_in,
    number_in,
)

Fresh = Callable[[str], str]


@dataclass(slots=True)
class Added:
    """`base[..., ii + offset, ...] += value`, by statement: `offsets` by axis of the nest."""

    stmt: ast.AugAssign
    base: str
    places: tuple[ast.expr, ...]
    axes: tuple[int | None, ...]  # of the nest, by axis of the array
    offsets: dict[int, int]

    @property
    def key(self) -> tuple[object, ...]:
        """Alike for those that may be gathered together."""
        fixed = [ast.unparse(p) for p, a in zip(self.places, self.axes, strict=True) if a is None]
        return self.base, self.axes, tuple(fixed)


def gathered(nest: Nest, fresh: Fresh, parallel: bool) -> tuple[list[ast.stmt], list[ast.stmt]]:
    """New arrays of zeros, and the loops that are to follow the nest, whose own statements change.

    Around the elements that the nest fills anew whenever it runs the arrays stay zero. `parallel`:
    turns of the outermost loop are to run on several cores.
    """
    arrays: list[ast.stmt] = []
    after: list[ast.stmt] = []
    groups: dict[tuple[object, ...], list[Added]] = {}
    for stmt in nest.body:
        found = added(stmt, nest)
        if found is not None:
            groups.setdefault(found.key, []).append(found)
    kept: dict[str, tuple[str, tuple[int, ...]]] = {}  # by value: its array, and its margins
    for group in groups.values():
        if is_scattered(group, nest, parallel):
            after.append(gather(nest, group, kept, fresh, arrays))
    return arrays, after


def is_scattered(group: list[Added], nest: Nest, parallel: bool) -> bool:
    """Whether turns add to the elements of other turns, and nothing else of the nest does.

    Turns of the innermost loop, unless all are to run at once: whole rows do not meet each other.
    """
    base = group[0].base
    if nest.dtypes.get(base) not in ("f8", "f4"):
        return False
    moving = [
        axis for axis in range(len(nest.indices)) if len({a.offsets[axis] for a in group}) > 1
    ]
    if any(isinstance(nest.lengths[axis], ast.Constant) for axis in moving):
        return False  # a few elements
    if not parallel and len(nest.indices) - 1 not in moving:
        return False
    others = [s for s in nest.body if base in names_in([s]) and added(s, nest) is None]
    different = {tuple(sorted(a.offsets.items())) for a in group}
    return not others and len(different) > 1 and len(different) == len(group)


def added(stmt: ast.stmt, nest: Nest) -> Added | None:
    """The statement as one that adds to an element near by."""
    if not isinstance(stmt, ast.AugAssign) or not isinstance(stmt.op, (ast.Add, ast.Sub)):
        return None
    target = stmt.target
    if not isinstance(target, ast.Subscript) or not isinstance(target.value, ast.Name):
        return None
    places = target.slice.elts if isinstance(target.slice, ast.Tuple) else [target.slice]
    axes: list[int | None] = []
    offsets: dict[int, int] = {}
    for place in places:
        shifted = shift_of(place, nest)
        if shifted is None:
            if names_in([place]) & {*nest.indices, *nest.lets}:
                return None
            axes.append(None)
            continue
        axis, offset = shifted
        if axis in offsets:
            return None
        axes.append(axis)
        offsets[axis] = offset
    if len(offsets) != len(nest.indices) or target.value.id in names_in([stmt.value]):
        return None
    return Added(stmt, target.value.id, tuple(places), tuple(axes), offsets)


def shift_of(place: ast.expr, nest: Nest) -> tuple[int, int] | None:
    """Axis and offset of `ii + offset`."""
    offset = 0
    if isinstance(place, ast.BinOp) and isinstance(place.op, (ast.Add, ast.Sub)):
        known = number_in(place.right)
        if known is None:
            return None
        offset = known if isinstance(place.op, ast.Add) else -known
        place = place.left
    if isinstance(place, ast.Name) and place.id in nest.indices:
        return nest.indices.index(place.id), offset
    return None


def gather(
    nest: Nest,
    group: list[Added],
    kept: dict[str, tuple[str, tuple[int, ...]]],
    fresh: Fresh,
    arrays: list[ast.stmt],
) -> ast.stmt:
    """The loops that add up; the statements keep their values in arrays with zeros around."""
    axes = range(len(nest.indices))
    low = [min(a.offsets[axis] for a in group) for axis in axes]
    high = [max(a.offsets[axis] for a in group) for axis in axes]
    margins = tuple(h - n for h, n in zip(high, low, strict=True))
    total: ast.expr | None = None
    for each in group:
        array, own = keep(nest, each, margins, kept, fresh, arrays)
        where = [
            add(
                name(nest.indices[axis]),
                integer(own[axis] - margins[axis] + high[axis] - each.offsets[axis]),
            )
            for axis in axes
        ]
        term = index(array, where)
        factor = factors(each.stmt.value, nest)[0]
        if factor is not None:
            term = ast.BinOp(factor, ast.Mult(), term)
        minus = isinstance(each.stmt.op, ast.Sub)
        if total is None:
            total = ast.UnaryOp(ast.USub(), term) if minus else term
        else:
            total = ast.BinOp(total, ast.Sub() if minus else ast.Add(), term)
    assert total is not None
    first = group[0]
    there = [
        place if axis is None else add(name(nest.indices[axis]), integer(low[axis]))
        for place, axis in zip(first.places, first.axes, strict=True)
    ]
    body = augment(index(first.base, there), ast.Add(), total)
    lengths = [add(n, integer(m)) for n, m in zip(nest.lengths, margins, strict=True)]
    return looped(nest.indices, lengths, [body])


def factors(value: ast.expr, nest: Nest) -> tuple[ast.expr | None, ast.expr]:
    """`2.0 * v[ii]` as the constant 2.0, and `v[ii]`; so where a variable stands for it."""
    found = product(value)
    if isinstance(value, ast.Name):
        made = [s for s in nest.body if isinstance(s, ast.Assign) and is_name(s.targets[0], value)]
        found = product(made[0].value) if len(made) == 1 else None
        if found is not None and not is_unchanged(found[1], nest):
            found = None
    return found or (None, value)


def is_name(node: ast.expr, other: ast.Name) -> bool:
    return isinstance(node, ast.Name) and node.id == other.id


def product(value: ast.expr) -> tuple[ast.expr, ast.expr] | None:
    """The constant, and what it multiplies."""
    if isinstance(value, ast.UnaryOp) and isinstance(value.op, ast.USub):
        return constant(-1.0), value.operand
    if isinstance(value, ast.BinOp) and isinstance(value.op, ast.Mult):
        for one, other in ((value.left, value.right), (value.right, value.left)):
            number = one.operand if isinstance(one, ast.UnaryOp) else one
            if isinstance(number, ast.Constant) and not isinstance(other, ast.Constant):
                return one, other
    return None


def is_unchanged(value: ast.expr, nest: Nest) -> bool:
    """Whether the nest writes nothing that the value is made of."""
    written: set[str] = set()
    for stmt in nest.body:
        target = stmt.targets[0] if isinstance(stmt, ast.Assign) else getattr(stmt, "target", None)
        written |= names_in([target]) - set(nest.indices) if target is not None else set()
    return isinstance(value, ast.Subscript) and not written & names_in([value])


def keep(
    nest: Nest,
    each: Added,
    margins: tuple[int, ...],
    kept: dict[str, tuple[str, tuple[int, ...]]],
    fresh: Fresh,
    arrays: list[ast.stmt],
) -> tuple[str, tuple[int, ...]]:
    """The array with zeros around in which the statement keeps its value, and its margins."""
    at = next(i for i, stmt in enumerate(nest.body) if stmt is each.stmt)
    value = factors(each.stmt.value, nest)[1]
    text = ast.unparse(value)
    known = kept.get(text) if isinstance(value, ast.Name) or is_unchanged(value, nest) else None
    if known is not None and all(m <= own for m, own in zip(margins, known[1], strict=True)):
        del nest.body[at]
        return known
    array = fresh(value.id.removesuffix("_i") + "_near" if isinstance(value, ast.Name) else "near")
    lengths = tuple(add(n, integer(2 * m)) for n, m in zip(nest.lengths, margins, strict=True))
    arrays.append(assign(array, empty(lengths, nest.dtypes[each.base], "np.zeros")))
    place = [add(name(i), integer(m)) for i, m in zip(nest.indices, margins, strict=True)]
    nest.body[at] = assign(index(array, place), value)
    kept[text] = array, margins
    return kept[text]
