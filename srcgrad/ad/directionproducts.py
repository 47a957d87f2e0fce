"""Products for tangents that have the axis of directions in front: of one tangent, and a value."""

from __future__ import annotations

from collections.abc import Callable

from srcgrad.ad.lanes import Lanes
from srcgrad.ir.core import Assign, Const
from srcgrad.ir.walk import operands
from srcgrad.rules.call import Call
from srcgrad.rules.naming import canonical_name
from srcgrad.support_tangents import product_along

PRODUCT = canonical_name(product_along)
Rule = Callable[[Lanes, Assign, Call], None]


def product(lanes: Lanes, stmt: Assign, call: Call) -> None:
    """`a_dot @ b`, `a @ b_dot`"""
    a, b = call.args["a"], call.args["b"]
    if len(call.args) > 2 or lanes.has(a) and lanes.has(b):
        raise lanes.refuse("a product of two tangents")
    if lanes.kind(a).rank is None or lanes.kind(b).rank is None:
        if any(lanes.kind(atom).tag not in ("scalar", "array", "unknown") for atom in (a, b)):
            raise lanes.refuse("the rank of an operand is not known")
        lanes.done(PRODUCT, a, b, Const(lanes.has(a)), Const(call.name.endswith("dot")))
        return
    ranks = lanes.rank(a), lanes.rank(b)
    if 0 in ranks or call.name.endswith("dot") and max(ranks) > 2:
        raise lanes.refuse(f"`{call.name}` has no form for many directions")
    if lanes.has(a):
        if ranks[0] < ranks[1] and ranks[1] > 2:
            raise lanes.refuse("a product of stacks of matrices")
        lanes.done("operator.matmul", a, b)
    elif ranks[1] == 1 and ranks[0] <= 2:
        lanes.done("operator.matmul", b, lanes.emit("attr.T", a) if ranks[0] == 2 else a)
    elif ranks[1] >= 2 and ranks[0] <= ranks[1]:
        lanes.done("operator.matmul", a, b)
    else:
        raise lanes.refuse("a product of stacks of matrices")


def outer(lanes: Lanes, stmt: Assign, call: Call) -> None:
    """`np.outer(a_dot, b)`"""
    a, b = call.args["a"], call.args["b"]
    if lanes.has(a) and lanes.has(b) or (lanes.rank(a), lanes.rank(b)) != (1, 1):
        raise lanes.refuse("an outer product of two tangents, or not of vectors")
    none = Const(None)
    if lanes.has(a):
        column = lanes.emit("operator.getitem", a, lanes.tuple(lanes.whole(), lanes.whole(), none))
        lanes.done("operator.mul", column, b)
    else:
        column = lanes.emit("operator.getitem", a, lanes.tuple(lanes.whole(), none))
        row = lanes.emit("operator.getitem", b, lanes.tuple(lanes.whole(), none))
        lanes.done("operator.mul", column, row)


def cross(lanes: Lanes, stmt: Assign, call: Call) -> None:
    """`np.cross(a_dot, b)`, of vectors along the last axis"""
    if set(call.args) != {"a", "b"} or all(map(lanes.has, call.args.values())):
        raise lanes.refuse("a product of two tangents, or along other axes")
    ranks = {lanes.has(atom): lanes.rank(atom) for atom in call.args.values()}
    if ranks[True] < ranks[False]:
        raise lanes.refuse("a vector times many")
    lanes.done(str(stmt.fn), *stmt.args, **dict(stmt.kwargs))


def einsum(lanes: Lanes, stmt: Assign, call: Call) -> None:
    """`np.einsum("ij,j->i", a_dot, b)`: a letter for the directions."""
    first, *parts = operands(stmt)
    if not isinstance(first, Const) or not isinstance(first.value, str) or stmt.kwargs:
        raise lanes.refuse("subscripts that are not written in the call")
    text = first.value.replace(" ", "")
    inputs, arrow, output = text.partition("->")
    free = next((c for c in "zyxwvutsrqponmlkjihgfedcba" if c not in text), "")
    if not arrow or "." in text or not free:
        raise lanes.refuse("subscripts without `->`, or with `...`")
    letters = [
        (free if lanes.has(atom) else "") + names
        for atom, names in zip(parts, inputs.split(","), strict=True)
    ]
    lanes.done("numpy.einsum", Const(f"{','.join(letters)}->{free}{output}"), *parts)


def solved(lanes: Lanes, stmt: Assign, call: Call) -> None:
    """`np.linalg.solve(a, b_dot)`"""
    a, b = call.args["a"], call.args["b"]
    if lanes.has(a) or lanes.rank(a) != 2 or len(call.args) > 2:
        raise lanes.refuse("a matrix that is a tangent, or a stack of them")
    if lanes.rank(b) == 2:
        lanes.done(str(stmt.fn), a, b)
        return
    found = lanes.emit(str(stmt.fn), a, lanes.emit("attr.T", b))
    lanes.done("attr.T", found)


PRODUCTS: dict[str, Rule] = {
    "operator.matmul": product,
    "numpy.matmul": product,
    "numpy.dot": product,
    "numpy.outer": outer,
    "numpy.einsum": einsum,
    "numpy.cross": cross,
    "numpy.linalg.solve": solved,
}
