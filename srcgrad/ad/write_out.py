"""Write a function out where it is called: what it does to its arguments then happens in plain
sight.

    fill(u, k)                       i@w1 = ...; u[i@w1] = k

The callee's exits stand last in its blocks already, so that `return v` becomes `result = v`. A
parameter that the callee never binds anew is the argument itself; any other gets a name of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Set
from dataclasses import field, replace

from srcgrad.ir.calls import arguments
from srcgrad.ir.classes import dataclass
from srcgrad.ir.core import (
    Assign,
    Atom,
    Block,
    Exit,
    For,
    Function,
    Global,
    If,
    Stmt,
    Store,
    Unit,
    UserFunction,
    Var,
    While,
)
from srcgrad.ir.walk import assigned, rebuild, same, walk

LARGEST = 4000  # statements; recursion would go on for ever


def write_out(fn: Function, calls: Set[Stmt], lower: Callable[[str], Function]) -> Function:
    """The function with these calls written out; itself if none can be."""
    if sum(1 for _ in walk(fn.body)) > LARGEST:
        return fn
    run = _WriteOut(fn, calls, lower, dict(fn.globals), dict(fn.units))
    body = run.block(fn.body)
    return fn if body is fn.body else replace(fn, body=body, globals=run.globals, units=run.units)


@dataclass(slots=True)
class _WriteOut:
    fn: Function
    calls: Set[Stmt]
    lower: Callable[[str], Function]
    globals: dict[str, Global]
    units: dict[int, Unit]
    taken: set[str] = field(default_factory=set)
    count: int = 0
    # `y[i] += g(y)`: the name of what stood there before the call
    read_first: dict[Stmt, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.taken = assigned(self.fn.body) | {p.name for p in self.fn.params}

    def block(self, block: Block) -> Block:
        out: list[Stmt] = []
        for stmt in block:
            made = None
            if stmt in self.calls and isinstance(stmt, Assign):
                made = self.call(stmt)
            later = block[block.index(stmt) + 1 :] if made is not None else ()
            place = next((s for s in later if _adds(s, stmt.unit)), None)
            if made is not None and isinstance(place, Store):  # read before the call, by Python
                read = self.read_first[place] = f"{place.base.name.split('@')[0]}@r{self.count}w"
                out.append(
                    Assign((read,), "operator.getitem", (place.base, place.index), unit=stmt.unit)
                )
            if isinstance(stmt, Store) and stmt in self.read_first:
                read = self.read_first[stmt]
                new = Assign((f"{read}n",), f"operator.{stmt.op}", (Var(read), stmt.value))
                made = [new, replace(stmt, op="set", value=Var(new.target))]
            out += [rebuild(stmt, self.block)] if made is None else made
        return same(block, out)

    def call(self, stmt: Assign) -> list[Stmt] | None:
        assert isinstance(stmt.fn, UserFunction)
        fn = self.lower(stmt.fn.key)
        given = arguments(fn, stmt)
        if fn.rule is not None or fn.again or fn.hook is not None:
            return None
        if any(getattr(inner, "fn", None) == stmt.fn for inner in walk(fn.body)):
            return None  # there is no end to a recursion written out
        if given is None or len(stmt.targets) > 1 or not self.take_globals(fn):
            return None
        number = self.number(fn)
        bound = assigned(fn.body)
        renamed = {name: f"{name.split('@')[0]}@v{number}w{_tail(name)}" for name in bound}
        code: list[Stmt] = []
        atoms: dict[str, Atom] = {name: Var(new) for name, new in renamed.items()}
        for name, value in given.items():
            if name in bound:
                code.append(Assign((renamed[name],), "copy", (value,), unit=stmt.unit))
            else:
                atoms[name] = value
        first = max(self.units, default=-1) + 1
        for old, unit in fn.units.items():
            within = first + unit.within if unit.within >= 0 else stmt.unit
            self.units[first + old] = replace(
                unit, stmts=(), comment="", lead=(), rewritten=True, within=within
            )
        body = _Renamed(atoms, stmt.targets, first).block(fn.body)
        return [*code, *body]

    def number(self, fn: Function) -> int:
        """A number that gives none of the names a meaning they have already."""
        while True:
            self.count += 1
            new = {f"{n.split('@')[0]}@v{self.count}w{_tail(n)}" for n in assigned(fn.body)}
            if not new & self.taken:
                self.taken |= new
                return self.count

    def take_globals(self, fn: Function) -> bool:
        """Free names of the callee become the caller's, if none means another thing there."""
        for name, known in fn.globals.items():
            other = self.globals.get(name)
            if name in self.taken or other is not None and not other.means(known):
                return False
        self.globals.update(fn.globals)
        return True


def _adds(stmt: Stmt, unit: int) -> bool:
    return isinstance(stmt, Store) and stmt.op != "set" and stmt.unit == unit


def _tail(name: str) -> str:
    """What tells temporaries of one name apart."""
    return "".join(f".{part}" for part in name.split("@")[1:])


@dataclass(frozen=True, slots=True)
class _Renamed:
    """A callee's statements in the names of the caller."""

    atoms: Mapping[str, Atom]
    results: tuple[str, ...]
    first: int  # number of the callee's first unit

    def block(self, block: Block) -> Block:
        return tuple(made for stmt in block for made in self.statement(stmt))

    def atom(self, atom: Atom) -> Atom:
        return self.atoms.get(atom.name, atom) if isinstance(atom, Var) else atom

    def told(self, atom: Atom | None) -> Atom | None:
        return None if atom is None else self.atom(atom)

    def name(self, name: str) -> str:
        found = self.atoms[name]
        assert isinstance(found, Var)
        return found.name

    def statement(self, stmt: Stmt) -> list[Stmt]:
        unit = stmt.unit if stmt.unit < 0 else stmt.unit + self.first
        if isinstance(stmt, Exit):
            if stmt.kind != "return":
                return [replace(stmt, unit=unit)]
            assert stmt.value is not None
            value = self.atom(stmt.value)
            return [Assign(self.results, "copy", (value,), unit=unit)] if self.results else []
        made: Stmt = replace(stmt, unit=unit)  # type: ignore[type-var]
        if isinstance(made, Assign):
            kwargs = tuple((key, self.atom(value)) for key, value in made.kwargs)
            targets = tuple(map(self.name, made.targets))
            made = replace(
                made, targets=targets, args=tuple(map(self.atom, made.args)), kwargs=kwargs
            )
        elif isinstance(made, Store):
            base = self.atom(made.base)
            assert isinstance(base, Var)
            made = replace(
                made, base=base, index=self.atom(made.index), value=self.atom(made.value)
            )
        elif isinstance(made, If):
            made = replace(made, test=self.atom(made.test))
        elif isinstance(made, While):
            made = replace(made, cond=self.atom(made.cond), snapshots=self.told(made.snapshots))
        elif isinstance(made, For):
            bounds = (self.atom(a) for a in (made.start, made.stop, made.step))
            start, stop, step = bounds
            made = replace(
                made,
                index=self.name(made.index),
                start=start,
                stop=stop,
                step=step,
                limit=self.told(made.limit),
                snapshots=self.told(made.snapshots),
                steady=tuple(
                    (found.name, what)
                    for name, what in made.steady
                    if isinstance(found := self.atom(Var(name)), Var)
                ),
            )
        return [rebuild(made, self.block)]
