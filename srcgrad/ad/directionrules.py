"""How operations are written for tangents that have the axis of directions in front.

A rule gets the statement bound to the parameters of its function and writes it anew. Arguments that
stand beside tangents (weights, axes, shapes) have no such axis.
"""

from __future__ import annotations

from srcgrad.ad.directionaxes import AXES, only
from srcgrad.ad.directioneach import each
from srcgrad.ad.directionhelpers import helper
from srcgrad.ad.directionitems import ACCUMULATING, LIST_STEPS, accumulate, item, list_step
from srcgrad.ad.directionjoins import JOINS
from srcgrad.ad.directionproducts import PRODUCTS, Rule
from srcgrad.ad.directionshapes import SHAPES
from srcgrad.ad.lanes import IN_ARRAY, TO_RANK, Lanes, Unwritten
from srcgrad.ad.tangents import MEMORY, STRETCHED
from srcgrad.analysis.flow import call_of
from srcgrad.ir.core import Assign, Atom, Const, Var
from srcgrad.ir.kinds import Kind
from srcgrad.ir.walk import operands
from srcgrad.rules.call import Call
from srcgrad.rules.naming import canonical_name
from srcgrad.rules.registry import Primitive
from srcgrad.support_directions import broadcast_along, diagonal_along, stretched_along

# What these give says nothing of directions.
OPERANDS_ONLY = frozenset({
    "attr.shape", "attr.ndim", "attr.size", "attr.dtype", "numpy.shape", "numpy.ndim", "numpy.size",
    "builtins.len", "numpy.result_type", "numpy.iscomplexobj",
})  # fmt: skip
# Elementwise, and the same for arrays as for numbers.
_ARRAY_FORM = {"builtins.float": "numpy.float64", "builtins.abs": "numpy.abs"}
STRETCHED_ALONG = canonical_name(stretched_along)
BROADCAST_ALONG = canonical_name(broadcast_along)
DIAGONAL_ALONG = canonical_name(diagonal_along)
OWN = "srcgrad.support.own"  # a copy, of containers too
SAME = frozenset({  # done to what has the axis as to what has none
    "copy", "method.copy", "numpy.copy", "method.astype", "operator.neg", "numpy.real",
    "numpy.imag", "attr.real", "attr.imag", OWN,
})  # fmt: skip
_NUMBERS_ONLY = ("math.", "cmath.", "builtins.", "srcgrad.")


def written(lanes: Lanes, stmt: Assign) -> None:
    """Write an operation that reads a tangent."""
    fn = stmt.fn
    if fn in SAME:
        lanes.done(str(fn), *stmt.args, **dict(stmt.kwargs))
    elif fn in ("numpy.zeros_like", "numpy.ones_like") and len(operands(stmt)) == 1:
        if lanes.kind(stmt.args[0]).tag not in ("scalar", "array"):
            raise lanes.refuse("the rank of an operand is not known")
        lanes.out.append(stmt)
    elif fn in ("tuple", "list", "dict"):
        lanes.done(str(fn), *lanes.items(stmt))
    elif fn == "unpack":
        unpack(lanes, stmt)
    elif fn in (MEMORY, STRETCHED):
        shaped_like(lanes, stmt)
    elif fn in LIST_STEPS:
        list_step(lanes, stmt)
    elif fn in ACCUMULATING:
        accumulate(lanes, stmt)
    elif _keeps_items(lanes, stmt):
        lanes.out.append(stmt)
    elif fn in OPERANDS_ONLY:
        form(lanes, stmt)
    else:
        at_once_or_each(lanes, stmt)


def form(lanes: Lanes, stmt: Assign) -> None:
    """`x_dot.shape`, `len(x_dot)`: as if there were one direction."""
    fn, first = str(stmt.fn), stmt.args[0]
    if fn in ("attr.dtype", "numpy.result_type", "numpy.iscomplexobj"):
        lanes.out.append(stmt)
    elif fn in ("attr.shape", "numpy.shape"):
        shape = lanes.emit("attr.shape", first)
        rest = lanes.emit("slice", Const(1), Const(None), Const(None))
        lanes.done("operator.getitem", shape, rest)
    elif fn in ("attr.ndim", "numpy.ndim"):
        lanes.done("operator.sub", lanes.emit("attr.ndim", first), Const(1))
    elif fn in ("attr.size", "numpy.size"):
        lanes.done("operator.floordiv", lanes.emit("attr.size", first), lanes.directions())
    elif lanes.kind(first).is_container:
        lanes.out.append(stmt)
    elif lanes.kind(first).is_array:
        lanes.done("operator.getitem", lanes.emit("attr.shape", first), Const(1))
    else:
        raise lanes.refuse("the length of what may be a list or an array")


def at_once_or_each(lanes: Lanes, stmt: Assign) -> None:
    """By a rule, else for one direction after another."""
    kept = len(lanes.out)
    try:
        if helper(lanes, stmt):
            pass
        elif stmt.fn == "operator.getitem":
            item(lanes, stmt)
        else:
            primitive(lanes, stmt)
    except Unwritten as reason:
        del lanes.out[kept:]
        lanes.apart, lanes.perhaps = False, None
        try:
            each(lanes, stmt)
        except Unwritten:
            raise reason from None


def _keeps_items(lanes: Lanes, stmt: Assign) -> bool:
    """True for what takes the items of a container as they are: `xs_dot.pop()`, `list(xs_dot)`."""
    fn = str(stmt.fn)
    if fn.startswith("attr.") or fn in ("builtins.list", "builtins.tuple"):
        return len(operands(stmt)) == 1 and lanes.kind(stmt.args[0]).is_container
    return False


def primitive(lanes: Lanes, stmt: Assign) -> None:
    """A function of the library, by its rule."""
    found = call_of(stmt, lanes.kind)
    if found is None:
        raise lanes.refuse(f"`{stmt.fn}` has no form for many directions")
    prim, call = found
    if prim.elementwise:
        elementwise(lanes, stmt, prim)
    elif stmt.fn in RULES:
        held = [atom for atom in operands(stmt) if lanes.has(atom)]
        untold = [atom for atom in held if lanes.kind(atom).tag == "unknown"]
        if prim.view is not None:
            lanes.apart = any(lanes.kind(atom).is_scalar for atom in held)
            lanes.perhaps = untold[0] if len(untold) == 1 else None
            if len(untold) > 1 and lanes.rewrites:
                raise lanes.refuse("a view of what may be a number")
        if stmt.fn not in PRODUCTS:  # which find out
            for atom in untold:
                lanes.out.append(Assign((), IN_ARRAY, (atom,), unit=stmt.unit))
        RULES[str(stmt.fn)](lanes, stmt, call)
        lanes.apart, lanes.perhaps = False, None
    else:
        raise lanes.refuse(f"`{prim.name}` has no form for many directions")


def shaped_like(lanes: Lanes, stmt: Assign) -> None:
    """A tangent at the shape of a value, and in memory of its own where that is written."""
    x_dot, y = stmt.args
    if lanes.has(y):
        raise lanes.refuse("a tangent of the shape of a tangent")
    if lanes.kind(y).tag not in ("scalar", "array"):
        lanes.done(STRETCHED_ALONG, x_dot, y)
        return
    found = lanes.emit(TO_RANK, x_dot, lanes.emit("numpy.ndim", y))
    first = lanes.tuple(lanes.directions())
    shape = lanes.emit("operator.add", first, lanes.emit("numpy.shape", y))
    full = lanes.emit("numpy.broadcast_to", found, shape)
    if stmt.fn != MEMORY:
        lanes.done("copy", full)
    elif lanes.kind(y).dtype == "f8":
        lanes.done("numpy.array", full)
    else:  # of complex numbers, though the tangents so far be real
        lanes.done("numpy.array", full, dtype=lanes.emit("numpy.result_type", full, y))


def unpack(lanes: Lanes, stmt: Assign) -> None:
    """`a_dot, b_dot = x_dot`: along the axis behind the directions."""
    (whole,) = stmt.args
    kind = lanes.kind(whole)
    if kind.is_container:
        lanes.out.append(stmt)
        return
    if not kind.is_array or kind.rank is None:
        raise lanes.refuse("the rank of an operand is not known")
    rows = lanes.emit("numpy.moveaxis", whole, Const(1), Const(0))
    if kind.rank == 1 and lanes.rewrites:
        rows = lanes.emit("method.copy", rows)  # numbers are no views
    lanes.done("unpack", rows)


def elementwise(lanes: Lanes, stmt: Assign, prim: Primitive) -> None:
    """Operands are stretched to one shape: one with the axis must have all others behind it."""
    fn = _ARRAY_FORM.get(prim.name, str(stmt.fn))
    if stmt.kwargs or fn.startswith(_NUMBERS_ONLY):
        raise lanes.refuse(f"`{prim.name}` has no form for many directions")
    shaped = {atom for atom in stmt.args if not lanes.kind(atom).is_scalar}
    if len(shaped) == 1 and all(lanes.has(atom) == (atom in shaped) for atom in stmt.args):
        numpy = fn.startswith("numpy.")  # what is no list for sure, or else an array of its items
        given = [
            lanes.emit(IN_ARRAY, a) if numpy and lanes.kind(a).tag == "unknown" else a
            for a in stmt.args
        ]
        lanes.done(fn, *given)  # the others are numbers, whatever the rank
        return
    if any(lanes.kind(atom).rank is None for atom in stmt.args):
        lanes.done(fn, *lanes.lifted_at_run_time(stmt.args, fn))
        return
    rank = max(map(lanes.rank, stmt.args))
    if fn.startswith("operator.i") and lanes.kind(stmt.args[0]).is_scalar:
        fn = fn.replace("operator.i", "operator.", 1)  # a new number
    elif fn.startswith("operator.i") and lanes.rank(stmt.args[0]) < rank:
        raise lanes.refuse("a number is added to in place")
    lanes.done(fn, *(lanes.lifted(atom, rank) for atom in stmt.args))


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
    if rank is None or lanes.kind(call.args["array"]).rank is None:
        lanes.done(BROADCAST_ALONG, call.args["array"], call.args["shape"])
        return
    value = lanes.lifted(call.args["array"], rank)
    lanes.done(str(stmt.fn), value, longer(lanes, call.args["shape"], call.kind("shape")))


def diagonal(lanes: Lanes, stmt: Assign, call: Call) -> None:
    """`np.trace(x_dot)`, `np.diagonal(x_dot)`"""
    only(lanes, call, "a", "offset")
    if lanes.rank(call.args["a"]) != 2:
        raise lanes.refuse("diagonals of stacks of matrices")
    rest = {"offset": call.args["offset"]} if call.given("offset") else {}
    lanes.done(str(stmt.fn), call.args["a"], **rest, axis1=Const(1), axis2=Const(2))


def matrix_of(lanes: Lanes, stmt: Assign, call: Call) -> None:
    """`np.diag(x_dot)`"""
    only(lanes, call, "v", "k")
    value = call.args["v"]
    if lanes.rank(value) == 2:
        rest = {"offset": call.args["k"]} if call.given("k") else {}
        made = lanes.emit("numpy.diagonal", value, **rest, axis1=Const(1), axis2=Const(2))
        lanes.done("method.copy", made)
        return
    if call.given("k"):
        lanes.done(DIAGONAL_ALONG, value, call.args["k"])
        return
    shape = lanes.emit("attr.shape", value)
    unit = lanes.emit("numpy.eye", lanes.emit("operator.getitem", shape, Const(1)))
    index = lanes.tuple(lanes.whole(), lanes.whole(), Const(None))
    lanes.done("operator.mul", lanes.emit("operator.getitem", value, index), unit)


RULES: dict[str, Rule] = {
    "numpy.reshape": reshaped,
    "numpy.ravel": ravelled,
    "method.flatten": ravelled,
    "numpy.broadcast_to": stretched,
    "numpy.trace": diagonal,
    "numpy.diagonal": diagonal,
    "numpy.diag": matrix_of,
    **AXES,
    **SHAPES,
    **JOINS,
    **PRODUCTS,
}
__all__ = ["OPERANDS_ONLY", "Lanes", "Unwritten", "written"]
