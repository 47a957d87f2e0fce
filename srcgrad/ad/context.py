"""What the backward sweep knows of the primal program: facts, definitions, and where to refuse."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from srcgrad.analysis.activity import Activity
from srcgrad.analysis.alias import AliasFacts
from srcgrad.analysis.bound import Bound
from srcgrad.analysis.complexes import ComplexFacts, Numbers
from srcgrad.analysis.containers import Keys, containers_in, either
from srcgrad.analysis.kinds import KindFacts
from srcgrad.errors import Problem
from srcgrad.ir.core import Assign, Atom, Const, Derived, Function, Stmt, Store, UserFunction, Var
from srcgrad.ir.kinds import UNKNOWN, Dim, Kind
from srcgrad.ir.walk import is_list_step, names, walk


@dataclass(frozen=True, slots=True)
class Pair:
    """The two halves of a callee's derivative, for one set of active parameters."""

    forward: Derived
    backward: Derived
    active: tuple[str, ...]  # parameters whose cotangents the backward half returns, in order
    params: tuple[str, ...]  # all parameters, for binding
    at_once: bool = False  # the forward half gives the gradients, and there is no backward half


@dataclass(frozen=True, slots=True)
class Hooked:
    """A callee that gives its first argument, whose cotangent goes through code of the user's."""

    hook: UserFunction


PairOf = Callable[[UserFunction, Assign, frozenset[str], "KindFacts"], "Pair | Hooked"]


@dataclass
class Context:
    """Facts about one function, shared by the parts of the reverse transform."""

    fn: Function
    kinds: KindFacts
    aliases: AliasFacts
    activity: Activity
    bound: Bound
    pair_of: PairOf
    params: Mapping[str, Kind]
    complexes: ComplexFacts
    problems: list[Problem] = field(default_factory=list)
    # call -> halves, residual variable
    pairs: dict[Stmt, tuple[Pair, str]] = field(default_factory=dict)
    hooked: set[Stmt] = field(default_factory=set)  # calls that the forward sweep does without
    counters: dict[Stmt, str] = field(default_factory=dict)
    dynamic: set[str] = field(default_factory=set)  # containers read at computed places
    rewritten: set[str] = field(default_factory=set)  # names of memory that some store writes
    grown: set[int] = field(default_factory=set)  # sites of containers that methods change
    fills: frozenset[Stmt] = frozenset()  # fill containers of the surroundings that are read
    doubtful: frozenset[Stmt] = frozenset()  # may do what nobody knows to what they are given
    synced: bool = False  # names of shared memory are brought in step somewhere
    _kinds: dict[str, Kind] = field(default_factory=dict)
    _makers: dict[str, Assign | None] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Join the kinds a variable has anywhere: what holds wherever control flow stands."""
        self.rewritten = rewritten_names(self.aliases)
        self.grown = {site.number for found in self.aliases.mutated.values() for site in found}
        self._kinds.update(self.params)
        for stmt in walk(self.fn.body):
            self.synced |= isinstance(stmt, (Assign, Store)) and stmt.sync
            if is_list_step(stmt) and not self.is_known_item(stmt):
                assert isinstance(stmt, Assign)
                self.dynamic |= set(names(stmt.args[:1]))
            place = place_of(stmt)
            if place is not None:
                base, index = place
                if isinstance(index, Var) and self.kinds.before(stmt, base).is_container:
                    self.dynamic.add(base.name)
            for name, kind in self.kinds.writes.get(stmt, {}).items():
                known = self._kinds.get(name)
                self._kinds[name] = kind if known is None else either(known, kind, f"{name}~")
        self.dynamic |= self.loosely_known()

    def is_known_item(self, stmt: Stmt) -> bool:
        """True for `del d[key]` of a dict whose items are known."""
        if not isinstance(stmt, Assign) or stmt.fn != "operator.delitem":
            return False
        base, key = stmt.args
        kind = self.kinds.before(stmt, base)
        return kind.tag == "dict" and kind.items is not None and isinstance(key, Const)

    def loosely_known(self) -> set[str]:
        """Containers whose items, or those of dicts in them, are known in one place and not in
        another."""
        closed: set[tuple[str, Keys]] = set()
        loose: set[tuple[str, Keys]] = set()
        for facts in (self.kinds.reads, self.kinds.writes):
            for found in facts.values():
                for name, kind in found.items():
                    if kind.is_container:
                        for path, known in containers_in(kind):
                            (closed if known else loose).add((name, path))
        return {name for name, _ in closed & loose}

    def variable_kind(self, name: str) -> Kind:
        """What holds of a variable wherever control flow stands."""
        kind = self._kinds.get(name, UNKNOWN)
        return Kind(kind.tag) if name in self.dynamic else kind

    @functools.cached_property
    def lengths(self) -> set[str]:
        """Symbols of the lengths of parameters, which are the same everywhere."""
        shapes = [kind.shape or () for kind in self.params.values()]
        return {n.symbol for shape in shapes for n in shape if isinstance(n, Dim)}

    def is_lasting(self, kind: Kind) -> bool:
        """True for arrays of a shape that is told by those of the parameters."""
        lengths = kind.shape if kind.is_array else None
        return lengths is not None and all(
            not isinstance(n, Dim) or n.symbol in self.lengths for n in lengths
        )

    def has_one_form(self, name: str) -> bool:
        """True for an array of which shape and dtype are the same wherever it is read."""
        kind = self.variable_kind(name)
        return self.is_lasting(kind) and kind.dtype != "?"

    def kind_within(self, name: str, stmt: Stmt) -> Kind:
        """What holds of a variable in a compound statement; elsewhere it may hold other things."""
        kind = self.variable_kind(name)
        if kind.tag != "unknown" or name in self.dynamic:
            return kind
        facts = (self.kinds.reads, self.kinds.writes)
        found = [part[s][name] for s in walk((stmt,)) for part in facts if name in part.get(s, {})]
        within = functools.reduce(lambda a, b: either(a, b, f"{name}~"), found) if found else kind
        return kind if within.is_discrete else within  # `w = None` on one path, a number on others

    def holds_complex(self, container: Atom) -> bool:
        """True if some items of a container may be complex, whatever is known of one of them."""
        return self.complexes.of(container) is Numbers.COMPLEX

    def is_varied(self, stmt: Stmt, atom: Atom) -> bool:
        """True if the operand carries a derivative there."""
        return isinstance(atom, Var) and atom.name in self.activity.varied.get(stmt, ())

    def reads_grown(self, stmt: Stmt) -> bool:
        """True if an operand may be a container that changes: it cannot be read again later."""
        found = self.aliases.reads.get(stmt, {}).values()
        return any(site.number in self.grown for sites in found for site in sites)

    def bound_before(self, stmt: Stmt, name: str) -> bool:
        """True if the variable certainly has a value before a compound statement."""
        return name in self.bound.before[stmt]

    def bound_after(self, stmt: Stmt, name: str) -> bool:
        return name in self.bound.after[stmt]

    def made_by(self, name: str) -> Assign | None:
        """The only statement that binds a temporary; None for the user's names."""
        if "@" not in name or "@v" in name:
            return None
        if not self._makers:
            for stmt in walk(self.fn.body):
                if isinstance(stmt, Assign):
                    for target in stmt.targets:
                        self._makers[target] = None if target in self._makers else stmt
        return self._makers.get(name)

    def counter(self, stmt: Stmt) -> str:
        """The variable that counts the iterations of a loop."""
        return self.counters.setdefault(stmt, f"trips@b{len(self.counters) + 1}")

    def refuse(self, stmt: Stmt, message: str, remedy: str = "") -> None:
        """Note a problem at the user's statement; all are raised together."""
        self.problems.append(problem_at(self.fn, stmt, message, remedy))


def place_of(stmt: Stmt) -> tuple[Var, Atom] | None:
    """Base and index of an item that a statement reads or stores."""
    if isinstance(stmt, Store):
        return stmt.base, stmt.index
    if isinstance(stmt, Assign) and stmt.fn == "operator.getitem" and isinstance(stmt.args[0], Var):
        return stmt.args[0], stmt.args[1]
    return None


def rewritten_names(aliases: AliasFacts) -> set[str]:
    """Names that may at some time have stood for memory which some statement writes."""
    sites = [*aliases.written.values(), *aliases.clobbered.values()]
    numbers = {site.number for found in sites for site in found}
    return {
        name
        for facts in (aliases.reads, aliases.binds)
        for found in facts.values()
        for name, points in found.items()
        if any(site.number in numbers for site in points)
    }


def problem_at(fn: Function, stmt: Stmt, message: str, remedy: str = "") -> Problem:
    """A problem at the statement of the user's that `stmt` came from."""
    unit = fn.units.get(stmt.unit)
    if unit is None:
        return Problem(fn.file, fn.line, 0, message, remedy)
    first = unit.text.split("\n")[0].removeprefix("... ")  # a part of a statement
    if unit.caller >= 0:  # the body of a lambda is no statement
        first = first.removeprefix("return ")
    source = " " * unit.col + first
    return Problem(fn.file, unit.line, unit.col, message, remedy, source, unit.col + len(first))
