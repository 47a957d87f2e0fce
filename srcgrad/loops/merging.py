"""Loops over the same row that follow each other, as one where no turn waits for another.

    for k in range(n):                       for k in range(n):
        a[k] = s * x[i, k]                       a[k] = s * x[i, k]
    for k in range(n):             ->            y[j, k] -= a[k]
        y[j, k] -= a[k]

What is read in its own turn only is a number then (`contraction.py`). Loops that add up a number
stay as they are, and so do those whose turns wait for each other: they would hold up the rest.
"""

from __future__ import annotations

import ast
from collections.abc import Collection

from srcgrad.loops.affine import Bounds
from srcgrad.loops.dependence import Around, Touched, bound_otherwise, bounds_of_loops, touched
from srcgrad.loops.places import own_arrays, places_in, shared_names, stored_names
from srcgrad.loops.tree import names_in, nodes_of, turn_of

REACH = 16  # statements between two loops that are put together
FEW = 4  # arrays of a loop that share nothing


def merged_rows(body: list[ast.stmt], indices: Collection[str]) -> list[ast.stmt]:
    """The statements with loops over rows put together; `indices` are those of such loops."""
    return _Merging(body, frozenset(indices)).block(body, ())


class _Merging:
    def __init__(self, body: list[ast.stmt], indices: frozenset[str]) -> None:
        self.own = own_arrays(body)
        self.shared = shared_names(body)
        self.bound = bound_otherwise(body)
        self.indices = indices

    def block(self, block: list[ast.stmt], around: tuple[ast.For, ...]) -> list[ast.stmt]:
        out: list[ast.stmt] = []
        for stmt in block:
            if isinstance(stmt, ast.For) and self.is_row(stmt, around):
                if not self.put_in(out, stmt, around):
                    out.append(stmt)
                continue
            inside = (*around, stmt) if isinstance(stmt, ast.For) else around
            for part in ("body", "orelse"):
                inner = getattr(stmt, part, None)
                if inner:
                    setattr(stmt, part, self.block(inner, inside))
            out.append(stmt)
        return out

    def bounds(self, around: tuple[ast.For, ...]) -> Bounds:
        return bounds_of_loops(around, self.bound)

    def is_row(self, loop: ast.For, around: tuple[ast.For, ...]) -> bool:
        """A loop over one axis that changes elements of own arrays only, each turn its own."""
        if not isinstance(loop.target, ast.Name) or loop.target.id not in self.indices:
            return False
        if not all(isinstance(s, (ast.Assign, ast.AugAssign)) for s in loop.body):
            return False
        if any(isinstance(s, ast.AugAssign) and isinstance(s.target, ast.Name) for s in loop.body):
            return False
        found = self.elements(loop)
        return found is not None and self.around([loop], around).independent(
            found, found, turn_of(loop)
        )

    def elements(self, loop: ast.For) -> list[Touched] | None:
        found = touched(loop.body)
        if found is None or any(e.is_written and e.base not in self.own for e in found):
            return None
        return found

    def around(self, loops: list[ast.For], around: tuple[ast.For, ...]) -> Around:
        return Around(stored_names([*loops]), self.bounds((*around, *loops)))

    def put_in(self, out: list[ast.stmt], loop: ast.For, around: tuple[ast.For, ...]) -> bool:
        """Put a loop into the last one before it that is over the same row, and reads the same."""
        for at in range(len(out) - 1, max(len(out) - 1 - REACH, -1), -1):
            first = out[at]
            if not is_plain(first):
                return False
            if not isinstance(first, ast.For) or not self.fit(first, loop, around):
                continue
            parted = self.parted(first, out[at + 1 :], loop)
            if parted is None:
                return False
            ahead, behind = parted
            out[at:] = [*ahead, first, *behind]
            first.body += loop.body
            return True
        return False

    def fit(self, first: ast.For, second: ast.For, around: tuple[ast.For, ...]) -> bool:
        """Whether two loops may be one."""
        same = ast.dump(first.target) == ast.dump(second.target)
        if not same or ast.dump(first.iter) != ast.dump(second.iter):
            return False
        if not self.is_row(first, around):
            return False
        made = stored_names(first.body) & names_in(second.body)
        made |= stored_names(second.body) & names_in(first.body)
        mine, theirs = self.elements(first), self.elements(second)
        if made or mine is None or theirs is None:
            return False
        one, other = {e.base for e in mine if e.places}, {e.base for e in theirs if e.places}
        if not one & other & self.own and len(one | other) > FEW:
            return False
        known = self.around([first, second], around)
        return known.independent(mine, theirs, turn_of(first))

    def parted(
        self, first: ast.For, between: list[ast.stmt], second: ast.For
    ) -> tuple[list[ast.stmt], list[ast.stmt]] | None:
        """What stands between two loops: what may stand before the first, and behind the second."""
        ahead: list[ast.stmt] = []
        behind: list[ast.stmt] = []
        for stmt in between:
            if self.may_swap(stmt, first) and all(self.may_swap(stmt, s) for s in behind):
                ahead.append(stmt)
            elif self.may_swap(stmt, second):
                behind.append(stmt)
            else:
                return None
        return ahead, behind

    def may_swap(self, one: ast.stmt, other: ast.stmt) -> bool:
        """Whether neither of two statements changes what the other mentions, by any name."""
        mine, theirs = self.changed(one), self.changed(other)
        if mine & names_in([other]) or theirs & names_in([one]):
            return False
        return not any(
            places_in([a])[1] & self.shared and names_in([b]) & self.shared
            for a, b in ((one, other), (other, one))
        )

    def changed(self, stmt: ast.stmt) -> set[str]:
        return (stored_names([stmt]) | places_in([stmt])[1] | lists_in(stmt)) - self.indices


def is_plain(stmt: ast.stmt) -> bool:
    """Whether a statement binds, changes elements or a list, and never leaves what is around."""
    inner = (s for s in nodes_of(stmt) if isinstance(s, ast.stmt))
    return all(
        isinstance(s, (ast.Assign, ast.AugAssign, ast.For))
        or isinstance(s, ast.Expr)
        and isinstance(s.value, ast.Call)
        for s in inner
    )


def lists_in(stmt: ast.stmt) -> set[str]:
    """What methods are called of, and arrays that are filled by a function."""
    found: set[str] = set()
    for node in nodes_of(stmt):
        if isinstance(node, ast.Expr):
            found |= names_in([node])
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            found |= names_in([node.func]) - {"np", "math"}
    return found
