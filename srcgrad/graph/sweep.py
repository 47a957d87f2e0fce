"""The reverse sweep over a recorded graph: adjoints of nodes, contributions along edges."""

from __future__ import annotations

from typing import Any

import numpy as np

from srcgrad.graph.nodes import Graph, Node
from srcgrad.graph.pullbacks import add, at_path, cotangents, local_derivative, match_shape, zeros


def sweep(graph: Graph) -> None:
    """Fill in `upstream` of the active nodes, `local` and `downstream` of the edges between them.

    The seed is 1 for every number of the result, so that an array counts as its sum.
    """
    for _, position in graph.outputs:
        node = graph.nodes[position]
        if node.active:
            node.upstream = add(node.upstream, _seed(node.value))
    for node in reversed(graph.nodes):
        if node.active and node.upstream is None:
            node.upstream = zeros(node.value)
        if node.active and node.kind == "operation":
            _propagate(graph, node)


def _seed(value: Any) -> Any:
    return np.ones(np.shape(value)) if isinstance(value, np.ndarray) else 1.0


def _propagate(graph: Graph, node: Node) -> None:
    names = {
        edge.place.param: graph.nodes[edge.source].name
        for edge in node.edges
        if not edge.place.path
    }
    bars = cotangents(node, node.upstream)
    for edge in node.edges:
        source = graph.nodes[edge.source]
        if not source.active or edge.place.param not in bars:
            continue
        bar = at_path(bars[edge.place.param], edge.place.path)
        if isinstance(source.value, (list, tuple)):
            edge.downstream = bar
        else:
            edge.downstream = match_shape(bar, source.value)
        edge.local = local_derivative(node, edge, lambda name: names.get(name, name))
        source.upstream = add(source.upstream, edge.downstream)
