"""Arrays that a nest fills for the turns next to its own, computed where they are read.

    for ii in range(n):                      for ii in range(n + 1):
        f_bar[ii] = c[ii]                        f_bar_i = c[ii] if ii < n else 0.0
    for ii in range(n):            ->            f_bar_i -= c[ii - 1] if ii >= 1 else 0.0
        f_bar[ii + 1] -= c[ii]                   ... f_bar_i ...
    for ii in range(n + 1):
        ... f_bar[ii] ...

Such loops can not be put together, for a turn reads what others write, and the array would be kept
as a whole: its memory costs more than a few operations that are done twice. What is computed again
is made of what no statement in between changes, and no test stands in the innermost loop.
"""

from __future__ import annotations

import ast
from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence

from srcgrad.loops.neighbours import Turns, Writer, element_of, turns_of, writer_of
from srcgrad.loops.places import (
    given_in,
    indices_of,
    maker,
    own_arrays,
    places_in,
    statements,
    stored_names,
    target_of,
)
from srcgrad.loops.tree import name as name_of
from srcgrad.loops.tree import (
    names_in,
    nodes_of,
)

MOST = 6  # operations that are done anew for an element
PLACES = 2  # of an array that are read in one turn


Found = tuple[str, list[ast.stmt]]  # a variable, and what binds it


def unshifted(
    body: list[ast.stmt],
    indices: Collection[str],
    floats: Collection[str],
    fresh: Callable[[str], str],
) -> list[ast.stmt]:
    """The statements without arrays that are cheap to compute where they are read.

    `floats`: variables of float64, and arrays of it.
    """
    _Shifted(body, frozenset(indices), {*floats}, fresh).block(body)
    return body


class _Shifted:
    def __init__(
        self,
        body: list[ast.stmt],
        indices: frozenset[str],
        floats: set[str],
        fresh: Callable[[str], str],
    ) -> None:
        self.indices = indices
        self.fresh = fresh
        self.own = own_arrays(body)
        returned = names_in(s for s in statements(body) if isinstance(s, ast.Return))
        makers = [s for s in statements(body) if maker(s) and target_of(s) in self.own]
        stored = Counter(n for s in statements(body) for n in bound_in(s))
        once = {n for n in floats if stored[n] <= 1}
        self.floats = once | {target_of(s) for s in makers if is_float(s)}
        self.candidates = {
            target_of(s) for s in makers if is_float(s) and maker(s) in ("np.empty", "np.zeros")
        } - returned
        self.uses = Counter(n.id for s in body for n in nodes_of(s) if isinstance(n, ast.Name))

    def block(self, block: list[ast.stmt]) -> None:
        _Block(self, block).run()
        for stmt in block:
            for part in ("body", "orelse"):
                inner = getattr(stmt, part, None)
                if inner:
                    self.block(inner)

    def count(self, stmts: Sequence[ast.stmt], by: int) -> None:
        """Keep count of how often names are used."""
        for stmt in stmts:
            for node in nodes_of(stmt):
                if isinstance(node, ast.Name):
                    self.uses[node.id] += by


class _Block:
    """The arrays that one block of statements makes."""

    def __init__(self, run: _Shifted, block: list[ast.stmt]) -> None:
        self.owner = run
        self.block = block
        self.stmts = list(block)  # as they were
        self.order = {id(stmt): at for at, stmt in enumerate(block)}
        self.where: dict[str, set[int]] = {}  # places of the statements that mention a name
        self.changes: dict[str, list[int]] = {}  # of those that change it
        self.foreign: list[int] = []  # where arrays are written that others may share
        for at, stmt in enumerate(block):
            for each in names_in([stmt]):
                self.where.setdefault(each, set()).add(at)
            for each in changed_in(stmt):
                self.changes.setdefault(each, []).append(at)
            if places_in([stmt])[1] - run.own:
                self.foreign.append(at)

    def run(self) -> None:
        for stmt in self.stmts:
            if maker(stmt) and target_of(stmt) in self.owner.candidates:
                self.array(stmt, target_of(stmt))

    def array(self, made: ast.stmt, base: str) -> None:
        """Do without an array that one nest alone reads, if its elements are cheap."""
        around = [self.stmts[at] for at in sorted(self.where[base])]
        nests = [turns_of(stmt, self.owner.indices) for stmt in around if stmt is not made]
        if len(nests) < 2 or None in nests:
            return
        *first, last = (nest for nest in nests if nest is not None)
        stmts = [(nest, s) for nest in first for s in nest.body if base in names_in([s])]
        writers = [
            w for nest, s in stmts if (w := writer_of(nest, s, base, self.owner.floats)) is not None
        ]
        reads = places_in(last.body)[0].get(base, [])
        if len(writers) < len(stmts) or base in places_in(last.body)[1]:
            return
        if not reads or self.owner.uses[base] != 1 + len(writers) + len(reads):
            return  # its lengths are asked for, or other blocks use it
        places = {ast.unparse(node): node for node in reads}
        cheap = sum(w.recipe.cost for w in writers) <= MOST and len(places) <= PLACES
        if not cheap or not self.is_worth(made, writers, last, reads):
            return
        if not all(self.is_steady(writer, last) for writer in writers):
            return
        found: dict[str, Found] = {}
        for text, node in places.items():
            var = self.owner.fresh(base + "_i")
            binding = element_of(made, writers, last, node, var, self.owner.fresh)
            if binding is None:
                return
            found[text] = var, binding
        self.replace(made, writers, last, found)

    def is_worth(
        self, made: ast.stmt, writers: list[Writer], last: Turns, reads: list[ast.Subscript]
    ) -> bool:
        """Whether each turn reads elements of its own, and no fusion does without the array."""
        for node in reads:
            found = names_in(indices_of(node))
            if len(indices_of(node)) != len(writers[0].places) or not {*last.indices} <= found:
                return False
        if maker(made) == "np.zeros":
            return True
        first = indices_of(reads[0])[0]
        index, shift = writers[0].places[0]
        alike = index == last.indices[0] and not shift and is_name(first, index)
        alike = alike and all(is_name(indices_of(node)[0], index) for node in reads)
        return not alike or writers[0].nest.length(index) != last.length(index)

    def is_steady(self, writer: Writer, last: Turns) -> bool:
        """Whether what the value is made of stays as it is until it is read."""
        first, end = self.order[id(writer.nest.top)], self.order[id(last.top)]
        shared = bool(writer.recipe.names - self.owner.own)
        if shared and has_between(self.foreign, first, end):
            return False
        lengths = names_in(loop.iter for loop in writer.nest.loops)
        needed = writer.recipe.names | lengths
        return not any(has_between(self.changes.get(n, []), first, end) for n in needed)

    def replace(
        self, made: ast.stmt, writers: list[Writer], last: Turns, found: Mapping[str, Found]
    ) -> None:
        """Take the array out: what writes it, what makes it, and what reads it."""
        for writer in writers:
            self.drop(writer)
        self.remove(self.block, made)
        for text, (var, stmts) in found.items():
            put = _Element(text, name_of(var))
            at = next(i for i, s in enumerate(last.body) if put.is_in(s))
            for stmt in last.body[at:]:
                put.visit(stmt)
            last.body[at:at] = stmts
            self.owner.count(stmts, 1)
            for each in names_in(stmts):
                self.where.setdefault(each, set()).add(self.order[id(last.top)])

    def drop(self, writer: Writer) -> None:
        """Take a writer from its nest, with the steps that nothing else reads."""
        body = writer.nest.body
        self.remove(body, writer.stmt)
        for target, _ in reversed(writer.recipe.steps):
            if self.owner.uses[target] == 1:
                self.remove(body, next(s for s in body if target_of(s) == target))
        if not body:
            self.remove(self.block, writer.nest.top)

    def remove(self, block: list[ast.stmt], stmt: ast.stmt) -> None:
        self.owner.count([stmt], -1)
        del block[next(at for at, each in enumerate(block) if each is stmt)]


class _Element(ast.NodeTransformer):
    """One element of an array as a variable."""

    def __init__(self, text: str, value: ast.expr) -> None:
        self.text = text
        self.value = value

    def is_in(self, stmt: ast.stmt) -> bool:
        return any(map(self.is_it, nodes_of(stmt)))

    def is_it(self, node: ast.AST) -> bool:
        return isinstance(node, ast.Subscript) and ast.unparse(node) == self.text

    def visit_Subscript(self, node: ast.Subscript) -> ast.AST:
        return self.value if self.is_it(node) else self.generic_visit(node)


def changed_in(stmt: ast.stmt) -> set[str]:
    """Variables that a statement binds, and arrays that it may write."""
    calls = [node for node in nodes_of(stmt) if isinstance(node, ast.Expr)]
    return stored_names([stmt]) | places_in([stmt])[1] | names_in(calls) | {given_in(stmt)}


def bound_in(stmt: ast.stmt) -> list[str]:
    """Variables that the statement itself binds, those of its blocks left out."""
    nodes = nodes_of(stmt, blocks=False)
    return [n.id for n in nodes if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)]


def has_between(places: Sequence[int], first: int, last: int) -> bool:
    """Whether one of the places, which go up, is from the first to the last."""
    at = bisect_left(places, first)
    return at < len(places) and places[at] <= last


def is_name(node: ast.expr, variable: str) -> bool:
    return isinstance(node, ast.Name) and node.id == variable


def is_float(made: ast.stmt) -> bool:
    """Whether an array is made with elements of float64."""
    assert isinstance(made, ast.Assign) and isinstance(made.value, ast.Call)
    return len(made.value.args) == (2 if maker(made) == "np.full" else 1)
