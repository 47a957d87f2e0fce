"""Arrays that a loop makes anew in each step are made once, before it.

    while ...:                               step = np.empty(n)
        step = np.empty(n)                   new, new_spare = np.empty(n), np.empty(n)
        ... step[i] ...               ->     while ...:
        new = np.empty(n)                        ... step[i] ...
        ... new[i] = x[i] - step[i]              ... new[i] = x[i] - step[i]
        x = new                                  x = new
                                                 new, new_spare = new_spare, new

Memory costs more than what is done with a short array. It is safe where elements are all that is
read of an array: then nothing else has its memory. Of one that the next step reads by another name
there are two, by turns. One whose length grows or shrinks with the steps gets the length that is
enough for all of them.
"""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Callable, Collection, Iterator
from dataclasses import field

from srcgrad.ir.classes import dataclass
from srcgrad.loops.affine import affine, plus, scaled, turns_between, written
from srcgrad.loops.dependence import PARALLEL, is_range
from srcgrad.loops.tree import assign, call, integer, name, names_in, turn_of

LOOPS = (ast.For, ast.While)


def hoisted(
    body: list[ast.stmt],
    params: set[str],
    sizes: Collection[str],
    fresh: Callable[[str], str],
) -> list[ast.stmt]:
    """The body of a function with arrays made before the loops that use them.

    `sizes`: names of lengths, which are never below zero.
    """
    while True:
        uses = _Uses(params, frozenset(sizes))
        uses.block(body, ())
        found = next(uses.chances(), None)
        if found is None:
            return body
        _move(found, fresh)


@dataclass(slots=True)
class _Made:
    """An array made in a loop, `stmt` in `block`, and the block and loop that are around."""

    target: str
    stmt: ast.Assign
    block: list[ast.stmt]
    loop: ast.stmt
    around: list[ast.stmt]
    size: ast.expr | None = None  # that is enough for all turns, where they differ
    handed: ast.Assign | None = None  # where the next step gets it by another name
    block_of_handed: list[ast.stmt] = field(default_factory=list)


def _move(found: _Made, fresh: Callable[[str], str]) -> None:
    """Put what makes the array before the loop; zeros are stored where it was made."""
    at = next(k for k, stmt in enumerate(found.block) if stmt is found.stmt)
    found.block[at : at + 1] = _cleared(found.stmt, found.target)
    if not found.block:
        found.block.append(ast.Pass())
    place = next(k for k, stmt in enumerate(found.around) if stmt is found.loop)
    if found.size is not None:
        found.stmt.value = call("np.empty", found.size)
    found.around.insert(place, found.stmt)
    if found.handed is None:
        return
    spare = fresh(f"{found.target}_spare")
    found.around.insert(place, assign(spare, found.stmt.value))
    pair = [found.target, spare]
    swap = ast.Assign(
        [ast.Tuple([ast.Name(n, ast.Store()) for n in pair], ast.Store())],
        ast.Tuple([name(n) for n in reversed(pair)], ast.Load()),
        lineno=0,
    )
    block = found.block_of_handed
    at = next(k for k, stmt in enumerate(block) if stmt is found.handed)
    block.insert(at + 1, swap)


@dataclass(slots=True)
class _Loop:
    """A loop: its statement, the block that it is in, the numbers of its statements."""

    stmt: ast.stmt
    around: list[ast.stmt]
    first: int
    last: int = 0
    bound: set[str] = field(default_factory=set)


class _Uses:
    """Where names are bound and read. Statements are numbered in their order."""

    def __init__(self, params: set[str], sizes: frozenset[str]) -> None:
        self.count = 0
        self.params = params
        self.sizes = sizes
        self.bound: dict[str, list[int]] = defaultdict(list)
        self.read: dict[str, list[int]] = defaultdict(list)
        self.whole: dict[str, list[int]] = defaultdict(list)  # not an element
        self.makers: list[tuple[int, _Made, _Loop]] = []
        self.copies: dict[str, list[tuple[int, ast.Assign, list[ast.stmt]]]] = defaultdict(list)
        self.fewest: dict[str, int] = {}  # indices of an element

    def block(self, body: list[ast.stmt], loops: tuple[_Loop, ...]) -> None:
        for stmt in body:
            self.count += 1
            if isinstance(stmt, ast.Assign) and len(stmt.targets) == 1:
                self.assigned(stmt, body, loops)
            if isinstance(stmt, (*LOOPS, ast.If)):
                heads = [stmt.target, stmt.iter] if isinstance(stmt, ast.For) else [stmt.test]
                inner = loops
                if isinstance(stmt, LOOPS):
                    inner = (*loops, _Loop(stmt, body, self.count))
                for head in heads:
                    self.expression(head, inner)
                self.block(stmt.body, inner)
                self.block(stmt.orelse, inner)
                if isinstance(stmt, LOOPS):
                    inner[-1].last = self.count
            else:
                self.expression(stmt, loops)

    def assigned(self, stmt: ast.Assign, body: list[ast.stmt], loops: tuple[_Loop, ...]) -> None:
        (target,) = stmt.targets
        if not isinstance(target, ast.Name):
            return
        if isinstance(stmt.value, ast.Name):
            self.copies[stmt.value.id].append((self.count, stmt, body))
        if loops and _rank(stmt.value) and not is_parallel(loops[-1].stmt):
            made = _Made(target.id, stmt, body, loops[-1].stmt, loops[-1].around)
            self.makers.append((self.count, made, loops[-1]))

    def expression(self, node: ast.AST, loops: tuple[_Loop, ...]) -> None:
        """Note what an expression, or a statement without a block, reads and binds."""
        if isinstance(node, ast.Name):
            if isinstance(node.ctx, ast.Load):
                self.read[node.id].append(self.count)
                self.whole[node.id].append(self.count)
                return
            self.bound[node.id].append(self.count)
            for loop in loops:
                loop.bound.add(node.id)
        elif isinstance(node, ast.Subscript) and isinstance(node.value, ast.Name):
            self.element(node, node.value.id, loops)
        elif isinstance(node, (ast.Assign, ast.AugAssign)):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            for target in targets:
                if isinstance(target, ast.Subscript) and isinstance(target.value, ast.Name):
                    self.element(target, target.value.id, loops, stored=True)
                else:
                    self.expression(target, loops)
                if isinstance(node, ast.AugAssign) and isinstance(target, ast.Name):
                    self.read[target.id].append(self.count)
                    self.whole[target.id].append(self.count)
            self.expression(node.value, loops)
        else:
            for inner in ast.iter_child_nodes(node):
                self.expression(inner, loops)

    def element(
        self, node: ast.Subscript, base: str, loops: tuple[_Loop, ...], stored: bool = False
    ) -> None:
        """Note an index: what it leaves of an axis is a part that has the memory, too."""
        indices = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
        self.read[base].append(self.count)
        if not stored:
            self.fewest[base] = min(self.fewest.get(base, len(indices)), len(indices))
            if any(map(_is_part, indices)):
                self.whole[base].append(self.count)
        self.expression(node.slice, loops)

    def chances(self) -> Iterator[_Made]:
        for number, made, loop in reversed(self.makers):  # inner loops first
            if len(self.bound[made.target]) != 1:
                continue
            made.size = None
            fits = self.is_ready(made.stmt.value, loop)
            if not fits and not self.whole[made.target]:
                made.size = self.size_for_all(made.stmt.value, loop)
            if not fits and made.size is None:
                continue
            rank = _rank(made.stmt.value)
            if self.fewest.get(made.target, rank) < rank:
                continue  # a row has the memory, too
            if not self.whole[made.target] or self.handed_on(number, made, loop):
                yield made

    def is_ready(self, size: ast.expr, loop: _Loop) -> bool:
        """Whether an expression has its value before a loop begins, and keeps it."""
        names = names_in([size]) - {"np", "max"}
        return not names & loop.bound and all(
            n in self.params or min(self.bound.get(n, [loop.last]), default=0) < loop.first
            for n in names
        )

    def size_for_all(self, value: ast.expr, loop: _Loop) -> ast.expr | None:
        """The greatest length of an array in the turns of a loop that counts them."""
        assert isinstance(value, ast.Call)
        length = value.args[0]
        if isinstance(length, ast.Call) and ast.unparse(length.func) == "max":
            length = length.args[0]  # as found for a loop within this one
        found = affine(length)
        empty = ast.unparse(value.func) == "np.empty" and len(value.args) == 1
        if not empty or found is None or not counts(loop.stmt):
            return None
        assert isinstance(loop.stmt, ast.For)
        turn = turn_of(loop.stmt)
        factor = found.get(turn, 0)
        rest = {text: own for text, own in found.items() if text != turn}
        greatest = plus(rest, scaled(turns_between(loop.stmt)[factor > 0], factor))
        if greatest is None:
            return None
        symbols = greatest.keys() - {""}
        if all(n in self.sizes and greatest[n] > 0 for n in symbols):
            size = written({**greatest, "": max(greatest.get("", 0), 0)})
        else:  # a loop without turns may count to less than nothing
            size = call("max", written(greatest), integer(0))
        return size if self.is_ready(size, loop) else None

    def handed_on(self, number: int, made: _Made, loop: _Loop) -> bool:
        """Whether the array is read until the next step gets it, by a name that it has alone."""
        copies, whole = self.copies[made.target], self.whole[made.target]
        if len(copies) != 1 or len(whole) != 1:
            return False
        place, stmt, block = copies[0]
        if any(not number < k <= place for k in self.read[made.target]):
            return False
        if not any(stmt is one for one in _following(made.block, made.stmt)):
            return False  # it may come where the array was not made
        (target,) = stmt.targets
        assert isinstance(target, ast.Name)
        inside = [k for k in self.bound[target.id] if loop.first <= k <= loop.last]
        shared = [k for k in self.whole[target.id] if loop.first <= k <= loop.last]
        made.handed, made.block_of_handed = stmt, block
        rank = _rank(made.stmt.value)
        rows = self.fewest.get(target.id, rank) < rank
        return len(inside) == 1 and not shared and not rows and target.id != made.target


def counts(loop: ast.stmt) -> bool:
    """Whether a loop counts integers up or down."""
    return isinstance(loop, ast.For) and is_range(loop) and isinstance(loop.target, ast.Name)


def is_parallel(loop: ast.stmt) -> bool:
    """Whether each turn of a loop has to have arrays of its own."""
    return isinstance(loop, ast.For) and PARALLEL in names_in([loop.iter])


def _cleared(stmt: ast.Assign, target: str) -> list[ast.stmt]:
    """What is left of `x = np.zeros(n)`, which becomes `x = np.empty(n)`."""
    assert isinstance(stmt.value, ast.Call)
    if ast.unparse(stmt.value.func) == "np.empty":
        return []
    stmt.value.func = ast.Attribute(name("np"), "empty", ast.Load())
    whole = ast.Subscript(name(target), ast.Slice(), ast.Store())
    return [ast.Assign([whole], ast.Constant(0.0), lineno=0)]


def _following(block: list[ast.stmt], first: ast.stmt) -> Iterator[ast.stmt]:
    """The statements after one of a block, those of branches included."""
    at = next(k for k, stmt in enumerate(block) if stmt is first)
    pending = block[at + 1 :]
    while pending:
        stmt = pending.pop()
        yield stmt
        if isinstance(stmt, ast.If):
            pending += [*stmt.body, *stmt.orelse]


def _rank(value: ast.expr) -> int:
    """How many axes the array has that is made here, empty or zeros; 0 for anything else."""
    if not isinstance(value, ast.Call) or not value.args:
        return 0
    if ast.unparse(value.func) not in ("np.empty", "np.zeros"):
        return 0
    shape = value.args[0]
    return len(shape.elts) if isinstance(shape, ast.Tuple) else 1


def _is_part(index: ast.expr) -> bool:
    """Whether an index may leave an axis."""
    return isinstance(index, (ast.Slice, ast.Starred)) or (
        isinstance(index, ast.Constant) and not isinstance(index.value, int)
    )
