"""A part of an array that a step of an adjoint loop stores into twice is named once.

    y_bar[:k] += y_1_bar[::-1]              y_bar_part = y_bar[:k]
    ...                             ->      y_bar_part += y_1_bar[::-1]
    y_bar[:k] += r[:k] * t                  ...
                                            y_bar_part += r[:k] * t

Each `y_bar[:k] += t` looks the part up, adds, and stores it back into its place.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from typing import TypeAlias

from srcgrad.ir.core import Assign, Atom, Block, Const, For, Function, Stmt, Store, Var, While
from srcgrad.ir.kinds import Kind
from srcgrad.ir.walk import assigned, rebuild, same
from srcgrad.optimize.known import Known, start_of_backward
from srcgrad.optimize.places import (
    INDICES,
    base_and_index,
    is_number,
    is_slice,
    renamed,
    shape_of,
    without_idle,
)

Key: TypeAlias = tuple[object, ...]
LEAST = 2  # sums into a part that gets a name


def name_parts(fn: Function, kinds: Mapping[str, Kind]) -> Function:
    """The function whose adjoint loops look up once what they add to several times.

    Statements that stay as they are are the same objects.
    """
    start = start_of_backward(fn)
    after = fn.body[start:]
    parts = _Parts(Known(fn, kinds))
    new = parts.block(after)
    if new is after:
        return fn
    return replace(fn, body=without_idle((*fn.body[:start], *renamed(new, parts.same))))


class _Parts:
    """`same`: views that are a part with a name."""

    def __init__(self, known: Known) -> None:
        self.known = known
        self.same: dict[str, Var] = {}
        self.depth = 0  # of loops
        self.count = Counter[str]()

    def block(self, block: Block) -> Block:
        return same(block, [part for stmt in block for part in self.inside(stmt)])

    def inside(self, stmt: Stmt) -> list[Stmt]:
        """The statement behind the names that it needs."""
        ahead: list[Stmt] = []
        if isinstance(stmt, For):
            body = self.step(stmt.body, ahead, stmt.index)
            return [*ahead, stmt if body is stmt.body else replace(stmt, body=body)]
        in_loop = isinstance(stmt, While) or self.depth
        return [rebuild(stmt, self.step if in_loop else self.block)]

    def step(self, block: Block, ahead: list[Stmt] | None = None, index: str = "") -> Block:
        """The block of a loop with this index, or of a branch in one. `ahead`: gets the names of
        what is the same in each step."""
        self.depth += 1
        out = [part for stmt in block for part in self.inside(stmt)]
        self.depth -= 1
        return same(block, self.named(out, ahead, index))

    def named(self, block: list[Stmt], ahead: list[Stmt] | None, index: str) -> list[Stmt]:
        bound = Counter[str]([name for stmt in block for name in assigned((stmt,))])
        groups: dict[Key, list[Stmt]] = {}
        for stmt in block:
            key = self.key(stmt, bound)
            if key is not None:
                groups.setdefault(key, []).append(stmt)
        for key, group in groups.items():
            if sum(isinstance(stmt, Store) for stmt in group) >= LEAST:
                fixed = ahead is not None and not _mentions(key, index) and self.is_safe(group[0])
                block = self.with_name(block, group, ahead if fixed else None)
        return block

    def is_safe(self, stmt: Stmt) -> bool:
        """True for slices alone, never out of bounds: a loop of no steps asks for no element."""
        made = self.known.maker(base_and_index(stmt)[1])
        if made is None or made.fn == "slice":
            return made is not None
        return all(is_slice(self.known, atom) for atom in made.args)

    def key(self, stmt: Stmt, bound: Mapping[str, int]) -> Key | None:
        """What stands for a part of an array, if the block leaves its index as it is."""
        if isinstance(stmt, Store) and stmt.op not in ("add", "sub"):
            return None
        base, index = base_and_index(stmt)
        made = self.known.maker(index)
        if base is None or index is None or made is None or made.fn not in ("tuple", "slice"):
            return None
        if not self.is_view(base, made) or bound.get(base.name, 0):
            return None
        spelled = self.spelled(index, bound)
        return None if spelled is None else (base.name, spelled)

    def is_view(self, base: Var, made: Assign) -> bool:
        """True for a slice of an array, or numbers and slices."""
        parts = made.args if made.fn == "tuple" else (Var(made.target),)
        slices = [atom for atom in parts if is_slice(self.known, atom)]
        plain = all(atom in slices or is_number(self.known, atom) for atom in parts)
        shape = shape_of(self.known, base)
        return shape is not None and bool(slices) and plain and len(parts) <= len(shape)

    def spelled(self, atom: Atom, bound: Mapping[str, int]) -> Key | None:
        """The text of an index, down to what the block does not assign."""
        if isinstance(atom, Const):
            return (atom,)
        made = self.known.maker(atom)
        if made is not None and made.fn in INDICES and not made.kwargs:
            parts = [self.spelled(part, bound) for part in made.args]
            return None if None in parts else (made.fn, *parts)
        return None if bound.get(atom.name, 0) else (atom.name,)

    def with_name(
        self, block: list[Stmt], group: list[Stmt], ahead: list[Stmt] | None
    ) -> list[Stmt]:
        """The block with a name for what a group of statements reads and adds to."""
        first = group[0]
        base, index = base_and_index(first)
        assert base is not None and index is not None
        self.count[base.name] += 1
        number = self.count[base.name]
        part = Var(f"{base.name}%part{number if number > 1 else ''}")
        if ahead is not None:
            place = self.copied(index, part.name, ahead)
            ahead.append(Assign((part.name,), "operator.getitem", (base, place)))
        out: list[Stmt] = []
        for stmt in block:
            if stmt is first and ahead is None:
                out.append(Assign((part.name,), "operator.getitem", (base, index), unit=stmt.unit))
            if not any(stmt is other for other in group):
                out.append(stmt)
            elif isinstance(stmt, Store):
                out.append(replace(stmt, base=part, index=Const(Ellipsis)))
            elif isinstance(stmt, Assign) and self.known.bound[stmt.target] == 1:
                self.same[stmt.target] = part
            else:
                out.append(stmt)
        return out

    def copied(self, index: Atom, part: str, out: list[Stmt]) -> Atom:
        """The index as other statements make it, put into `out`."""
        made = self.known.maker(index)
        if made is None or made.fn not in INDICES or not isinstance(index, Var):
            return index
        args = tuple(self.copied(atom, part, out) for atom in made.args)
        copy = f"{index.name}@{part}"
        out.append(replace(made, targets=(copy,), args=args, unit=-1))
        return Var(copy)


def _mentions(key: object, name: str) -> bool:
    return key == name or isinstance(key, tuple) and any(_mentions(part, name) for part in key)
