"""The graph as a picture: one self-contained SVG, drawn as textbooks draw it.

Operations are circles, values stand above the edges and gradients below them.
"""

from __future__ import annotations

import math
from collections import Counter
from html import escape

from srcgrad.errors import SrcgradError
from srcgrad.graph.layout import Link, Vertex, place
from srcgrad.graph.nodes import Edge, Graph, Node
from srcgrad.graph.symbols import is_shortened, value_text

LARGEST = 400  # nodes; beyond that a picture helps nobody
_RADIUS = 22.0
_PAD = 36.0  # around the picture
_HEAD = 64.0  # title and legend
_DIGIT = 7.6  # mean width of a character of an edge label
_STYLE = """
  text { font-family: "Helvetica Neue", Helvetica, Arial, "Liberation Sans", sans-serif; }
  .title { font-size: 17px; font-weight: 600; fill: #1f2430; }
  .legend { font-size: 13px; }
  .value { font-size: 13.5px; fill: #1b7a3d; text-anchor: middle; }
  .gradient { font-size: 13.5px; fill: #c4314b; text-anchor: middle; }
  .total { text-anchor: end; }
  .leaf { font-size: 17px; font-weight: 600; fill: #1f2430; text-anchor: end; }
  .constant { font-size: 15px; font-weight: 400; fill: #6a7080; }
  .result { text-anchor: start; }
  .symbol { fill: #1f2430; text-anchor: middle; dominant-baseline: central; }
  .name { font-size: 12px; font-style: italic; fill: #6a7080; text-anchor: middle; }
  .node { fill: #eef2fb; stroke: #3b5a9a; stroke-width: 1.6; }
  .edge { fill: none; stroke: #4a5060; stroke-width: 1.4; }
  .arrow { fill: #4a5060; }
"""


def svg(graph: Graph) -> str:
    """The picture as SVG text. Raises `SrcgradError` for graphs too large to be read."""
    if len(graph.nodes) > LARGEST:
        raise SrcgradError(
            f"the graph has {len(graph.nodes)} nodes; a picture is drawn of at most {LARGEST}"
        )
    fans = Counter(edge.source for node in graph.nodes for edge in node.edges)
    vertices = [_vertex(node, fans[position]) for position, node in enumerate(graph.nodes)]
    links, edges = [], []
    for position, node in enumerate(graph.nodes):
        for edge in node.edges:
            label = _label(graph.nodes[edge.source].value, edge.downstream)
            links.append(Link(vertices[edge.source], vertices[position], label))
            edges.append(edge)
    ends = []
    for name, position in graph.outputs:
        end = Vertex("node", _leaf_width(_result_name(graph, name, position)), 30.0)
        node = graph.nodes[position]
        links.append(Link(vertices[position], end, _label(node.value, node.upstream)))
        ends.append(end)
    width, height = place([*vertices, *ends], links)
    parts = [_edge_part(graph, link, edge) for link, edge in zip(links, edges, strict=False)]
    for (name, position), end, link in zip(graph.outputs, ends, links[len(edges) :], strict=True):
        node = graph.nodes[position]
        parts.append(_curve(link) + _texts(link.label, node.value, node.upstream))
        text = _result_name(graph, name, position)
        parts.append(_text(end.x - end.width / 2 + 4, end.y + 6, text, "leaf result"))
    named = {position for _, position in graph.outputs}
    for position, (node, vertex) in enumerate(zip(graph.nodes, vertices, strict=True)):
        parts.append(_node_part(node, vertex, fans[position], position in named))
    arrays = any(is_shortened(value_text(node.value, 5, 16)) for node in graph.nodes)
    note = " · arrays as shape |norm|" if arrays else ""
    return _page(graph.title, note, parts, width, height)


def _page(title: str, note: str, parts: list[str], width: float, height: float) -> str:
    across = max(width, 10.0 * len(title), 280.0 + 6.5 * len(note)) + 2 * _PAD
    down = height + _HEAD + 1.5 * _PAD
    body = "\n".join(parts)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {across:.0f} {down:.0f}" '
        f'width="{across:.0f}" height="{down:.0f}" role="img">\n'
        f"<title>Computational graph of {escape(title)}</title>\n"
        f"<style>{_STYLE}</style>\n"
        f'<rect width="100%" height="100%" fill="#ffffff"/>\n'
        f'<text class="title" x="{_PAD:.0f}" y="38">{escape(title)}</text>\n'
        f'<text class="legend" x="{_PAD:.0f}" y="60"><tspan fill="#1b7a3d">forward value</tspan>'
        f'<tspan fill="#6a7080"> above the edges, </tspan>'
        f'<tspan fill="#c4314b">gradient</tspan><tspan fill="#6a7080"> below{note}</tspan></text>\n'
        f'<g transform="translate({_PAD:.0f} {_HEAD + _PAD / 2:.0f})">\n{body}\n</g>\n</svg>\n'
    )


def _vertex(node: Node, fan: int) -> Vertex:
    if node.kind == "operation":
        wide = max(2 * _RADIUS, 9.0 * len(node.symbol) + 20)
        return Vertex("node", wide, 2 * _RADIUS + (0 if node.temporary else 30))
    total = _DIGIT * len(_total(node, fan)) + 8
    return Vertex("node", max(_leaf_width(node.name), total), 48.0 if fan > 1 else 34.0)


def _total(node: Node, fan: int) -> str:
    """The gradient of a leaf whose edges each carry but a part of it."""
    return _numbers(node.value, node.upstream)[1] if fan > 1 else ""


def _leaf_width(name: str) -> float:
    return 10.0 * len(name) + 8


def _result_name(graph: Graph, name: str, position: int) -> str:
    node = graph.nodes[position]
    return name if node.temporary or len(graph.outputs) > 1 else node.name


def _numbers(value: object, gradient: object) -> tuple[str, str]:
    shown = "" if gradient is None else value_text(gradient, 5, 16)
    return value_text(value, 5, 16).replace("-", "−"), shown.replace("-", "−")


def _label(value: object, gradient: object) -> Vertex:
    longest = max(len(text) for text in _numbers(value, gradient))
    return Vertex("label", _DIGIT * longest + 8, 42.0)


def _edge_part(graph: Graph, link: Link, edge: Edge) -> str:
    return _curve(link) + _texts(link.label, graph.nodes[edge.source].value, edge.downstream)


def _texts(label: Vertex, value: object, gradient: object) -> str:
    above, below = _numbers(value, gradient)
    text = _text(label.x, label.y - 6, above, "value")
    return text + (_text(label.x, label.y + 17, below, "gradient") if below else "")


def _text(x: float, y: float, text: str, css: str, extra: str = "") -> str:
    return f'<text class="{css}" x="{x:.1f}" y="{y:.1f}"{extra}>{escape(text)}</text>'


def _curve(link: Link) -> str:
    """The edge, level under its label, and the arrow head."""
    x, y = link.source.x + link.source.width / 2, link.source.y
    path = [f"M{x:.1f} {y:.1f}"]
    for vertex in link.path:
        for step in (vertex.x - vertex.width / 2, vertex.x + vertex.width / 2):
            path.append(_bend(x, y, step, vertex.y))
            x, y = step, vertex.y
    target = link.target
    if not target.after:  # the name of the result
        return _arrowed(path, x, y, target.x - target.width / 2, target.y, 0.0)
    centre = target.x - target.width / 2 + _RADIUS
    drop = target.y - y
    if abs(drop) < 0.75 * _RADIUS:  # the circle is met without leaving the level
        return _arrowed(path, x, y, centre - math.sqrt(_RADIUS**2 - drop**2), y, 0.0)
    steep = math.atan2(2 * drop, centre - x)  # a curve that starts level ends twice as steep
    angle = max(-1.1, min(1.1, steep))
    end = (centre - _RADIUS * math.cos(angle), target.y - _RADIUS * math.sin(angle))
    return _arrowed(path, x, y, *end, angle)


def _bend(x: float, y: float, to_x: float, to_y: float) -> str:
    if abs(to_y - y) < 0.05:
        return f"L{to_x:.1f} {to_y:.1f}"
    half = (to_x - x) / 2
    return f"C{x + half:.1f} {y:.1f} {to_x - half:.1f} {to_y:.1f} {to_x:.1f} {to_y:.1f}"


def _arrowed(path: list[str], x: float, y: float, to_x: float, to_y: float, angle: float) -> str:
    cos, sin = math.cos(angle), math.sin(angle)
    base_x, base_y = to_x - 8 * cos, to_y - 8 * sin
    pull = max(6.0, (base_x - x) / 2)
    back = min(pull, abs(base_y - y) / 2 / max(abs(sin), 0.02))
    path.append(
        f"C{x + pull:.1f} {y:.1f} {base_x - back * cos:.1f} {base_y - back * sin:.1f} "
        f"{base_x:.1f} {base_y:.1f}"
    )
    points = [
        (to_x, to_y),
        (base_x - 4 * sin, base_y + 4 * cos),
        (base_x + 4 * sin, base_y - 4 * cos),
    ]
    head = " ".join(f"{px:.1f},{py:.1f}" for px, py in points)
    return f'<path class="edge" d="{"".join(path)}"/><polygon class="arrow" points="{head}"/>'


def _node_part(node: Node, vertex: Vertex, fan: int, is_result: bool) -> str:
    if node.kind != "operation":
        css = "leaf constant" if node.kind == "constant" else "leaf"
        end = vertex.x + vertex.width / 2 - 4
        text = _text(end, vertex.y + 6, node.name.replace(" * ", " × "), css)
        total = _total(node, fan)
        return text + (_text(end, vertex.y + 24, total, "gradient total") if total else "")
    size = 21 if len(node.symbol) == 1 else 16 if len(node.symbol) <= 3 else 15
    shape = (
        f'<rect class="node" x="{vertex.x - vertex.width / 2:.1f}" y="{vertex.y - _RADIUS:.1f}" '
        f'width="{vertex.width:.1f}" height="{2 * _RADIUS:.1f}" rx="{_RADIUS:.1f}"/>'
    )
    text = _text(vertex.x, vertex.y, node.symbol, "symbol", f' font-size="{size}"')
    name = (
        ""
        if node.temporary or is_result
        else _text(vertex.x, vertex.y - _RADIUS - 5, node.name, "name")
    )
    return f"<g>{shape}{text}{name}<title>{escape(node.operation)}</title></g>"
