"""Items of lists: sums of cotangents, and what was stored a moment ago, which a variable holds."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

from srcgrad.ir.core import Assign, Atom, Block, Function, Stmt, Store, Var
from srcgrad.ir.walk import blocks, names, operands, rebuild, writes

Place = tuple[str, Atom]  # a list, and the index of an item


def forwarded(fn: Function, lists: Collection[str]) -> Function:
    """The function with `x` for `items[i]` behind `items[i] = x`.

    A store that the next one to the same item makes up for is left out.
    """
    if not lists:
        return fn
    run = _Forwarding(frozenset(lists))
    return replace(fn, body=run.block(run.summed(fn.body)))


class _Forwarding:
    def __init__(self, lists: frozenset[str]) -> None:
        self.lists = lists
        self.sums = 0

    def summed(self, block: Block) -> Block:
        """The block with contributions to items as sums: an item is a new array, never changed."""
        out: list[Stmt] = []
        for stmt in block:
            stmt = rebuild(stmt, self.summed)
            if isinstance(stmt, Assign) and stmt.fn == "srcgrad.support.accumulate":
                base, index, value = stmt.args
                if isinstance(base, Var) and base.name in self.lists:
                    self.sums += 1
                    old, new = (f"{base.name}@{mark}{self.sums}" for mark in ("old", "sum"))
                    out.append(Assign((old,), "operator.getitem", (base, index), unit=stmt.unit))
                    out.append(Assign((new,), "operator.add", (Var(old), value), unit=stmt.unit))
                    stmt = Store(base, index, Var(new), "set", stmt.unit)
            elif isinstance(stmt, Assign) and self.is_sum(stmt):
                stmt = replace(stmt, fn="lists.add")
            out.append(stmt)
        return tuple(out)

    def is_sum(self, stmt: Assign) -> bool:
        """Whether the statement adds lists of cotangents."""
        return stmt.fn == "srcgrad.support.add" and self.lists.issuperset(stmt.targets)

    def block(self, block: Block) -> Block:
        held: dict[Place, Atom] = {}  # what an item is known to be
        idle: dict[Place, int] = {}  # stores that nobody has read yet, by their place in `out`
        out: list[Stmt | None] = []
        for stmt in block:
            if blocks(stmt):
                held.clear()
                idle.clear()
                out.append(rebuild(stmt, self.block))
                continue
            place = _place(stmt)
            if isinstance(stmt, Store) and place is not None and stmt.base.name in self.lists:
                if place in idle:
                    out[idle[place]] = None
                _forget(held, idle, {stmt.base.name})
                held[place], idle[place] = stmt.value, len(out)
                out.append(stmt)
                continue
            if isinstance(stmt, Assign) and place in held:
                stmt = replace(stmt, fn="copy", args=(held[place],))
            else:
                _forget(held, idle, self.lists.intersection(names(operands(stmt))))
            _unbind(held, idle, set(writes(stmt)))
            out.append(stmt)
        return tuple(stmt for stmt in out if stmt is not None)


def _place(stmt: Stmt) -> Place | None:
    """The item that the statement stores or reads."""
    if isinstance(stmt, Store) and stmt.op == "set":
        return stmt.base.name, stmt.index
    if isinstance(stmt, Assign) and stmt.fn == "operator.getitem" and not stmt.kwargs:
        base, index = stmt.args
        if isinstance(base, Var) and len(stmt.targets) == 1:
            return base.name, index
    return None


def _forget(held: dict[Place, Atom], idle: dict[Place, int], lists: Collection[str]) -> None:
    for place in [place for place in held if place[0] in lists]:
        held.pop(place, None)
        idle.pop(place, None)


def _unbind(held: dict[Place, Atom], idle: dict[Place, int], bound: set[str]) -> None:
    """Variables get new values: what was known by their names is so no more."""
    for place, value in list(held.items()):
        mentioned = {atom.name for atom in (place[1], value) if isinstance(atom, Var)}
        if mentioned & bound or place[0] in bound:
            del held[place]
            idle.pop(place, None)
