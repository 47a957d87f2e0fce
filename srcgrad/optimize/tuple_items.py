"""An item of a tuple that has just been put together is what was put there.

    t = (a, b)                   t = (a, b)
    y = t[1]           ->        y = b
    u, v = t                     u = a
                                 v = b

So of a function that gives a value and its tangent, and is written out, only what is used counts.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace

from srcgrad.ir.core import Assign, Atom, Block, Const, Function, Stmt, Var
from srcgrad.ir.walk import read_names, rebuild, same, walk, writes


def read_items(fn: Function) -> Function:
    """The function without reads of items of tuples that it makes itself.

    Statements that stay as they are are the same objects; tuples that nothing reads any more go.
    """
    while True:
        known = _Known(fn)
        body = known.block(fn.body)
        if body is fn.body:
            return fn
        fn = replace(fn, body=_without(body, known.made.keys() - read_names(body)))


class _Known:
    """`made`: what is in tuples that have one name, of variables that are assigned once."""

    def __init__(self, fn: Function) -> None:
        self.place = {stmt: place for place, stmt in enumerate(walk(fn.body))}
        bound = Counter([p.name for p in fn.params])
        bound.update(name for stmt in self.place for name in writes(stmt))
        self.made: dict[str, tuple[int, tuple[Atom, ...]]] = {}
        for stmt, place in self.place.items():
            if not isinstance(stmt, Assign) or stmt.fn != "tuple" or bound[stmt.target] != 1:
                continue
            if all(isinstance(atom, Const) or bound[atom.name] == 1 for atom in stmt.args):
                self.made[stmt.target] = place, stmt.args

    def block(self, block: Block) -> Block:
        out: list[Stmt] = []
        for stmt in block:
            out += self.items(stmt) or [rebuild(stmt, self.block)]
        return same(block, out)

    def items(self, stmt: Stmt) -> list[Stmt]:
        """Copies in the place of a statement that reads a tuple after it was made."""
        if not isinstance(stmt, Assign) or not stmt.args or not isinstance(stmt.args[0], Var):
            return []
        place, items = self.made.get(stmt.args[0].name, (0, ()))
        if not items or self.place[stmt] < place:
            return []
        if stmt.fn == "unpack" and len(items) == len(stmt.targets):
            return list(_copies(stmt, items))
        if stmt.fn == "copy" and len(stmt.targets) == 1:
            return [replace(stmt, fn="tuple", args=items)]
        index = stmt.args[1] if stmt.fn == "operator.getitem" else None
        if not isinstance(index, Const) or type(index.value) is not int:
            return []
        if len(stmt.targets) != 1 or not -len(items) <= index.value < len(items):
            return []
        return [replace(stmt, fn="copy", args=(items[index.value],))]


def _copies(stmt: Assign, items: tuple[Atom, ...]) -> Iterator[Stmt]:
    """`u, v = a, b`, where none of the variables is read once more."""
    for target, item in zip(stmt.targets, items, strict=True):
        yield Assign((target,), "copy", (item,), unit=stmt.unit)


def _without(block: Block, names: set[str]) -> Block:
    kept = [
        rebuild(stmt, lambda inner: _without(inner, names))
        for stmt in block
        if not (isinstance(stmt, Assign) and stmt.fn == "tuple" and stmt.targets[0] in names)
    ]
    return tuple(kept)
