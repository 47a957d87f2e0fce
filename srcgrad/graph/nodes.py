"""The computational graph as data: one node for each operation that ran, one edge for each operand.

A graph is recorded once and filled in by one reverse sweep; the table and the picture only read it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from typing import Any, Literal

from srcgrad.ir.classes import dataclass
from srcgrad.rules.call import Call
from srcgrad.rules.registry import Primitive

NodeKind = Literal["input", "constant", "operation"]


@dataclass(frozen=True, slots=True)
class Place:
    """Where an operand stands in its call: parameter name, and path inside a container argument."""

    param: str
    path: tuple[Any, ...] = ()


@dataclass(eq=False, slots=True)
class Edge:
    """A value flowing from the node `source` into an operation.

    `local` is the derivative of the operation with respect to this operand: a number, an array, or
    the text of its pullback where the Jacobian is no array of either's shape. `downstream` is the
    contribution to the adjoint of `source`. Both are None where no derivative flows.
    """

    source: int
    place: Place
    local: Any = None
    downstream: Any = None


@dataclass(frozen=True, slots=True)
class Application:
    """What the reverse sweep needs of an operation: primitive, bound call and values."""

    primitive: Primitive | None  # None for the structural operations, known by `name`
    name: str
    call: Call | None
    values: Mapping[str, Any]


@dataclass(eq=False, slots=True)
class Node:
    """An input, a constant or an operation, with forward value and adjoint (`upstream`)."""

    kind: NodeKind
    name: str  # of the variable that holds the value
    value: Any
    operation: str  # as in the source: `w * x`; "input" or "constant" for leaves
    symbol: str = ""  # inside the circle
    edges: list[Edge] = field(default_factory=list)
    application: Application | None = None
    active: bool = False  # depends on an input that the gradient is asked for
    temporary: bool = False  # holds no variable of the program
    upstream: Any = None


@dataclass(frozen=True, eq=False, slots=True)
class Graph:
    """The operations of one run that lead to its result, in the order in which they ran.

    `outputs` are positions in `nodes`, with the name of each. Edges refer to positions too.
    """

    title: str
    nodes: tuple[Node, ...]
    outputs: tuple[tuple[str, int], ...]

    def __getitem__(self, name: str) -> Node:
        """The last node of that name. Raises KeyError."""
        for node in reversed(self.nodes):
            if node.name == name:
                return node
        raise KeyError(name)

    def gradient(self, name: str) -> Any:
        """The gradient of the result with respect to an input. Raises KeyError."""
        for node in self.nodes:
            if node.kind == "input" and node.name == name:
                return node.upstream
        raise KeyError(name)
