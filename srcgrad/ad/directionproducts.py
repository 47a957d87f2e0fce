"""Products for tangents that have the axis of directions in front: of one tangent, and a value."""

from __future__ import annotations

from collections.abc import Callable

from srcgrad.ad.lanes import Lanes
from srcgrad.ir.core import Assign, Atom, Const, Var
from srcgrad.ir.walk import operands
from srcgrad.rules.call import Call
from srcgrad.rules.naming import canonical_name
from srcgrad.support_directions import product_along

PRODUCT = canonical_name(product_along)
Rule = Callable[[Lanes, Assign, Call], None]


def product(lanes: Lanes, stmt: Assign, call: Call) -> None:
    """`a_dot @ b`, `a @ b_dot`"""
    a, b = call.args["a"], call.args["b"]
    if len(call.args) > 2:
        raise lanes.refuse(f"`{call.name}` has no form for many directions")
    if lanes.kind(a).rank is None or lanes.kind(b).rank is None:
        if any(lanes.kind(atom).tag not in ("scalar", "array", "unknown") for atom in (a, b)):
            raise lanes.refuse("the rank of an operand is not known")
        if lanes.has(a) and lanes.has(b):
            raise lanes.refuse("a product of two tangents")
        lanes.done(PRODUCT, a, b, Const(lanes.has(a)), Const(call.name.endswith("dot")))
        return
    ranks = lanes.rank(a), lanes.rank(b)
    if 0 in ranks:
        lanes.done("operator.mul", *(lanes.lifted(atom, max(ranks)) for atom in (a, b)))
    elif call.name.endswith("dot") and max(ranks) > 2:
        contracted(lanes, (a, -1), (b, -1 if ranks[1] == 1 else -2))
    elif lanes.has(a) and lanes.has(b) or max(ranks) > 2:
        matrices(lanes, a, b)
    elif lanes.has(b) and ranks[1] == 1:
        lanes.done("operator.matmul", b, turned(lanes, a) if ranks[0] == 2 else a)
    else:
        lanes.done("operator.matmul", a, b)


def turned(lanes: Lanes, a: Atom) -> Atom:
    """`a.T`; of a matrix that was just turned, that matrix."""
    made = lanes.defs.get(a.name) if isinstance(a, Var) else None
    if made is not None and made.fn == "attr.T" and made.unit == lanes.stmt.unit:
        return made.args[0]
    return lanes.emit("attr.T", a)


def matrices(lanes: Lanes, a: Atom, b: Atom) -> None:
    """A product of stacks of matrices, or of vectors among them, that have to broadcast."""
    ranks = lanes.rank(a), lanes.rank(b)
    rank = max(*ranks, 2)
    found = lanes.emit("operator.matmul", framed(lanes, a, rank, -2), framed(lanes, b, rank, -1))
    last = [Const(0) if r == 1 else lanes.whole() for r in ranks]
    if 1 not in ranks:
        lanes.done("copy", found)
    else:
        lanes.done("operator.getitem", found, lanes.tuple(Const(...), *last))


def framed(lanes: Lanes, atom: Atom, rank: int, new: int) -> Atom:
    """An operand at a rank; a vector becomes a matrix with the axis `new`."""
    own = lanes.rank(atom)
    last: list[Atom] = [lanes.whole()] * min(own, 2)
    if own == 1:
        last.insert(2 + new, Const(None))
    missing = (rank - max(own, 2)) if lanes.has(atom) else 0
    if own >= 2 and not missing:
        return atom
    first = [lanes.whole()] if lanes.has(atom) else []
    rest = [lanes.whole()] * (own - min(own, 2))
    index = lanes.tuple(*first, *[Const(None)] * missing, *rest, *last)
    return lanes.emit("operator.getitem", atom, index)


Place = tuple[Atom, int]


def contracted(lanes: Lanes, one: Place, other: Place) -> None:
    """The sum of products along an axis of each; the other axes in order."""
    axes = [moved(axis) if lanes.has(atom) else axis for atom, axis in (one, other)]
    pair = lanes.tuple(*map(Const, axes))
    found = lanes.emit("numpy.tensordot", one[0], other[0], axes=pair)
    in_front(lanes, found, one[0], 1)


def in_front(lanes: Lanes, found: Atom, first: Atom, lost: int) -> None:
    """The directions of the second factor in front; they follow the axes of the first."""
    if lanes.has(first):
        lanes.done("copy", found)
    else:
        lanes.done("numpy.moveaxis", found, Const(lanes.rank(first) - lost), Const(0))


def moved(axis: int) -> int:
    """An axis behind one more in front."""
    return axis + 1 if axis >= 0 else axis


def one_of(lanes: Lanes, call: Call) -> tuple[Atom, Atom]:
    """The factors, of which one is a tangent."""
    a, b = list(call.args.values())[:2]
    if lanes.has(a) and lanes.has(b):
        raise lanes.refuse("a product of two tangents")
    return a, b


def only_two(lanes: Lanes, call: Call) -> tuple[Atom, Atom]:
    """The factors, where the call gives nothing else."""
    if len(call.args) != 2:
        raise lanes.refuse(f"`{call.name}` has no form for many directions")
    return one_of(lanes, call)


def inner(lanes: Lanes, stmt: Assign, call: Call) -> None:
    """`np.inner(a_dot, b)`"""
    a, b = only_two(lanes, call)
    ranks = lanes.rank(a), lanes.rank(b)
    if 0 in ranks or max(ranks) == 1:
        product(lanes, stmt, call)
    else:
        contracted(lanes, (a, -1), (b, -1))


def tensordot(lanes: Lanes, stmt: Assign, call: Call) -> None:
    """`np.tensordot(a_dot, b, axes)`"""
    a, b = one_of(lanes, call)
    pair = contracted_axes(lanes, call)
    shifted = [
        lanes.tuple(*(Const(moved(n) if lanes.has(atom) else n) for n in axes))
        for atom, axes in zip((a, b), pair, strict=True)
    ]
    found = lanes.emit("numpy.tensordot", a, b, axes=lanes.tuple(*shifted))
    in_front(lanes, found, a, len(pair[0]))


def contracted_axes(lanes: Lanes, call: Call) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Which axes of each factor are summed over."""
    kind = call.kind("axes")
    count = call.literal("axes") if call.is_literal("axes") else kind.value
    if isinstance(count, int):
        rank = lanes.rank(next(iter(call.args.values())))
        return tuple(range(rank - count, rank)), tuple(range(count))
    sides = [item for _, item in kind.items or ()] if kind.tag == "tuple" else []
    values = [
        [k.value for _, k in side.items or ()] if side.is_container else [side.value]
        for side in sides
    ]
    axes = [tuple(n for n in side if isinstance(n, int)) for side in values]
    if len(axes) != 2 or list(map(len, axes)) != list(map(len, values)):
        raise lanes.refuse("axes that are not known")
    return axes[0], axes[1]


def vdot(lanes: Lanes, stmt: Assign, call: Call) -> None:
    """`np.vdot(a_dot, b)`, of real numbers"""
    a, b = only_two(lanes, call)
    if any(lanes.kind(atom).dtype not in ("f4", "f8", "pf") for atom in (a, b)):
        raise lanes.refuse("`numpy.vdot` of what may be complex")
    held, other = (a, b) if lanes.has(a) else (b, a)
    if 0 in (lanes.rank(a), lanes.rank(b)):
        raise lanes.refuse("`numpy.vdot` of numbers")
    rows = lanes.flat(held)
    lanes.done("operator.matmul", rows, lanes.emit("numpy.ravel", other))


def kron(lanes: Lanes, stmt: Assign, call: Call) -> None:
    """`np.kron(a_dot, b)`: the factor of lower rank gets axes in front."""
    a, b = only_two(lanes, call)
    rank = max(lanes.rank(a), lanes.rank(b))
    lanes.done(str(stmt.fn), lanes.lifted(a, rank), lanes.lifted(b, rank))


def of_vectors(**own: int) -> Rule:
    """`np.vecdot`, `np.matvec`, `np.vecmat`: stacks broadcast. `own`: axes that do not."""

    def rule(lanes: Lanes, stmt: Assign, call: Call) -> None:
        atoms = list(call.args.values())
        if len(atoms) != 2:
            raise lanes.refuse(f"`{call.name}` has no form for many directions")
        stack = max(lanes.rank(x) - n for x, n in zip(atoms, own.values(), strict=True))
        lanes.done(
            str(stmt.fn),
            *(lanes.lifted(x, stack + n) for x, n in zip(atoms, own.values(), strict=True)),
        )

    return rule


def outer(lanes: Lanes, stmt: Assign, call: Call) -> None:
    """`np.outer(a_dot, b)`"""
    a, b = only_two(lanes, call)
    none = Const(None)
    a, b = (flattened(lanes, atom) for atom in (a, b))
    if lanes.has(call.args["a"]):
        column = lanes.emit("operator.getitem", a, lanes.tuple(lanes.whole(), lanes.whole(), none))
        lanes.done("operator.mul", column, b)
    else:
        column = lanes.emit("operator.getitem", a, lanes.tuple(lanes.whole(), none))
        row = lanes.emit("operator.getitem", b, lanes.tuple(lanes.whole(), none))
        lanes.done("operator.mul", column, row)


def flattened(lanes: Lanes, atom: Atom) -> Atom:
    """A factor as a vector."""
    if lanes.rank(atom) == 1:
        return atom
    return lanes.flat(atom) if lanes.has(atom) else lanes.emit("numpy.ravel", atom)


def cross(lanes: Lanes, stmt: Assign, call: Call) -> None:
    """`np.cross(a_dot, b)`, of vectors along the last axis"""
    a, b = only_two(lanes, call)
    rank = max(lanes.rank(a), lanes.rank(b))
    atoms = {name: lanes.lifted(call.args[name], rank) for name in ("a", "b")}
    args = [atoms["a"], atoms["b"]] if list(call.args) == ["a", "b"] else [a, b]
    lanes.done(str(stmt.fn), *args)


def einsum(lanes: Lanes, stmt: Assign, call: Call) -> None:
    """`np.einsum("ij,j->i", a_dot, b)`: a letter for the directions."""
    first, *parts = operands(stmt)
    if not isinstance(first, Const) or not isinstance(first.value, str) or stmt.kwargs:
        raise lanes.refuse("subscripts that are not written in the call")
    text = first.value.replace(" ", "")
    inputs, arrow, output = text.partition("->")
    if not arrow:
        letters = sorted(set(inputs) - set(",."))
        output = "..." * ("." in inputs) + "".join(c for c in letters if inputs.count(c) == 1)
    free = next((c for c in "zyxwvutsrqponmlkjihgfedcba" if c not in text), "")
    if not free:
        raise lanes.refuse("subscripts with every letter there is")
    each = [
        (free if lanes.has(atom) else "") + names
        for atom, names in zip(parts, inputs.split(","), strict=True)
    ]
    lanes.done("numpy.einsum", Const(f"{','.join(each)}->{free}{output}"), *parts)


def solved(lanes: Lanes, stmt: Assign, call: Call) -> None:
    """`np.linalg.solve(a, b_dot)`"""
    a, b = call.args["a"], call.args["b"]
    if lanes.has(a) or lanes.rank(a) != 2 or len(call.args) > 2:
        raise lanes.refuse("a matrix that is a tangent, or a stack of them")
    if lanes.rank(b) >= 2:
        lanes.done(str(stmt.fn), a, b)
        return
    found = lanes.emit(str(stmt.fn), a, lanes.emit("attr.T", b))
    lanes.done("attr.T", found)


PRODUCTS: dict[str, Rule] = {
    "operator.matmul": product,
    "numpy.matmul": product,
    "numpy.linalg.matmul": product,
    "numpy.dot": product,
    "numpy.inner": inner,
    "numpy.vdot": vdot,
    "numpy.vecdot": of_vectors(a=1, b=1),
    "numpy.linalg.vecdot": of_vectors(a=1, b=1),
    "numpy.matvec": of_vectors(a=2, b=1),
    "numpy.vecmat": of_vectors(a=1, b=2),
    "numpy.tensordot": tensordot,
    "numpy.linalg.tensordot": tensordot,
    "numpy.kron": kron,
    "numpy.linalg.outer": outer,
    "numpy.outer": outer,
    "numpy.einsum": einsum,
    "numpy.cross": cross,
    "numpy.linalg.cross": cross,
    "numpy.linalg.solve": solved,
}
