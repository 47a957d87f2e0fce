"""A row that a loop of an adjoint reads by two indices gets a name before the loop, as does a part
that is the same in each step.

    for j in range(n):                     A_bar_row = A_bar[i]
        A_bar[i, j] /= 9.0                 for j in range(n):
        A_bar[i, j - 1] += A_bar[i, j]  ->     A_bar_row[j] /= 9.0
                                               A_bar_row[j - 1] += A_bar_row[j]

Both are views: whatever the loop stores is seen through them. An index that may be out of bounds
stays where it is, since a loop of no steps never asks for it.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace
from typing import TypeAlias

from srcgrad.ir.core import Assign, Atom, Block, Const, Exit, For, Function, Stmt, Store, Var
from srcgrad.ir.kinds import Kind, floor_of, is_below
from srcgrad.ir.walk import assigned, blocks, names, reads, rebuild, same, walk
from srcgrad.optimize.known import Known, start_of_backward
from srcgrad.optimize.places import (
    INDICES,
    base_and_index,
    is_number,
    is_slice,
    renamed,
    shape_of,
    without,
    without_idle,
)

Place: TypeAlias = tuple[str, Atom]  # an array and the index of a row
LEAST = 2  # times that a step reads or stores into a row which gets a name


def name_rows(fn: Function, kinds: Mapping[str, Kind]) -> Function:
    """The function whose adjoint loops index arrays by what changes from step to step.

    Statements that stay as they are are the same objects.
    """
    start = start_of_backward(fn)
    after = fn.body[start:]
    if not any(isinstance(stmt, For) for stmt in walk(after)):
        return fn
    rows = _Rows(Known(fn, kinds))
    new = rows.block(after)
    if rows.same:
        return replace(fn, body=without_idle((*fn.body[:start], *renamed(new, rows.same))))
    return fn if new is after else replace(fn, body=(*fn.body[:start], *new))


class _Rows:
    """`same`: parts that have a name before their loop."""

    def __init__(self, known: Known) -> None:
        self.known = known
        self.rows = Counter[str]()
        self.same: dict[str, Var] = {}

    def block(self, block: Block) -> Block:
        out: list[Stmt] = []
        sure = self.sure(block) if any(isinstance(stmt, For) for stmt in block) else set()
        for stmt in block:
            if isinstance(stmt, For):
                out += self.loop(stmt, sure)
            else:
                out.append(rebuild(stmt, self.block))
        return same(block, out)

    def sure(self, block: Block) -> set[Place]:
        """The rows that the block itself asks for, each time it runs."""
        if any(isinstance(stmt, Exit) for stmt in walk(block)):
            return set()
        bound = assigned(block)
        found = {place for stmt in block if (place := self.place(stmt)) is not None}
        return {place for place in found if bound.isdisjoint(names((Var(place[0]), place[1])))}

    def loop(self, loop: For, sure: set[Place]) -> list[Stmt]:
        """The loop behind the names that it needs."""
        bound = {loop.index, *assigned(loop.body)}
        rows: dict[Place, list[tuple[Stmt, bool]]] = defaultdict(list)
        for stmt, always in _steps(loop.body):
            place = self.place(stmt)
            if place is None or not bound.isdisjoint(names((Var(place[0]), place[1]))):
                continue
            if place in sure or self.is_within(*place):
                rows[place].append((stmt, always))
        within = {stmt for found in rows.values() for stmt, _ in found}
        views, indices = self.parts(loop.body, bound, within)
        moved, body = set[Stmt](views), without(loop.body, set(views))
        ahead, named = self.once([replace(stmt, unit=-1) for stmt in views], indices)
        changes: dict[Stmt, list[Stmt]] = {}
        for stmt in body:
            if not isinstance(stmt, Store) or stmt.op == "at":
                continue
            part = named.get(_place(stmt, indices))
            if part is not None:
                changes[stmt] = [replace(stmt, base=part, index=Const(Ellipsis))]
                moved.add(stmt)
        for (base, first), found in rows.items():
            found = [(stmt, always) for stmt, always in found if stmt not in moved]
            if sum(always for _, always in found) < LEAST:
                continue
            row = self.fresh(base, "row")
            ahead.append(Assign((row,), "operator.getitem", (Var(base), first)))
            for stmt, _ in found:
                changes[stmt] = self.shorter(stmt, Var(row))
        body = _changed(without(body, self.idle(body, changes)), changes)
        body = self.block(body)
        return [*ahead, loop if body is loop.body else replace(loop, body=body)]

    def fresh(self, base: str, what: str) -> str:
        name = f"{base}%{what}"
        self.rows[name] += 1
        number = self.rows[name]
        return f"{name}{number if number > 1 else ''}"

    def once(
        self, ahead: list[Assign], indices: Mapping[str, Assign]
    ) -> tuple[list[Stmt], dict[object, Var]]:
        """Each view once, with the name of what it is a part of; the names by their places."""
        found: dict[object, Var] = {}
        out: list[Stmt] = []
        for stmt in ahead:
            if stmt.fn in INDICES:
                out.append(stmt)
                continue
            (base, _), place = stmt.args, _place(stmt, indices)
            assert isinstance(base, Var)
            if place not in found:
                found[place] = Var(self.fresh(base.name, "slice"))
                out.append(replace(stmt, targets=(found[place].name,)))
            self.same[stmt.target] = found[place]
        return out, found

    def place(self, stmt: Stmt) -> Place | None:
        """The array and the first of several indices that a statement reads or stores at."""
        base, index = base_and_index(stmt)
        made = self.known.maker(index)
        if base is None or made is None or made.fn != "tuple" or not made.args:
            return None
        shape = shape_of(self.known, base)
        fits = shape is not None and len(made.args) <= len(shape)
        first, *rest = made.args
        if not fits or not rest or not is_number(self.known, first):
            return None
        plain = all(is_number(self.known, atom) or is_slice(self.known, atom) for atom in rest)
        return (base.name, first) if plain else None

    def is_within(self, base: str, first: Atom) -> bool:
        """True if the index of a row is in bounds."""
        shape, kind = shape_of(self.known, Var(base)), self.known.kind(first)
        number = kind.value if kind is not None and kind.is_scalar else None
        if isinstance(first, Const):
            number = first.value
        if shape is None or number is None or floor_of(number) < 0:
            return False
        return is_below(number, shape[0])

    def shorter(self, stmt: Stmt, row: Var) -> list[Stmt]:
        """The statement with the row for the array, and one index less."""
        _, index = base_and_index(stmt)
        made = self.known.maker(index)
        assert made is not None
        rest, code = made.args[1:], list[Stmt]()
        place = rest[0]
        if len(rest) > 1:
            place = Var(f"{made.target}r")
            code.append(replace(made, targets=(place.name,), args=rest))
        if isinstance(stmt, Store):
            return [*code, replace(stmt, base=row, index=place)]
        assert isinstance(stmt, Assign)
        return [*code, replace(stmt, args=(row, place))]

    def idle(self, body: Block, changed: Collection[Stmt]) -> set[Stmt]:
        """Indices that only the changed statements read."""
        used = Counter([i.name for s in changed if isinstance(i := base_and_index(s)[1], Var)])
        idle = {name for name, count in used.items() if self.known.read[name] == count}
        return {s for s in walk(body) if isinstance(s, Assign) and idle.intersection(s.targets)}

    def parts(
        self, body: Block, bound: set[str], within: set[Stmt]
    ) -> tuple[list[Assign], dict[str, Assign]]:
        """Views that are the same in each step, behind their indices; all indices that are."""
        moved: list[Assign] = []
        indices: dict[str, Assign] = {}  # that are the same in each step
        for stmt in body:
            if not isinstance(stmt, Assign) or len(stmt.targets) != 1:
                continue
            changing = (reads(stmt) & bound) - indices.keys()
            if changing or stmt.sync or self.known.bound[stmt.target] != 1:
                continue
            if stmt.fn in INDICES and "@" in stmt.target:
                indices[stmt.target] = stmt
            elif stmt.fn == "operator.getitem" and self.is_part(stmt, stmt in within):
                moved += [*_needed(stmt.args[1], indices), stmt]
        return list(dict.fromkeys(moved)), indices

    def is_part(self, stmt: Assign, within: bool) -> bool:
        """True for a view of an array, which cannot be out of bounds."""
        base, index = stmt.args
        made, shape = self.known.maker(index), shape_of(self.known, base)
        if made is None or shape is None or made.fn not in ("slice", "tuple"):
            return False
        parts = (index,) if made.fn == "slice" else made.args
        slices = parts[1:] if within else parts
        return (
            len(slices) > 0
            and len(parts) <= len(shape)
            and all(is_slice(self.known, a) for a in slices)
        )


def _place(stmt: Assign | Store, indices: Mapping[str, Assign]) -> object:
    """The array and the text of the index of a statement, as these statements make it."""

    def spelled(index: Atom) -> object:
        made = indices.get(index.name) if isinstance(index, Var) else None
        return index if made is None else (made.fn, *map(spelled, made.args))

    base, index = base_and_index(stmt)
    return None if base is None or index is None else (base.name, spelled(index))


def _needed(index: Atom, indices: Mapping[str, Assign]) -> list[Assign]:
    """The statements that make an index, in order."""
    made = indices.get(index.name) if isinstance(index, Var) else None
    if made is None:
        return []
    return [*(stmt for atom in made.args for stmt in _needed(atom, indices)), made]


def _steps(body: Block, always: bool = True) -> Iterator[tuple[Stmt, bool]]:
    """The statements of a loop, and whether each step runs them."""
    for stmt in body:
        yield stmt, always
        for inner in blocks(stmt):
            yield from _steps(inner, always and isinstance(stmt, For))


def _changed(block: Block, changes: Mapping[Stmt, list[Stmt]]) -> Block:
    out: list[Stmt] = []
    for stmt in block:
        out += changes.get(stmt) or [rebuild(stmt, lambda inner: _changed(inner, changes))]
    return same(block, out)
