"""How a turn of a nest makes a number: of elements that other turns may read as well."""

from __future__ import annotations

import ast
import copy
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace

from srcgrad.ir.classes import dataclass
from srcgrad.loops.affine import Affine, affine, plus, scaled, written
from srcgrad.loops.places import target_of
from srcgrad.loops.tree import index, name, names_in, nodes_of

ARITHMETIC = (ast.Add, ast.Sub, ast.Mult)


@dataclass(slots=True)
class Recipe:
    """Bindings that a turn makes one after the other, and the value that it comes to."""

    steps: list[tuple[str, ast.expr]]
    value: ast.expr
    names: set[str]  # arrays and variables that the turn does not bind, its indices left out
    cost: int  # operations

    def written(
        self, moves: Mapping[str, Affine], named: Mapping[str, str]
    ) -> tuple[list[tuple[str, ast.expr]], ast.expr]:
        """Steps and value for other indices; `named`: what the steps bind instead."""
        moved = _Moved(moves, {target: name(new) for target, new in named.items()})
        steps = [(named[target], moved.visit(copy.deepcopy(made))) for target, made in self.steps]
        return steps, moved.visit(copy.deepcopy(self.value))

    def alone(self) -> Recipe | None:
        """The same without steps, where none is read twice."""
        value = copy.deepcopy(self.value)
        for target, made in reversed(self.steps):
            if sum(isinstance(n, ast.Name) and n.id == target for n in nodes_of(value)) > 1:
                return None
            value = _Moved({}, {target: copy.deepcopy(made)}).visit(value)
        return replace(self, steps=[], value=value)


def recipe_of(
    body: Sequence[ast.stmt],
    stmt: ast.Assign | ast.AugAssign,
    indices: Collection[str],
    floats: Collection[str],
) -> Recipe | None:
    """How a statement of a turn makes its value of `floats`; None for more than sums, products
    and choices."""
    at = next(at for at, each in enumerate(body) if each is stmt)
    bound = {target_of(each): each.value for each in body[:at] if isinstance(each, ast.Assign)}
    changed = _changed(body)
    needed: set[str] = set()
    values = [stmt.value]
    for value in values:  # which grows
        for variable in sorted(names_in([value]) & changed.keys() - needed):
            if changed[variable] > 1 or variable not in bound:
                return None
            needed.add(variable)
            values.append(bound[variable])
    if not all(_is_plain(value, {*floats, *needed}, {*indices}) for value in values):
        return None
    steps = [(target, made) for target, made in bound.items() if target in needed]
    names = names_in(values) - needed - {*indices}
    return Recipe(steps, stmt.value, names, sum(map(_cost, values)))


def _changed(body: Sequence[ast.stmt]) -> dict[str, int]:
    """How often each variable is bound by the statements of a turn."""
    found: dict[str, int] = {}
    for stmt in body:
        target = stmt.target if isinstance(stmt, ast.AugAssign) else None
        variable = target.id if isinstance(target, ast.Name) else target_of(stmt)
        if variable:
            found[variable] = found.get(variable, 0) + 1
    return found


def _is_plain(node: ast.expr, floats: set[str], indices: set[str]) -> bool:
    """Whether an expression is made of floats alone, or compares them."""

    def plain(*nodes: ast.expr) -> bool:
        return all(_is_plain(each, floats, indices) for each in nodes)

    match node:
        case ast.Constant():
            return isinstance(node.value, (float, int)) and not isinstance(node.value, bool)
        case ast.Name():
            return node.id in floats
        case ast.Subscript():
            places = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
            base = node.value.id if isinstance(node.value, ast.Name) else ""
            return base in floats and all(_is_place(place) for place in places)
        case ast.BinOp():
            return isinstance(node.op, ARITHMETIC) and plain(node.left, node.right)
        case ast.UnaryOp():
            return isinstance(node.op, (ast.USub, ast.Not)) and plain(node.operand)
        case ast.Compare():
            return plain(node.left, *node.comparators)
        case ast.BoolOp():
            return plain(*node.values)
        case ast.IfExp():
            return plain(node.test, node.body, node.orelse)
    return False


def _is_place(place: ast.expr) -> bool:
    """Whether a place on an axis is a sum of integers; a slice is none."""
    return affine(place) is not None


def _cost(node: ast.expr) -> int:
    """Operations, those of places left out."""
    if isinstance(node, ast.Subscript):
        return 0
    own = isinstance(node, (ast.BinOp, ast.UnaryOp, ast.Compare, ast.BoolOp, ast.IfExp))
    children = (n for n in ast.iter_child_nodes(node) if isinstance(n, ast.expr))
    return own + sum(map(_cost, children))


class _Moved(ast.NodeTransformer):
    """An expression as that of another turn."""

    def __init__(self, moves: Mapping[str, Affine], named: Mapping[str, ast.expr]) -> None:
        self.moves = moves
        self.named = named

    def visit_Name(self, node: ast.Name) -> ast.AST:
        return self.named.get(node.id, node)

    def visit_Subscript(self, node: ast.Subscript) -> ast.AST:
        places = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
        assert isinstance(node.value, ast.Name)
        return index(node.value.id, [moved_place(place, self.moves) for place in places])


def moved_place(place: ast.expr, moves: Mapping[str, Affine]) -> ast.expr:
    """`ii + 1` for another `ii`."""
    value: Affine | None = {}
    for text, factor in (affine(place) or {}).items():
        value = plus(value, scaled(moves.get(text, {text: 1}), factor))
    assert value is not None
    return written(value)
