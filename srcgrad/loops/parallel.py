"""Outermost loops whose turns have nothing to do with each other, by `prange`: on several cores.

    row = np.empty(m)                        for i in prange(n):
    for i in range(n):                           row = np.empty(m)
        for k in range(m):         ->            for k in range(m):
            row[k] = x[i, k] ** 2                    row[k] = x[i, k] ** 2
        y[i] = sum_of(row)                       y[i] = sum_of(row)

That they have not is proved (`dependence.py`): no turn writes an element that another one touches,
each binds what it reads of numbers before it reads them, and rows that a turn fills anew are its
own. Such a loop gives the same to the last bit in whatever order its turns run. Where there is no
proof the loop stays as it is. So do loops that may raise, which cannot be done on several cores,
and short ones: those that have no loop within and, where no loop is around, call no function.
"""

from __future__ import annotations

import ast
from collections import Counter

from srcgrad.loops.affine import affine, plus, written
from srcgrad.loops.dependence import (
    Around,
    bound_otherwise,
    bounds_of_loops,
    is_range,
    touched,
)
from srcgrad.loops.places import MAKERS, indices_of, maker, own_arrays, stored_names, target_of
from srcgrad.loops.tree import bounds_of, call, names_in, nodes_of, number_in, turn_of

ROWS = {"sum_of", "dot_of", "dot_back", "max_of", "min_of", "exp_of", "tanh_of"}
# What the turns of such a loop may call: nothing that raises, or changes anything.
QUIET = {
    *ROWS, *MAKERS, "range", "float", "abs", "min", "max", "np.uint64", "np.exp", "np.log",
    "np.sqrt", "np.sin", "np.cos", "np.tanh", "np.abs", "np.maximum", "np.minimum", "np.sign",
    "np.isnan", "np.log1p", "np.expm1", "np.arctan2", "np.hypot", "np.power",
}  # fmt: skip


def in_parallel(body: list[ast.stmt]) -> list[ast.stmt]:
    """The statements with `prange` for loops that may run on several cores."""
    return _Parallel(body).block(body, ())


class _Parallel:
    def __init__(self, body: list[ast.stmt]) -> None:
        self.body = body
        self.own = own_arrays(body)
        self.bound = bound_otherwise(body)

    def block(self, block: list[ast.stmt], around: tuple[ast.stmt, ...]) -> list[ast.stmt]:
        out: list[ast.stmt] = []
        for stmt in block:
            out.append(stmt)
            if isinstance(stmt, ast.For) and self.is_worth(stmt, around):
                rows = self.rows_of_turns(out, stmt)
                if self.is_free(stmt, rows, around):
                    self.turn(out, stmt, rows)
                    continue
            inside = (*around, stmt) if isinstance(stmt, (ast.For, ast.While)) else around
            for part in ("body", "orelse"):
                inner = getattr(stmt, part, None)
                if inner:
                    setattr(stmt, part, self.block(inner, inside))
        return out

    def is_worth(self, loop: ast.For, around: tuple[ast.stmt, ...]) -> bool:
        """Whether there is enough to do: loops or sums of rows within, or, once, functions."""
        inner = [n for stmt in loop.body for n in nodes_of(stmt)]
        called = {ast.unparse(n.func) for n in inner if isinstance(n, ast.Call)}
        functions = ROWS if around else QUIET - {*MAKERS, "range", "np.uint64"}
        return bool(called & functions) or any(isinstance(n, ast.For) for n in inner)

    def turn(self, out: list[ast.stmt], loop: ast.For, rows: list[ast.stmt]) -> None:
        """Say `prange`, from the least turn to the greatest; each makes its own rows."""
        args = bounds_of(loop)
        if len(args) == 3:  # downward
            ends = [plus(affine(end), {"": 1}) or {} for end in (args[1], args[0])]
            args = [written(end) for end in (ends if ends[0] else ends[1:])]
        loop.iter = call("prange", *args)
        loop.body[:0] = rows
        out[:] = [stmt for stmt in out if not any(stmt is row for row in rows)]

    # --- what a turn may do

    def is_free(self, loop: ast.For, rows: list[ast.stmt], around: tuple[ast.stmt, ...]) -> bool:
        """Whether no turn has to do with another one."""
        if not isinstance(loop.target, ast.Name) or not is_range(loop) or loop.orelse:
            return False
        args = bounds_of(loop)
        if len(args) == 3 and (number_in(args[2]) != -1 or None in map(affine, args[:2])):
            return False
        if not all(map(is_quiet, loop.body)) or turn_of(loop) in self.bound:
            return False
        found = touched(loop.body)
        private = {target_of(row) for row in rows}
        private |= {target_of(s) for s in inner_statements(loop) if maker(s)} & self.own
        if found is None or not self.numbers_are_own(loop, private):
            return False
        shared = [e for e in found if e.base not in private]
        if any(e.is_written and e.base not in self.own for e in shared):
            return False
        loops = [s for s in around if isinstance(s, ast.For)]
        inner = [s for s in inner_statements(loop) if isinstance(s, ast.For)]
        bounds = bounds_of_loops([*loops, loop, *inner], self.bound)
        changing = stored_names([loop])
        return Around(changing, bounds).independent(shared, shared, turn_of(loop))

    def numbers_are_own(self, loop: ast.For, private: set[str]) -> bool:
        """Whether each turn binds what it reads, and nothing is read behind the loop."""
        stored = stored_names([loop])
        if read_first(loop.body, {turn_of(loop), *private}) & stored:
            return False
        outside = read_outside(self.body, loop, frozenset())
        return not outside & stored

    def rows_of_turns(self, before: list[ast.stmt], loop: ast.For) -> list[ast.stmt]:
        """Makers of arrays that each turn fills before it reads them, and nothing else uses."""
        found: list[ast.stmt] = []
        within = Counter(n.id for n in nodes_of(loop) if isinstance(n, ast.Name))
        everywhere = Counter(
            n.id for s in self.body for n in nodes_of(s) if isinstance(n, ast.Name)
        )
        for stmt in before:
            base = target_of(stmt)
            if maker(stmt) != "np.empty" or base not in self.own:
                continue
            if within[base] + 1 != everywhere[base]:
                continue
            assert isinstance(stmt, ast.Assign) and isinstance(stmt.value, ast.Call)
            size = stmt.value.args[0]
            axes = size.elts if isinstance(size, ast.Tuple) else [size]
            sizes = [ast.unparse(n) for n in axes]
            fixed = not names_in([size]) & stored_names(before[before.index(stmt) :])
            if fixed and is_filled(loop.body, base, sizes, ()):
                found.append(stmt)
        return found


def inner_statements(loop: ast.For) -> list[ast.stmt]:
    return [n for stmt in loop.body for n in nodes_of(stmt) if isinstance(n, ast.stmt)]


def is_quiet(stmt: ast.stmt) -> bool:
    """Whether a statement only computes: it neither raises nor leaves the loop."""
    for node in nodes_of(stmt):
        if isinstance(node, ast.stmt) and not isinstance(
            node, (ast.Assign, ast.AugAssign, ast.For, ast.If, ast.Pass)
        ):
            return False
        if isinstance(node, ast.Call) and ast.unparse(node.func) not in QUIET:
            return False
        if isinstance(node, ast.MatMult):
            return False
    return True


def read_first(block: list[ast.stmt], known: set[str]) -> set[str]:
    """Names that statements may read before they bind them; `known` grows by what they bind."""
    read: set[str] = set()
    for stmt in block:
        if isinstance(stmt, ast.For):
            read |= names_in([stmt.iter]) - known
            read |= read_first(stmt.body, known | names_in([stmt.target]))
        elif isinstance(stmt, ast.If):
            read |= names_in([stmt.test]) - known
            both = {*known}, {*known}
            read |= read_first(stmt.body, both[0]) | read_first(stmt.orelse, both[1])
            known |= both[0] & both[1]
        else:
            mentioned = names_in([stmt])
            if isinstance(stmt, ast.Assign) and stored_names([stmt]):
                mentioned = names_in([stmt.value])
            read |= mentioned - known
            if isinstance(stmt, ast.Assign):
                known |= stored_names([stmt])
    return read


def read_outside(block: list[ast.stmt], loop: ast.For, turns: frozenset[str]) -> set[str]:
    """Names that are read elsewhere than in a loop; those of loops around are bound by them."""
    read: set[str] = set()
    for stmt in block:
        if stmt is loop:
            read |= names_in([stmt.iter]) - turns
        elif isinstance(stmt, ast.For):
            read |= names_in([stmt.iter]) - turns
            read |= read_outside(stmt.body, loop, turns | names_in([stmt.target]))
        elif isinstance(stmt, (ast.If, ast.While)):
            read |= names_in([stmt.test]) - turns
            read |= read_outside([*stmt.body, *stmt.orelse], loop, turns)
        else:
            nodes = nodes_of(stmt)
            read |= {
                n.id for n in nodes if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Load)
            } - turns
            if isinstance(stmt, ast.AugAssign):
                read |= stored_names([stmt]) - turns
    return read


def is_filled(
    block: list[ast.stmt], base: str, sizes: list[str], turns: tuple[ast.For, ...]
) -> bool:
    """Whether the first that statements do with an array is to give a value to each element.

    `turns` are the loops around; those that do not count its elements are the only ones to use it.
    """
    users = [stmt for stmt in block if base in names_in([stmt])]
    first = users[0] if users else None
    if isinstance(first, ast.For) and is_range(first):
        if len(users) == 1 and is_filled(first.body, base, sizes, ()):
            return True
        return is_filled(first.body, base, sizes, (*turns, first))
    if not isinstance(first, ast.Assign) or base in names_in([first.value]):
        return False
    (target,) = first.targets
    if not isinstance(target, ast.Subscript) or base in names_in([target.slice]):
        return False
    places = [ast.unparse(n) for n in indices_of(target)]
    ranges = [f"range({size})" for size in sizes]
    return places == [turn_of(loop) for loop in turns] and ranges == [
        ast.unparse(loop.iter) for loop in turns
    ]
