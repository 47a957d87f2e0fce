"""What the alias analysis finds: where memory came from, who reads and writes it, who shares it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import field
from typing import NamedTuple

from srcgrad.analysis.drawing import drawn_by
from srcgrad.analysis.indexing import selection
from srcgrad.analysis.kinds import KindFacts
from srcgrad.analysis.links import (
    CONJUGATE,
    DIAGONAL,
    MAYBE,
    PARTS,
    SINGLE,
    Link,
    Sharing,
    is_twin,
)
from srcgrad.ir.classes import dataclass
from srcgrad.ir.core import ITEM, Assign, Atom, Block, Const, Derived, Stmt, Store, Var, While
from srcgrad.ir.kinds import Kind
from srcgrad.ir.library import draws, may_write
from srcgrad.ir.walk import AUGMENTED, blocks, names, operands, reads, tally, walk, within, writes
from srcgrad.rules.registry import lookup, viewed
from srcgrad.rules.results import COMPLEX, is_real


class Site(NamedTuple):
    """Where memory came from. `old`: made by an earlier run of the same statement."""

    number: int
    param: str = ""
    old: bool = False


Sites = frozenset[Site]
NOTHING: Sites = frozenset()
# Operations that look at the shape of an operand only.
SHAPE_ONLY = frozenset({
    "attr.shape", "attr.ndim", "attr.size", "attr.dtype", "builtins.len", "numpy.shape",
    "numpy.ndim", "numpy.size", "numpy.may_share_memory", "numpy.zeros_like", "numpy.empty_like",
    "numpy.ones_like",
})  # fmt: skip
# What tells whose memory an array is: an operation in place is no operation that makes an array.
IDENTITY = frozenset({
    "numpy.may_share_memory", "numpy.shares_memory", "attr.base", "attr.flags", "attr.strides",
    "attr.ctypes", "attr.data", "builtins.id",
})  # fmt: skip
CHOOSING = frozenset({"builtins.max", "builtins.min"})
Place = tuple[Stmt, str]  # a statement, and where: "before" it, or at the end of one of its blocks


@dataclass(frozen=True, slots=True)
class Effects:
    """What a call of a user function does: parameters it writes into, parameters its result may
    alias. `twice`: its result may hold one piece of memory at two places. `layout`: what it gives
    depends on the strides of arrays. `doubtful`: it hands values to calls that may do what nobody
    knows to them."""

    writes: frozenset[str] = frozenset()
    returns: frozenset[str] = frozenset()
    twice: bool = False
    layout: bool = False
    doubtful: bool = False


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
    returned_twice: bool = False  # one piece of memory, at two places of the result
    problems: dict[Stmt, tuple[str, str]] = field(default_factory=dict)
    # reads of a name that missed writes
    missed: dict[Stmt, tuple[str, frozenset[Stmt]]] = field(default_factory=dict)
    # statements that bring names in step
    syncs: dict[Place, list[Stmt]] = field(default_factory=dict)
    # writes that are seen through another name
    shared_writes: set[Stmt] = field(default_factory=set)
    # values stored into what may be an array or a container
    put_in_doubt: set[str] = field(default_factory=set)
    # calls that write into their arguments, or give back their memory
    entangled: dict[Stmt, bool] = field(default_factory=dict)

    def written_params(self) -> frozenset[str]:
        """Parameters whose memory the function writes into, or may."""
        found = (self.written, self.mutated, self.clobbered)
        sites = NOTHING.union(*(sites for known in found for sites in known.values()))
        return frozenset(site.param for site in sites if site.param)


@dataclass(slots=True)
class State:
    """`dead`: names that nothing reads any more, kept because others are reached by them."""

    points: dict[str, Sites]
    sharing: Sharing
    dead: set[str] = field(default_factory=set)

    def copy(self) -> State:
        return State(dict(self.points), self.sharing.copy(), set(self.dead))

    def forget(self, names: Iterable[str]) -> None:
        """Variables were read for the last time; those stay by which others are reached."""
        points = self.points
        self.dead.update([name for name in names if name in points])  # others have no memory
        if not self.dead:
            return
        sharing, missed = self.sharing, set[Stmt]()
        for name, writes_ in sharing.stale.items():
            if name not in self.dead:
                missed |= writes_
        informed = frozenset[str]().union(*[sharing.knows.get(write, ()) for write in missed])
        count = 0
        while count != len(self.dead):  # one that goes may have been in the way of another
            count = len(self.dead)
            for name in sorted(self.dead - informed):
                if not self.is_way(name):
                    self.drop(name)
                    self.dead.remove(name)

    def is_way(self, name: str) -> bool:
        """True if other names are reached by this one."""
        mine = self.sharing.links.get(name, ())
        twin = any(is_twin(link, name) for link in mine)  # another name that takes its links
        return not twin and (len(mine) > 1 or any(link.child != name for link in mine))

    def drop(self, name: str) -> None:
        self.points.pop(name, None)
        self.sharing.unbind(name)

    def retire(self, site: Site) -> None:
        """The statement of the site runs again: what it made before is old."""
        for name, points in self.points.items():
            if site in points:
                self.points[name] = points - {site} | {site._replace(old=True)}

    def same(self, other: State) -> bool:
        return self.points == other.points and self.sharing.same(other.sharing)

    def repeats(self, other: State) -> bool:
        """True if nothing at all differs."""
        known = self.dead == other.dead and self.sharing.displays == other.sharing.displays
        return known and self.same(other)


IMMUTABLE = frozenset({"scalar", "none", "str", "slice", "ellipsis", "generator"})


def holds_memory(kind: Kind) -> bool:
    """True for what is known to be memory, and no number."""
    return kind.is_array or kind.is_container


def is_in_place(stmt: Assign) -> bool:
    """True for `x += e` and its like, which write into an array where x is one."""
    return isinstance(stmt.fn, str) and stmt.fn in AUGMENTED


def is_sync(stmt: Stmt) -> bool:
    """True for what brings names in step, and for what it computes on the way."""
    if isinstance(stmt, Assign) and all("@s" in name for name in stmt.targets):
        return True
    return isinstance(stmt, (Assign, Store)) and stmt.sync


def is_item_again(stmt: Stmt) -> bool:
    """True for the last part of `items[key] += value`: the item goes where it came from."""
    return isinstance(stmt, Store) and isinstance(stmt.value, Var) and ITEM in stmt.value.name


_LEVELS = ("debug", "info", "warning", "error", "critical")
_TELLING = frozenset({"warnings.warn", *(f"logging.{level}" for level in _LEVELS)})
_LOGGING = frozenset(f"method.{level}" for level in _LEVELS)


def only_tells(stmt: Assign, kinds: KindFacts) -> bool:
    """True for a warning, and for `log.info(...)` of a logger of the standard library."""
    if stmt.fn not in _LOGGING:
        return stmt.fn in _TELLING
    cls = kinds.before(stmt, stmt.args[0]).cls
    return cls is not None and cls.__module__ == "logging"


def is_opaque(stmt: Assign, kinds: KindFacts) -> bool:
    """True for calls of which nobody knows what they do to their arguments."""
    fn = stmt.fn
    if not isinstance(fn, str) or lookup(fn) is not None or only_tells(stmt, kinds):
        return False
    if fn.startswith("method."):
        given = [kinds.before(stmt, atom) for atom in stmt.args]
        if drawn_by(fn, given) or given and given[0].tag == "str":
            return fn == "method.shuffle" or may_write(stmt)
        return fn != "method.keys"
    return fn in ("call", "with.enter") or may_write(stmt)


KNOWN_HOMES = ("attr", "load", "method", "operator", "srcgrad", "with")


def is_unknown_call(stmt: Assign) -> bool:
    """True for a function without a rule, of which nobody knows what it returns."""
    fn = stmt.fn
    if not isinstance(fn, str) or lookup(fn) is not None:
        return False
    home, _, name = fn.partition(".")
    return fn == "call" or bool(name) and home not in KNOWN_HOMES


def out_of_step(name: str) -> tuple[str, str]:
    """Why a read is refused, and what to write instead."""
    shown = name.split("@")[0]
    return (
        f"`{shown}` is read after memory it may share was written through another name",
        "write through one name only, or take a copy where the names part: "
        f"`{shown} = {shown}.copy()`",
    )


def items_of(stmt: Assign) -> list[tuple[Const | None, Atom]]:
    """Keys and items of a display; a computed key is None."""
    if stmt.fn == "dict":
        pairs = zip(stmt.args[::2], stmt.args[1::2], strict=True)
        return [(key if isinstance(key, Const) else None, atom) for key, atom in pairs]
    return [(Const(position), atom) for position, atom in enumerate(stmt.args)]


def memory_of(stmt: Assign, kinds: KindFacts) -> list[Atom]:
    """Operands whose memory the result of an operation may share; none for user functions."""
    fn, everything = stmt.fn, list(operands(stmt))
    if not isinstance(fn, str):
        return everything if isinstance(fn, Derived) else []
    if fn == "operator.getitem":
        base, index = (kinds.before(stmt, atom) for atom in stmt.args)
        if base.is_container and index.tag == "slice":
            return []
        copies = base.is_array and selection(base, index) in ("mask", "repeats")
        return [] if copies else [stmt.args[0]]
    if fn in ("srcgrad.support.own", "method.keys"):
        return []
    if fn in CHOOSING and len(stmt.args) > 1:  # one of several lists, which is no copy of it
        return [atom for atom in stmt.args if kinds.before(stmt, atom).is_container]
    prim = lookup(fn)
    if prim is None and (draws(fn) or drawn_by(fn, [kinds.before(stmt, a) for a in everything])):
        return [dict(stmt.kwargs)["out"]] if "out" in dict(stmt.kwargs) else []
    if prim is None:
        return everything
    found = viewed(prim, stmt.args, dict(stmt.kwargs))
    return [atom for atom in found if not _is_copied(fn, kinds.before(stmt, atom))]


def _is_copied(fn: str, operand: Kind) -> bool:
    """True for an operand of which the operation gives a copy, though it makes views of others."""
    if fn == CONJUGATE:
        return operand.dtype in COMPLEX
    return fn == DIAGONAL and operand.rank == 1


def link_of(stmt: Assign, position: int, name: str, kinds: KindFacts) -> Link | None:
    """How a target is had from the operand whose memory it shares."""
    if not stmt.args or not isinstance(stmt.args[0], Var) or not isinstance(stmt.fn, str):
        return None
    base = stmt.args[0]
    if stmt.fn == "unpack":
        args = (base, Const(position))
        return Link(name, base.name, "operator.getitem", args)
    if stmt.fn not in SINGLE or len(stmt.targets) != 1 or _is_reordered(stmt):
        return None
    if stmt.fn == "operator.getitem":
        given = [kinds.before(stmt, atom) for atom in stmt.args]
        if (
            selection(given[0], given[1]) not in ("basic", "key")
            or given[1].tag == "slice"
            and (not given[0].is_array)
        ):
            return None
    used = [a for a in (*stmt.args[1:], *(a for _, a in stmt.kwargs)) if isinstance(a, Var)]
    if any(atom.name == name for atom in used):
        return None
    if stmt.fn == "numpy.rollaxis" and len(stmt.args) + len(stmt.kwargs) > 2:
        return None  # where the axis goes depends on where it was
    if stmt.fn in PARTS:
        return _link_of_part(name, base.name, stmt.fn, kinds.before(stmt, base))
    maybe = stmt.fn in MAYBE or stmt.fn == DIAGONAL and kinds.before(stmt, base).rank != 2
    return Link(name, base.name, stmt.fn, stmt.args, stmt.kwargs, maybe)


def _link_of_part(name: str, base: str, fn: str, whole: Kind) -> Link | None:
    """`y.real` is `y` itself, where that is known to be real."""
    if whole.dtype in COMPLEX:
        return Link(name, base, fn, (Var(base),))
    same = whole.is_array and is_real(whole) and fn in ("attr.real", "numpy.real")
    return Link(name, base, "copy", (Var(base),)) if same else None


def _is_reordered(stmt: Assign) -> bool:
    """An order of elements is asked for: whether that is a view depends on the order in memory."""
    places = {"numpy.reshape": 2, "numpy.ravel": 1}
    count = places.get(stmt.fn, len(stmt.args)) if isinstance(stmt.fn, str) else len(stmt.args)
    return len(stmt.args) > count or any(name == "order" for name, _ in stmt.kwargs)


def last_reads(body: Block) -> dict[Stmt, list[str]]:
    """For each statement the variables of its block that nothing reads after it.

    They are bound once, before anything in the block reads them: what they hold at the end of a
    run of the block is of no use to the next one.
    """
    found: dict[Stmt, list[str]] = {}
    made, total = tally(body)
    for stmt in walk(body):
        if isinstance(stmt, Assign) and stmt.sync:
            made.subtract(stmt.targets)
        elif isinstance(stmt, While):
            total.update(names((stmt.cond,)))
    pending = [body]
    while pending:
        block = pending.pop()
        own: set[str] = set()
        early: set[str] = set()  # read before
        seen: dict[str, int] = {}
        last: dict[str, Stmt] = {}
        for stmt in block:
            pending += blocks(stmt)
            for part in within(stmt):
                read = reads(part)
                early |= read - own
                for name in sorted(read & own):
                    seen[name] = seen.get(name, 0) + 1
                    last[name] = stmt
            own |= {n for n in _bound_anew(stmt) if made[n] == 1 and n not in early}
        for name, stmt in last.items():
            if seen[name] == total[name]:
                found.setdefault(stmt, []).append(name)
    return found


def _bound_anew(stmt: Stmt) -> tuple[str, ...]:
    """Names that a statement binds to other memory than before."""
    return () if isinstance(stmt, Assign) and stmt.sync else writes(stmt)


def joined(a: State, b: State) -> State:
    """What holds after either way."""
    points = {
        n: a.points.get(n, NOTHING) | b.points.get(n, NOTHING) for n in {**a.points, **b.points}
    }
    return State(points, a.sharing.joined(b.sharing), a.dead | b.dead)


def effects(facts: AliasFacts, params: Iterable[str]) -> Effects:
    """The effects of a function, as its callers see them."""
    names = frozenset(params)
    returned = frozenset(site.param for site in facts.returned if site.param)
    return Effects(facts.written_params() & names, returned & names, facts.returned_twice)
