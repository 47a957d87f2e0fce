"""Nests of loops over the same outer indices, put into each other.

Two loops over the rows of arrays may be one if each turn touches its own row only.
"""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Collection

from srcgrad.loops.fold import taken_from
from srcgrad.loops.places import (
    given_in,
    has_own_part,
    is_product,
    measured_only,
    own_arrays,
    own_nodes,
    places_in,
    stored_names,
)
from srcgrad.loops.tree import names_in, nodes_of

NESTS = 4  # before a loop that it may be put into


def fused(body: list[ast.stmt], indices: Collection[str]) -> list[ast.stmt]:
    """The statements with loops put together; `indices` are those of loops over elements."""
    return _Fusion(own_arrays(body), frozenset(indices)).block(body)


def of_one_piece(body: list[ast.stmt], indices: Collection[str]) -> list[ast.stmt]:
    """The statements as nodes of their own, of which none stands in two places.

    Loops of one turn are written out.
    """
    return _written_out(ast.parse(ast.unparse(ast.Module(body, []))).body, frozenset(indices))


def _written_out(block: list[ast.stmt], indices: frozenset[str]) -> list[ast.stmt]:
    out: list[ast.stmt] = []
    for stmt in block:
        for part in ("body", "orelse"):
            inner = getattr(stmt, part, None)
            if inner:
                setattr(stmt, part, _written_out(inner, indices))
        if isinstance(stmt, ast.For) and isinstance(stmt.target, ast.Name):
            index = stmt.target.id
            if index in indices and ast.unparse(stmt.iter) == "range(1)":
                out += [_AtZero(index).visit(s) for s in stmt.body]
                continue
        out.append(stmt)
    return out


class _AtZero(ast.NodeTransformer):
    """An index as 0."""

    def __init__(self, index: str) -> None:
        self.index = index

    def visit_Name(self, node: ast.Name) -> ast.AST:
        return ast.Constant(0) if node.id == self.index else node


def is_mark(stmt: ast.stmt) -> bool:
    """The title of a section: `"# forward"` as a statement."""
    return isinstance(stmt, ast.Expr) and isinstance(stmt.value, ast.Constant)


def with_titles(body: list[ast.stmt]) -> list[ast.stmt]:
    """The statements without titles of sections in which nothing is left."""
    after = [*body[1:], None]
    return [s for s, n in zip(body, after, strict=True) if not (is_mark(s) and n and is_mark(n))]


class _Fusion:
    def __init__(self, own: frozenset[str], indices: frozenset[str]) -> None:
        self.own = own
        self.indices = indices

    def block(self, block: list[ast.stmt]) -> list[ast.stmt]:
        out: list[ast.stmt] = []
        for stmt in block:
            if not (self.is_nest(stmt) and self.put_in(out, stmt)):
                out.append(stmt)
        for stmt in out:
            for part in ("body", "orelse"):
                inner = getattr(stmt, part, None)
                if inner:
                    setattr(stmt, part, self.block(inner))
        return out

    def is_nest(self, stmt: ast.stmt) -> bool:
        """Loops over at least two axes of elements."""
        inner = stmt.body if isinstance(stmt, ast.For) else []
        calls = [s.value for s in inner if isinstance(s, ast.Expr)]
        products = [c for c in calls if isinstance(c, ast.Call) and is_product(c)]
        many = any(map(self.is_loop, inner)) or bool(products)
        return self.is_loop(stmt) and many

    def is_loop(self, stmt: ast.stmt) -> bool:
        return (
            isinstance(stmt, ast.For)
            and isinstance(stmt.target, ast.Name)
            and stmt.target.id in self.indices
        )

    def put_in(self, out: list[ast.stmt], stmt: ast.stmt) -> bool:
        """Put a loop into one of the last before it, where that is the same loop.

        One that makes what it reads comes first: of such an array a turn needs its own part only.
        """
        places = [i for i in range(len(out) - 1, -1, -1) if self.is_nest(out[i])][:NESTS]
        read = names_in([stmt]) & self.own
        places.sort(key=lambda at: not read & self.changed(out[at]))
        return any(self.put_at(out, stmt, at) for at in places)

    def put_at(self, out: list[ast.stmt], stmt: ast.stmt, at: int) -> bool:
        """Put a loop into the one at this place, if what stands between may be moved."""
        first = out[at]
        assert isinstance(first, ast.For) and isinstance(stmt, ast.For)
        if ast.dump(first.iter) != ast.dump(stmt.iter) or not self.independent(first, stmt):
            return False
        between = out[at + 1 :]
        marks = [s for s in between if is_mark(s)]
        between = [s for s in between if not is_mark(s)]
        behind: list[ast.stmt] = []
        ahead: list[ast.stmt] = []
        for s in between:
            needed = names_in(behind) - self.indices
            made = {n for b in behind for n in self.changed(b)}
            changed = self.changed(s) | taken_from([s])
            free = not changed & needed and not made & names_in([s])
            if free and self.may_precede(s, first):
                ahead.append(s)
            elif self.may_follow(s, stmt):
                behind.append(s)
            else:
                return False
        out[at:] = [*ahead, first, *behind]
        first.body += stmt.body
        if marks:
            title = next((s for s in out if is_mark(s)), None)
            if isinstance(title, ast.Expr):
                title.value = ast.Constant("#forward and backward")
        return True

    def changed(self, stmt: ast.stmt) -> set[str]:
        """Variables that a statement binds, and arrays that it writes."""
        changed = stored_names([stmt]) | places_in([stmt])[1] | {given_in(stmt)}
        return changed - self.indices - {""}

    def is_row(self, stmt: ast.stmt) -> bool:
        """A loop over elements that changes nothing but arrays which nothing else shares."""
        inner = (n for n in nodes_of(stmt) if isinstance(n, ast.stmt) and n is not stmt)
        plain = all(isinstance(s, (ast.Assign, ast.AugAssign, ast.For)) for s in inner)
        return self.is_loop(stmt) and plain and places_in([stmt])[1] <= self.own

    def apart(self, stmt: ast.stmt, loop: ast.For) -> bool:
        """Whether neither changes what the other one mentions."""
        mentioned = names_in([stmt]) - self.indices
        return not (mentioned & self.changed(loop) or self.changed(stmt) & names_in([loop]))

    def may_precede(self, stmt: ast.stmt, loop: ast.For) -> bool:
        """Whether a statement behind a loop may stand before it."""
        changed = stored_names([loop])
        _, written = places_in([loop])
        if self.is_row(stmt):
            return self.apart(stmt, loop)
        read = {n.id for n in own_nodes(stmt) if isinstance(n, ast.Name)}
        if isinstance(stmt, ast.If):
            read -= measured_only(stmt)
        if given_in(stmt):
            mentioned = names_in([loop])
            return not read & (changed | written) and given_in(stmt) not in mentioned
        if isinstance(stmt, ast.If):
            raises = len(stmt.body) == 1 and isinstance(stmt.body[0], ast.Raise) and not stmt.orelse
            return raises and not read & (changed | written)
        return False

    def may_follow(self, stmt: ast.stmt, loop: ast.For) -> bool:
        """Whether a statement before a loop may stand behind it."""
        if self.is_row(stmt):
            return self.apart(stmt, loop)
        if not given_in(stmt):
            return False
        written = places_in([loop])[1] | stored_names([loop])
        return given_in(stmt) not in names_in([loop]) and not written & names_in([stmt])

    def independent(self, first: ast.For, second: ast.For) -> bool:
        """Whether no turn of one loop has to do with another turn of the other."""
        assert isinstance(first.target, ast.Name)
        index = first.target.id
        if not isinstance(second.target, ast.Name) or second.target.id != index:
            return False
        for one, other in ((first, second), (second, first)):
            if (stored_names(one.body) - self.indices) & names_in(other.body):
                return False
        mine, written = places_in(first.body)
        theirs, also = places_in(second.body)
        changing = stored_names([first, second]) - {index}
        for base in (written | also) & mine.keys() & theirs.keys():
            if not has_own_part([*mine[base], *theirs[base]], index, changing):
                return False
        elements = Counter({base: len(found) for base, found in mine.items()})
        elements.update({base: len(found) for base, found in theirs.items()})
        mentions = Counter(
            n.id for s in (first, second) for n in nodes_of(s) if isinstance(n, ast.Name)
        )
        alone = all(mentions[base] == elements[base] for base in written | also)
        return alone and written | also <= self.own
