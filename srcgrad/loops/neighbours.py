"""What the turns of a nest give to elements of an array, and one such element in another nest."""

from __future__ import annotations

import ast
from collections.abc import Callable, Collection, Mapping

from srcgrad.ir.classes import dataclass
from srcgrad.loops.affine import Affine, affine, is_positive, minus, plus, turns_between, written
from srcgrad.loops.places import indices_of, maker
from srcgrad.loops.recipes import Recipe, recipe_of
from srcgrad.loops.tree import assign, augment, bounds_of, constant, integer, names_in, turn_of
from srcgrad.loops.tree import name as name_of


@dataclass(slots=True)
class Turns:
    """Loops, one in the other, and what their turns do."""

    top: ast.stmt
    loops: list[ast.For]

    @property
    def body(self) -> list[ast.stmt]:
        return self.loops[-1].body

    @property
    def indices(self) -> list[str]:
        return [turn_of(loop) for loop in self.loops]

    def length(self, index: str) -> Affine | None:
        """How many turns the loop of an index has."""
        loop = next(loop for loop in self.loops if turn_of(loop) == index)
        return affine(bounds_of(loop)[0])


@dataclass(slots=True)
class Writer:
    """`base[ii + 1, jj] -= value`: what the turns of a nest give to elements."""

    stmt: ast.Assign | ast.AugAssign
    nest: Turns
    places: list[tuple[str, int]]  # by axis: the index, and what is added to it
    recipe: Recipe


def turns_of(top: ast.stmt, indices: Collection[str]) -> Turns | None:
    """Loops over elements with nothing between them, and plain statements inside."""
    loops: list[ast.For] = []
    body = [top]
    while len(body) == 1 and isinstance(body[0], ast.For):
        loop = body[0]
        if loop.orelse or turn_of(loop) not in indices or len(bounds_of(loop)) != 1:
            return None
        loops.append(loop)
        body = loop.body
    plain = all(isinstance(s, (ast.Assign, ast.AugAssign)) for s in body)
    return Turns(top, loops) if plain and len(loops) > 1 else None


def writer_of(nest: Turns, stmt: ast.stmt, base: str, floats: Collection[str]) -> Writer | None:
    """What a statement of a nest gives to the array, if it is plain what to which elements."""
    adds = isinstance(stmt, ast.AugAssign) and isinstance(stmt.op, (ast.Add, ast.Sub))
    if not adds and not isinstance(stmt, ast.Assign):
        return None
    assert isinstance(stmt, (ast.Assign, ast.AugAssign))
    target = stmt.targets[0] if isinstance(stmt, ast.Assign) else stmt.target
    if not isinstance(target, ast.Subscript) or base in names_in([stmt.value]):
        return None
    places: list[tuple[str, int]] = []
    for place in indices_of(target):
        value = affine(place) or {}
        found = [text for text in value if text]
        if len(found) != 1 or value[found[0]] != 1 or found[0] not in nest.indices:
            return None
        places.append((found[0], value.get("", 0)))
    if sorted(index for index, _ in places) != sorted(nest.indices):
        return None
    recipe = recipe_of(nest.body, stmt, nest.indices, floats)
    return Writer(stmt, nest, places, recipe) if recipe is not None else None


def element_of(
    made: ast.stmt,
    writers: list[Writer],
    last: Turns,
    node: ast.Subscript,
    var: str,
    fresh: Callable[[str], str],
) -> list[ast.stmt] | None:
    """Statements that compute an element for a variable."""
    bounds = {turn_of(loop): turns_between(loop) for loop in last.loops}
    places = [affine(place) for place in indices_of(node)]
    whole = len(writers) == 1 and is_whole(made, writers[0])
    if maker(made) == "np.empty" and not whole:
        return None
    out: list[ast.stmt] = []
    for writer in writers:
        moves: dict[str, Affine] = {}
        tests: list[ast.expr] = []
        for place, (index, shift) in zip(places, writer.places, strict=True):
            turn = plus(place, {"": -shift} if shift else {})
            length = writer.nest.length(index)
            if turn is None or length is None:
                return None
            moves[index] = turn
            if maker(made) == "np.zeros":
                tests += tests_of(turn, length, bounds)
        recipe = writer.recipe.alone() if tests else writer.recipe
        if recipe is None or last.indices[-1] in names_in(tests):
            return None
        out += given(writer.stmt, recipe, moves, tests, var, not out, fresh)
    return out


def given(
    stmt: ast.Assign | ast.AugAssign,
    recipe: Recipe,
    moves: Mapping[str, Affine],
    tests: list[ast.expr],
    var: str,
    is_first: bool,
    fresh: Callable[[str], str],
) -> list[ast.stmt]:
    """What a writer gives to an element, as statements that change a variable."""
    names = {target: fresh(target) for target, _ in recipe.steps}
    steps, value = recipe.written(moves, names)
    if steps and isinstance(value, ast.Name) and value.id == steps[-1][0]:
        value = steps.pop()[1]
    out: list[ast.stmt] = [assign(target, made) for target, made in steps]
    zero: ast.expr = constant(0.0)
    if isinstance(stmt, ast.Assign):
        other = zero if is_first else name_of(var)
        out.append(assign(var, chosen(tests, value, other)))
    elif is_first:
        value = value if isinstance(stmt.op, ast.Add) else ast.UnaryOp(ast.USub(), value)
        out.append(assign(var, chosen(tests, value, zero)))
    else:
        out.append(augment(var, stmt.op, chosen(tests, value, zero)))
    return out


def is_whole(made: ast.stmt, writer: Writer) -> bool:
    """Whether the turns give a value to every element."""
    assert isinstance(made, ast.Assign) and isinstance(made.value, ast.Call)
    size = made.value.args[0]
    sizes = size.elts if isinstance(size, ast.Tuple) else [size]
    return isinstance(writer.stmt, ast.Assign) and all(
        not shift and affine(n) == writer.nest.length(index)
        for n, (index, shift) in zip(sizes, writer.places, strict=True)
    )


def tests_of(
    turn: Affine, length: Affine, bounds: Mapping[str, tuple[Affine | None, Affine | None]]
) -> list[ast.expr]:
    """What is to be asked to know that a loop of this length has this turn."""
    own = turn.get("", 0)
    moving = plus(turn, {"": -own} if own else {})
    end = plus(length, {"": -own} if own else {})
    assert moving is not None and end is not None
    out: list[ast.expr] = []
    if not is_positive(plus(turn, {"": 1}), bounds):
        out.append(ast.Compare(written(moving), [ast.GtE()], [integer(-own)]))
    if not is_positive(minus(length, turn), bounds):
        out.append(ast.Compare(written(moving), [ast.Lt()], [written(end)]))
    return out


def chosen(tests: list[ast.expr], value: ast.expr, other: ast.expr) -> ast.expr:
    if isinstance(value, ast.Constant) and isinstance(value.value, int):
        value = constant(float(value.value))
    if not tests:
        return value
    return ast.IfExp(tests[0] if len(tests) == 1 else ast.BoolOp(ast.And(), tests), value, other)
