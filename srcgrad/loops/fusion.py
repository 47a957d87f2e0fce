"""Nests of loops over the same outer indices, put into each other; arrays that shrink by that.

Two loops over the rows of arrays may be one if each turn touches its own row only. An array of
which each turn makes and reads its own row is then a single row, or a number.
"""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Collection, Iterator

from srcgrad.loops.fold import taken_from
from srcgrad.loops.tree import assign, names_in, turn_of

MAKERS = ("np.empty", "np.zeros", "np.full")
Places = dict[str, list[ast.Subscript]]  # elements that are read or written, by array


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


def own_arrays(body: list[ast.stmt]) -> frozenset[str]:
    """Arrays that the function makes in one place, and that nothing else shares memory with."""
    made: Counter[str] = Counter()
    bound: Counter[str] = Counter()
    shared: set[str] = set()
    for stmt in _statements(body):
        if isinstance(stmt, ast.Return):
            continue
        for node in _own_nodes(stmt):
            if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
                bound[node.id] += 1
        if _maker(stmt):
            made[_target(stmt)] += 1
        shared |= _bare(stmt)
    return frozenset(n for n in made if made[n] == 1 == bound[n] and n not in shared)


def _bare(stmt: ast.stmt) -> set[str]:
    """Names that the statement itself uses otherwise than for elements, lengths and products."""
    within: set[int] = set()
    for node in _own_nodes(stmt):
        if (
            isinstance(node, ast.Subscript)
            and not _has_slice(node)
            or isinstance(node, ast.Attribute)
            and node.attr == "shape"
        ):
            within.add(id(node.value))
        elif isinstance(node, ast.BinOp) and isinstance(node.op, ast.MatMult):  # gives a new array
            for side in (node.left, node.right):
                turned = isinstance(side, ast.Attribute) and side.attr == "T"
                within.add(id(getattr(side, "value", side) if turned else side))
    return {
        node.id
        for node in _own_nodes(stmt)
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load) and id(node) not in within
    }


def _has_slice(node: ast.Subscript) -> bool:
    return any(isinstance(n, ast.Slice) for n in ast.walk(node.slice))


def _own_nodes(stmt: ast.stmt) -> Iterator[ast.AST]:
    """The nodes of a statement without those of its nested blocks."""
    stack: list[ast.AST] = [stmt]
    while stack:
        node = stack.pop()
        yield node
        for child in ast.iter_child_nodes(node):
            if not isinstance(child, ast.stmt):
                stack.append(child)


def _statements(body: list[ast.stmt]) -> Iterator[ast.stmt]:
    for stmt in body:
        for node in ast.walk(stmt):
            if isinstance(node, ast.stmt):
                yield node


def is_mark(stmt: ast.stmt) -> bool:
    """The title of a section: `"# forward"` as a statement."""
    return isinstance(stmt, ast.Expr) and isinstance(stmt.value, ast.Constant)


def _target(stmt: ast.stmt) -> str:
    if isinstance(stmt, ast.Assign) and isinstance(stmt.targets[0], ast.Name):
        return stmt.targets[0].id
    return ""


def _maker(stmt: ast.stmt) -> str:
    """The function that makes a new array here, if one does."""
    if isinstance(stmt, ast.Assign) and _target(stmt) and isinstance(stmt.value, ast.Call):
        fn = ast.unparse(stmt.value.func)
        return fn if fn in MAKERS else ""
    return ""


def stored_names(stmts: list[ast.stmt]) -> set[str]:
    return {
        n.id
        for stmt in stmts
        for n in ast.walk(stmt)
        if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)
    }


def places_in(stmts: list[ast.stmt]) -> tuple[Places, set[str]]:
    """The elements that statements touch, by array, and the arrays that they write."""
    places: Places = {}
    written: set[str] = set()
    for stmt in stmts:
        for node in ast.walk(stmt):
            if isinstance(node, ast.Subscript) and isinstance(node.value, ast.Name):
                places.setdefault(node.value.id, []).append(node)
                if isinstance(node.ctx, ast.Store):
                    written.add(node.value.id)
    return places, written


def indices_of(node: ast.Subscript) -> list[ast.expr]:
    return list(node.slice.elts) if isinstance(node.slice, ast.Tuple) else [node.slice]


def common_axis(nodes: list[ast.Subscript], index: str) -> int | None:
    """The axis at which all of these elements stand at the index itself."""
    for axis in range(len(indices_of(nodes[0]))):
        if all(_is_index(indices_of(node), axis, index) for node in nodes):
            return axis
    return None


def _is_index(places: list[ast.expr], axis: int, index: str) -> bool:
    place = places[axis] if axis < len(places) else None
    return isinstance(place, ast.Name) and place.id == index


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
        return self.is_loop(stmt) and any(map(self.is_loop, inner))

    def is_loop(self, stmt: ast.stmt) -> bool:
        return (
            isinstance(stmt, ast.For)
            and isinstance(stmt.target, ast.Name)
            and stmt.target.id in self.indices
        )

    def put_in(self, out: list[ast.stmt], stmt: ast.stmt) -> bool:
        """Put a loop into the last one before it, where that is the same loop."""
        at = next((i for i in range(len(out) - 1, -1, -1) if self.is_nest(out[i])), None)
        if at is None:
            return False
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
            needed = {n for b in behind for n in names_in([b])}
            changed = stored_names([s]) | taken_from([s])
            if not changed & needed and self.may_precede(s, first):
                ahead.append(s)
            elif self.may_follow(s, stmt):
                behind.append(s)
            else:
                return False
        made = stored_names(behind)
        if any(made & names_in([s]) for s in ahead):
            return False
        out[at:] = [*ahead, first, *behind]
        first.body += stmt.body
        if marks:
            title = next((s for s in out if is_mark(s)), None)
            if isinstance(title, ast.Expr):
                title.value = ast.Constant("#forward and backward")
        return True

    def may_precede(self, stmt: ast.stmt, loop: ast.For) -> bool:
        """Whether a statement behind a loop may stand before it."""
        changed = stored_names([loop])
        _, written = places_in([loop])
        read = {n.id for n in _own_nodes(stmt) if isinstance(n, ast.Name)}
        if isinstance(stmt, ast.Assign) and _target(stmt):
            mentioned = names_in([loop])
            return not read & (changed | written) and _target(stmt) not in mentioned
        if isinstance(stmt, ast.If):
            raises = len(stmt.body) == 1 and isinstance(stmt.body[0], ast.Raise) and not stmt.orelse
            return raises and not read & (changed | written)
        return False

    def may_follow(self, stmt: ast.stmt, loop: ast.For) -> bool:
        """Whether a statement before a loop may stand behind it."""
        if not isinstance(stmt, ast.Assign) or not _target(stmt):
            return False
        written = places_in([loop])[1] | stored_names([loop])
        return _target(stmt) not in names_in([loop]) and not written & names_in([stmt])

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
        for base in (written | also) & mine.keys() & theirs.keys():
            if common_axis([*mine[base], *theirs[base]], index) is None:
                return False
        elements = Counter({base: len(found) for base, found in mine.items()})
        elements.update({base: len(found) for base, found in theirs.items()})
        mentions = Counter(
            n.id for s in (first, second) for n in ast.walk(s) if isinstance(n, ast.Name)
        )
        alone = all(mentions[base] == elements[base] for base in written | also)
        return alone and written | also <= self.own


# --- arrays of which each turn has its own part


def contracted(body: list[ast.stmt], indices: Collection[str]) -> list[ast.stmt]:
    """The statements with arrays that lose the axes of the one loop which they are used in."""
    uses = Counter(
        node.id for stmt in body for node in ast.walk(stmt) if isinstance(node, ast.Name)
    )
    own = own_arrays(body)
    returned = names_in(s for s in _statements(body) if isinstance(s, ast.Return))
    _Contraction(own - returned, frozenset(indices), uses).block(body)
    return body


class _Contraction:
    def __init__(self, own: frozenset[str], indices: frozenset[str], uses: Counter[str]) -> None:
        self.own = own
        self.indices = indices
        self.uses = uses

    def block(self, block: list[ast.stmt]) -> None:
        for stmt in list(block):
            if _maker(stmt) and _target(stmt) in self.own:
                self.shrink(block, block.index(stmt))
            for part in ("body", "orelse"):
                inner = getattr(stmt, part, None)
                if inner:
                    self.block(inner)

    def shrink(self, block: list[ast.stmt], at: int) -> None:
        """Take axes from the array that is made in this statement."""
        made = block[at]
        base = _target(made)
        inside = [s for s in block[at + 1 :] if base in names_in([s])]
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
            nested = [s for s in loop.body if base in names_in([s])]
            if len(nested) != 1:
                break
            loop = nested[0]
        number = all(_is_one(lengths[a]) for a in rest) and not _dtype(made)
        if at_loop is None or not number and _maker(made) != "np.empty":
            return
        keep = [] if number else rest
        for node in places:
            own = indices_of(node)
            left = [own[a] for a in keep]
            if left:
                node.slice = left[0] if len(left) == 1 else ast.Tuple(left, ast.Load())
        if number:
            self.as_number(block, at, at_loop, base)
        else:
            assert isinstance(made, ast.Assign) and isinstance(made.value, ast.Call)
            sizes = [lengths[a] for a in keep]
            made.value.args[0] = sizes[0] if len(sizes) == 1 else ast.Tuple(sizes, ast.Load())

    def as_number(self, block: list[ast.stmt], at: int, loop: ast.For, base: str) -> None:
        made = block.pop(at)
        _Numbers(base).visit(loop)
        if _maker(made) != "np.empty":
            assert isinstance(made, ast.Assign) and isinstance(made.value, ast.Call)
            zero: ast.expr = ast.Constant(0.0)
            loop.body.insert(
                0, assign(base, made.value.args[1] if _maker(made) == "np.full" else zero)
            )

    def is_loop(self, stmt: ast.For) -> bool:
        return isinstance(stmt.target, ast.Name) and stmt.target.id in self.indices


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
    args = made.value.args[2 if _maker(made) == "np.full" else 1 :]
    return ast.unparse(args[0]) if args else ""


def _is_one(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and node.value == 1


__all__ = ["contracted", "fused"]
