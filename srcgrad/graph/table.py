"""The graph as a table: for each node what went forward, and what comes back."""

from __future__ import annotations

from srcgrad.graph.nodes import Graph, Node
from srcgrad.graph.symbols import is_shortened, value_text

_HEADER = ("node", "operation", "forward", "local derivative", "upstream", "downstream")


def table(graph: Graph) -> str:
    """Aligned text: one row for each node, and one for each further operand.

    `upstream` is the gradient of the result with respect to the node; `downstream` is upstream x
    local, the node's contribution to the gradient of an operand.
    """
    rows: list[tuple[str, ...]] = [_HEADER]
    for node in graph.nodes:
        rows += _rows(graph, node)
    widths = [max(len(row[column]) for row in rows) for column in range(len(_HEADER))]
    rows.insert(1, tuple("-" * width for width in widths))
    lines = [
        "  ".join(c.ljust(w) for c, w in zip(row, widths, strict=True)).rstrip() for row in rows
    ]
    return "\n".join([*lines, "", *_footer(graph)]) + "\n"


def _rows(graph: Graph, node: Node) -> list[tuple[str, ...]]:
    upstream = "" if node.upstream is None else value_text(node.upstream)
    first = (node.name, node.operation, value_text(node.value))
    parts = []
    for edge in node.edges:
        if edge.downstream is not None:
            name = graph.nodes[edge.source].name
            local = edge.local if isinstance(edge.local, str) else value_text(edge.local)
            parts.append((f"d/d {name}: {local}", f"{name}: {value_text(edge.downstream)}"))
    if not parts:
        return [(*first, "", upstream, "")]
    rows: list[tuple[str, ...]] = [(*first, parts[0][0], upstream, parts[0][1])]
    return rows + [("", "", "", local, "", down) for local, down in parts[1:]]


def _footer(graph: Graph) -> list[str]:
    results = ", ".join(value_text(graph.nodes[p].value) for _, p in graph.outputs)
    lines = [f"{graph.title} = {results}"]
    for node in graph.nodes:
        if node.kind == "input" and node.active:
            lines.append(f"gradient with respect to {node.name}: {value_text(node.upstream)}")
    if any(graph.nodes[p].upstream is not None and _is_array(graph, p) for _, p in graph.outputs):
        lines.append("the result is an array: gradients are those of its sum")
    if any(is_shortened(value_text(node.value)) for node in graph.nodes):
        lines.append("arrays are shown as shape |Euclidean norm|")
    return lines


def _is_array(graph: Graph, position: int) -> bool:
    return getattr(graph.nodes[position].value, "shape", ()) != ()
