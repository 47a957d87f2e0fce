"""Loops over columns turned into loops over rows, whose elements lie side by side.

    for j in range(m):                       for ii in range(n):
        s = x[i, j]                ->            for jj in range(m):
        for ii in range(n):                          y[ii, jj] += x[i, jj] * z[ii]
            y[ii, j] += s * z[ii]

Every element gets what it got in the order in which it got it, but for sums over columns, which
become sums of rows. That is proved: what two turns both touch they touch in the same column, or in
the same row, and what is read ahead of the inner loop is written by no turn.
"""

from __future__ import annotations

import ast
import copy
from collections.abc import Callable, Collection

from srcgrad.loops.dependence import (
    Around,
    Touched,
    bound_otherwise,
    bounds_of_loops,
    touched,
)
from srcgrad.loops.distribution import Distribution
from srcgrad.loops.places import indices_of, made_lengths, own_arrays, stored_names, target_of
from srcgrad.loops.rewriting import (
    Put,
    counted_from_zero,
    is_store,
    is_unread,
    mentions,
    written_out,
)
from srcgrad.loops.tree import call, names_in, nodes_of, turn_of


def in_row_order(
    body: list[ast.stmt],
    indices: Collection[str],
    index: Callable[[int], str],
    floats: Collection[str],
    lengths: Collection[str],
) -> list[ast.stmt]:
    """The statements with such loops turned; `index` names the loop over an axis of elements.

    `floats`: parameters that are arrays of float64; `lengths`: names of their lengths.
    """
    return _Columns(body, frozenset(indices), index(1), floats, lengths).block(body, ())


class _Columns:
    def __init__(
        self,
        body: list[ast.stmt],
        indices: frozenset[str],
        second: str,
        floats: Collection[str],
        lengths: Collection[str],
    ) -> None:
        self.body = body
        self.lengths = lengths
        self.own = own_arrays(body)
        self.floats = {*floats, *made_lengths(body, self.own)}
        self.bound = bound_otherwise(body)
        self.indices = indices
        self.second = second

    def block(self, block: list[ast.stmt], around: tuple[ast.For, ...]) -> list[ast.stmt]:
        out: list[ast.stmt] = []
        for stmt in block:
            turned = None
            if isinstance(stmt, ast.For):
                turned = self.turned(stmt, around) or self.distributed(stmt, around)
            if turned is not None:
                out += turned
                continue
            inside = (*around, stmt) if isinstance(stmt, ast.For) else around
            for part in ("body", "orelse"):
                inner = getattr(stmt, part, None)
                if inner:
                    setattr(stmt, part, self.block(inner, inside))
            out.append(stmt)
        return out

    def turned(self, loop: ast.For, around: tuple[ast.For, ...]) -> list[ast.stmt] | None:
        """The loop as loops over rows, where that is the same, and touches memory in its order."""
        size = counted_from_zero(loop)
        if size is None or turn_of(loop) in self.bound | self.indices:
            return None
        body = [s for s in loop.body if not is_unread(s, self.body)]
        numbers = [s for s in body if isinstance(s, ast.Assign)]
        rows = [written_out(s, self.body) for s in body if isinstance(s, ast.For)]
        if not rows or len(numbers) + len(rows) < len(body) or body[: len(numbers)] != numbers:
            return None
        if self.second in names_in([loop]):
            return None
        if not all(self.is_row(row, loop) for row in rows):
            return None
        values = self.values_of(numbers, loop)
        if values is None or not self.is_same(loop, numbers, rows, around):
            return None
        put = Put({**values, turn_of(loop): ast.Name(self.second, ast.Load())})
        out: list[ast.stmt] = []
        for row in rows:
            parts = [[s] for s in row.body] if self.may_part(loop, row, around) else [row.body]
            row.body = [
                ast.For(
                    ast.Name(self.second, ast.Store()),
                    call("range", copy.deepcopy(size)),
                    [put.visit(s) for s in part],
                    [],
                    lineno=0,
                )
                for part in parts
            ]
            out.append(row)
        return out

    def distributed(self, loop: ast.For, around: tuple[ast.For, ...]) -> list[ast.stmt] | None:
        """The loop as one for each of its statements, where no turn needs another."""
        if counted_from_zero(loop) is None or turn_of(loop) in self.bound | self.indices:
            return None
        found = Distribution(loop, self.body, self.indices, self.second, self.floats, self.lengths)
        return found.written() if found.is_sound(self.own, around, self.bound) else None

    def may_part(self, loop: ast.For, row: ast.For, around: tuple[ast.For, ...]) -> bool:
        """Whether the statements of a row may be loops of their own."""
        known = Around(stored_names([loop]), bounds_of_loops([*around, loop, row], self.bound))
        parts = [touched([s]) or [] for s in row.body]
        return all(
            known.independent(part, other, turn_of(loop))
            for k, part in enumerate(parts)
            for other in parts[k + 1 :]
        )

    def is_row(self, row: ast.For, loop: ast.For) -> bool:
        """A loop over elements, the same for each column, that runs down columns alone."""
        if not isinstance(row.target, ast.Name) or row.target.id not in self.indices:
            return False
        if counted_from_zero(row) is None or names_in([row.iter]) & stored_names([loop]):
            return False
        column, down = turn_of(loop), turn_of(row)
        gains = 0
        for node in (n for s in row.body for n in nodes_of(s)):
            if not isinstance(node, ast.Subscript):
                continue
            places = indices_of(node)
            if down in names_in(places[-1:]):
                return False
            gains += len(places) > 1 and column in names_in(places[-1:])
        return all(map(is_store, row.body)) and gains > 0

    def values_of(self, numbers: list[ast.Assign], loop: ast.For) -> dict[str, ast.expr] | None:
        """Elements that are read ahead of the inner loops, by variable."""
        values: dict[str, ast.expr] = {}
        for stmt in numbers:
            name = target_of(stmt)
            plain = isinstance(stmt.value, ast.Subscript) and isinstance(stmt.value.value, ast.Name)
            if not name or not plain or name in values or names_in([stmt.value]) & values.keys():
                return None
            values[name] = stmt.value
        return values if mentions([loop], values) == mentions(self.body, values) else None

    def is_same(
        self,
        loop: ast.For,
        numbers: list[ast.Assign],
        rows: list[ast.For],
        around: tuple[ast.For, ...],
    ) -> bool:
        read = touched([s.value for s in numbers])
        elements = [touched(row.body) for row in rows]
        found = [e for e in elements if e is not None]
        if read is None or len(found) < len(elements):
            return False
        if any(e.is_written and e.base not in self.own for part in found for e in part):
            return False
        bounds = bounds_of_loops([*around, loop, *rows], self.bound)
        known = Around(stored_names([loop]), bounds)
        column = turn_of(loop)
        if not all(known.never(a, b) for a in read for part in found for b in part):
            return False
        for k, part in enumerate(found):
            if not all(known.independent(part, other, column) for other in found[k + 1 :]):
                return False
        return all(
            self.keeps_order(known, row, part, column)
            for row, part in zip(rows, found, strict=True)
        )

    def keeps_order(self, known: Around, row: ast.For, part: list[Touched], column: str) -> bool:
        """Whether two turns that touch one element are of one column, or add to it in one row."""
        sums = {
            s.target.value.id
            for s in row.body
            if isinstance(s, ast.AugAssign)
            and isinstance(s.op, (ast.Add, ast.Sub))
            and isinstance(s.target, ast.Subscript)
            and isinstance(s.target.value, ast.Name)
        }
        bases = [e.base for e in part if e.places]
        for a in part:
            for b in part:
                if known.apart(a, b, column):
                    continue
                alone = a is b and a.base in sums and bases.count(a.base) == 1
                if not alone or not known.apart(a, b, turn_of(row)):
                    return False
        return True
