"""The adjoints of the items of a list that a loop visits once each are put in, not added up.

    xs_bar = zeros_like(xs)                      xs_bar = [None] * n
    for i in reversed(range(n)):          ->     for i in reversed(range(n)):
        ...                                          ...
        accumulate(xs_bar, i, x_bar)                 xs_bar[i] = x_bar

Only values that nothing else holds are put in: they would change with what holds them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from srcgrad.ir.core import Assign, Atom, Block, Const, For, Function, Stmt, Store, Var
from srcgrad.ir.kinds import Kind
from srcgrad.ir.walk import reads, rebuild, tally, walk, writes
from srcgrad.rules.registry import lookup

ACCUMULATE = "srcgrad.support.accumulate"
ZEROS = "srcgrad.support.zeros_like"


def put_items(fn: Function, kinds: Mapping[str, Kind]) -> Function:
    """The function with the items of adjoints put in where they are made.

    `kinds`: of derivative variables. Statements that stay as they are are the same objects.
    """
    return replace(fn, body=_Items(fn, kinds).block(fn.body))


class _Items:
    def __init__(self, fn: Function, kinds: Mapping[str, Kind]) -> None:
        self.kinds = kinds
        self.bound, self.read = tally(fn.body)
        self.made: dict[str, Assign] = {}
        self.stored: set[str] = set()
        for stmt in walk(fn.body):
            if isinstance(stmt, Assign) and len(stmt.targets) == 1:
                self.made[stmt.targets[0]] = stmt
            if isinstance(stmt, Store):
                self.stored.add(stmt.base.name)

    def block(self, block: Block) -> Block:
        out = [rebuild(stmt, self.block) for stmt in block]
        for position, stmt in enumerate(out):
            if isinstance(stmt, For):
                self.loop(stmt, out, position)
        same = all(a is b for a, b in zip(out, block, strict=True))
        return block if same else tuple(out)

    def loop(self, loop: For, out: list[Stmt], position: int) -> None:
        for place, stmt in enumerate(loop.body):
            if not isinstance(stmt, Assign) or stmt.fn != ACCUMULATE or stmt.targets:
                continue
            base, index, value = stmt.args
            if not isinstance(base, Var) or index != Var(loop.index):
                continue
            start = self.start(base.name, out, position)
            users = sum(base.name in reads(part) for part in walk(loop.body))
            if start is None or users != 1 or not self.is_own(value):
                continue
            body = (*loop.body[:place], Store(base, index, value, unit=stmt.unit))
            loop = replace(loop, body=(*body, *loop.body[place + 1 :]))
            out[position] = loop
            self.empty(start, loop, out)

    def start(self, name: str, out: list[Stmt], position: int) -> int | None:
        """Where the block makes the zeros, if nothing has read the variable since."""
        for place in range(position - 1, -1, -1):
            stmt = out[place]
            if isinstance(stmt, Assign) and stmt.targets == (name,):
                source = stmt.args[0] if stmt.fn == "copy" else Var(name)
                made = self.made.get(source.name) if isinstance(source, Var) else None
                zeros = made is not None and made.fn == ZEROS and made in out
                return out.index(made) if zeros and made is not None else None
            if any(name in (*reads(part), *writes(part)) for part in walk((stmt,))):
                return None
        return None

    def empty(self, place: int, loop: For, out: list[Stmt]) -> None:
        """No zeros are needed where the loop visits every item."""
        zeros = out[place]
        assert isinstance(zeros, Assign)
        count = self.made.get(loop.stop.name) if isinstance(loop.stop, Var) else None
        whole = (loop.start, loop.step) == (Const(0), Const(1)) and count is not None
        kind = self.kinds.get(zeros.target)
        if not whole or count is None or kind is None or kind.tag not in ("list", "tuple"):
            return
        if count.fn != "builtins.len" or count.args != zeros.args:
            return
        if any(self.bound[name] > 1 for name in (*reads(zeros), *count.targets)):
            return
        one = f"{zeros.target}n"
        out[place] = replace(zeros, fn="operator.mul", args=(Var(one), loop.stop))
        out.insert(place, replace(zeros, targets=(one,), fn="list", args=(Const(None),)))

    def is_own(self, atom: Atom) -> bool:
        """True for an array that was made for this place, and that nothing else holds.

        A number may stand for an array: added to zeros it is one, put in it is not.
        """
        if isinstance(atom, Const):
            return False
        name = atom.name
        if self.bound[name] != 1 or self.read[name] != 1 or name in self.stored:
            return False
        stmt = self.made.get(name)
        if stmt is None or not isinstance(stmt.fn, str):
            return False
        if stmt.fn in ("copy", "list", "tuple"):
            return all(map(self.is_own, stmt.args))
        kind, prim = self.kinds.get(name), lookup(stmt.fn)
        new = stmt.fn == "method.copy" or prim is not None and prim.view is None
        return new and kind is not None and kind.is_array and bool(kind.rank)
