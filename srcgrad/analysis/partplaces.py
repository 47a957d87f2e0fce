"""What the places of views are made of: `k` and `n` of `y[k : n - 1]`.

An index is a temporary. The adjoint writes it again from what it was made of, wherever the view is
made again; so a view whose place was made of what has changed cannot be made again.
"""

from __future__ import annotations

from srcgrad.analysis.disjoint import Place, place_of
from srcgrad.analysis.kinds import KindFacts
from srcgrad.analysis.links import GETITEM, NOTHING_BEHIND, Behind, Link
from srcgrad.analysis.memory import SHAPE_ONLY, holds_memory
from srcgrad.ir.core import Assign, Function, Var
from srcgrad.ir.walk import names, operands, walk


class Places:
    """The temporaries of a function, each made by one statement."""

    def __init__(self, fn: Function, kinds: KindFacts) -> None:
        self.kinds = kinds
        self.made = {
            stmt.target: stmt
            for stmt in walk(fn.body)
            if type(stmt) is Assign and len(stmt.targets) == 1 and "@" in stmt.target
        }
        self.known: dict[str, Behind] = {}

    def behind(self, link: Link) -> Behind:
        """What the index of a link was made of."""
        used = names((*link.args[1:], *(atom for _, atom in link.kwargs)))
        found = [self.of(name) for name in used]
        return _together(found) if found else NOTHING_BEHIND

    def of_link(self, link: Link) -> Place:
        """What the index of a link selects; nothing of what is no array is told by it."""
        if link.fn != GETITEM:
            return ()
        return place_of(link.args[1], self.made, self.is_number)

    def is_number(self, stmt: Assign, atom: Var) -> bool:
        return self.kinds.before(stmt, atom).is_scalar

    def of(self, name: str) -> Behind:
        if name in self.known:
            return self.known[name]
        made = self.made.get(name)
        if made is None:
            return NOTHING_BEHIND
        self.known[name] = NOTHING_BEHIND  # while it is looked for
        own = [atom for atom in operands(made) if isinstance(atom, Var)]
        looks = isinstance(made.fn, str) and made.fn not in SHAPE_ONLY
        content = {a.name for a in own if looks and holds_memory(self.kinds.before(made, a))}
        inner = [self.of(atom.name) for atom in own]
        every = frozenset(atom.name for atom in own)
        found = _together([Behind(every, frozenset(content)), *inner])
        self.known[name] = found
        return found


def _together(parts: list[Behind]) -> Behind:
    return Behind(
        frozenset().union(*(part.names for part in parts)),
        frozenset().union(*(part.content for part in parts)),
    )
