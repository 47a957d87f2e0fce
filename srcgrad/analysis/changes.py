"""What statements do to memory: stores, methods of containers, code that cannot be seen."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from srcgrad.analysis.boxes import Boxes, swaps
from srcgrad.analysis.containers import MOST_ITEMS
from srcgrad.analysis.filling import lists_made_once
from srcgrad.analysis.instep import InStep
from srcgrad.analysis.kinds import KindFacts
from srcgrad.analysis.links import GETITEM, Link, Sharing, are_apart
from srcgrad.analysis.memory import (
    IMMUTABLE,
    NOTHING,
    AliasFacts,
    Site,
    Sites,
    State,
    holds_memory,
    is_item_again,
    items_of,
)
from srcgrad.analysis.partplaces import Places
from srcgrad.ir.core import Assign, Atom, Const, Function, Stmt, Store, Var
from srcgrad.ir.walk import names, operands

KEYS = frozenset({"scalar", "str", "unknown"})  # kinds of what may be a key or a position


class Changes:
    """Who sees what a statement changes; the alias analysis says who shares memory."""

    def __init__(
        self, fn: Function, kinds: KindFacts, containers: frozenset[str], final: bool
    ) -> None:
        self.kinds = kinds
        self.facts = AliasFacts()
        self.steps = InStep(final, self.facts.shared_writes)
        self.ids: dict[Stmt, int] = {}
        self.arrays: set[str] = set()  # names that never hold a container
        self.boxes = Boxes(containers)
        self.places = Places(fn, kinds)
        self.swaps = swaps(fn.body)
        self.lists = lists_made_once(fn)

    def before(self, stmt: Stmt) -> list[Stmt]:
        return self.facts.syncs.setdefault((stmt, "before"), [])

    def sites(self, stmt: Stmt, atom: Atom | None, state: State) -> Sites:
        """Sites of an operand; none for what holds no memory."""
        if not isinstance(atom, Var):
            return NOTHING
        if self.kinds.before(stmt, atom).tag in IMMUTABLE:
            return NOTHING
        return state.points.get(atom.name, NOTHING)

    def sites_of(self, stmt: Assign, atoms: Iterable[Atom], state: State) -> Sites:
        return frozenset().union(*(self.sites(stmt, atom, state) for atom in atoms))

    def write(self, stmt: Stmt, name: str, state: State, containers: bool = False) -> None:
        """Memory of `name` is written. `containers`: what it holds stays as it is."""
        sites = state.points.get(name, NOTHING)
        sites = self.boxes.containers(sites) if containers else sites
        self.facts.written[stmt] = sites
        self.spoil(stmt, name, state, sites, containers)

    def spoil(
        self, stmt: Stmt, name: str, state: State, sites: Sites, containers: bool = False
    ) -> None:
        others = {
            other
            for other in state.sharing.near.get(name, ())
            if state.points.get(other, NOTHING) & sites
            and not (containers and other in self.arrays)
            and not state.sharing.disjoint(name, other)
            and not (isinstance(stmt, Assign) and other in stmt.targets)
        }
        if others:
            self.before(stmt).extend(self.steps.write(state.sharing, stmt, name, others))
        state.sharing.forget_places(name)

    def store(self, stmt: Store, state: State) -> None:
        base = stmt.base.name
        if stmt.sync:
            self.facts.shared_writes |= state.sharing.in_step(base)
            return
        kind = self.kinds.before(stmt, stmt.base)
        if not kind.is_container:
            self.write(stmt, base, state)
            keyed = not kind.is_array and self.kinds.before(stmt, stmt.index).tag in KEYS
            new = self.sites(stmt, stmt.value, state) - state.points.get(base, NOTHING)
            if keyed and new:
                self.facts.put_in_doubt |= set(names((stmt.value,)))
                self.insert(stmt, base, stmt.value, state)  # it may be one
            return
        if base in state.sharing.stale and self.brings_back(stmt, state):
            state.sharing.in_step(base)
        self.write(stmt, base, state, containers=True)
        key = stmt.index if isinstance(stmt.index, Const) else None
        state.sharing.drop_parts(base, key)
        state.sharing.displays.pop(base, None)
        self.insert(stmt, base, stmt.value, state)
        value = stmt.value
        if isinstance(value, Var) and holds_memory(self.kinds.before(stmt, value)):
            self.link(Link(value.name, base, GETITEM, (stmt.base, stmt.index)), state)

    def brings_back(self, stmt: Store, state: State) -> bool:
        """True for a store after which its base is in step with what is stored."""
        if stmt.sync or not is_item_again(stmt):
            return stmt.sync
        base, known = stmt.base.name, state.sharing.knows
        missed = state.sharing.stale.get(base, frozenset())
        assert isinstance(stmt.value, Var)
        return not self.boxes.is_mixed(state.points.get(base, NOTHING)) and all(
            stmt.value.name in known.get(write, ()) and state.sharing.holds(stmt.value.name, write)
            for write in missed
        )

    def insert(self, stmt: Stmt, base: str, value: Atom, state: State) -> None:
        """A container takes in one more item."""
        held = state.points.get(base, NOTHING)
        new = self.sites(stmt, value, state)
        if new & held and not is_item_again(stmt) and stmt not in self.swaps:
            self.boxes.mix(held)
            held_by = state.points.items()
            state.sharing.doubt(name for name, at in held_by if self.boxes.is_mixed(at))
        boxes = self.boxes.containers(held)
        self.boxes.put(boxes, new)
        if not new or not isinstance(value, Var):
            return
        for name in (base, *state.sharing.near.get(base, ())):  # other names of it hold it, too
            points = state.points.get(name, NOTHING)
            if name != value.name and (name == base or points & boxes):
                state.points[name] = points | new
                state.sharing.bind(name, frozenset({value.name}))

    def link(self, link: Link, state: State) -> None:
        strict = not self.boxes.is_mixed(state.points.get(link.parent, NOTHING))
        behind = self.places.behind(link)
        if link.child != link.parent and link.child not in behind.names:
            place = self.places.of_link(link)
            state.sharing.add(replace(link, strict=strict, behind=behind, place=place))

    def mutate(self, stmt: Assign, state: State) -> None:
        base = stmt.args[0]
        if not isinstance(base, Var):
            return
        sites = state.points.get(base.name, NOTHING)
        kind = self.kinds.before(stmt, base)
        changed = self.boxes.containers(sites) if kind.is_container else sites
        changed = self.made_as_list(base.name, sites) or changed
        self.facts.clobbered[stmt] = self.facts.mutated[stmt] = changed
        self.spoil(stmt, base.name, state, changed, containers=kind.is_container)
        state.sharing.drop_parts(base.name, None)
        state.sharing.displays.pop(base.name, None)
        for value in stmt.args[1:]:
            self.insert(stmt, base.name, value, state)
        if stmt.fn not in ("method.append", "method.pop", "method.insert"):
            self.boxes.mix(state.points.get(base.name, NOTHING))

    def made_as_list(self, name: str, sites: Sites) -> Sites:
        """The site of a list that a name is all the time, apart from those of what it holds.

        An argument that is held may be a container as well: it stays as it is.
        """
        number = self.ids.get(self.lists[name]) if name in self.lists else None
        return frozenset(site for site in sites if site.number == number)

    def opaque(self, stmt: Assign, state: State) -> None:
        """Code that we cannot see may write what it is given, and keep it for its next call.

        What it is given may be one memory from now on. None of it carries a derivative, which
        would be refused: so no name has to learn what was written.
        """
        names = {
            a.name for a in operands(stmt) if isinstance(a, Var) and self.sites(stmt, a, state)
        }
        touched = frozenset().union(*(state.points[name] for name in names))
        self.facts.clobbered[stmt] = touched
        for name in names:
            state.points[name] = touched
            state.sharing.bind(name, frozenset(names))
            if not self.kinds.before(stmt, Var(name)).is_array:
                state.sharing.drop_parts(name, None)
                state.sharing.displays.pop(name, None)
        self.boxes.mix(touched)

    def item_sites(self, stmt: Assign) -> list[tuple[Var, Const, Sites]]:
        """Items of a display that may be memory, their keys and where they are."""
        read = self.facts.reads[stmt]
        return [
            (atom, key, read[atom.name])
            for key, atom in items_of(stmt)
            if key is not None and isinstance(atom, Var) and read.get(atom.name)
        ]

    def display(self, stmt: Assign, state: State, twice: bool) -> None:
        """`t = [a, b]`: a is `t[0]`, b is `t[1]`. `twice`: they may be one piece of memory."""
        target, items = stmt.target, self.item_sites(stmt)
        if twice:
            self.boxes.mix((Site(self.ids[stmt]),))
        for atom, key, _ in items:
            # of what may be a number no link is known: it is bound, not written
            known = atom.name != target and state.points.get(atom.name)
            if known and holds_memory(self.kinds.before(stmt, atom)):
                self.link(Link(atom.name, target, GETITEM, (Var(target), key)), state)
        state.sharing.displays[target] = len(items)


def holds_twice(items: list[tuple[Var, Const, Sites]], sharing: Sharing) -> bool:
    """True if a container of these items may hold one piece of memory twice.

    Different items of one base that holds nothing twice are memory of their own, though all are
    somewhere in it.
    """
    alone, of_base = NOTHING, dict[str, tuple[Sites, list[Link]]]()
    for atom, _, held in items:
        parts = sharing.part_of(atom.name)
        base = min((b for b in parts if b in of_base), default=min(parts, default=""))
        others = [sites for other, (sites, _) in of_base.items() if other != base]
        if held & alone.union(*others):
            return True
        if not base:
            alone |= held
            continue
        sites, links = of_base.get(base, (NOTHING, []))
        told = len(links) < MOST_ITEMS and all(are_apart(parts[base], li) for li in links)
        if held & sites and not told:
            return True
        of_base[base] = sites | held, [*links, parts[base]]
    return False
