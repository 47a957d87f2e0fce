"""Where to draw what: a layered layout from left to right.

Sugiyama's scheme: layers by longest path, order within layers by barycentres, then coordinates.
The label of an edge is a vertex of its own, in a layer between those of the nodes; so is each bend
of an edge that passes a layer. What must not overlap is thus kept apart by the layout itself.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import field
from typing import Literal

from srcgrad.ir.classes import dataclass

MARGIN = 20.0  # between neighbours of a layer
GAP = 26.0  # between layers
_STRAIGHT, _LOOSE = 8.0, 2.0  # how strongly neighbours attract: where one edge could be level
_ROUNDS = 60
_ORDERINGS = 12


@dataclass(eq=False, slots=True)
class Vertex:
    """A box to place: a node of the graph, the label of an edge, or a bend."""

    kind: Literal["node", "label", "bend"]
    width: float
    height: float
    layer: int = 0
    x: float = 0.0  # centre
    y: float = 0.0
    before: list[tuple[Vertex, float]] = field(default_factory=list)  # with the attraction
    after: list[tuple[Vertex, float]] = field(default_factory=list)


@dataclass(eq=False, slots=True)
class Link:
    """An edge to route, from node to node, and the vertices it passes, its label among them."""

    source: Vertex
    target: Vertex
    label: Vertex
    path: list[Vertex] = field(default_factory=list)


def place(nodes: Sequence[Vertex], links: Sequence[Link]) -> tuple[float, float]:
    """Set `layer`, `x`, `y` of every vertex and `path` of every link; returns width and height.

    `nodes` come in an order in which sources precede targets. Links to one target are drawn from
    top to bottom in the order given.
    """
    _assign_layers(nodes, links)
    vertices = [*nodes, *_route(links)]
    layers: list[list[Vertex]] = [[] for _ in range(1 + max(v.layer for v in vertices))]
    rank = _reading_order(nodes, links)
    for vertex in sorted(vertices, key=lambda v: rank[v]):
        layers[vertex.layer].append(vertex)
    _order(layers)
    _set_columns(layers)
    _set_rows(layers)
    top = min(v.y - v.height / 2 for v in vertices)
    for vertex in vertices:
        vertex.y -= top
    width = max(v.x + v.width / 2 for v in vertices)
    return width, max(v.y + v.height / 2 for v in vertices)


def _assign_layers(nodes: Sequence[Vertex], links: Sequence[Link]) -> None:
    """Nodes on even layers, as late as their targets allow for those without sources."""
    sources: dict[Vertex, list[Vertex]] = {node: [] for node in nodes}
    targets: dict[Vertex, list[Vertex]] = {node: [] for node in nodes}
    for link in links:
        sources[link.target].append(link.source)
        targets[link.source].append(link.target)
    for node in nodes:
        node.layer = max((source.layer + 2 for source in sources[node]), default=0)
    for node in nodes:
        if not sources[node] and targets[node]:
            node.layer = min(target.layer for target in targets[node]) - 2


def _route(links: Sequence[Link]) -> list[Vertex]:
    """Give each link its label, just before its target, and a bend in each layer it passes."""
    out: dict[Vertex, int] = {}
    into: dict[Vertex, int] = {}
    for link in links:
        out[link.source] = out.get(link.source, 0) + 1
        into[link.target] = into.get(link.target, 0) + 1
    made = []
    for link in links:
        link.label.layer = link.target.layer - 1
        bends = [
            Vertex("bend", 0.0, 8.0, layer)
            for layer in range(link.source.layer + 1, link.label.layer)
        ]
        link.path = [*bends, link.label]
        chain = [link.source, *link.path, link.target]
        first = _STRAIGHT if out[link.source] == 1 else _LOOSE
        last = _STRAIGHT if into[link.target] == 1 else _LOOSE
        pulls = [first, *[_STRAIGHT] * (len(chain) - 3), last]
        for left, right, pull in zip(chain, chain[1:], pulls, strict=False):
            left.after.append((right, pull))
            right.before.append((left, pull))
        made += link.path
    return made


def _reading_order(nodes: Sequence[Vertex], links: Sequence[Link]) -> dict[Vertex, float]:
    """A first order, from the result back: operands as they stand in the expression."""
    sources: dict[Vertex, list[Link]] = {node: [] for node in nodes}
    for link in links:
        sources[link.target].append(link)
    targets = {link.source for link in links}
    order: dict[Vertex, float] = {}
    stack = [node for node in nodes if node not in targets]
    while stack:
        node = stack.pop()
        if node in order:
            continue
        order[node] = float(len(order))
        stack += [link.source for link in reversed(sources[node])]
    for link in links:
        for vertex in link.path:
            order[vertex] = order[link.source]
    return order


def _order(layers: list[list[Vertex]]) -> None:
    """Sort layers by the mean position of neighbours, keeping the order with fewest crossings."""
    best, fewest = [list(layer) for layer in layers], _crossings(layers)
    for step in range(_ORDERINGS):
        if fewest == 0:
            break
        forward = step % 2 == 0
        for layer in layers if forward else reversed(layers):
            at = _positions(layers)
            layer.sort(key=lambda v: _barycentre(v, at, forward))
        crossings = _crossings(layers)
        if crossings < fewest:
            best, fewest = [list(layer) for layer in layers], crossings
    layers[:] = best


def _positions(layers: list[list[Vertex]]) -> dict[Vertex, int]:
    return {vertex: i for layer in layers for i, vertex in enumerate(layer)}


def _barycentre(vertex: Vertex, at: dict[Vertex, int], forward: bool) -> float:
    near = vertex.before if forward else vertex.after
    return sum(at[v] for v, _ in near) / len(near) if near else float(at[vertex])


def _crossings(layers: list[list[Vertex]]) -> int:
    at = _positions(layers)
    total = 0
    for layer in layers:
        ends = [at[w] for v in layer for w in sorted((a for a, _ in v.after), key=at.__getitem__)]
        total += sum(a > b for i, a in enumerate(ends) for b in ends[i + 1 :])
    return total


def _set_columns(layers: list[list[Vertex]]) -> None:
    x = 0.0
    for layer in layers:
        width = max((vertex.width for vertex in layer), default=0.0)
        for vertex in layer:
            vertex.x = x + width / 2
            if vertex.kind == "node" and not vertex.before:
                vertex.x = x + width - vertex.width / 2  # inputs end where their edges begin
        x += width + GAP


def _set_rows(layers: list[list[Vertex]]) -> None:
    for layer in layers:
        y = 0.0
        for vertex in layer:
            vertex.y = y + vertex.height / 2
            y += vertex.height + MARGIN
    for step in range(_ROUNDS):
        for layer in layers if step % 2 else reversed(layers):
            _settle(layer)
    for _ in range(2):
        for layer in layers:
            _level(layer)


def _level(layer: list[Vertex]) -> None:
    """Make edges level that nearly are, as far as the neighbours in the layer leave room."""
    for i, vertex in enumerate(layer):
        partners = [v for v, pull in vertex.before if pull == _STRAIGHT]
        if len(partners) != 1:
            continue
        wish = partners[0].y
        if i:
            above = layer[i - 1]
            wish = max(wish, above.y + (above.height + vertex.height) / 2 + MARGIN)
        if i + 1 < len(layer):
            below = layer[i + 1]
            wish = min(wish, below.y - (below.height + vertex.height) / 2 - MARGIN)
        vertex.y = wish


def _settle(layer: list[Vertex]) -> None:
    """Move each vertex towards its neighbours, keeping order and distance.

    Least squares under `y[i+1] - y[i] >= distance[i]`: isotonic regression of what remains when the
    distances are taken off, solved by pooling adjacent violators.
    """
    pools: list[tuple[float, float, int]] = []  # mean, weight, count
    offsets, offset = [], 0.0
    for i, vertex in enumerate(layer):
        if i:
            offset += (layer[i - 1].height + vertex.height) / 2 + MARGIN
        offsets.append(offset)
        near = vertex.before + vertex.after
        weight = sum(pull for _, pull in near) or 1.0
        wish = sum(v.y * pull for v, pull in near) / weight if near else vertex.y
        mean, count = wish - offset, 1
        while pools and pools[-1][0] > mean:
            other, heavy, more = pools.pop()
            mean = (mean * weight + other * heavy) / (weight + heavy)
            weight, count = weight + heavy, count + more
        pools.append((mean, weight, count))
    means = [mean for mean, _, count in pools for _ in range(count)]
    for vertex, mean, offset in zip(layer, means, offsets, strict=True):
        vertex.y = mean + offset
