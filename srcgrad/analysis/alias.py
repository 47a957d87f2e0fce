"""Which names may share memory, at every point of the program, and which are out of step.

A flow-sensitive may-point-to analysis. A name points to allocation sites; an operation that makes a
view keeps the sites of its base, any other makes a new one. Running an allocation again renames
what came out of it before to its "old" site (recency abstraction). Beside the sites stands which
pairs of names may share memory at all, so that two buffers that are swapped stay apart.

Each name is differentiated as a value. Where a name is read after its memory was written through
another one, it must be brought in step first: `syncs` says where, and by which statements (see
`links.py`). Where no way is known the read is a problem, and the program is refused.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from srcgrad.analysis.boxes import is_slice_of_container, taken_from
from srcgrad.analysis.changes import Changes, holds_twice
from srcgrad.analysis.kinds import KindFacts
from srcgrad.analysis.links import PARTS, SINGLE, Sharing
from srcgrad.analysis.memory import (
    IDENTITY,
    IMMUTABLE,
    NOTHING,
    SHAPE_ONLY,
    AliasFacts,
    Effects,
    Site,
    Sites,
    State,
    effects,
    holds_memory,
    is_in_place,
    is_opaque,
    is_sync,
    is_unknown_call,
    joined,
    last_reads,
    link_of,
    memory_of,
    out_of_step,
)
from srcgrad.ir.core import (
    Assign,
    Atom,
    Block,
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
from srcgrad.ir.walk import MUTATORS, assigned, operands, read_names, stored, writes

__all__ = ["AliasFacts", "Effects", "EffectsOf", "Site", "effects", "find_aliases", "is_in_place"]

DISPLAYS = frozenset({"tuple", "list", "dict"})
ITEMS = frozenset({"operator.getitem", "method.pop", "unpack"})
EffectsOf = Callable[[UserFunction], tuple[Effects, tuple[str, ...]]]


def find_aliases(
    fn: Function,
    kinds: KindFacts,
    effects_of: EffectsOf,
    memory: Mapping[str, Kind],
    final: bool = False,
) -> AliasFacts:
    """Points-to facts of `fn`. `memory`: parameters and globals that may be memory.

    `effects_of` gives the effects of a callee and its parameter names. `final`: the program brings
    its names in step itself, and no statements are proposed that would.
    """
    containers = frozenset(name for name, kind in memory.items() if kind.is_container)
    run = _Aliases(fn, kinds, effects_of, containers, final)
    run.dies = last_reads(fn.body)
    for facts in kinds.reads.values():
        for name, kind in facts.items():
            run.note(name, kind)
    points = {name: frozenset({Site(-1 - i, name)}) for i, name in enumerate(memory)}
    run.block(fn.body, State(points, Sharing()))
    return run.facts


class _Aliases(Changes):
    def __init__(
        self,
        fn: Function,
        kinds: KindFacts,
        effects_of: EffectsOf,
        containers: frozenset[str],
        final: bool,
    ) -> None:
        super().__init__(fn, kinds, containers, final)
        self.effects_of = effects_of
        self.containers: set[str] = set()
        self.loops: list[tuple[list[State], list[State]]] = []  # states at break, at continue
        self.dies: dict[Stmt, list[str]] = {}
        # What the last pass over a loop began with and left: a loop around it comes again and again
        # with the same, and all that the pass noted still stands.
        self.passed: dict[Stmt, tuple[tuple[int, ...], State, State]] = {}

    def version(self) -> tuple[int, ...]:
        """Changes with all that is known beside the state."""
        boxes = len(self.boxes), len(self.boxes.mixed), len(self.boxes.fixed)
        return *boxes, len(self.containers), len(self.steps.doubtful)

    # control flow
    def block(self, block: Block, state: State) -> State | None:
        for stmt in block:
            self.facts.syncs.pop((stmt, "before"), None)
            self.read(stmt, state)
            if isinstance(stmt, Assign):
                self.assign(stmt, state)
            elif isinstance(stmt, Exit):
                self.leave(stmt, state)
                return None
            elif isinstance(stmt, If):
                after = self.branch(stmt, state)
                if after is None:
                    return None
                state = after
            elif isinstance(stmt, (For, While)):
                state = self.loop(stmt, state)
            elif isinstance(stmt, Store):
                self.store(stmt, state)
            if state.dead:
                state.dead.difference_update(writes(stmt))
            if stmt in self.dies or state.dead:
                state.forget(self.dies.get(stmt, ()))
        return state

    def leave(self, stmt: Exit, state: State) -> None:
        if stmt.kind == "return":
            sites = self.sites(stmt, stmt.value, state)
            self.facts.returned |= sites
            self.facts.returned_twice |= self.boxes.is_mixed(sites)
            return
        for name in sorted(state.sharing.stale):
            if name in state.sharing.stale:
                self.steps.refresh(state.sharing, name, self.before(stmt))
        self.loops[-1][stmt.kind == "continue"].append(state)

    def branch(self, stmt: If, state: State) -> State | None:
        a, b = self.block(stmt.then, state.copy()), self.block(stmt.orelse, state.copy())
        if a is None or b is None or stmt.then and all(map(is_sync, stmt.then)):
            return a if a is not None else b
        for place, here, there in (("then", a, b), ("else", b, a)):
            code = self.steps.converge(here.sharing, there.sharing, lambda name: False)
            self.facts.syncs[stmt, place] = code
        return joined(a, b)

    def loop(self, stmt: For | While, state: State) -> State:
        touched = assigned((stmt,)) | read_names((stmt,)) | stored((stmt,))
        state = state.copy()
        for name in sorted(touched & state.sharing.stale.keys()):
            if name in state.sharing.stale:
                self.steps.refresh(state.sharing, name, self.before(stmt))
        for name in writes(stmt):
            self.before(stmt).extend(self.steps.before_binding(state.sharing, name))
            state.drop(name)
        while True:
            version, count = self.version(), self.steps.count
            passed = self.passed.get(stmt)
            if passed is not None and passed[0] == version and passed[1].repeats(state):
                return passed[2].copy()
            self.passed.pop(stmt, None)  # a pass notes anew
            start, known = state.copy(), len(self.boxes)
            self.loops.append(([], []))
            if isinstance(stmt, While):
                start = self.block(stmt.test, start) or start
            after = start.copy()
            end = self.block(stmt.body, start)
            left, again = self.loops.pop()
            met = state
            if end is not None:
                code = self.steps.converge(end.sharing, state.sharing, touched.__contains__)
                self.facts.syncs[stmt, "body"] = code
                met = joined(met, end)
            for other in again:
                met = joined(met, other)
            for name in writes(stmt):
                met.drop(name)
            if met.same(state) and known == len(self.boxes):
                for other in left:
                    after = joined(after, other)
                if (version, count) == (self.version(), self.steps.count):
                    self.passed[stmt] = version, state, after.copy()
                return after
            state = met

    # reads
    def read(self, stmt: Stmt, state: State) -> None:
        found = {}
        looks = isinstance(stmt, Assign) and (
            stmt.fn in SHAPE_ONLY or stmt.fn in PARTS and is_sync(stmt)  # the other part is right
        )
        brought = stmt.base if isinstance(stmt, Store) and self.brings_back(stmt, state) else None
        for atom in operands(stmt):
            if atom is brought:
                continue
            if type(atom) is not Var:
                continue
            found[atom.name] = self.sites(stmt, atom, state)
            missed = found[atom.name] and atom.name in state.sharing.stale and not looks
            if missed and not self.steps.refresh(state.sharing, atom.name, self.before(stmt)):
                self.facts.problems[stmt] = out_of_step(atom.name)
                self.facts.missed[stmt] = atom.name, state.sharing.stale[atom.name]
        self.facts.reads[stmt] = found
        if isinstance(stmt, Assign) and stmt.fn in IDENTITY:
            looked_at = NOTHING.union(*found.values())
            writes = self.facts.written.items()
            self.facts.shared_writes |= {by for by, sites in writes if sites & looked_at}

    # assignments
    def assign(self, stmt: Assign, state: State) -> None:
        if stmt.sync and len(stmt.targets) == 1 and state.points.get(stmt.target):
            self.facts.shared_writes |= state.sharing.in_step(stmt.target)
            return
        in_place = is_in_place(stmt) and not self.kinds.before(stmt, stmt.args[0]).is_scalar
        base = stmt.args[0] if in_place else None
        if isinstance(base, Var) and not holds_memory(self.kinds.before(stmt, base)):
            self.steps.doubtful.add(stmt)
        if isinstance(base, Var) and stmt.targets == (base.name,):
            if self.kinds.before(stmt, base).is_container:
                self.mutate(stmt, state)  # `xs += ys` takes in the items of ys
            else:
                self.write(stmt, base.name, state)
            self.facts.binds[stmt] = {base.name: state.points.get(base.name, NOTHING)}
            return
        for name in stmt.targets:
            if code := self.steps.before_binding(state.sharing, name):
                self.before(stmt).extend(code)
        if isinstance(base, Var):
            self.write(stmt, base.name, state)
        elif stmt.fn in MUTATORS:
            self.mutate(stmt, state)
        elif is_opaque(stmt, self.kinds):
            self.opaque(stmt, state)
        bases, shared = self.shared(stmt, state)
        if shared is None:
            shared, bases = frozenset({self.make(stmt, state)}), frozenset()
            if self.doubles(stmt):
                self.boxes.mix(shared)
        self.bind_targets(stmt, state, bases, shared)

    def bind_targets(
        self, stmt: Assign, state: State, bases: frozenset[str], shared: Sites
    ) -> None:
        bound = self.facts.binds[stmt] = {}
        twice = stmt.fn in DISPLAYS and holds_twice(self.item_sites(stmt), state.sharing)
        for position, name in enumerate(stmt.targets):
            kind = self.kinds.after(stmt, name)
            self.note(name, kind)
            if name in bases:  # `y = y[1:]`: what the old name stood for has no name now
                bases = bases - {name} | state.sharing.near.get(name, frozenset())
            state.sharing.unbind(name)
            if kind.tag in IMMUTABLE:
                state.points.pop(name, None)
                continue
            state.points[name] = bound[name] = shared
            known = bases - {name}
            if known:
                state.sharing.learn(name, known)
                state.sharing.bind(name, known)
                link = link_of(stmt, position, name, self.kinds)
                sure = link is not None and (link.fn == "copy" or holds_memory(kind))
                if link is not None and sure:
                    self.link(link, state)
            elif state.sharing.knows:
                state.sharing.knows = {w: k | {name} for w, k in state.sharing.knows.items()}
        if stmt.fn in DISPLAYS and len(stmt.targets) == 1:
            self.display(stmt, state, twice)

    def note(self, name: str, kind: Kind) -> None:
        if kind.is_array and name not in self.containers:
            self.arrays.add(name)
        elif not kind.is_array and not kind.is_scalar:
            self.containers.add(name)
            self.arrays.discard(name)

    def make(self, stmt: Assign, state: State) -> Site:
        """New memory."""
        again = stmt in self.ids
        site = self.facts.made[stmt] = Site(self.ids.setdefault(stmt, len(self.ids)))
        if again:
            state.retire(site)
        if any(self.kinds.after(stmt, name).is_container for name in stmt.targets):
            (self.boxes.box if stmt.fn in DISPLAYS else self.boxes.whole).add(site.number)
            if stmt.fn == "tuple":
                self.boxes.fixed.add(site.number)
        return site

    def shared(self, stmt: Assign, state: State) -> tuple[frozenset[str], Sites | None]:
        """Operands whose memory the result may share, and its sites; None for a fresh result."""
        if isinstance(stmt.fn, UserFunction):
            found = self.call(stmt, stmt.fn)
        elif any(self.facts.reads[stmt].values()):
            found = memory_of(stmt, self.kinds)
        else:
            return frozenset(), None  # no operand is memory
        results = [self.kinds.after(stmt, name) for name in stmt.targets]
        taken = taken_from(stmt, self.kinds)
        of_taken = self.sites_of(stmt, taken, state)
        if of_taken and not all(kind.is_container for kind in results):  # perhaps no container
            inner = self.boxes.given(of_taken)
            if inner:
                site = self.make(stmt, state)
                self.boxes.perhaps.add(site.number)
                self.boxes.put((site,), inner)
                return frozenset(), frozenset({site})
        inner = self.boxes.items(of_taken, False)
        names = frozenset(a.name for a in (*found, *taken) if isinstance(a, Var))
        sites = self.sites_of(stmt, found, state) | inner
        is_item = stmt.fn in ITEMS and not is_slice_of_container(stmt, self.kinds)
        if is_item:
            arrays = all(kind.is_array for kind in results)
            whole, sites = sites, self.boxes.items(sites, arrays)
            if sites - whole:
                names |= {name for name, points in state.points.items() if points & sites}
        if not sites:
            return frozenset(), None
        if not is_item and (stmt.fn not in SINGLE or stmt.fn in ITEMS):
            if any(kind.is_container for kind in results):
                site = self.make(stmt, state)
                self.boxes.put((site,), sites)
                sites |= {site}
            elif self.is_unseen(stmt) and any(kind.tag == "unknown" for kind in results):
                site = self.make(stmt, state)  # the result may be new memory as well
                self.boxes.perhaps.add(site.number)
                self.boxes.put((site,), sites)
                sites |= {site}
            of_each = [self.boxes.items(self.sites(stmt, a, state), False) for a in taken]
            once = stmt.fn in DISPLAYS or self.boxes.takes_once(stmt, of_each, self.kinds)
            if not once and not all(kind.is_array for kind in results):
                self.boxes.mix(sites)
        return names, sites

    def is_unseen(self, stmt: Assign) -> bool:
        """True for a call of which it is not known how its result holds its arguments."""
        return isinstance(stmt.fn, UserFunction) or is_unknown_call(stmt)

    def doubles(self, stmt: Assign) -> bool:
        """True for a call of a function whose result may hold one piece of memory twice."""
        return isinstance(stmt.fn, UserFunction) and self.effects_of(stmt.fn)[0].twice

    def call(self, stmt: Assign, fn: UserFunction) -> list[Atom]:
        effects, params = self.effects_of(fn)
        given = dict(zip(params, stmt.args, strict=False)) | dict(stmt.kwargs)
        written = sorted(n for n in effects.writes if isinstance(given.get(n), Var))
        if written or effects.returns or effects.twice:
            self.facts.entangled[stmt] = bool(written)
        for name in written:
            self.facts.problems[stmt] = (
                f"`{fn.name}` writes into its argument `{name}`, and cannot be written out here",
                f"let `{fn.name}` work on a copy (`{name} = {name}.copy()`) and return it",
            )
        return [given[name] for name in effects.returns if name in given]
