"""Containers as memory of their own, apart from the arrays they hold.

A list that `append` makes longer has changed; the arrays in it have not. So the site of a container
is told from the sites of its items where that is known: of a list written in the program every
item is known (`box`), of one that a function gave the site stands for both (`whole`).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import field

from srcgrad.analysis.kinds import KindFacts
from srcgrad.analysis.memory import IMMUTABLE, NOTHING, Site, Sites
from srcgrad.ir.classes import dataclass
from srcgrad.ir.core import Assign, Atom, Block, Stmt, Store, Var
from srcgrad.ir.kinds import Kind, held
from srcgrad.ir.walk import blocks

# Operations whose result may be a container that holds the very items of an operand.
TAKING = frozenset({
    "operator.add", "operator.mul", "operator.iadd", "operator.imul", "operator.or_",
    "operator.ior", "method.copy", "method.get", "method.values", "method.items",
    "builtins.list", "builtins.tuple", "builtins.dict", "builtins.sum", "builtins.max",
    "builtins.min", "builtins.sorted", "builtins.reversed",
})  # fmt: skip
# Those whose result holds each item of their operand once.
ONCE = frozenset({
    "method.copy", "method.values", "builtins.list", "builtins.tuple", "builtins.dict",
    "builtins.sorted", "builtins.reversed",
})  # fmt: skip
# These take the rows of an array, which are views.
ITERATING = frozenset({"builtins.list", "builtins.tuple", "builtins.sorted", "builtins.reversed"})


@dataclass(slots=True)
class Boxes:
    """What is known of the sites of containers. `params`: arguments known to be containers.

    `box`, `whole`: numbers of sites (see above). `perhaps`: of what may be a list as well as an
    array. `held`: by number, sites of what was put in.
    `fixed`: tuples written in the program, which never change.
    `mixed`: numbers of containers that may hold one piece of memory twice.
    """

    params: frozenset[str] = frozenset()
    box: set[int] = field(default_factory=set)
    whole: set[int] = field(default_factory=set)
    perhaps: set[int] = field(default_factory=set)
    fixed: set[int] = field(default_factory=set)
    held: dict[int, Sites] = field(default_factory=dict)
    mixed: set[int] = field(default_factory=set)
    count: int = 0  # of sites in `held`

    def containers(self, sites: Sites) -> Sites:
        """Those that are containers: what changes when an item comes or goes."""
        numbers = (self.box | self.whole) - self.fixed
        return frozenset(s for s in sites if s.number in numbers or s.param in self.params)

    def mix(self, sites: Iterable[Site]) -> None:
        """These, and what an earlier run of the same statement made, may hold one thing twice."""
        self.mixed.update(site.number for site in sites)

    def is_mixed(self, sites: Sites) -> bool:
        """True if a container that reaches these sites may hold one piece of memory twice."""
        return any(site.number in self.mixed for site in sites)

    def takes_once(self, stmt: Assign, taken: list[Sites], kinds: KindFacts) -> bool:
        """True if the new container holds no piece of memory twice. `taken`: of its operands."""
        if any(map(self.is_mixed, taken)):
            return False
        if stmt.fn == "operator.add" and len(taken) == len(stmt.args) == 2:
            return not taken[0] & taken[1]
        return len(taken) == 1 and (stmt.fn in ONCE or is_slice_of_container(stmt, kinds))

    def put(self, sites: Iterable[Site], new: Sites) -> None:
        """Containers at these sites take in something that is at `new`."""
        for site in sites:
            known = self.held.get(site.number, NOTHING)
            if not new <= known:
                both = self.held[site.number] = known | new
                self.count += len(both) - len(known)

    def given(self, sites: Sites) -> Sites:
        """What a container takes in that is made of one that reaches these sites.

        It reaches what `items` tells, though what is in other containers is left in those.
        """
        if not self.box or not any(s.number in self.box for s in sites):
            return sites
        inside = {s.number for s in self.inside(sites, self.box, self.whole, self.perhaps)}
        return frozenset(s for s in sites if s.number not in self.box or s.number in inside)

    def items(self, sites: Sites, arrays: bool) -> Sites:
        """Where the items are of a container that reaches these sites. `arrays`: all are such."""
        if not sites:
            return NOTHING
        inside = {s.number for s in self.inside(sites, self.box, self.whole, self.perhaps)}
        return frozenset(
            s
            for s in sites | self.inside(sites, self.whole, self.perhaps)
            if s.number not in self.box or s.number in inside and not arrays
        )

    def inside(self, sites: Sites, *numbers: set[int]) -> Sites:
        """What was put into containers of these numbers, be it long ago or into one within."""
        found: set[Site] = set()
        pending = [s for s in sites if any(s.number in some for some in numbers)]
        seen = {s.number for s in pending}
        while pending:
            new = self.held.get(pending.pop().number, NOTHING) - found
            found |= new
            for site in new:
                if site.number not in seen and any(site.number in some for some in numbers):
                    seen.add(site.number)
                    pending.append(site)
        return frozenset(found) | {Site(s.number, s.param, True) for s in found}

    def __len__(self) -> int:
        """Grows with what is known."""
        return len(self.box) + len(self.whole) + len(self.perhaps) + self.count


def taken_from(stmt: Assign, kinds: KindFacts) -> list[Atom]:
    """Operands whose items the result of an operation may hold: `zs = xs + ys`, `list(xs)`."""
    if is_slice_of_container(stmt, kinds):
        return [stmt.args[0]] if _holds_memory(kinds.before(stmt, stmt.args[0])) else []
    if not isinstance(stmt.fn, str) or stmt.fn not in TAKING:
        return []
    results = [kinds.after(stmt, name) for name in stmt.targets]
    if not any(kind.is_container or kind.tag == "unknown" for kind in results):
        return []
    found = []
    given = [kinds.before(stmt, atom) for atom in stmt.args]
    both = stmt.fn.startswith("operator.") and not stmt.fn.endswith("mul")
    if both and not all(kind.is_container or kind.tag == "unknown" for kind in given):
        return []  # a list is added to lists only
    for atom, kind in zip(stmt.args, given, strict=True):
        rows = kind.is_array and stmt.fn in ITERATING and kind.rank != 1
        if rows or kind.is_container and _holds_memory(kind) or kind.tag == "unknown":
            found.append(atom)
    return found


def _holds_memory(container: Kind) -> bool:
    """False for a list of numbers."""
    known = held(container)
    return not known or any(kind.tag not in IMMUTABLE for kind in known)


def is_slice_of_container(stmt: Assign, kinds: KindFacts) -> bool:
    """`xs[1:]` of a list: a new list with some of the items."""
    if stmt.fn != "operator.getitem":
        return False
    base, index = (kinds.before(stmt, atom) for atom in stmt.args)
    return base.is_container and index.tag == "slice"


def swaps(body: Block) -> set[Stmt]:
    """Stores that change the places of two items: `rows[i], rows[j] = rows[j], rows[i]`."""
    found = set[Stmt]()
    pending = [body]
    while pending:
        block = pending.pop()
        for stmt in block:
            pending += blocks(stmt)
        for four in zip(block, block[1:], block[2:], block[3:], strict=False):
            found.update(four[2:] if _is_swap(*four) else ())
    return found


def _is_swap(one: Stmt, other: Stmt, first: Stmt, second: Stmt) -> bool:
    if not (isinstance(one, Assign) and isinstance(other, Assign)):
        return False
    if not (isinstance(first, Store) and isinstance(second, Store)):
        return False
    both = {one.fn, other.fn} == {"operator.getitem"} and {first.op, second.op} == {"set"}
    if not both or not one.args[0] == other.args[0] == first.base == second.base:
        return False
    stored = first.value, second.value
    places = first.index, second.index
    taken = (Var(one.target), Var(other.target)) == stored
    return taken and places == (other.args[1], one.args[1])
