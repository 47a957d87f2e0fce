"""Where names of written memory are brought in step again: before a read, and where ways meet.

After a write through one name every other name of the memory is stale. It is brought in step as
late as possible: before it is read, before the last way to it is lost (a name is bound anew), and
where control flow meets, so that the same names are in step on every way there.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import field

from srcgrad.analysis.links import Link, Sharing, counts_once
from srcgrad.analysis.steps import made_again, written_back
from srcgrad.ir.classes import dataclass
from srcgrad.ir.core import Stmt


@dataclass(slots=True)
class InStep:
    """Brings names in step, if that is wanted. `seen`: writes that another name sees.

    `doubtful`: `x += e` of unknown kind, which write into an array, but not into a number.
    """

    final: bool
    seen: set[Stmt] = field(default_factory=set)
    doubtful: set[Stmt] = field(default_factory=set)
    filling: set[str] = field(default_factory=set)  # containers whose items are written back now
    count: int = 0

    def fresh(self, stem: str) -> str:
        self.count += 1
        return f"{stem.split('@')[0]}@s{self.count}"

    def write(self, sharing: Sharing, stmt: Stmt, name: str, others: set[str]) -> list[Stmt]:
        """Memory is written through a name; `others` see it. Code that must run before."""
        code: list[Stmt] = []
        for other in sorted(others & sharing.stale.keys()):
            missed = sharing.stale.get(other, frozenset())  # it may be in step by now
            if any(name not in sharing.knows.get(write, ()) for write in missed):
                self.refresh(sharing, other, code)
        for other in others:
            sharing.stale[other] = sharing.stale.get(other, frozenset()) | {stmt}
        missing = frozenset().union(*sharing.stale.values())
        sharing.knows = {w: known for w, known in sharing.knows.items() if w in missing}
        sharing.knows[stmt] = frozenset({name})
        sharing.through = {w: by for w, by in sharing.through.items() if w in missing}
        sharing.through[stmt] = name
        return code

    def refresh(self, sharing: Sharing, name: str, code: list[Stmt], without: str = "") -> bool:
        """Bring a name in step. False: no way is known. `without`: do not go through this one."""
        path = None if self.final else self.way(sharing, name, without)
        if path is None:
            return False
        for link, down in path:
            if down:
                code += made_again(link, self.fresh)
                self.seen |= sharing.in_step(link.child)
            elif link.strict:
                code += written_back(link, self.fresh)
                self.seen |= sharing.in_step(link.parent)
            elif not self.fill(sharing, link.parent, code):
                return False
        return True

    def way(self, sharing: Sharing, name: str, without: str = "") -> list[tuple[Link, bool]] | None:
        missed = sharing.stale.get(name, frozenset())
        if missed & self.doubtful:
            return None

        def knows(other: str) -> bool:
            return other not in sharing.stale and all(
                other in sharing.knows.get(write, ()) for write in missed
            )

        def usable(link: Link) -> bool:
            if without and without in (link.child, link.parent):
                return False
            return link.strict or sharing.displays.get(link.parent) == len(
                {part.args[1] for part in sharing.parts(link.parent) if counts_once(part)}
            )

        one = sharing.path(name, missed, usable, knows, filling=False)
        return one or sharing.path(name, missed, usable, knows, filling=True)

    def fill(self, sharing: Sharing, container: str, code: list[Stmt]) -> bool:
        """Write all items of a container back, of which some may be one and the same."""
        if container in self.filling:
            return False  # its items would come from another list that it is in step with
        parts = sharing.parts(container)
        self.filling.add(container)
        known = all(
            part.child not in sharing.stale or self.refresh(sharing, part.child, code, container)
            for part in parts
        )
        self.filling.discard(container)
        if not known:
            return False
        for part in parts:
            code += written_back(part, self.fresh)
        self.seen |= sharing.in_step(container)
        return True

    def before_binding(self, sharing: Sharing, name: str) -> list[Stmt]:
        """The name is about to stand for something else: save those that need it."""
        code: list[Stmt] = []
        if not sharing.stale or self.final or name not in sharing.links:
            return code
        without = sharing.copy()
        without.unbind(name)
        for other in sorted(sharing.stale):
            if other != name and self.way(without, other) is None:
                self.refresh(sharing, other, code)
        return code

    def converge(self, here: Sharing, there: Sharing, wanted: Callable[[str], bool]) -> list[Stmt]:
        """Before `here` meets `there`: names are brought in step that could not be afterwards.

        `wanted`: names that must be in step after the meeting if they are so there.
        """
        code: list[Stmt] = []
        if not here.stale or self.final:
            return code
        after: Sharing | None = None  # until one of the two changes
        for name in sorted(here.stale):
            if name not in here.stale:
                continue
            after = after or here.joined(there)
            must = wanted(name) and name not in there.stale
            if must or self.way(after, name) is None:
                count = len(here.stale)
                if self.refresh(here, name, code) or len(here.stale) < count:
                    after = None
        return code
