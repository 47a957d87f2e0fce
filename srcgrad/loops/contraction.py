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
        places = places_in(inside)[0].get(base, [])
        if len(places) + 1 != self.uses[base]:  # its lengths are asked for
            return
        lengths = _lengths(made)
        elements = all(len(indices_of(node)) == len(lengths) for node in places)
        if elements and all(map(_is_one, lengths)) and not _dtype(made):
            self.as_number(block, at, inside, block, base)
            return
        if len(inside) != 1:
            return
        loops = self.around(inside[0], base)
        turn = self.own_turn(made, places, loops) if elements else None
        if turn is not None:
            self.as_number(block, at, inside, turn.body, base)
            return
        taken = self.taken(places, loops, every=True)
        if not taken or maker(made) not in ("np.empty", "np.zeros"):
            return
        keep = [a for a in range(len(lengths)) if a not in taken]
        bare: set[int] = set()  # rows that are the whole array now
        for node in places:
            own = indices_of(node)
            left = [own[a] for a in keep if a < len(own)]
            if left:
                node.slice = left[0] if len(left) == 1 else ast.Tuple(left, ast.Load())
            else:
                bare.add(id(node))
        if bare:
            _Bare(bare).visit(loops[0])
        assert isinstance(made, ast.Assign) and isinstance(made.value, ast.Call)
        sizes = [lengths[a] for a in keep]
        made.value.args[0] = sizes[0] if len(sizes) == 1 else ast.Tuple(sizes, ast.Load())
        if maker(made) == "np.zeros":  # which each turn begins with
            block.pop(at)
            list(taken.values())[-1].body.insert(0, made)

    def around(self, stmt: ast.stmt, base: str) -> list[ast.For]:
        """The loops around all uses of an array, the outermost first."""
        loops: list[ast.For] = []
        nested = [stmt]
        while len(nested) == 1 and isinstance(nested[0], ast.For):
            loops.append(nested[0])
            nested = [s for s in loops[-1].body if self.mentions(s, base)]
        return loops

    def taken(
        self, places: list[ast.Subscript], loops: list[ast.For], every: bool
    ) -> dict[int, ast.For]:
        """The loops that run along an axis of an array, by axis.

        `every`: no more of them behind one that does not.
        """
        taken: dict[int, ast.For] = {}
        for loop in loops:
            axis = common_axis(places, turn_of(loop)) if self.is_loop(loop) else None
            if axis is not None and axis not in taken:
                taken[axis] = loop
            elif every:
                break
        return taken

    def own_turn(
        self, made: ast.stmt, places: list[ast.Subscript], loops: list[ast.For]
    ) -> ast.For | None:
        """The loop of which each turn has an element of its own, if one does."""
        lengths = _lengths(made)
        for every in (True, False):
            taken = self.taken(places, loops, every)
            rest = [n for axis, n in enumerate(lengths) if axis not in taken]
            if not taken or _dtype(made) or not all(map(_is_one, rest)):
                continue
            turn = list(taken.values())[-1]
            # with a loop around that runs along no axis, an element is to be stored anew
            if every or maker(made) == "np.empty" and self.stores_first(turn, target_of(made)):
                return turn
        return None

    def stores_first(self, loop: ast.For, base: str) -> bool:
        """Whether each turn stores its element before it reads it."""
        first = next(s for s in loop.body if self.mentions(s, base))
        return (
            isinstance(first, ast.Assign)
            and isinstance(first.targets[0], ast.Subscript)
            and base not in names_in([first.value])
        )

    def as_number(
        self, block: list[ast.stmt], at: int, uses: list[ast.stmt], start: list[ast.stmt], base: str
    ) -> None:
        """The only element, or that of a turn, as a variable; `start`: what the turn does."""
        made = block[at]
        assert isinstance(made, ast.Assign) and isinstance(made.value, ast.Call)
        for stmt in uses:
            _Numbers(base).visit(stmt)
        block.pop(at)
        if maker(made) != "np.empty":
            value: ast.expr = ast.Constant(1.0 if maker(made) == "np.ones" else 0.0)
            value = made.value.args[1] if maker(made) == "np.full" else value
            start.insert(at if start is block else 0, assign(base, value))

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
