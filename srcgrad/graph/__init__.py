"""The computational graph of a run: nodes with forward values, local derivatives and gradients."""

from __future__ import annotations

from srcgrad.graph.execute import trace
from srcgrad.graph.nodes import Edge, Graph, Node
from srcgrad.graph.svg import svg
from srcgrad.graph.table import table

__all__ = ["Edge", "Graph", "Node", "svg", "table", "trace"]
