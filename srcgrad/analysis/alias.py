"""Which names may share memory, at every point of the program.

A flow-sensitive may-point-to analysis. A name points to allocation sites; an operation that makes a
view
keeps the sites of its base, any other makes a new one. Running an allocation again renames what
came out
of it before to its "old" site (recency abstraction), so that `new = u.copy(); ...; u = new` in a
loop is
seen to be two arrays.

Each name is differentiated as a value. That is right as long as no name is read after its memory
was
written through another name: such a read is a problem here, and the program is refused. What a
container
holds is not told apart from the container.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import NamedTuple

from srcgrad.analysis.indexing import selection
from srcgrad.analysis.kinds import KindFacts
from srcgrad.ir.core import (
    Assign,
    Atom,
    Block,
    Derived,
    Exit,
    For,
    Function,
    If,
    Stmt,
    Store,
    UserFunction,
    Var,
    While,
)
from srcgrad.ir.kinds import Kind
from srcgrad.ir.walk import MUTATORS, operands
from srcgrad.rules.registry import BindError, bind, lookup


class Site(NamedTuple):
    """Where memory came from. `old`: made by an earlier run of the same statement."""

    number: int
    param: str = ""
    old: bool = False


Sites = frozenset[Site]
NOTHING: Sites = frozenset()
IN_PLACE = frozenset(
    f"operator.i{op}"
    for op in (
        "add",
        "sub",
        "mul",
        "truediv",
        "floordiv",
        "mod",
        "pow",
        "matmul",
        "and",
        "or",
        "xor",
    )
)
# Functions outside the rule table that do not write into their arguments.
HARMLESS = frozenset({"assert", "raise", "fstring", "slice"})


@dataclass(frozen=True, slots=True)
class Effects:
    """What a call of a user function does: parameters it writes into, parameters its result may
    alias."""

    writes: frozenset[str] = frozenset()
    returns: frozenset[str] = frozenset()


@dataclass(slots=True)
class AliasFacts:
    """`reads[s][x]`: sites of x as s reads it. `binds[s][x]`: sites of x bound by s.

    `made[s]`: the site s allocates. `written[s]`: sites it writes.
    """

    reads: dict[Stmt, dict[str, Sites]] = field(default_factory=dict)
    binds: dict[Stmt, dict[str, Sites]] = field(default_factory=dict)
    made: dict[Stmt, Site] = field(default_factory=dict)
    written: dict[Stmt, Sites] = field(default_factory=dict)
    # containers changed by their own methods
    mutated: dict[Stmt, Sites] = field(default_factory=dict)
    # may be written, by code we cannot see
    clobbered: dict[Stmt, Sites] = field(default_factory=dict)
    returned: Sites = NOTHING
    problems: dict[Stmt, tuple[str, str]] = field(default_factory=dict)

    def written_params(self) -> frozenset[str]:
        """Parameters whose memory the function writes into."""
        sites = frozenset().union(*self.written.values(), *self.mutated.values())
        return frozenset(site.param for site in sites if site.param)


@dataclass(slots=True)
class _State:
    points: dict[str, Sites]
    stale: dict[str, str]  # name -> through which name its memory was written

    def copy(self) -> _State:
        return _State(dict(self.points), dict(self.stale))

    def same(self, other: _State) -> bool:
        return self.points == other.points and self.stale.keys() == other.stale.keys()


EffectsOf = Callable[[UserFunction], tuple[Effects, tuple[str, ...]]]


def find_aliases(
    fn: Function, kinds: KindFacts, effects_of: EffectsOf, arrays: Iterable[str]
) -> AliasFacts:
    """Points-to facts of `fn`. `arrays`: parameters and globals that may hold memory.

    `effects_of` gives the effects of a callee and its parameter names.
    """
    run = _Aliases(kinds, effects_of)
    for facts in kinds.reads.values():
        for name, kind in facts.items():
            run.note(name, kind)
    points = {name: frozenset({Site(-1 - i, name)}) for i, name in enumerate(arrays)}
    run.block(fn.body, _State(points, {}))
    return run.facts


class _Aliases:
    def __init__(self, kinds: KindFacts, effects_of: EffectsOf) -> None:
        self.kinds = kinds
        self.effects_of = effects_of
        self.facts = AliasFacts()
        self.ids: dict[Stmt, int] = {}
        self.arrays: set[str] = set()  # names that never hold a container
        self.containers: set[str] = set()
        self.boxes: set[Site] = set()  # sites of containers, apart from what they hold

    def block(self, block: Block, state: _State) -> _State | None:
        for stmt in block:
            self.read(stmt, state)
            if isinstance(stmt, Exit):
                if stmt.kind == "return":
                    self.facts.returned |= self.sites(stmt, stmt.value, state)
                    return None
                return state
            if isinstance(stmt, If):
                after = _join(
                    self.block(stmt.then, state.copy()), self.block(stmt.orelse, state.copy())
                )
                if after is None:
                    return None
                state = after
            elif isinstance(stmt, (For, While)):
                state = self.loop(stmt, state)
            elif isinstance(stmt, Store):
                self.write(stmt, stmt.base.name, state)
            elif isinstance(stmt, Assign):
                self.assign(stmt, state)
        return state

    def loop(self, stmt: For | While, state: _State) -> _State:
        while True:
            start = state.copy()
            if isinstance(stmt, While):
                start = self.block(stmt.test, start) or start
            after = start.copy()
            end = _join(state, self.block(stmt.body, start))
            if end is None or end.same(state):
                return after
            state = end

    def read(self, stmt: Stmt, state: _State) -> None:
        found = {}
        for atom in operands(stmt):
            if isinstance(atom, Var):
                found[atom.name] = self.sites(stmt, atom, state)
                if found[atom.name] and atom.name in state.stale:
                    self.stale(stmt, atom.name, state.stale[atom.name])
        self.facts.reads[stmt] = found

    def stale(self, stmt: Stmt, name: str, through: str) -> None:
        shown, other = name.split("@")[0], through.split("@")[0]
        self.facts.problems[stmt] = (
            f"`{shown}` is read after memory it shares was written through `{other}`",
            "write through one name only, or take a copy where the names part: "
            f"`{shown} = {shown}.copy()`",
        )

    def sites(self, stmt: Stmt, atom: Atom | None, state: _State) -> Sites:
        """Sites of an operand; none for what holds no memory."""
        if not isinstance(atom, Var):
            return NOTHING
        kind = self.kinds.before(stmt, atom)
        if kind.tag in ("scalar", "none", "str", "slice", "ellipsis"):
            return NOTHING
        return state.points.get(atom.name, NOTHING)

    def write(self, stmt: Stmt, name: str, state: _State) -> None:
        """Memory of `name` is written: every other name of the same memory is stale from here
        on."""
        sites = state.points.get(name, NOTHING)
        self.facts.written[stmt] = sites
        self.spoil(sites, name, state)

    def spoil(self, sites: Sites, name: str, state: _State, containers: bool = False) -> None:
        """Other names of this memory are stale. `containers`: what it holds stays as it is."""
        for other, points in state.points.items():
            if other != name and points & sites and not (containers and other in self.arrays):
                state.stale[other] = name

    def assign(self, stmt: Assign, state: _State) -> None:
        if is_in_place(stmt) and not self.kinds.before(stmt, stmt.args[0]).is_scalar:
            base = stmt.args[0]
            if isinstance(base, Var):
                self.write(stmt, base.name, state)
        elif stmt.fn in MUTATORS:
            base = stmt.args[0]
            if isinstance(base, Var):
                sites = state.points.get(base.name, NOTHING)
                self.facts.clobbered[stmt] = self.facts.mutated[stmt] = sites
                self.spoil(sites, base.name, state, containers=True)
                held = frozenset().union(*(self.sites(stmt, a, state) for a in stmt.args[1:]))
                state.points[base.name] = sites | held
        elif self.is_opaque(stmt):
            touched = frozenset().union(*(self.sites(stmt, a, state) for a in operands(stmt)))
            self.facts.clobbered[stmt] = touched
            self.spoil(touched, "", state)
        shared = self.shared(stmt, state)
        is_item = stmt.fn in ("method.pop", "operator.getitem")
        if shared and is_item and all(self.kinds.after(stmt, n).is_array for n in stmt.targets):
            shared = (shared - self.boxes) or None  # an item is not the list that held it
        site = Site(self.ids.setdefault(stmt, len(self.ids)))
        if shared is None:
            self.facts.made[stmt] = site
            if stmt.fn in ("list", "dict", "tuple"):
                self.boxes |= {site, site._replace(old=True)}
            self.retire(site, state)
            shared = frozenset({site})
        bound = self.facts.binds[stmt] = {}
        for name in stmt.targets:
            kind = self.kinds.after(stmt, name)
            self.note(name, kind)
            if kind.tag in ("scalar", "none", "str", "slice", "ellipsis"):
                state.points.pop(name, None)
            else:
                state.points[name] = bound[name] = shared
            state.stale.pop(name, None)

    def note(self, name: str, kind: Kind) -> None:
        if kind.is_array and name not in self.containers:
            self.arrays.add(name)
        elif not kind.is_array and not kind.is_scalar:
            self.containers.add(name)
            self.arrays.discard(name)

    def retire(self, site: Site, state: _State) -> None:
        for name, points in state.points.items():
            if site in points:
                state.points[name] = points - {site} | {site._replace(old=True)}

    def is_opaque(self, stmt: Assign) -> bool:
        fn = stmt.fn
        if isinstance(fn, (UserFunction, Derived)):
            return False
        return (
            fn in ("call", "with.enter")
            or fn.startswith("method.")
            and lookup(fn) is None
            and fn != "method.keys"
        )

    def shared(self, stmt: Assign, state: _State) -> Sites | None:
        """Sites the result may share; None for a fresh result."""
        fn = stmt.fn
        all_sites = frozenset().union(*(self.sites(stmt, atom, state) for atom in operands(stmt)))
        if isinstance(fn, UserFunction):
            return self.call(stmt, fn, state)
        if isinstance(fn, Derived):
            return all_sites
        if fn in ("tuple", "list", "dict"):
            return (
                all_sites | {Site(self.ids.setdefault(stmt, len(self.ids)))} if all_sites else None
            )
        if fn in ("copy", "unpack", "call") or fn.startswith("method."):
            prim = lookup(fn)
            if prim is None:
                return all_sites or None
        if fn == "operator.getitem":
            base, index = (self.kinds.before(stmt, atom) for atom in stmt.args)
            if base.is_array and selection(base, index) in ("mask", "repeats"):
                return None
            return self.sites(stmt, stmt.args[0], state) or None
        prim = lookup(fn)
        if prim is None:
            return all_sites or None
        if prim.view is None:
            return None
        try:
            bound = bind(prim, stmt.args, dict(stmt.kwargs))
        except BindError:
            return all_sites or None
        return self.sites(stmt, bound.get(prim.view), state) or None

    def call(self, stmt: Assign, fn: UserFunction, state: _State) -> Sites | None:
        effects, params = self.effects_of(fn)
        given = dict(zip(params, stmt.args, strict=False)) | dict(stmt.kwargs)
        for name in effects.writes:
            if isinstance(given.get(name), Var):
                self.facts.problems[stmt] = (
                    f"`{fn.name}` writes into its argument `{name}`",
                    f"let `{fn.name}` work on a copy (`{name} = {name}.copy()`) and return it",
                )
        shared = frozenset().union(
            *(self.sites(stmt, given.get(name), state) for name in effects.returns)
        )
        return shared or None


def is_in_place(stmt: Assign) -> bool:
    """True for `x += e` and its like, which write into an array where x is one."""
    return isinstance(stmt.fn, str) and stmt.fn in IN_PLACE


def _join(a: _State | None, b: _State | None) -> _State | None:
    if a is None or b is None:
        return a if b is None else b
    points = {
        n: a.points.get(n, NOTHING) | b.points.get(n, NOTHING) for n in {**a.points, **b.points}
    }
    return _State(points, {**a.stale, **b.stale})


def effects(facts: AliasFacts, params: Iterable[str]) -> Effects:
    """The effects of a function, as its callers see them."""
    names = frozenset(params)
    returned = frozenset(site.param for site in facts.returned if site.param)
    return Effects(facts.written_params() & names, returned & names)
