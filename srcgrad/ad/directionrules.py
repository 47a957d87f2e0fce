"""How operations are written for tangents that have the axis of directions in front.

A rule gets the statement bound to the parameters of its function and writes it anew. Arguments that
stand beside tangents (weights, axes, shapes) have no such axis.
"""

from __future__ import annotations

from collections.abc import Callable

from srcgrad.ad.lanes import Lanes, Unwritten
from srcgrad.analysis.flow import call_of
from srcgrad.ir.core import Assign, Atom, Const, Var
from srcgrad.ir.kinds import Kind
from srcgrad.ir.walk import operands
from srcgrad.rules.call import Call
from srcgrad.rules.registry import Primitive

# What these give says nothing of directions.
OPERANDS_ONLY = frozenset({
    "attr.shape", "attr.ndim", "attr.size", "attr.dtype", "numpy.shape", "numpy.ndim", "numpy.size",
    "builtins.len", "numpy.result_type", "numpy.iscomplexobj",
})  # fmt: skip
# Elementwise, and the same for arrays as for numbers.
_ARRAY_FORM = {"builtins.float": "numpy.float64", "builtins.abs": "numpy.abs"}
_NUMBERS_ONLY = ("math.", "cmath.", "builtins.", "srcgrad.")
Rule = Callable[[Lanes, Assign, Call], None]


def written(lanes: Lanes, stmt: Assign) -> None:
    """Write an operation that reads a tangent."""
    fn = stmt.fn
    if fn in ("copy", "method.copy", "numpy.copy", "method.astype", "operator.neg", "numpy.real"):
        lanes.done(str(fn), *stmt.args, **dict(stmt.kwargs))
    elif fn in ("numpy.zeros_like", "numpy.ones_like") and len(operands(stmt)) == 1:
        lanes.rank(stmt.args[0])
        lanes.out.append(stmt)
    elif fn in ("tuple", "list", "dict"):
        lanes.done(str(fn), *lanes.items(stmt))
    elif fn == "operator.getitem":
        lanes.apart = lanes.facts.after(stmt, stmt.targets[0]).is_scalar
        item(lanes, stmt)
        lanes.apart = False
    elif fn == "unpack":
        if not lanes.kind(stmt.args[0]).is_container:
            raise lanes.refuse("an array is unpacked")
        lanes.out.append(stmt)
    elif fn == "method.append":
        lanes.done("method.append", stmt.args[0], lanes.full(stmt.args[1]))
    elif _keeps_items(lanes, stmt):
        lanes.out.append(stmt)
    elif fn in ("attr.shape", "numpy.shape"):
        shape = lanes.emit("attr.shape", stmt.args[0])
        rest = lanes.emit("slice", Const(1), Const(None), Const(None))
        lanes.done("operator.getitem", shape, rest)
    else:
        kept = len(lanes.out)
        try:
            primitive(lanes, stmt)
        except Unwritten:
            del lanes.out[kept:]
            lanes.each(stmt)


def _keeps_items(lanes: Lanes, stmt: Assign) -> bool:
    """True for `xs_dot.pop()`, and for a field of a container."""
    fn = str(stmt.fn)
    if fn.startswith("attr."):
        return lanes.kind(stmt.args[0]).is_container
    return fn == "method.pop" and len(stmt.args) == 1


def primitive(lanes: Lanes, stmt: Assign) -> None:
    """A function of the library, by its rule."""
    found = call_of(stmt, lanes.kind)
    if found is None:
        raise lanes.refuse(f"`{stmt.fn}` has no form for many directions")
    prim, call = found
    if prim.elementwise:
        elementwise(lanes, stmt, prim)
    elif stmt.fn in RULES:
        scalars = any(lanes.has(atom) and lanes.kind(atom).is_scalar for atom in operands(stmt))
        lanes.apart = prim.view is not None and scalars
        RULES[str(stmt.fn)](lanes, stmt, call)
        lanes.apart = False
    else:
        raise lanes.refuse(f"`{prim.name}` has no form for many directions")


def item(lanes: Lanes, stmt: Assign) -> None:
    """`x_dot[i]`"""
    base, index = stmt.args
    if lanes.kind(base).is_container:
        if lanes.has(index) or lanes.kind(base).items is None and lanes.kind(index).tag == "slice":
            raise lanes.refuse("an index is a tangent")
        lanes.out.append(stmt)
        return
    if not lanes.has(base):
        raise lanes.refuse("an index is a tangent")
    lanes.rank(base)
    lanes.done("operator.getitem", base, lanes.index(base, index))


def elementwise(lanes: Lanes, stmt: Assign, prim: Primitive) -> None:
    """Operands are stretched to one shape: one with the axis must have all others behind it."""
    fn = _ARRAY_FORM.get(prim.name, str(stmt.fn))
    if stmt.kwargs or fn.startswith(_NUMBERS_ONLY):
        raise lanes.refuse(f"`{prim.name}` has no form for many directions")
    rank = max(map(lanes.rank, stmt.args))
    if fn.startswith("operator.i") and lanes.kind(stmt.args[0]).is_scalar:
        fn = fn.replace("operator.i", "operator.", 1)  # a new number
    elif fn.startswith("operator.i") and lanes.rank(stmt.args[0]) < rank:
        raise lanes.refuse("a number is added to in place")
    lanes.done(fn, *(lanes.lifted(atom, rank) for atom in stmt.args))


# --- axes


def only(lanes: Lanes, call: Call, *params: str) -> None:
    """Refuse a call that gives other parameters than these."""
    for name in call.args:
        if name.split("[")[0] not in params:
            raise lanes.refuse(f"`{name}` of `{call.name}` has no form for many directions")
    first = next(iter(call.args.values()))
    if any(lanes.has(atom) for atom in list(call.args.values())[1:]) or not lanes.has(first):
        raise lanes.refuse(f"`{call.name}` is given a tangent beside its first argument")


def axis_of(lanes: Lanes, call: Call, name: str = "axis", default: int | None = None) -> Atom:
    """The axis of a call, one further where it counts from the front."""
    if not call.given(name):
        value = call.defaults.get(name) if default is None else default
        if not isinstance(value, int):
            raise lanes.refuse(f"`{call.name}` without an axis")
        return Const(moved(value))
    axes = call.axes(name)
    if axes is None:
        raise lanes.refuse(f"an axis of `{call.name}` that is not known")
    if call.kind(name).tag == "tuple":
        return lanes.tuple(*(Const(moved(axis)) for axis in axes))
    return Const(moved(axes[0]))


def moved(axis: int) -> int:
    """An axis behind one more in front."""
    return axis + 1 if axis >= 0 else axis


def is_none(call: Call, name: str) -> bool:
    return call.is_literal(name) and call.literal(name) is None


def reduction(lanes: Lanes, stmt: Assign, call: Call) -> None:
    """`np.sum(x_dot)`, `np.sum(x_dot, axis=0)`"""
    only(lanes, call, "a", "axis", "keepdims")
    first = call.args["a"]
    rank = lanes.rank(first)
    if is_none(call, "axis"):
        axes = [Const(k) for k in range(1, rank + 1)]
        axis: Atom = axes[0] if rank == 1 else lanes.tuple(*axes)
    else:
        axis = axis_of(lanes, call)
    rest = {"keepdims": call.args["keepdims"]} if call.given("keepdims") else {}
    lanes.done(str(stmt.fn), first, axis=axis, **rest)


def along(*more: str) -> Rule:
    """A function that works along one axis, which the call names."""

    def rule(lanes: Lanes, stmt: Assign, call: Call) -> None:
        first = next(iter(call.args))
        only(lanes, call, first, "axis", *more)
        rank = lanes.rank(call.args[first])
        one = rank == 1 and (not call.given("axis") or is_none(call, "axis"))
        axis = Const(1) if one else axis_of(lanes, call)
        rest = [call.args[name] for name in more if call.given(name)]
        lanes.done(str(stmt.fn), call.args[first], *rest, axis=axis)

    return rule


def swapped(lanes: Lanes, stmt: Assign, call: Call) -> None:
    """`np.swapaxes(x_dot, 0, 1)`, `np.moveaxis`"""
    first, *axes = call.args
    only(lanes, call, first, *axes)
    lanes.done(str(stmt.fn), call.args[first], *(axis_of(lanes, call, name) for name in axes))


def transposed(lanes: Lanes, stmt: Assign, call: Call) -> None:
    """`x_dot.T`, `np.transpose(x_dot, axes)`"""
    first = next(iter(call.args))
    only(lanes, call, first, "axes")
    rank = lanes.rank(call.args[first])
    order = range(rank, 0, -1)
    if call.given("axes") and not is_none(call, "axes"):
        axes = call.axes("axes")
        if axes is None:
            raise lanes.refuse("an order of axes that is not known")
        order = [axis % rank + 1 for axis in axes]  # type: ignore[assignment]
    lanes.done("numpy.transpose", call.args[first], lanes.tuple(*map(Const, (0, *order))))


def last_two(lanes: Lanes, stmt: Assign, call: Call) -> None:
    """`x_dot.mT`"""
    lanes.done("numpy.swapaxes", next(iter(call.args.values())), Const(-2), Const(-1))


def expanded(lanes: Lanes, stmt: Assign, call: Call) -> None:
    first = next(iter(call.args))
    only(lanes, call, first, "axis")
    lanes.done(str(stmt.fn), call.args[first], axis=axis_of(lanes, call))


# --- shapes


def longer(lanes: Lanes, shape: Atom, kind: Kind) -> Atom:
    """A shape with the directions in front."""
    made = lanes.defs.get(shape.name) if isinstance(shape, Var) else None
    if kind.is_scalar:
        return lanes.tuple(lanes.directions(), shape)
    if kind.tag != "tuple":
        raise lanes.refuse("a shape that is not known to be a tuple")
    if made is not None and made.fn == "tuple":
        return lanes.tuple(lanes.directions(), *made.args)
    return lanes.emit("operator.add", lanes.tuple(lanes.directions()), shape)


def reshaped(lanes: Lanes, stmt: Assign, call: Call) -> None:
    only(lanes, call, "a", "shape")
    shape = longer(lanes, call.args["shape"], call.kind("shape"))
    lanes.done("numpy.reshape", call.args["a"], shape)


def ravelled(lanes: Lanes, stmt: Assign, call: Call) -> None:
    only(lanes, call, "a")
    shape = lanes.tuple(lanes.directions(), Const(-1))
    made = lanes.emit("numpy.reshape", call.args["a"], shape)
    lanes.done("method.copy" if stmt.fn == "method.flatten" else "copy", made)


def stretched(lanes: Lanes, stmt: Assign, call: Call) -> None:
    """`np.broadcast_to(x_dot, shape)`"""
    only(lanes, call, "array", "shape")
    rank = call.result.rank
    if rank is None:
        raise lanes.refuse("the rank of a result is not known")
    value = lanes.lifted(call.args["array"], rank)
    lanes.done(str(stmt.fn), value, longer(lanes, call.args["shape"], call.kind("shape")))


# --- joining


def items_of(lanes: Lanes, stmt: Assign, call: Call) -> tuple[Atom, int]:
    """The container that is joined, all items with the axis, and the rank of the items."""
    first, *rest = call.args
    held = call.args[first]
    if any(lanes.has(call.args[name]) for name in rest) or not lanes.kind(held).is_container:
        raise lanes.refuse(f"`{call.name}` has no form for many directions")
    kind = lanes.kind(held)
    kinds = [item for _, item in kind.items] if kind.items is not None else [kind.element]
    ranks = {None if item is None else item.rank for item in kinds}
    rank = ranks.pop() if len(ranks) == 1 else None
    if rank is None:
        raise lanes.refuse("parts whose ranks are not known, or differ")
    return held, rank


def joined(lanes: Lanes, stmt: Assign, call: Call) -> None:
    """`np.concatenate`, `np.stack`"""
    for name in call.args:
        if name not in ("arrays", "axis"):
            raise lanes.refuse(f"`{name}` of `{call.name}` has no form for many directions")
    held, _ = items_of(lanes, stmt, call)
    lanes.done(str(stmt.fn), held, axis=axis_of(lanes, call, default=0))


def as_array(lanes: Lanes, stmt: Assign, call: Call) -> None:
    """`np.array([a_dot, b_dot])`"""
    first = next(iter(call.args))
    if len(call.args) > 1:
        raise lanes.refuse("an array is made with more than its items")
    if lanes.kind(call.args[first]).is_container:
        held, _ = items_of(lanes, stmt, call)
        lanes.done("numpy.stack", held, axis=Const(1))
    else:
        lanes.rank(call.args[first])
        lanes.done(str(stmt.fn), call.args[first])


def stacked(place: str) -> Rule:
    """`np.vstack`, `np.hstack`, `np.column_stack`"""

    def rule(lanes: Lanes, stmt: Assign, call: Call) -> None:
        if len(call.args) > 1:
            raise lanes.refuse(f"`{call.name}` has no form for many directions")
        held, rank = items_of(lanes, stmt, call)
        new = {"v": rank == 1, "h": False, "column": rank == 1}[place]
        axis = {"v": 1, "h": 1 if rank == 1 else 2, "column": 2}[place]
        if rank == 0:
            raise lanes.refuse(f"`{call.name}` of numbers")
        lanes.done("numpy.stack" if new else "numpy.concatenate", held, axis=Const(axis))

    return rule


# --- products


def product(lanes: Lanes, stmt: Assign, call: Call) -> None:
    """`a_dot @ b`, `a @ b_dot`"""
    a, b = call.args["a"], call.args["b"]
    if len(call.args) > 2 or lanes.has(a) and lanes.has(b):
        raise lanes.refuse("a product of two tangents")
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


def diagonal(lanes: Lanes, stmt: Assign, call: Call) -> None:
    """`np.trace(x_dot)`, `np.diagonal(x_dot)`"""
    only(lanes, call, "a", "offset")
    if lanes.rank(call.args["a"]) != 2:
        raise lanes.refuse("diagonals of stacks of matrices")
    rest = {"offset": call.args["offset"]} if call.given("offset") else {}
    lanes.done(str(stmt.fn), call.args["a"], **rest, axis1=Const(1), axis2=Const(2))


RULES: dict[str, Rule] = {
    "numpy.sum": reduction,
    "numpy.mean": reduction,
    "numpy.cumsum": along(),
    "numpy.flip": along(),
    "numpy.roll": along("shift"),
    "numpy.take": along("indices"),
    "numpy.diff": along("n"),
    "numpy.transpose": transposed,
    "attr.T": transposed,
    "attr.mT": last_two,
    "numpy.swapaxes": swapped,
    "numpy.moveaxis": swapped,
    "numpy.expand_dims": expanded,
    "numpy.squeeze": expanded,
    "numpy.reshape": reshaped,
    "numpy.ravel": ravelled,
    "method.flatten": ravelled,
    "numpy.broadcast_to": stretched,
    "numpy.concatenate": joined,
    "numpy.stack": joined,
    "numpy.vstack": stacked("v"),
    "numpy.hstack": stacked("h"),
    "numpy.column_stack": stacked("column"),
    "numpy.array": as_array,
    "numpy.asarray": as_array,
    "operator.matmul": product,
    "numpy.matmul": product,
    "numpy.dot": product,
    "numpy.outer": outer,
    "numpy.einsum": einsum,
    "numpy.linalg.solve": solved,
    "numpy.trace": diagonal,
    "numpy.diagonal": diagonal,
}
__all__ = ["OPERANDS_ONLY", "Lanes", "Unwritten", "written"]
