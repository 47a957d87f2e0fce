"""The list of nodes while a program runs: inputs, constants and operations, in order."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

from srcgrad.graph.nodes import Application, Edge, Graph, Node, Place
from srcgrad.graph.pullbacks import parameters
from srcgrad.graph.symbols import circle_text, number_text, operation_text, value_text
from srcgrad.graph.values import Ref, is_number, leaves, plain


class Record:
    """Nodes in the order in which they came to be. Operands always precede their operation."""

    def __init__(self) -> None:
        self.nodes: list[Node] = []
        self._names: Counter[str] = Counter()

    def input(self, value: Any, name: str, active: bool) -> Ref:
        """An argument, or a leaf of one. What is no number has no node."""
        if not is_number(value):
            return Ref(value, None, name)
        return self._add(Node("input", self._fresh(name), value, "input", name, active=active))

    def constant(self, ref: Ref) -> int:
        """The node of a value that depends on no input."""
        text = ref.label or value_text(ref.value, room=12)
        added = self._add(Node("constant", text, ref.value, "constant", text))
        assert added.node is not None
        return added.node

    def operation(
        self,
        target: str,
        value: Any,
        application: Application,
        operands: Sequence[tuple[str, Ref]],
        keywords: Sequence[tuple[str, Ref]] = (),
    ) -> Ref:
        """Record one operation. Operands and keywords are its arguments, by parameter.

        Plain numbers among them become part of the symbol; other values without a node are
        constants of the graph. Those that no derivative flows to are no edges.
        """
        flows = parameters(application)
        edges = []
        for param, operand in (*operands, *keywords):
            if _literal(operand) is None and (flows is None or param in flows):
                edges += self._edges(param, operand)
        texts = [self.describe(operand) for _, operand in operands]
        named = [f"{param}={self.describe(operand)}" for param, operand in keywords]
        numbers = [_literal(operand) for _, operand in operands]
        name = application.name
        return self._add(
            Node(
                "operation",
                self._fresh(target),
                value,
                operation_text(name, texts, named),
                circle_text(name, numbers),
                edges,
                application,
                active=any(self.nodes[edge.source].active for edge in edges),
                temporary="@" in target,
            )
        )

    def _edges(self, param: str, operand: Ref) -> list[Edge]:
        edges = []
        for path, leaf in leaves(operand):
            if leaf.node is not None:
                edges.append(Edge(leaf.node, Place(param, path)))
            elif is_number(leaf.value):
                edges.append(Edge(self.constant(leaf), Place(param, path)))
        return edges

    def describe(self, ref: Ref) -> str:
        """How an operand is called in the text of an operation."""
        if ref.node is not None:
            return self.nodes[ref.node].name
        if ref.label:
            return f"({ref.label})" if " " in ref.label else ref.label
        if isinstance(ref.value, (tuple, list)):
            items = [self.describe(i) if isinstance(i, Ref) else _text(i) for i in ref.value]
            return (
                f"[{', '.join(items)}]" if isinstance(ref.value, list) else f"({', '.join(items)})"
            )
        return _text(plain(ref))

    def expression(self, name: str, refs: Sequence[Ref]) -> str:
        """The text of an operation that has no node of its own."""
        return operation_text(name, [self.describe(ref) for ref in refs])

    def rename(self, ref: Ref, target: str) -> None:
        """Give a temporary the name of the variable that it is copied to."""
        if ref.node is not None and "@" not in target:
            node = self.nodes[ref.node]
            if node.temporary:
                node.name = self._fresh(target)
                node.temporary = False

    def _add(self, node: Node) -> Ref:
        position = len(self.nodes)
        self.nodes.append(node)
        return Ref(node.value, position)

    def _fresh(self, name: str) -> str:
        """The name itself the first time, `h#2`, `h#3` when a variable is assigned anew."""
        stem, _, number = name.partition("@")
        name = f"{stem}_{number}" if number else stem
        self._names[name] += 1
        count = self._names[name]
        return name if count == 1 else f"{name}#{count}"

    def finish(self, title: str, result: Ref) -> Graph:
        """The graph of the nodes that lead to the result."""
        outputs = [(p, r) for p, r in leaves(result) if is_number(r.value)]
        ends = [(path, r.node if r.node is not None else self.constant(r)) for path, r in outputs]
        kept = {node for _, node in ends}
        for position in range(len(self.nodes) - 1, -1, -1):
            if position in kept:
                kept.update(edge.source for edge in self.nodes[position].edges)
        new = {old: position for position, old in enumerate(sorted(kept))}
        for old in new:
            for edge in self.nodes[old].edges:
                edge.source = new[edge.source]
        named = [(_output_name(path), new[node]) for path, node in ends]
        return Graph(title, tuple(self.nodes[old] for old in new), tuple(named))


def _output_name(path: Sequence[Any]) -> str:
    return "out" + "".join(f"[{key!r}]" for key in path)


def _literal(ref: Ref) -> str | None:
    """The text of a plain number or other value that is part of the operation itself."""
    if ref.node is not None or ref.label or any(leaf.node is not None for _, leaf in leaves(ref)):
        return None
    value = plain(ref)
    return None if getattr(value, "shape", ()) != () else _text(value)


def _text(value: Any) -> str:
    if isinstance(value, slice):
        parts = ["" if p is None else _text(p) for p in (value.start, value.stop, value.step)]
        return ":".join(parts if parts[2] else parts[:2])
    if value is Ellipsis:
        return "..."
    if isinstance(value, tuple):
        return f"({', '.join(map(_text, value))})"
    return number_text(value) if is_number(value) else value_text(value)
