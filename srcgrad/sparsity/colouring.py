"""Colours: columns or rows of a matrix that one product with it may tell together.

`columns` gives columns of one colour no common row: Curtis, Powell and Reid, 1974, as a greedy
colouring at distance two (Gebremedhin, Manne and Pothen, "What color is your Jacobian?", SIAM
Review 47, 2005). `star` is for symmetric matrices: no path of four vertices has two colours only,
so that each element stands alone in one of its two places (Gebremedhin, Tarafdar, Manne and Pothen,
"New acyclic and star coloring algorithms", SIAM J. Sci. Comput. 29, 2007, algorithm 4.1).
"""

from __future__ import annotations

from dataclasses import field
from typing import Any

import numpy as np

from srcgrad.ir.classes import dataclass
from srcgrad.sparsity.pattern import Pattern


def columns(pattern: Pattern) -> Any:
    """A colour for each column; two with a row in common have different ones."""
    starts, ahead = pattern.indptr.tolist(), pattern.indices.tolist()
    across = pattern.transposed()
    ends, rows = across.indptr.tolist(), across.indices.tolist()
    found: list[int] = [-1] * pattern.shape[1]
    counts = np.diff(across.indptr)
    best = None
    for order in (range(len(found)), np.argsort(-counts, kind="stable").tolist()):
        colours = [-1] * len(found)
        for column in order:
            taken = {
                colours[other]
                for row in rows[ends[column] : ends[column + 1]]
                for other in ahead[starts[row] : starts[row + 1]]
            }
            colours[column] = first_free(taken)
        if best is None or max(colours, default=-1) < max(best, default=-1):
            best = colours
        if max(best, default=-1) + 1 <= pattern.longest_row:
            break  # fewer are impossible
    return np.array(best, dtype=int)


def first_free(taken: set[int]) -> int:
    """The least colour that is not taken."""
    colour = 0
    while colour in taken:
        colour += 1
    return colour


@dataclass(slots=True)
class _Star:
    """Edges of two colours that share a vertex, the hub; a single edge has none yet."""

    ends: list[int]
    hub: int = -1


@dataclass(slots=True)
class _Graph:
    """A colouring in progress of the graph of a symmetric matrix."""

    near: list[dict[int, int]]  # of each vertex: a neighbour of each colour
    hubs: list[set[int]]  # of each vertex: colours of neighbours that are hubs of a common star
    stars: dict[tuple[int, int], _Star] = field(default_factory=dict)

    def star(self, v: int, w: int) -> _Star:
        return self.stars[(v, w) if v < w else (w, v)]

    def join(self, v: int, w: int, star: _Star, hub: int, colours: list[int]) -> None:
        """The edge becomes one of a star around `hub`."""
        self.stars[(v, w) if v < w else (w, v)] = star
        spokes = [v if hub == w else w]
        if star.hub < 0:
            star.hub = hub
            spokes += [end for end in star.ends if end != hub]
        for spoke in spokes:
            self.hubs[spoke].add(colours[hub])


def star(pattern: Pattern) -> Any:
    """A star colouring of a symmetric matrix: a colour for each row and column."""
    size = pattern.shape[0]
    starts, ends = pattern.indptr.tolist(), pattern.indices.tolist()
    graph = _Graph([{} for _ in range(size)], [set() for _ in range(size)])
    colours = [-1] * size
    for v in np.argsort(-np.diff(pattern.indptr), kind="stable").tolist():
        around = [w for w in ends[starts[v] : starts[v + 1]] if w != v and colours[w] >= 0]
        colours[v] = first_free(_forbidden(graph, around, colours))
        _update(graph, v, around, colours)
        for w in ends[starts[v] : starts[v + 1]]:
            if w != v:
                graph.near[w].setdefault(colours[v], v)
    return np.array(colours, dtype=int)


def _forbidden(graph: _Graph, around: list[int], colours: list[int]) -> set[int]:
    """Colours that would make a path of four vertices in two colours."""
    taken: set[int] = set()
    first: dict[int, int] = {}
    for w in around:
        colour = colours[w]
        taken.add(colour)
        if colour in first:  # two neighbours of one colour: a hub, so what is beyond differs
            taken.update(graph.near[first[colour]], graph.near[w])
        else:
            first[colour] = w
            taken.update(graph.hubs[w])
    return taken


def _update(graph: _Graph, v: int, around: list[int], colours: list[int]) -> None:
    """Put the edges of a vertex that has got its colour into stars."""
    first: dict[int, int] = {}
    for w in around:
        other = graph.near[w].get(colours[v], -1)
        if other >= 0:
            graph.join(v, w, graph.star(w, other), w, colours)
        elif colours[w] in first:
            graph.join(v, w, graph.star(v, first[colours[w]]), v, colours)
        else:
            graph.stars[(v, w) if v < w else (w, v)] = _Star([v, w])
        first.setdefault(colours[w], w)


def alone(pattern: Pattern, colours: Any) -> Any:
    """Of each element of a pattern, whether it is the only one of its colour in its row."""
    rows = pattern.rows
    width = int(colours.max(initial=0)) + 1
    keys = rows * width + colours[pattern.indices]
    _, place, counts = np.unique(keys, return_inverse=True, return_counts=True)
    return counts[place] == 1
