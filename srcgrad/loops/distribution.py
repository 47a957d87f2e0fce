"""A loop whose turns have nothing to do with each other, as one loop for each of its statements.

    for k in range(m):                       for jj in range(m):
        s = 0.0                                  s[jj] = 0.0
        for ii in range(n):                  for ii in range(n):
            s += x[ii] * y[ii, k]    ->          for jj in range(m):
        z[k] += a * s                                s[jj] += x[ii] * y[ii, jj]
                                             for jj in range(m):
                                                 z[jj] += a * s[jj]

What runs down columns runs along rows then, and a sum of a column becomes one of as many as there
are columns, each in the order that it had.
"""

from __future__ import annotations

import ast
import copy
from collections import Counter
from collections.abc import Collection, Iterable

from srcgrad.loops.dependence import Around, bounds_of_loops, touched
from srcgrad.loops.places import indices_of, places_in, stored_names, target_of
from srcgrad.loops.rewriting import (
    Put,
    counted_from_zero,
    is_store,
    is_unread,
    mentions,
    written_out,
)
from srcgrad.loops.tree import assign, call, integer, name, names_in, nodes_of, number_in, turn_of

FEW = 8  # columns of a row that is as well left as it is
MOST = 2  # operations that are done for each element anew, not once for a column


class Distribution:
    """A loop over columns, statement by statement.

    `floats`: arrays of float64; `lengths`: names of lengths, which are never below zero.
    """

    def __init__(
        self,
        loop: ast.For,
        body: list[ast.stmt],
        indices: Collection[str],
        second: str,
        floats: Collection[str],
        lengths: Collection[str],
    ) -> None:
        self.loop, self.all = loop, body
        self.indices, self.second = indices, second
        self.floats, self.lengths = floats, lengths
        self.column = turn_of(loop)
        self.stmts = [
            written_out(s, body) if isinstance(s, ast.For) else s
            for s in loop.body
            if not is_unread(s, body)
        ]
        self.rows = [s for s in self.stmts if isinstance(s, ast.For)]
        self.sums: list[str] = []  # one for each column
        self.values: dict[str, ast.expr] = {}  # of other numbers, written out where they are read

    def is_sound(
        self, own: Collection[str], around: tuple[ast.For, ...], bound: Collection[str]
    ) -> bool:
        """Whether that is the same, and runs along rows; `own`: arrays in memory of their own."""
        few = number_in(counted_from_zero(self.loop) or self.loop.iter)
        if self.second in names_in([self.loop]) or not self.rows or few is not None and few < FEW:
            return False
        if not all(map(self.is_row, self.rows)) or not self.gains() or not self.sorted_out():
            return False
        found = touched(self.stmts)
        if found is None or any(e.is_written and e.base not in own for e in found):
            return False
        bounds = bounds_of_loops([*around, self.loop, *self.rows], bound)
        known = Around(stored_names([self.loop]), bounds)
        return known.independent(found, found, self.column)

    def is_row(self, row: ast.For) -> bool:
        """A loop over elements that is the same for each column."""
        if not isinstance(row.target, ast.Name) or row.target.id not in self.indices:
            return False
        if counted_from_zero(row) is None or names_in([row.iter]) & stored_names([self.loop]):
            return False
        return all(is_store(s) or self.is_sum(s) for s in row.body)

    def is_sum(self, stmt: ast.stmt) -> bool:
        """A sum of elements of arrays of float64: it is one, too."""
        if not isinstance(stmt, ast.AugAssign) or not isinstance(stmt.target, ast.Name):
            return False
        read = {n for n in names_in([stmt.value]) if n not in self.indices and n != self.column}
        elements = {
            n.value.id
            for n in nodes_of(stmt.value)
            if isinstance(n, ast.Subscript) and isinstance(n.value, ast.Name)
        }
        plain = isinstance(stmt.op, (ast.Add, ast.Sub)) and _is_plain(stmt.value)
        places = {n for p in places_in([stmt])[0].values() for q in p for n in names_in([q.slice])}
        return plain and elements <= {*self.floats} and read - elements <= places - elements

    def gains(self) -> bool:
        """Whether more elements of the rows come to lie side by side than come to lie apart."""
        total = 0
        for row in self.rows:
            for node in (n for s in row.body for n in nodes_of(s)):
                if isinstance(node, ast.Subscript):
                    *outer, last = indices_of(node)
                    total += bool(outer) and self.column in names_in([last])
                    total -= self.column in names_in(outer) and turn_of(row) in names_in([last])
        return total > 0

    def sorted_out(self) -> bool:
        """Tell sums from other numbers. False where a number is neither, or is read elsewhere."""
        bound = Counter(target_of(s) for s in self.stmts if target_of(s))
        added = _added_to(self.rows)
        written = places_in(self.stmts)[1]
        known: set[str] = set()
        for at, stmt in enumerate(self.stmts):
            var = target_of(stmt)
            if isinstance(stmt, ast.For):
                if names_in([stmt]) & bound.keys() - known:
                    return False
                continue
            if names_in([getattr(stmt, "value", stmt)]) & bound.keys() - known:
                return False
            if not var:
                if not is_store(stmt) or not _is_plain(stmt):
                    return False
                continue
            assert isinstance(stmt, ast.Assign)
            if bound[var] > 1 or mentions([self.loop], {var}) != mentions(self.all, {var}):
                return False
            known.add(var)
            if var in added:
                if not isinstance(stmt.value, ast.Constant) or type(stmt.value.value) is not float:
                    return False
                self.sums.append(var)
            elif not self.is_steady(stmt.value, written, self.stmts[at + 1 :]):
                return False
            else:
                self.values[var] = Put(self.values).visit(copy.deepcopy(stmt.value))
        cheap = [_cost(self.values[n]) <= MOST for n in self.values if n in names_in(self.rows)]
        return all(cheap) and added <= {*self.sums}

    def is_steady(self, value: ast.expr, written: set[str], rest: list[ast.stmt]) -> bool:
        """Whether an expression has its value to the end of the turn."""
        return _is_plain(value) and not names_in([value]) & (written | _added_to(rest))

    def written(self) -> list[ast.stmt]:
        """The loops."""
        size = counted_from_zero(self.loop)
        assert size is not None
        room = size
        if not (isinstance(size, ast.Name) and size.id in self.lengths):
            room = call("max", copy.deepcopy(size), integer(0))
        out: list[ast.stmt] = [assign(var, call("np.empty", room)) for var in self.sums]
        for stmt in self.stmts:
            if target_of(stmt) in self.values:
                continue
            turn = stmt.body if isinstance(stmt, ast.For) else [stmt]
            along = ast.For(
                ast.Name(self.second, ast.Store()),
                call("range", copy.deepcopy(size)),
                [self.of_columns(s) for s in turn],
                [],
                lineno=0,
            )
            if isinstance(stmt, ast.For):
                along = ast.For(stmt.target, stmt.iter, [along], [], lineno=0)
            out.append(along)
        return out

    def of_columns(self, stmt: ast.stmt) -> ast.stmt:
        """A statement for the column that the loop along a row is at."""
        stmt = Put(self.values).visit(copy.deepcopy(stmt))
        stmt = Put({self.column: name(self.second)}).visit(stmt)
        made: ast.stmt = _Elements(self.sums, self.second).visit(stmt)
        return made


class _Elements(ast.NodeTransformer):
    """Numbers as elements of arrays."""

    def __init__(self, arrays: Collection[str], index: str) -> None:
        self.arrays = arrays
        self.index = index

    def visit_Name(self, node: ast.Name) -> ast.AST:
        if node.id not in self.arrays:
            return node
        return ast.Subscript(name(node.id), name(self.index), node.ctx)


def _added_to(stmts: Iterable[ast.stmt]) -> set[str]:
    """The numbers that statements add to."""
    return {
        node.target.id
        for stmt in stmts
        for node in nodes_of(stmt)
        if isinstance(node, ast.AugAssign) and isinstance(node.target, ast.Name)
    }


def _is_plain(node: ast.AST) -> bool:
    """Whether there is arithmetic alone."""
    return not any(isinstance(n, (ast.Call, ast.NamedExpr)) for n in nodes_of(node))


def _cost(value: ast.expr) -> int:
    return sum(isinstance(n, (ast.BinOp, ast.Compare)) for n in nodes_of(value))
