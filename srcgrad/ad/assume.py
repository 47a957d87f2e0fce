"""Where nothing is known of an argument, `s = x[i]` is taken for a number, and the run checks it.

A number is a value of its own. A row of an array would be a second name of its memory, through
which `s -= e` writes: without a kind for `x` that cannot be told, and would be refused.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from srcgrad import support
from srcgrad.analysis.alias import AliasFacts, is_in_place
from srcgrad.analysis.indexing import parts_of
from srcgrad.analysis.kinds import KindFacts
from srcgrad.ir.classes import dataclass
from srcgrad.ir.core import Assign, Block, For, Function, Stmt, Store, Var
from srcgrad.ir.walk import names, operands, rebuild, walk
from srcgrad.rules.naming import canonical_name

NUMBER = canonical_name(support.number)
LOOKING = frozenset({"operator.getitem", "unpack", "builtins.len", "operator.matmul"})
MARK = "@n"  # in the names of items before they are checked


def with_numbers(fn: Function, kinds: KindFacts, aliases: AliasFacts) -> Function:
    """The function with items checked to be numbers that would else be names of shared memory.

    Itself where that is of no help.
    """
    guess = _Guess(fn, kinds)
    for name, writes in aliases.missed.values():
        for write in writes:
            writer = _written_name(write)
            weak = isinstance(write, Assign) and is_in_place(write)
            if not (weak and writer is not None and guess.number(writer)):
                guess.number(name)
    for name in aliases.put_in_doubt if aliases.missed else ():
        guess.number(name)
    if not guess.checked:
        return fn
    return replace(fn, body=_Checks(guess.checked).block(fn.body))


def _written_name(stmt: Stmt) -> str | None:
    if isinstance(stmt, Store):
        return stmt.base.name
    base = stmt.args[0] if isinstance(stmt, Assign) and stmt.args else None
    return base.name if isinstance(base, Var) else None


def _looked_into(stmt: Stmt) -> Iterable[str]:
    """A name that is no number, as something in it is read or written."""
    if isinstance(stmt, Store):
        return (stmt.base.name,)
    fn = stmt.fn if isinstance(stmt, Assign) and stmt.args else None
    if isinstance(fn, str) and (fn in LOOKING or fn.startswith(("attr.", "method."))):
        return names(operands(stmt)[:1])
    return ()


class _Guess:
    """Finds the statements that bind a name to an item."""

    def __init__(self, fn: Function, kinds: KindFacts) -> None:
        self.kinds = kinds
        self.arrays: set[str] = set()
        self.definitions: dict[str, list[Assign]] = {}
        for stmt in walk(fn.body):
            self.arrays.update(_looked_into(stmt))
            if isinstance(stmt, Assign):
                for name in stmt.targets:
                    self.definitions.setdefault(name, []).append(stmt)
        self.checked: dict[Stmt, set[str]] = {}
        self.seen: set[str] = set()

    def number(self, name: str) -> bool:
        """True if the name gets its memory by reading an item somewhere."""
        if name in self.seen | self.arrays or MARK in name:
            return False
        self.seen.add(name)
        found = False
        for stmt in self.definitions.get(name, ()):
            if self.kinds.after(stmt, name).tag != "unknown":
                continue
            if self.is_item(stmt):
                self.checked.setdefault(stmt, set()).add(name)
                found = True
            elif stmt.fn == "copy" and isinstance(stmt.args[0], Var):
                found |= self.number(stmt.args[0].name)
        return found

    def is_item(self, stmt: Assign) -> bool:
        if stmt.fn == "operator.getitem":
            parts = parts_of(self.kinds.before(stmt, stmt.args[1]))
            return all(part.tag in ("scalar", "unknown", "str") for part in parts)
        return stmt.fn in ("unpack", "method.pop")


@dataclass(slots=True)
class _Checks:
    """Puts the checks behind the statements that read the items."""

    checked: dict[Stmt, set[str]]
    count: int = 0

    def block(self, block: Block) -> Block:
        return tuple(made for stmt in block for made in self.statement(stmt))

    def statement(self, stmt: Stmt) -> Iterable[Stmt]:
        names = sorted(self.checked.get(stmt, ()))
        if isinstance(stmt, For):
            return (self.loop(stmt),)
        if not isinstance(stmt, Assign) or not names:
            return (rebuild(stmt, self.block),)
        if len(stmt.targets) > 1:
            return (stmt, *(Assign((n,), NUMBER, (Var(n),), unit=stmt.unit) for n in names))
        self.count += 1
        item = f"{stmt.target.split('@')[0]}{MARK}{self.count}"
        check = Assign(stmt.targets, NUMBER, (Var(item),), unit=stmt.unit)
        return (replace(stmt, targets=(item,)), check)

    def loop(self, stmt: For) -> For:
        """What the header of a loop binds is checked after the header."""
        head, body = stmt.body[: stmt.prologue], stmt.body[stmt.prologue :]
        names = sorted(n for inner in walk(head) for n in self.checked.get(inner, ()))
        first = body[0].unit if body else stmt.unit
        checks = (Assign((n,), NUMBER, (Var(n),), unit=first) for n in names)
        return replace(stmt, body=(*head, *checks, *self.block(body)))
