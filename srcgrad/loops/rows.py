"""Innermost loops over rows in a form that processors run on several elements at once.

A sum that each turn adds to makes every turn wait for the last one. Where the terms lie in a row of
memory, or are worth one, they are summed up afterwards by a function of its own; the greatest
element of a row is found likewise. What is left of the loop has turns that know nothing of each
other, and then `exp` is worked out for several elements at once, too.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Collection

from srcgrad.loops.carried import PLAIN
from srcgrad.loops.dots import product_of_rows, term_of
from srcgrad.loops.places import indices_of, made_lengths, own_arrays, places_in
from srcgrad.loops.tree import assign, augment, bounds_of, call, name, names_in, nodes_of, turn_of

# Calls that keep turns apart from each other, and run on several elements at once.
WIDE = {*PLAIN, "np.sqrt", "abs", "np.abs", "np.minimum", "np.maximum", "float"}
Fresh = Callable[[str], str]


def in_rows(
    body: list[ast.stmt],
    indices: Collection[str],
    floats: Collection[str],
    sizes: Collection[str],
    fresh: Fresh,
) -> list[ast.stmt]:
    """The statements with sums and extrema of rows by functions of their own.

    `floats`: parameters that are arrays of float64. `sizes`: names of their lengths.
    """
    rows = _Rows(body, indices, floats, sizes, fresh)
    body = rows.block(body, ())
    return _plain_functions(body, rows.wide)


class _Rows:
    def __init__(
        self,
        body: list[ast.stmt],
        indices: Collection[str],
        floats: Collection[str],
        sizes: Collection[str],
        fresh: Fresh,
    ) -> None:
        self.indices = indices
        self.sizes = sizes
        self.fresh = fresh
        self.own = own_arrays(body)
        self.lengths = made_lengths(body, self.own)  # as text, by array of float64
        self.floats = {*floats, *self.lengths}
        self.ints = _ints(body)
        self.wide: set[int] = set()  # loops whose functions run on several elements
        self.ahead: list[ast.stmt] = []

    def block(self, block: list[ast.stmt], around: tuple[ast.For, ...]) -> list[ast.stmt]:
        out: list[ast.stmt] = []
        for stmt in block:
            if self.is_loop(stmt):
                assert isinstance(stmt, ast.For)
                if any(
                    isinstance(s, (ast.For, ast.While)) for s in nodes_of(stmt) if s is not stmt
                ):
                    stmt.body = self.block(stmt.body, (*around, stmt))
                    new: list[ast.stmt] = [stmt]
                else:
                    new = self.row(stmt, around, out)
                if not around:
                    out += self.ahead
                    self.ahead = []
                out += new
                continue
            for part in ("body", "orelse"):
                inner = getattr(stmt, part, None)
                if inner:
                    setattr(stmt, part, self.block(inner, ()))
            out.append(stmt)
        return out

    def is_loop(self, stmt: ast.stmt) -> bool:
        return (
            isinstance(stmt, ast.For)
            and isinstance(stmt.target, ast.Name)
            and stmt.target.id in self.indices
        )

    def row(
        self, loop: ast.For, around: tuple[ast.For, ...], before: list[ast.stmt]
    ) -> list[ast.stmt]:
        """An innermost loop, and what is to follow it."""
        found = self.extremum(loop, around, before)
        if found is not None:
            return [*(self.row(loop, around, before) if loop.body else []), found]
        if not all(isinstance(s, (ast.Assign, ast.AugAssign)) for s in loop.body):
            return [loop]
        calls = _calls(loop.body)
        wide = bool(calls & PLAIN.keys()) and calls <= WIDE
        after: list[ast.stmt] = []
        left = False
        for stmt in list(loop.body):
            target = self.sum_target(stmt, loop)
            if target is None:
                continue
            assert isinstance(stmt, ast.AugAssign)
            summed, single = term_of(stmt, loop)
            product = product_of_rows(summed, loop)
            if product is not None:
                for part in (stmt, *single):
                    loop.body.remove(part)
                after.append(_added(before, target, product))
                continue
            row = self.terms(stmt, loop, around, wide)
            if row is None:
                left = True
                continue
            after.append(_added(before, target, call("sum_of", row)))
        if wide and not left:
            self.wide.add(id(loop))
        return [*([loop] if loop.body else []), *after]

    def sum_target(self, stmt: ast.stmt, loop: ast.For) -> ast.Name | ast.Subscript | None:
        """What the statement adds to in every turn, where the loop does nothing else with it."""
        if not isinstance(stmt, ast.AugAssign) or not isinstance(stmt.op, ast.Add):
            return None
        target = stmt.target
        index = turn_of(loop)
        others = names_in(s for s in loop.body if s is not stmt) | names_in([stmt.value])
        if isinstance(target, ast.Name):
            return None if target.id in others or target.id in self.ints else target
        if isinstance(target, ast.Subscript) and isinstance(target.value, ast.Name):
            base = target.value.id
            inside = names_in([target.slice])
            local = {n.id for s in loop.body for n in nodes_of(s)
                     if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)}  # fmt: skip
            known = base in self.own and base in self.floats and base not in others
            return target if known and index not in inside and not inside & local else None
        return None

    def terms(
        self, stmt: ast.AugAssign, loop: ast.For, around: tuple[ast.For, ...], wide: bool
    ) -> ast.expr | None:
        """The row whose sum is added; the statement leaves the loop, or fills the row."""
        value = stmt.value
        stored = self.stored_elsewhere(value, loop) if isinstance(value, ast.Name) else value
        if stored is value and names_in([value]) & places_in(loop.body)[1]:
            stored = None  # what is read changes in the loop
        found = self.row_of(stored, loop) if stored is not None else None
        if found is not None:
            loop.body.remove(stmt)
            return found
        if not around and not wide or not self.is_size(loop):
            return None
        return name(self.buffer(stmt, value, loop, "terms"))

    def buffer(self, stmt: ast.stmt, value: ast.expr, loop: ast.For, stem: str) -> str:
        """A row of its own for what the statement finds."""
        row = self.fresh(stem)
        size = bounds_of(loop)[0]
        self.ahead.append(assign(row, call("np.empty", size)))
        place = ast.Subscript(name(row), name(turn_of(loop)), ast.Store())
        loop.body[loop.body.index(stmt)] = assign(place, value)
        return row

    def is_size(self, loop: ast.For) -> bool:
        """Whether the number of turns is the length of a parameter."""
        args = bounds_of(loop)
        return len(args) == 1 and isinstance(args[0], ast.Name) and args[0].id in self.sizes

    def stored_elsewhere(self, value: ast.Name, loop: ast.For) -> ast.expr | None:
        """The element of an array that holds the variable as well."""
        for stmt in loop.body:
            if isinstance(stmt, ast.Assign) and isinstance(stmt.value, ast.Name):
                target = stmt.targets[0]
                if stmt.value.id == value.id and isinstance(target, ast.Subscript):
                    assert isinstance(target.value, ast.Name)
                    base = target.value.id
                    writes = [n for s in loop.body for n in places_in([s])[0].get(base, ())
                              if isinstance(n.ctx, ast.Store)]  # fmt: skip
                    if base in self.own and len(writes) == 1:
                        return target
        return None

    def row_of(self, node: ast.expr, loop: ast.For) -> ast.expr | None:
        """The row of which each turn reads an element."""
        if not isinstance(node, ast.Subscript) or not isinstance(node.value, ast.Name):
            return None
        base = node.value.id
        places = indices_of(node)
        index = turn_of(loop)
        last = places[-1]
        if base not in self.floats or not isinstance(last, ast.Name) or last.id != index:
            return None
        local = {n.id for s in loop.body for n in nodes_of(s)
                 if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)}  # fmt: skip
        if names_in(places[:-1]) & {index, *local}:
            return None
        size = ast.unparse(bounds_of(loop)[0])
        whole = self.lengths.get(base, [""])[-1] == size
        if not whole and not self.is_size(loop):
            return None
        if not whole:
            places = [*places[:-1], ast.Slice(None, bounds_of(loop)[0], None)]
        else:
            places = places[:-1]
        if not places:
            return name(base)
        where = places[0] if len(places) == 1 else ast.Tuple(places, ast.Load())
        return ast.Subscript(name(base), where, ast.Load())

    def extremum(
        self, loop: ast.For, around: tuple[ast.For, ...], before: list[ast.stmt]
    ) -> ast.stmt | None:
        """`top = max_of(row)` for a loop that looks for the greatest element, which it loses."""
        if len(loop.body) < 2:
            return None
        first, test = loop.body[-2:]
        if not isinstance(first, ast.Assign) or not isinstance(test, ast.If) or test.orelse:
            return None
        here = ast.unparse(first.targets[0])
        chosen = test.body[0]
        if not isinstance(chosen, ast.Assign) or ast.unparse(chosen.value) != here:
            return None
        target = chosen.targets[0]
        top = ast.unparse(target)
        for op, fn, worst in ((">", "max_of", "-np.inf"), ("<", "min_of", "np.inf")):
            if ast.unparse(test.test) != f"{here} {op} {top} or {here} != {here}":
                continue
            start = next((s for s in reversed(before) if top in _targets(s)), None)
            if not isinstance(target, ast.Name) or start is None:
                return None
            if not isinstance(start, ast.Assign) or ast.unparse(start.value) != worst:
                return None
            if top in names_in(before[before.index(start) + 1 :]):
                return None
            if top in names_in([first.value, *loop.body[:-2]]):
                return None
            row = self.row_of(first.value, loop)
            if row is None or names_in([row]) & places_in(loop.body)[1]:
                if not around or not self.is_size(loop):
                    return None
                row = name(self.buffer(first, first.value, loop, "found"))
                loop.body.remove(test)
            else:
                del loop.body[-2:]
            before.remove(start)
            return assign(top, call(fn, row))
        return None


def _added(before: list[ast.stmt], target: ast.Name | ast.Subscript, value: ast.expr) -> ast.stmt:
    """`target += value`; a variable that is zero before the loop is bound to the value instead."""
    if isinstance(target, ast.Name):
        for stmt in reversed(before):
            if target.id in _targets(stmt):
                if isinstance(stmt, ast.Assign) and ast.unparse(stmt.value) == "0.0":
                    before.remove(stmt)
                    return assign(target.id, value)
                break
            if target.id in names_in([stmt]):
                break
    return augment(target, ast.Add(), value)


def _targets(stmt: ast.stmt) -> set[str]:
    return {
        n.id for n in nodes_of(stmt) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)
    }


def _calls(body: list[ast.stmt]) -> set[str]:
    return {ast.unparse(n.func) for s in body for n in nodes_of(s) if isinstance(n, ast.Call)}


def _ints(body: list[ast.stmt]) -> set[str]:
    """Variables that begin as an integer."""
    return {
        target.id
        for stmt in nodes_of(ast.Module(body, []))
        if isinstance(stmt, ast.Assign)
        and isinstance(stmt.value, ast.Constant)
        and type(stmt.value.value) is not float
        for target in stmt.targets
        if isinstance(target, ast.Name)
    }


def _plain_functions(body: list[ast.stmt], wide: set[int]) -> list[ast.stmt]:
    """NumPy's own functions where turns wait for each other."""

    class Plain(ast.NodeTransformer):
        def visit_For(self, node: ast.For) -> ast.AST:
            return node if id(node) in wide else self.generic_visit(node)

        def visit_Call(self, node: ast.Call) -> ast.AST:
            self.generic_visit(node)
            if isinstance(node.func, ast.Name) and node.func.id in PLAIN:
                node.func = ast.parse(PLAIN[node.func.id], mode="eval").body
            return node

    module = Plain().visit(ast.Module(body, []))
    found: list[ast.stmt] = module.body
    return found


__all__ = ["in_rows"]
