"""Acyclic colours of a symmetric matrix, and its elements by substitution.

Any two colours of neighbours make a forest. A leaf of it is the only one of its colour in a
product; what it holds is subtracted from the product of the other side, and new leaves show. That
needs fewer products than a star colouring, and as many steps as the trees are deep (Coleman and
Cai, "The cyclic coloring problem and estimation of sparse Hessian matrices", SIAM J. Alg. Disc.
Meth. 7, 1986; Gebremedhin, Tarafdar, Manne and Pothen, SIAM J. Sci. Comput. 29, 2007, algorithm
3.1). Rounding adds up along the way from the leaves.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from srcgrad.errors import InternalError
from srcgrad.ir.classes import dataclass
from srcgrad.sparsity.colouring import first_free
from srcgrad.sparsity.pattern import Pattern
from srcgrad.sparsity.recover import Plan


@dataclass(frozen=True, slots=True)
class Substituted(Plan):
    """A plan whose elements are found in several steps, the positions of each in `steps`.

    Position `k` is read in the product `group[k]`, at `line[k]`, and then subtracted from the one
    of its mirror image, `mirror[k]`.
    """

    mirror: Any = None
    steps: tuple[Any, ...] = ()

    def elements(self, products: Any) -> Any:
        """The elements of the pattern, in order, from the products."""
        left = np.array(products)
        found = np.empty(self.pattern.nnz, left.dtype)
        for known in self.steps:
            other = self.mirror[known]
            found[known] = found[other] = left[self.group[known], self.line[known]]
            moved = known[other != known], other[other != known]
            np.subtract.at(left, (self.group[moved[1]], self.line[moved[1]]), found[moved[0]])
        return found


def planned_acyclic(pattern: Pattern) -> Substituted:
    """By an acyclic colouring of the rows and columns of a symmetric matrix."""
    colours = acyclic(pattern)
    rows, indices = pattern.rows, pattern.indices
    mirror = np.empty(pattern.nnz, dtype=int)
    mirror[np.lexsort((rows, indices))] = np.arange(pattern.nnz)
    steps = _steps(pattern, colours, mirror)
    return Substituted(
        *(pattern, "symmetric", colours, colours[indices], rows, pattern.shape[0]),
        mirror=mirror,
        steps=steps,
    )


def _steps(pattern: Pattern, colours: Any, mirror: Any) -> tuple[Any, ...]:
    """Positions in the order in which they stand alone in their place of a product."""
    width = int(colours.max(initial=0)) + 1
    places = pattern.rows * width + colours[pattern.indices]
    unknown = np.bincount(places, minlength=pattern.shape[0] * width)
    total = np.zeros(len(unknown), dtype=int)  # of the positions that are not known, at a place
    np.add.at(total, places, np.arange(pattern.nnz))
    steps, solved = [], 0
    ready = np.flatnonzero(unknown == 1)
    while len(ready):
        alone = total[ready]
        alone = alone[(mirror[alone] >= alone) | (unknown[places[mirror[alone]]] != 1)]
        other = mirror[alone]
        steps.append(alone)
        solved += len(alone) + int(np.count_nonzero(other != alone))
        unknown[places[alone]] -= 1
        moved = other[other != alone]
        np.subtract.at(unknown, places[moved], 1)
        np.subtract.at(total, places[moved], moved)
        touched = np.unique(places[moved])
        ready = touched[unknown[touched] == 1]
    if solved != pattern.nnz:
        raise InternalError("an acyclic colouring leaves elements that do not stand alone")
    return tuple(steps)


class _Trees:
    """Edges of the graph by the trees of two colours that they are in."""

    def __init__(self) -> None:
        self.above: dict[tuple[int, int], tuple[int, int]] = {}

    def of(self, v: int, w: int) -> tuple[int, int]:
        """The edge that stands for the tree of an edge."""
        edge = (v, w) if v < w else (w, v)
        above = self.above
        while above.setdefault(edge, edge) != edge:
            above[edge] = above[above[edge]]
            edge = above[edge]
        return edge

    def join(self, one: tuple[int, int], other: tuple[int, int]) -> None:
        self.above[self.of(*one)] = self.of(*other)


def acyclic(pattern: Pattern) -> Any:
    """A colour for each row and column of a symmetric matrix; no cycle has two colours only."""
    starts, ends = pattern.indptr.tolist(), pattern.indices.tolist()
    near = [[w for w in ends[starts[v] : starts[v + 1]] if w != v] for v in range(pattern.shape[0])]
    colours, trees = [-1] * len(near), _Trees()
    for v in np.argsort(-np.diff(pattern.indptr), kind="stable").tolist():
        around = [w for w in near[v] if colours[w] >= 0]
        colours[v] = first_free(_forbidden(v, around, near, colours, trees))
        first: dict[int, int] = {}
        for w in around:
            if colours[w] in first:
                trees.join((v, w), (v, first[colours[w]]))
            first.setdefault(colours[w], w)
            for x in near[w]:
                if x != v and colours[x] == colours[v]:
                    trees.join((v, w), (w, x))
    return np.array(colours, dtype=int)


def _forbidden(
    v: int, around: list[int], near: list[list[int]], colours: list[int], trees: _Trees
) -> set[int]:
    """Colours of neighbours, and those of trees that a vertex would meet from two sides."""
    taken = {colours[w] for w in around}
    met: dict[tuple[int, int], int] = {}  # tree -> the neighbour by which it is met
    for w in around:
        for x in near[w]:
            seen = x != v and colours[x] >= 0 and colours[x] not in taken
            if seen and met.setdefault(trees.of(w, x), w) != w:
                taken.add(colours[x])
    return taken
