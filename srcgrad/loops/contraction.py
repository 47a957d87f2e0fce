"""Arrays of which each turn of a loop makes and reads its own part: a row of them, or a number."""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Collection

from srcgrad.loops.places import (
    common_axis,
    indices_of,
    maker,
    own_arrays,
    places_in,
    statements,
    target_of,
)
from srcgrad.loops.tree import assign, names_in, nodes_of, turn_of


def contracted(body: list[ast.stmt], indices: Collection[str]) -> list[ast.stmt]:
    """The statements with arrays that lose the axes of the one loop which they are used in."""
    uses = Counter(
        node.id for stmt in body for node in nodes_of(stmt) if isinstance(node, ast.Name)
    )
    own = own_arrays(body)
    returned = names_in(s for s in statements(body) if isinstance(s, ast.Return))
    _Contraction(own - returned, frozenset(indices), uses).block(body)
    return body


class _Contraction:
    def __init__(self, own: frozenset[str], indices: frozenset[str], uses: Counter[str]) -> None:
        self.own = own
        self.indices = indices
        self.uses = uses
        self.names: dict[ast.stmt, set[str]] = {}  # that statements mentioned before any change

    def mentions(self, stmt: ast.stmt, base: str) -> bool:
        if stmt not in self.names:
            self.names[stmt] = names_in([stmt])
        return base in self.names[stmt]

    def block(self, block: list[ast.stmt]) -> None:
        for stmt in list(block):
            if maker(stmt) and target_of(stmt) in self.own:
                self.shrink(block, block.index(stmt))
            for part in ("body", "orelse"):
                inner = getattr(stmt, part, None)
                if inner:
                    self.block(inner)

    def shrink(self, block: list[ast.stmt], at: int) -> None:
        """Take axes from the array that is made in this statement."""
        made = block[at]
        base = target_of(made)
        inside = [s for s in block[at + 1 :] if self.mentions(s, base)]
        if len(inside) != 1:
            return
        loop = inside[0]
        places = places_in([loop])[0].get(base, [])
        if len(places) + 1 != self.uses[base]:  # its lengths are asked for
            return
        lengths = _lengths(made)
        taken: list[int] = []
        at_loop: ast.For | None = None
        rest = list(range(len(lengths)))
        while isinstance(loop, ast.For) and self.is_loop(loop):
            axis = common_axis(places, turn_of(loop))
            if axis is None or axis in taken:
                break
            taken.append(axis)
            rest.remove(axis)
            at_loop = loop
            nested = [s for s in loop.body if self.mentions(s, base)]
            if len(nested) != 1:
                break
            loop = nested[0]
        number = all(_is_one(lengths[a]) for a in rest) and not _dtype(made)
        if at_loop is None or not number and maker(made) != "np.empty":
            return
        keep = [] if number else rest
        bare: set[int] = set()  # rows that are the whole array now
        for node in places:
            own = indices_of(node)
            left = [own[a] for a in keep if a < len(own)]
            if left:
                node.slice = left[0] if len(left) == 1 else ast.Tuple(left, ast.Load())
            elif keep:
                bare.add(id(node))
        if bare:
            _Bare(bare).visit(at_loop)
        if number:
            self.as_number(block, at, at_loop, base)
        else:
            assert isinstance(made, ast.Assign) and isinstance(made.value, ast.Call)
            sizes = [lengths[a] for a in keep]
            made.value.args[0] = sizes[0] if len(sizes) == 1 else ast.Tuple(sizes, ast.Load())

    def as_number(self, block: list[ast.stmt], at: int, loop: ast.For, base: str) -> None:
        made = block.pop(at)
        _Numbers(base).visit(loop)
        if maker(made) != "np.empty":
            assert isinstance(made, ast.Assign) and isinstance(made.value, ast.Call)
            value: ast.expr = ast.Constant(1.0 if maker(made) == "np.ones" else 0.0)
            loop.body.insert(
                0, assign(base, made.value.args[1] if maker(made) == "np.full" else value)
            )

    def is_loop(self, stmt: ast.For) -> bool:
        return isinstance(stmt.target, ast.Name) and stmt.target.id in self.indices


class _Bare(ast.NodeTransformer):
    """Rows of an array as the array."""

    def __init__(self, rows: set[int]) -> None:
        self.rows = rows

    def visit_Subscript(self, node: ast.Subscript) -> ast.AST:
        return node.value if id(node) in self.rows else self.generic_visit(node)


class _Numbers(ast.NodeTransformer):
    """Elements of an array as one variable."""

    def __init__(self, base: str) -> None:
        self.base = base

    def visit_Subscript(self, node: ast.Subscript) -> ast.AST:
        self.generic_visit(node)
        if isinstance(node.value, ast.Name) and node.value.id == self.base:
            return ast.Name(self.base, node.ctx)
        return node


def _lengths(made: ast.stmt) -> list[ast.expr]:
    assert isinstance(made, ast.Assign) and isinstance(made.value, ast.Call)
    size = made.value.args[0]
    return list(size.elts) if isinstance(size, ast.Tuple) else [size]


def _dtype(made: ast.stmt) -> str:
    """The type of the elements of a new array; empty for float64."""
    assert isinstance(made, ast.Assign) and isinstance(made.value, ast.Call)
    args = made.value.args[2 if maker(made) == "np.full" else 1 :]
    return ast.unparse(args[0]) if args else ""


def _is_one(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and node.value == 1
