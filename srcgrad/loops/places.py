"""Where statements of loops touch arrays: which of them nothing else shares, which elements."""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Collection, Iterator

from srcgrad.loops.affine import affine, owner
from srcgrad.loops.carried import HELPERS
from srcgrad.loops.tree import names_in, nodes_of

MAKERS = ("np.empty", "np.zeros", "np.ones", "np.full")
Places = dict[str, list[ast.Subscript]]  # elements that are read or written, by array


def own_arrays(body: list[ast.stmt]) -> frozenset[str]:
    """Arrays that the function makes in one place, and that nothing else shares memory with."""
    made: Counter[str] = Counter()
    bound: Counter[str] = Counter()
    shared: set[str] = set()
    for stmt in statements(body):
        if isinstance(stmt, ast.Return):
            continue
        for node in own_nodes(stmt):
            if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
                bound[node.id] += 1
        if maker(stmt):
            made[target_of(stmt)] += 1
        shared |= _bare(stmt)
    return frozenset(n for n in made if made[n] == 1 == bound[n] and n not in shared)


def shared_names(body: list[ast.stmt]) -> frozenset[str]:
    """Variables that may have an array in common with another one: `a_seen = a`."""
    found: set[str] = set()
    arrays: set[str] = set()
    for stmt in statements(body):
        if isinstance(stmt, ast.Return):
            continue
        found |= _bare(stmt)
        for node in own_nodes(stmt):
            if isinstance(node, ast.Subscript) and isinstance(node.value, ast.Name):
                arrays.add(node.value.id)
            elif isinstance(node, ast.Call) and is_product(node):
                arrays |= names_in(node.args)
            elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
                found |= set() if maker(stmt) else {node.id}
    return frozenset(found & arrays)


def _bare(stmt: ast.stmt) -> set[str]:
    """Names that the statement itself uses otherwise than for elements, lengths, sums, products."""
    within: set[int] = set()
    for node in own_nodes(stmt):
        if (
            isinstance(node, ast.Subscript)
            and not _has_slice(node)
            or isinstance(node, ast.Attribute)
            and node.attr == "shape"
        ):
            within.add(id(node.value))
        if (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Name)
            and node.func.id in HELPERS
        ):
            within.update(map(id, node.args))
        for side in _factors(node):
            turned = isinstance(side, ast.Attribute) and side.attr == "T"
            within.add(id(getattr(side, "value", side) if turned else side))
    return {
        node.id
        for node in own_nodes(stmt)
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load) and id(node) not in within
    }


def measured_only(stmt: ast.stmt) -> set[str]:
    """Arrays of which the statement itself reads lengths alone."""
    sizes = Counter(
        node.value.id
        for node in own_nodes(stmt)
        if isinstance(node, ast.Attribute)
        and node.attr == "shape"
        and isinstance(node.value, ast.Name)
    )
    reads = Counter(node.id for node in own_nodes(stmt) if isinstance(node, ast.Name))
    return {name for name, count in sizes.items() if count == reads[name]}


def _factors(node: ast.AST) -> list[ast.expr]:
    """What is multiplied where a node is a product of matrices, which shares no memory with it."""
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.MatMult):
        return [node.left, node.right]
    return node.args[:2] if isinstance(node, ast.Call) and is_product(node) else []


def is_product(node: ast.Call) -> bool:
    """`np.dot(a, b, out)`."""
    return len(node.args) == 3 and ast.unparse(node.func) == "np.dot"


def _has_slice(node: ast.Subscript) -> bool:
    return any(isinstance(n, ast.Slice) for n in nodes_of(node.slice))


def own_nodes(stmt: ast.stmt) -> list[ast.AST]:
    """The nodes of a statement without those of its nested blocks."""
    return nodes_of(stmt, blocks=False)


def statements(body: list[ast.stmt]) -> Iterator[ast.stmt]:
    for stmt in body:
        found = [stmt]
        for outer in found:  # which grows
            for block in blocks_of(outer):
                found += block
        yield from found


def blocks_of(stmt: ast.stmt) -> list[list[ast.stmt]]:
    return [getattr(stmt, part) for part in ("body", "orelse") if hasattr(stmt, part)]


def target_of(stmt: ast.stmt) -> str:
    if isinstance(stmt, ast.Assign) and isinstance(stmt.targets[0], ast.Name):
        return stmt.targets[0].id
    return ""


def given_in(stmt: ast.stmt) -> str:
    """The variable that a statement binds, or the array that it fills with a product."""
    if isinstance(stmt, ast.Expr) and isinstance(stmt.value, ast.Call) and is_product(stmt.value):
        out = stmt.value.args[2]
        return out.id if isinstance(out, ast.Name) else ""
    return target_of(stmt)


def maker(stmt: ast.stmt) -> str:
    """The function that makes a new array here, if one does."""
    if isinstance(stmt, ast.Assign) and target_of(stmt) and isinstance(stmt.value, ast.Call):
        fn = ast.unparse(stmt.value.func)
        return fn if fn in MAKERS else ""
    return ""


def made_lengths(body: list[ast.stmt], own: Collection[str]) -> dict[str, list[str]]:
    """The lengths of arrays of float64 that the function makes, as text."""
    found = {}
    for stmt in nodes_of(ast.Module(body, [])):
        if isinstance(stmt, ast.Assign) and isinstance(stmt.value, ast.Call):
            fn, args = ast.unparse(stmt.value.func), stmt.value.args
            plain = fn in ("np.empty", "np.zeros", "np.ones") and len(args) == 1
            plain = plain or fn == "np.full" and len(args) == 2
            target = stmt.targets[0]
            if plain and isinstance(target, ast.Name) and target.id in own:
                size = args[0]
                sizes = size.elts if isinstance(size, ast.Tuple) else [size]
                found[target.id] = [ast.unparse(n) for n in sizes]
    return found


def stored_names(stmts: list[ast.stmt]) -> set[str]:
    return {
        n.id
        for stmt in stmts
        for n in nodes_of(stmt)
        if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)
    }


def places_in(stmts: list[ast.stmt]) -> tuple[Places, set[str]]:
    """The elements that statements touch, by array, and the arrays that they write."""
    places: Places = {}
    written: set[str] = set()
    for stmt in stmts:
        for node in nodes_of(stmt):
            if isinstance(node, ast.Subscript) and isinstance(node.value, ast.Name):
                places.setdefault(node.value.id, []).append(node)
                if isinstance(node.ctx, ast.Store):
                    written.add(node.value.id)
            elif isinstance(node, ast.Call) and is_product(node):
                out = node.args[2]
                base = out.value if isinstance(out, ast.Subscript) else out
                written |= {base.id} if isinstance(base, ast.Name) else set()
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


def has_own_part(nodes: list[ast.Subscript], index: str, changing: Collection[str]) -> bool:
    """Whether each turn of the loop of this index touches a part of the array of its own.

    All of these elements stand at one place of some axis then, `i` or `i + 1`. `changing`: names
    that the turns bind.
    """
    for axis in range(min(len(indices_of(node)) for node in nodes)):
        place = affine(indices_of(nodes[0])[axis])
        if place is None or not place.get(index) or set(map(owner, place)) & {*changing}:
            continue
        if all(affine(indices_of(node)[axis]) == place for node in nodes):
            return True
    return False
