"""The adjoints of the items of a list that a loop visits once each are put in, not added up.

    xs_bar = zeros_like(xs)                      xs_bar = [None] * n
    for i in reversed(range(n)):          ->     for i in reversed(range(n)):
        ...                                          ...
        accumulate(xs_bar, i, x_bar)                 xs_bar[i] = x_bar

and those of an item that was cleared, the first time:

    xs_bar[i] = zeros_like(part)
    accumulate(xs_bar, i, x_bar)          ->     xs_bar[i] = x_bar

Only values that nothing else holds are put in: they would change with what holds them. What is
added to an item that is an array needs no helper: `xs_bar[i] = xs_bar[i] + x_bar`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from typing import TypeGuard

from srcgrad.ir.core import Assign, Atom, Block, Const, For, Function, Stmt, Store, Var
from srcgrad.ir.kinds import Kind
from srcgrad.ir.walk import reads, rebuild, same, tally, walk, writes
from srcgrad.rules.registry import lookup

ACCUMULATE = "srcgrad.support.accumulate"
ZEROS = "srcgrad.support.zeros_like"


def put_items(fn: Function, kinds: Mapping[str, Kind]) -> Function:
    """The function with the items of adjoints put in where they are made.

    `kinds`: of derivative variables. Statements that stay as they are are the same objects.
    """
    return replace(fn, body=_Items(fn, kinds).block(fn.body))


# What may be done with a list whose items nothing else can reach as long as it holds them.
OWN_USES = ("operator.getitem", ACCUMULATE)


class _Items:
    def __init__(self, fn: Function, kinds: Mapping[str, Kind]) -> None:
        self.kinds = kinds
        self.bound, self.read = tally(fn.body)
        self.made: dict[str, Assign] = {}
        self.stored: set[str] = set()
        self.alone: dict[str, bool] = {}
        self.gone: set[Stmt] = set()
        self.every = list(walk(fn.body))
        self.count = 0
        self.touching: dict[str, list[Stmt]] = defaultdict(list)
        for stmt in self.every:
            for name in {*reads(stmt), *writes(stmt)}:
                self.touching[name].append(stmt)
            if isinstance(stmt, Assign) and len(stmt.targets) == 1:
                self.made[stmt.targets[0]] = stmt
            if isinstance(stmt, Store):
                self.stored.add(stmt.base.name)

    def block(self, block: Block) -> Block:
        out = [rebuild(stmt, self.block) for stmt in block]
        before: set[Stmt] = set()
        for position, stmt in enumerate(tuple(out)):
            if isinstance(stmt, For):  # others may have been put in before it
                self.loop(stmt, out, position + len(out) - len(block), before)
            before.update(walk((stmt,)))
        self.cleared(out)
        code = [part for stmt in out for part in self.added(stmt)]
        return same(block, code)

    def cleared(self, out: list[Stmt]) -> None:
        """What is added first to an item that was cleared in the same block replaces the zeros."""
        zeros: dict[str, int] = {}  # list -> where its item was cleared; it was not used since
        for position, stmt in enumerate(out):
            if isinstance(stmt, Store) and self.clears(stmt):
                zeros[stmt.base.name] = position
                continue
            base = stmt.args[0] if isinstance(stmt, Assign) and stmt.fn == ACCUMULATE else None
            place = zeros.get(base.name) if isinstance(base, Var) else None
            if place is not None and isinstance(stmt, Assign):
                zero, (_, index, value) = out[place], stmt.args
                assert isinstance(zero, Store) and isinstance(base, Var)
                if zero.index == index and self.is_own(value):
                    out[position] = replace(zero, value=value, unit=stmt.unit)
                    out[place] = replace(zero, op="set", value=Const(None))
                    self.gone.add(out[place])
            touched = {n for part in walk((stmt,)) for n in (*reads(part), *writes(part))}
            changed = {n for part in walk((stmt,)) for n in writes(part)}
            for name, at in list(zeros.items()):
                zero = out[at]
                assert isinstance(zero, Store)
                moved = isinstance(zero.index, Var) and zero.index.name in changed
                if name in touched or moved:
                    del zeros[name]
        out[:] = [stmt for stmt in out if stmt not in self.gone]

    def clears(self, stmt: Store) -> bool:
        """True for zeros put in place of an item of a list that is known by one name only."""
        made = self.made.get(stmt.value.name) if isinstance(stmt.value, Var) else None
        zeros = made is not None and made.fn == ZEROS and stmt.op == "set" and not stmt.restores
        return zeros and self.is_alone(stmt.base.name)

    def is_alone(self, name: str) -> bool:
        """True for a list of the derivative's own that no other variable holds."""
        if name not in self.alone:
            made = self.made.get(name)
            value = made.args[0] if made is not None and made.fn == "copy" else None
            source = self.made.get(value.name) if isinstance(value, Var) else None
            own = source is not None and source.fn == ZEROS and self.bound[name] == 1
            own = own and self.read[source.target] == 1 if source is not None else False
            self.alone[name] = own and all(
                _is_own_use(stmt, name) for stmt in self.every if name in reads(stmt)
            )
        return self.alone[name]

    def added(self, stmt: Stmt) -> list[Stmt]:
        """`xs_bar[i] = xs_bar[i] + x_bar` for items that are arrays."""
        if not isinstance(stmt, Assign) or stmt.fn != ACCUMULATE or stmt.targets:
            return [stmt]
        base, index, value = stmt.args
        if not isinstance(base, Var) or not self.holds_arrays(base):
            return [stmt]
        place = self.kind_of(index)
        if place is None or not place.is_scalar:
            return [stmt]
        self.count += 1
        item, total = (f"{base.name}@b{letter}{self.count}" for letter in "io")
        return [
            Assign((item,), "operator.getitem", (base, index), unit=stmt.unit),
            Assign((total,), "operator.add", (Var(item), value), unit=stmt.unit),
            Store(base, index, Var(total), unit=stmt.unit),
        ]

    def holds_arrays(self, base: Var) -> bool:
        """True for the adjoint of a list of which nothing but arrays is read."""
        kind = self.kinds.get(base.name)
        element = kind.element if kind is not None and kind.tag == "list" else None
        return element is not None and element.is_array and element.is_float

    def kind_of(self, atom: Atom) -> Kind | None:
        if isinstance(atom, Const):
            return Kind("scalar") if type(atom.value) is int else None
        for _ in range(len(self.made)):
            made, known = self.made.get(atom.name), self.kinds.get(atom.name)
            if known is not None or made is None or self.bound[atom.name] != 1:
                return known
            if made.fn != "copy" or not isinstance(made.args[0], Var):
                return None
            atom = made.args[0]
        return None

    def loop(self, loop: For, out: list[Stmt], position: int, before: Collection[Stmt]) -> None:
        turn: _Turn | None = None
        for place, stmt in enumerate(loop.body):
            if not isinstance(stmt, Assign) or stmt.fn != ACCUMULATE or stmt.targets:
                continue
            base, index, value = stmt.args
            if not isinstance(base, Var) or index != Var(loop.index):
                continue
            start = self.start(base.name, out, position)
            users = sum(base.name in reads(part) for part in walk(loop.body))
            turn = turn or _Turn(loop.body, before)
            if start is None or users != 1 or not self.is_own(value, turn):
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

    def is_own(self, atom: Atom, turn: _Turn | None = None) -> bool:
        """True for an array that was made for this place, and that nothing else holds.

        A number may stand for an array: added to zeros it is one, put in it is not.
        """
        if isinstance(atom, Const) or atom.name in self.stored:
            return False
        name = atom.name
        if self.bound[name] == self.read[name] == 1:
            stmt = self.made.get(name)
        else:
            stmt = None if turn is None else turn.maker(name, self.touching[name])
        if stmt is None or not isinstance(stmt.fn, str):
            return False
        if stmt.fn in ("copy", "list", "tuple"):
            return all(self.is_own(part, turn) for part in stmt.args)
        kind, prim = self.kinds.get(name), lookup(stmt.fn)
        new = stmt.fn == "method.copy" or prim is not None and prim.view is None
        return new and kind is not None and kind.is_array and bool(kind.rank)


class _Turn:
    """One turn of a loop, and the statements of its block before the loop."""

    def __init__(self, body: Block, before: Collection[Stmt]) -> None:
        self.body, self.before = body, before
        self.within = set(walk(body))

    def maker(self, name: str, touching: Sequence[Stmt]) -> Assign | None:
        """What binds a variable in every turn, if that value is read once, later in the turn.

        The variable may have had other values before the loop. `touching`: all that reads or binds
        it, as it stands in the function.
        """
        here = [s for s in touching if s in self.within]
        others = [s for s in touching if s not in self.within]
        if len(here) != 2 or not all(s in self.body for s in here):
            return None
        made, reader = here
        if not _binds_anew(made, name) or name not in reads(reader) or name in writes(reader):
            return None
        earlier = all(s in self.before for s in others)
        return made if earlier and (not others or _binds_anew(others[0], name)) else None


def _binds_anew(stmt: Stmt, name: str) -> TypeGuard[Assign]:
    return isinstance(stmt, Assign) and stmt.targets == (name,) and name not in reads(stmt)


def _is_own_use(stmt: Stmt, name: str) -> bool:
    """True if a statement that reads a list only reads or replaces one of its items."""
    if isinstance(stmt, Store):
        return stmt.base.name == name and name not in _names(stmt.index, stmt.value)
    if not isinstance(stmt, Assign) or stmt.fn not in OWN_USES or stmt.kwargs:
        return False
    return stmt.args[0] == Var(name) and name not in _names(*stmt.args[1:])


def _names(*atoms: Atom) -> list[str]:
    return [atom.name for atom in atoms if isinstance(atom, Var)]
