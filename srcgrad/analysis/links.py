"""Names of one piece of memory, and how one is had from another: `v` is `y[1:3]`, `a` is `rows[0]`.

The derivative keeps an adjoint for each name, as if each had memory of its own. So a name that is
read after its memory was written through another name is brought *in step* first: by making the
view again (`v = y[1:3]`, down the link) or by writing it back (`y[1:3] = v`, up the link). Both do
nothing to the primal, whose memory is shared already; their adjoints carry the derivative across.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import field, replace
from typing import NamedTuple

from srcgrad.analysis.disjoint import Place, are_disjoint
from srcgrad.ir.classes import dataclass
from srcgrad.ir.core import Atom, Const, Stmt, Var
from srcgrad.ir.walk import names

GETITEM = "operator.getitem"
# Views that another operation turns back into their base: see `turned.py`.
TURNED = frozenset({
    "attr.T", "attr.mT", "numpy.matrix_transpose", "numpy.flipud", "numpy.fliplr", "numpy.flip",
    "numpy.swapaxes", "numpy.moveaxis", "numpy.rollaxis", "numpy.rot90", "numpy.transpose",
})  # fmt: skip
CONJUGATE = "method.conj"  # of complex numbers a copy, of real ones the array itself
# Views of all elements in the same order; some are copies, which only the run can tell.
RESHAPED = frozenset({
    "numpy.reshape", "numpy.ravel", "numpy.squeeze", "numpy.expand_dims", "numpy.asarray",
    "numpy.asanyarray", "numpy.ascontiguousarray", "numpy.asfortranarray", "numpy.atleast_1d",
    "numpy.atleast_2d", "numpy.atleast_3d", CONJUGATE,
})  # fmt: skip
DIAGONAL = "numpy.diag"  # a view of a matrix; of a vector it makes a matrix
MAYBE = RESHAPED - {"numpy.squeeze", "numpy.expand_dims"}
# Views that NumPy lets nobody write: they are made again, never written back.
READ_ONLY = frozenset({
    "numpy.diagonal", DIAGONAL, "numpy.broadcast_to",
    "numpy.lib.stride_tricks.sliding_window_view",
})  # fmt: skip
PARTS = {"attr.real": "attr.imag", "attr.imag": "attr.real"}  # of complex numbers, and the other
PARTS |= {"numpy.real": "numpy.imag", "numpy.imag": "numpy.real"}
WHOLE = frozenset({"copy", *TURNED, *RESHAPED})  # the child is all of the parent's memory
SINGLE = GETITEM, "copy", *TURNED, *RESHAPED, *PARTS, *READ_ONLY


class Behind(NamedTuple):
    """What the temporaries of an index were made of: names, and those whose elements were read."""

    names: frozenset[str]
    content: frozenset[str]


NOTHING_BEHIND = Behind(frozenset(), frozenset())


@dataclass(frozen=True, slots=True)
class Link:
    """`child` is what `fn(*args, **kwargs)` gives, where the first argument is `parent`."""

    child: str
    parent: str
    fn: str
    args: tuple[Atom, ...]
    kwargs: tuple[tuple[str, Atom], ...] = ()
    maybe: bool = False  # a copy, for some arrays
    strict: bool = True  # the parent holds nothing else that shares the child's memory
    behind: Behind = NOTHING_BEHIND  # what the index was made of, which is written again
    place: Place = ()  # what the index selects along each axis

    @property
    def names(self) -> set[str]:
        """The names that it mentions."""
        used = (*self.args[1:], *(atom for _, atom in self.kwargs))
        return {self.child, self.parent, *names(used), *self.behind.names}

    def is_like(self, other: Link) -> bool:
        """True for the same operation, on a base that is the same."""
        mine, theirs = (self.fn, self.args[1:]), (other.fn, other.args[1:])
        return mine == theirs and self.kwargs == other.kwargs and not self.maybe

    def moved(self, old: str, new: str) -> Link:
        """The link with another name for the same memory."""
        child = new if self.child == old else self.child
        parent = new if self.parent == old else self.parent
        return replace(self, child=child, parent=parent, args=(Var(parent), *self.args[1:]))


NO_LINKS: frozenset[Link] = frozenset()


@dataclass(slots=True)
class Sharing:
    """Which names may share memory, how, and which are out of step.

    `near[x]`: names that may share memory with x. `links[x]`: links that mention x. `stale[x]`:
    writes since x was last in step. `knows[w]`: names that are in step with the write w.
    `displays[x]`: how many items that hold memory the container x was written with. `through[w]`:
    the name by which the write w was made, while it stands for that memory.
    """

    near: dict[str, frozenset[str]] = field(default_factory=dict)
    links: dict[str, frozenset[Link]] = field(default_factory=dict)
    stale: dict[str, frozenset[Stmt]] = field(default_factory=dict)
    knows: dict[Stmt, frozenset[str]] = field(default_factory=dict)
    displays: dict[str, int] = field(default_factory=dict)
    through: dict[Stmt, str] = field(default_factory=dict)

    def copy(self) -> Sharing:
        return Sharing(
            dict(self.near),
            dict(self.links),
            dict(self.stale),
            dict(self.knows),
            dict(self.displays),
            dict(self.through),
        )

    def same(self, other: Sharing) -> bool:
        return (
            self.near == other.near
            and self.links == other.links
            and self.stale == other.stale
            and self.knows == other.knows
            and self.through == other.through
        )

    def joined(self, other: Sharing) -> Sharing:
        none: frozenset[str] = frozenset()
        near = {
            n: self.near.get(n, none) | other.near.get(n, none) for n in {**self.near, **other.near}
        }
        kept: frozenset[Stmt] = frozenset()
        stale = {
            n: self.stale.get(n, kept) | other.stale.get(n, kept)
            for n in {**self.stale, **other.stale}
        }
        knows = {**self.knows, **other.knows}  # a write that one way did not make is known to all
        knows.update({w: self.knows[w] & other.knows[w] for w in self.knows.keys() & other.knows})
        shown = {n: k for n, k in self.displays.items() if other.displays.get(n) == k}
        links = {n: self.links[n] & other.links[n] for n in self.links.keys() & other.links}
        links = {n: both for n, both in links.items() if both}
        through = {
            write: by
            for write, by in {**self.through, **other.through}.items()
            if all(s.through.get(write) == by or write not in s.knows for s in (self, other))
        }
        return Sharing(near, links, stale, knows, shown, through)

    def add(self, link: Link) -> None:
        for name in link.names:
            self.links[name] = self.links.get(name, NO_LINKS) | {link}

    def remove(self, link: Link) -> None:
        for name in link.names:
            left = self.links[name] - {link}
            if left:
                self.links[name] = left
            else:
                del self.links[name]

    def doubt(self, containers: Iterable[str]) -> None:
        """These may hold one thing twice by now: no single item brings them in step."""
        for name in containers:
            for link in self.links.get(name, NO_LINKS):
                if link.parent == name and link.strict:
                    self.remove(link)
                    self.add(replace(link, strict=False))

    # names come and go
    def unbind(self, name: str) -> None:
        """The name stands for something else from now on; another name of it takes its links."""
        self.stale.pop(name, None)
        self.displays.pop(name, None)
        for write, known in self.knows.items():
            if name in known:
                self.knows[write] = known - {name}
        for other in self.near.pop(name, ()):
            self.near[other] = self.near[other] - {name}
        links = self.links.get(name, NO_LINKS)
        if not links and not self.through:
            return
        twin = next((_other(li, name) for li in sorted(links, key=repr) if is_twin(li, name)), None)
        made = [w for w, by in self.through.items() if by == name]
        heir = min(self.equals(name), default=None) if made else None
        for write in made:
            if heir is None:
                del self.through[write]
            else:
                self.through[write] = heir
        for link in links:
            self.remove(link)
            if twin is not None and name in (link.child, link.parent):
                moved = link.moved(name, twin)
                if moved.child != moved.parent and not _reads(moved, name):
                    self.add(moved)

    def bind(self, name: str, bases: frozenset[str]) -> None:
        """The name was bound to memory of these names (itself left out)."""
        found = bases.union(*(self.near.get(base, frozenset()) for base in bases)) - {name}
        if not found:
            return
        self.near[name] = self.near.get(name, frozenset()) | found
        for other in found:
            self.near[other] = self.near.get(other, frozenset()) | {name}

    def in_step(self, name: str) -> frozenset[Stmt]:
        """The name was brought in step; the writes it had missed."""
        missed = self.stale.pop(name, frozenset())
        for write in missed:
            self.knows[write] = self.knows.get(write, frozenset()) | {name}
        return missed

    def learn(self, name: str, bases: frozenset[str]) -> None:
        """A new name knows of the writes that all its bases know of."""
        for write, known in self.knows.items():
            if bases <= known:
                self.knows[write] = known | {name}

    def forget_places(self, name: str) -> None:
        """Elements of a name's memory changed, from which the places of parts were read."""
        for other in (name, *self.near.get(name, ())):
            for link in self.links.get(other, NO_LINKS):
                if other in link.behind.content:
                    self.remove(link)

    def drop_parts(self, name: str, key: Atom | None) -> None:
        """An item of a container was replaced; None: any item may have been."""
        for link in self.links.get(name, ()):
            if link.parent == name and link.fn == GETITEM and (key is None or _same(link, key)):
                self.remove(link)

    def disjoint(self, a: str, b: str) -> bool:
        """True for different items of one base, which holds none of them twice, or what is in
        them."""
        mine = self.items_around(a)
        theirs = self.items_around(b) if mine else []
        return any(p.parent == q.parent and are_apart(p, q) for p in mine for q in theirs)

    def items_around(self, name: str) -> list[Link]:
        """Links that say of which items of others all memory of a name is a part."""
        found, pending, seen = list[Link](), [name], {name}
        while pending:
            here = pending.pop()
            for link in self.links.get(here, NO_LINKS):
                if link.child != here:
                    continue
                if link.fn == GETITEM and link.strict:
                    found.append(link)
                if link.parent not in seen:
                    seen.add(link.parent)
                    pending.append(link.parent)
        return found

    def part_of(self, name: str) -> dict[str, Link]:
        """What holds this memory nowhere but at one place, and the link that tells the place."""
        own = [li for li in self.links.get(name, NO_LINKS) if li.child == name and li.strict]
        return {li.parent: li for li in sorted(own, key=repr) if li.fn == GETITEM}

    # bringing names into step
    def holds(self, name: str, write: Stmt) -> bool:
        """True if all that a write changed surely is memory of this name, too."""
        queue = [self.through[write]] if write in self.through else []
        seen = set(queue)
        while queue:
            here = queue.pop()
            if here == name:
                return True
            above = {link.parent for link in self.links.get(here, NO_LINKS) if link.child == here}
            onward = (above | self.equals(here)) - seen
            seen |= onward
            queue += onward
        return False

    def equals(self, name: str) -> set[str]:
        """Other names of the very same memory: copies, and the same item of the same base."""
        found = self.copies(name)
        for link in self.links.get(name, NO_LINKS):
            if link.child != name:
                continue
            for base in {link.parent} | self.twins(link.parent):  # not of `A.T`: another item
                known = self.links.get(base, NO_LINKS)
                found |= {li.child for li in known if li.parent == base and li.is_like(link)}
        return found - {name}

    def twins(self, name: str) -> set[str]:
        return {_other(li, name) for li in self.links.get(name, NO_LINKS) if is_twin(li, name)}

    def copies(self, name: str) -> set[str]:
        return {
            _other(link, name)
            for link in self.links.get(name, NO_LINKS)
            if link.fn in WHOLE and not link.maybe and name in (link.child, link.parent)
        }

    def brings_all(self, link: Link, missed: frozenset[Stmt]) -> bool:
        """True if the parent, written back from this child, has all that these writes changed."""
        if link.fn in WHOLE or not link.strict:
            return True
        writes = missed | self.stale.get(link.parent, frozenset())
        return all(self.holds(link.child, write) for write in writes)

    def path(
        self,
        name: str,
        missed: frozenset[Stmt],
        usable: Callable[[Link], bool],
        fresh: Callable[[str], bool],
        filling: bool,
    ) -> list[tuple[Link, bool]] | None:
        """Links from the nearest name in step to this one; True: go down (make the view again).

        `filling`: containers may be filled with all of their items.
        """
        came: dict[str, tuple[str, Link, bool] | None] = {name: None}
        queue = [name]
        while queue:
            here = queue.pop(0)
            if here != name and fresh(here):
                return list(_steps(here, came))
            for link in sorted(self.links.get(here, ()), key=repr):
                if not usable(link):
                    continue
                if link.child == here and link.parent not in came:
                    came[link.parent] = (here, link, True)
                    queue.append(link.parent)
                elif link.parent == here and link.child not in came and can_write_back(link):
                    if not self.brings_all(link, missed):
                        link = replace(link, strict=False)  # all items may, if they are known
                    if usable(link) and (filling or link.strict):
                        came[link.child] = (here, link, False)
                        queue.append(link.child)
        return None

    def parts(self, container: str) -> list[Link]:
        """Links to names of a container's items."""
        links = self.links.get(container, ())
        found = [li for li in links if li.parent == container and li.fn == GETITEM]
        return sorted(found, key=repr)


def _steps(
    source: str, came: dict[str, tuple[str, Link, bool] | None]
) -> Iterator[tuple[Link, bool]]:
    step = came[source]
    while step is not None:
        onward, link, down = step
        yield link, down
        step = came[onward]


def is_twin(link: Link, name: str) -> bool:
    return link.fn == "copy" and not link.maybe and name in (link.child, link.parent)


def _other(link: Link, name: str) -> str:
    return link.parent if link.child == name else link.child


def _reads(link: Link, name: str) -> bool:
    used = names((*link.args[1:], *(atom for _, atom in link.kwargs)))
    return name in used or name in link.behind.names


def _same(link: Link, key: Atom) -> bool:
    """True unless the keys are literals that clearly differ: `xs[-1]` may be `xs[0]`."""
    return not clearly_differ(link.args[1], key)


def counts_once(link: Link) -> bool:
    """False for `xs[-1]`, which is an item that has another key as well."""
    key = link.args[1].value if isinstance(link.args[1], Const) else None
    return not (isinstance(key, int) and key < 0)


def are_apart(a: Link, b: Link) -> bool:
    """True for different items of the same parent, which holds none of them twice."""
    return clearly_differ(a.args[1], b.args[1]) or are_disjoint(a.place, b.place)


def clearly_differ(one: Atom, other: Atom) -> bool:
    """True for literals that are keys of different items of one base."""
    if not isinstance(one, Const) or not isinstance(other, Const):
        return False
    a, b = one.value, other.value
    if isinstance(a, int) and isinstance(b, int):
        return a != b and (a < 0) == (b < 0)  # a[-1] may be a[1]
    return isinstance(a, str) and isinstance(b, str) and a != b


def can_write_back(link: Link) -> bool:
    return link.fn in (GETITEM, "copy", *TURNED, *RESHAPED, *PARTS)
