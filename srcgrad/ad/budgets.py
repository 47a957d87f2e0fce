"""Loops that are chosen to be checkpointed, and the text that tells what a choice would keep."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from srcgrad import support_budget
from srcgrad.ad.assemble import Sweeps
from srcgrad.ad.derive import Reversed
from srcgrad.ad.versions import version_in
from srcgrad.ir.classes import dataclass
from srcgrad.ir.core import (
    Assign,
    Atom,
    Block,
    Const,
    For,
    Function,
    Push,
    Stmt,
    Store,
    Var,
    While,
)
from srcgrad.ir.walk import (
    MUTATORS,
    assigned,
    blocks,
    names,
    operands,
    read_names,
    reads,
    rebuild,
    walk,
)
from srcgrad.remaking import in_all
from srcgrad.rules.naming import canonical_name

WEIGH = canonical_name(support_budget.weigh)
PASSING = ("copy", "tuple", "unpack")
DEEPEST = 2  # loops inside loops that may be checkpointed


@dataclass(frozen=True, slots=True)
class Candidate:
    """A loop that may be checkpointed: by the statement of the user's that it is."""

    key: str  # of the function
    unit: int
    line: int
    text: str

    @property
    def name(self) -> str:
        return f"{self.key}:{self.unit}"


def candidates(key: str, fn: Function) -> list[Candidate]:
    """The loops of a function that are not inside many others."""
    found = [s for s in _loops(fn.body, DEEPEST) if s.snapshots is None and s.converges is None]
    units = Counter(stmt.unit for stmt in _loops(fn.body, 100))
    made = []
    for stmt in found:
        unit = fn.units.get(stmt.unit)
        if unit is not None and units[stmt.unit] == 1:
            made.append(Candidate(key, stmt.unit, unit.line, unit.text.split("\n")[0]))
    return made


def _loops(block: Block, depth: int) -> Iterator[For | While]:
    for stmt in block:
        if isinstance(stmt, For | While):
            yield stmt
        inner = depth - isinstance(stmt, For | While)
        for part in blocks(stmt) if inner else ():
            yield from _loops(part, inner)


def marked(fn: Function, snapshots: Mapping[int, int]) -> Function:
    """The function with some loops checkpointed, by their units."""

    def one(stmt: Stmt) -> Stmt:
        new = rebuild(stmt, block)
        if isinstance(new, For | While) and new.unit in snapshots:
            return replace(new, snapshots=Const(snapshots[new.unit]))
        return new

    def block(inner: Block) -> Block:
        found = tuple(map(one, inner))
        return inner if all(a is b for a, b in zip(found, inner, strict=True)) else found

    units = {n: replace(u, rewritten=True, stmts=()) for n, u in fn.units.items() if n in snapshots}
    return replace(fn, body=block(fn.body), units={**fn.units, **units}) if snapshots else fn


def partly_used(step: Function, given: Iterable[str]) -> tuple[str, ...]:
    """Arrays and containers of which a step only reads or writes parts, as far as can be seen."""
    whole: set[str] = set()
    for stmt in walk(step.body):
        if isinstance(stmt, Store):
            whole.update(names((stmt.index, stmt.value)))
        elif isinstance(stmt, Assign) and (stmt.fn == "operator.getitem" or stmt.fn in MUTATORS):
            whole.update(names(stmt.args[1:]))
        elif isinstance(stmt, Assign) and stmt.fn not in PASSING:
            whole.update(reads(stmt))
    return tuple(name for name in given if name not in whole)


@dataclass(frozen=True, slots=True)
class Watched:
    """What is weighed where a step of a loop begins: its state, and of which it uses only parts."""

    state: tuple[str, ...] = ()
    parts: tuple[str, ...] = ()


def weighed(done: Reversed, key: str, watched: Mapping[int, Watched]) -> Reversed:
    """The forward sweep counting what it would record. `watched`: by the units of loops."""
    known = done.values.found if done.values is not None else {}

    def one(stmt: Stmt) -> list[Stmt]:
        if isinstance(stmt, Assign) and not known.keys().isdisjoint(stmt.targets):
            weighing = (_weigh_value(key, n, stmt) for n in stmt.targets if n in known)
            return [stmt, *(made for part in weighing for made in part)]
        if isinstance(stmt, Push):
            return [_weigh(stmt.value, f"{key}:{stmt.tape}", "kept")]
        if not isinstance(stmt, For | While) or stmt.unit not in watched:
            return [rebuild(stmt, block)]
        name, found = f"{key}:{stmt.unit}", watched[stmt.unit]
        start: list[Stmt] = []
        read = read_names((stmt,)) | assigned((stmt,))
        for what, found_names in (("state", found.state), ("parts", found.parts)):
            held = f"{what}@w"
            here = (version_in(n, read) for n in found_names)
            start += [Assign((held,), "tuple", tuple(Var(n) for n in here if n is not None))]
            start += [_weigh(Var(held), name, what)]
        body = (*start, *block(stmt.body))
        loop: Stmt = replace(stmt, body=body, unit=-1)
        if isinstance(stmt, For):
            loop = replace(stmt, body=body, unit=-1, prologue=0)
        nothing = Const(None)
        return [_weigh(nothing, name, "enter"), loop, _weigh(nothing, name, "leave")]

    def block(inner: Block) -> Block:
        return tuple(made for stmt in inner for made in one(stmt))

    given = [p.name for p in done.prepared.fn.params if p.name in known]
    weighing = [_weigh_value(key, name, Assign((name,), "copy", ())) for name in given]
    forward = [*(made for part in weighing for made in part)]
    forward += block(tuple(done.sweeps.forward))
    return replace(done, sweeps=Sweeps(forward, done.sweeps.backward, done.sweeps.tapes))


def _weigh_value(key: str, name: str, stmt: Assign) -> list[Stmt]:
    """A value beside what it is made of, whose sizes tell what it costs."""
    held = f"{name}@w"
    parts = (Var(name), *(Var(n) for n in names(operands(stmt)) if n not in stmt.targets))
    return [Assign((held,), "tuple", parts), _weigh(Var(held), in_all(key, name), "value")]


def _weigh(value: Atom, loop: str, what: str) -> Stmt:
    return Assign((), WEIGH, (value, Const(loop), Const(what)))
