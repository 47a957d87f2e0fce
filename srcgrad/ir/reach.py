"""What names reach through others, for all names of a cycle at once.

R. Tarjan, Depth-first search and linear graph algorithms, SIAM J. Comput. 1 (1972): each name and
each edge is looked at once, whichever names are asked for, and in whichever order.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

Names = frozenset[str]


class Reach:
    """`step`: what a name reaches itself, and the names that it leads to."""

    def __init__(self, step: Callable[[str], tuple[Iterable[str], Iterable[str]]]) -> None:
        self.step = step
        self.found: dict[str, Names] = {}

    def of(self, name: str) -> Names:
        """What a name reaches, through others too."""
        if name not in self.found:
            self._search(name)
        return self.found[name]

    def _search(self, root: str) -> None:
        low: dict[str, int] = {}  # the earliest open name that each open one leads to
        stack: list[str] = []
        ways: list[tuple[str, int, Iterator[str]]] = []
        reached: dict[str, set[str]] = {}

        def enter(name: str) -> None:
            own, more = self.step(name)
            low[name] = len(stack)
            ways.append((name, len(stack), iter(more)))
            stack.append(name)
            reached[name] = set(own)

        enter(root)
        while ways:
            name, place, more = ways[-1]
            for other in more:
                if other in self.found:
                    reached[name] |= self.found[other]
                elif other in low:
                    low[name] = min(low[name], low[other])
                else:
                    enter(other)
                    break
            else:
                ways.pop()
                if low[name] == place:
                    found = frozenset(reached[name])
                    self.found.update(dict.fromkeys(stack[place:], found))
                    del stack[place:]
                if ways:
                    above = ways[-1][0]
                    low[above] = min(low[above], low[name])
                    reached[above] |= reached.pop(name)
