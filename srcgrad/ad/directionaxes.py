"""Functions that name axes, for tangents that have the axis of directions in front."""

from __future__ import annotations

from collections.abc import Sequence

from srcgrad.ad.directionproducts import Rule, moved
from srcgrad.ad.lanes import TO_RANK, Lanes
from srcgrad.ir.core import Assign, Atom, Const
from srcgrad.rules.call import Call
from srcgrad.rules.naming import canonical_name
from srcgrad.support_directions import turned_along

TURNED_ALONG = canonical_name(turned_along)


def only(lanes: Lanes, call: Call, *params: str) -> None:
    """Refuse a call that gives other parameters than these."""
    for name in call.args:
        if name.split("[")[0] not in params:
            raise lanes.refuse(f"`{name}` of `{call.name}` has no form for many directions")
    first = next(iter(call.args.values()))
    if lanes.kind(first).tag not in ("scalar", "array", "unknown"):
        raise lanes.refuse(f"`{call.name}` of a {lanes.kind(first).tag}")
    if lanes.kind(first).rank == 0 and call.given("axis") and not is_none(call, "axis"):
        raise lanes.refuse("an axis of what has none")  # -1 would be that of the directions
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


def is_none(call: Call, name: str) -> bool:
    return call.is_literal(name) and call.literal(name) is None


def reduction(lanes: Lanes, stmt: Assign, call: Call) -> None:
    """`np.sum(x_dot)`, `np.sum(x_dot, axis=0)`"""
    only(lanes, call, "a", "axis", "keepdims", "where", "dtype")
    first = call.args["a"]
    along_one = not call.given("axis") and call.defaults.get("axis") is not None
    given = along_one or call.given("axis") and not is_none(call, "axis")
    if lanes.kind(first).tag == "unknown":
        first = lanes.emit(TO_RANK, first, Const(0))  # an array, and no list
    axis: Atom
    if not given and lanes.kind(call.args["a"]).rank is None:
        if call.given("keepdims"):
            raise lanes.refuse("the rank of an operand is not known")
        shape = lanes.tuple(lanes.directions(), Const(-1))
        first, axis = lanes.emit("numpy.reshape", first, shape), Const(1)
    elif not given:
        rank = lanes.rank(call.args["a"])
        axes = [Const(k) for k in range(1, rank + 1)]
        axis = axes[0] if rank == 1 else lanes.tuple(*axes)
    else:
        axis = axis_of(lanes, call)
    rest = {n: call.args[n] for n in ("dtype", "keepdims", "where") if call.given(n)}
    if "where" in rest and (not given and lanes.kind(call.args["a"]).rank is None):
        raise lanes.refuse("the rank of an operand is not known")
    lanes.done(str(stmt.fn), first, axis=axis, **rest)


def along(*more: str) -> Rule:
    """A function that works along one axis, which the call names."""

    def rule(lanes: Lanes, stmt: Assign, call: Call) -> None:
        first = next(iter(call.args))
        only(lanes, call, first, "axis", *more)
        if lanes.kind(call.args[first]).tag == "unknown":
            raise lanes.refuse("the rank of an operand is not known")
        flat = not call.given("axis") or is_none(call, "axis")
        one = flat and lanes.kind(call.args[first]).rank == 1
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
    if lanes.kind(call.args[first]).rank is None and not call.given("axes"):
        lanes.done(TURNED_ALONG, call.args[first])
        return
    rank = lanes.rank(call.args[first])
    order: Sequence[int] = range(rank, 0, -1)
    if call.given("axes") and not is_none(call, "axes"):
        axes = call.axes("axes")
        if axes is None:
            raise lanes.refuse("an order of axes that is not known")
        order = [axis % rank + 1 for axis in axes]
    lanes.done("numpy.transpose", call.args[first], lanes.tuple(*map(Const, (0, *order))))


def last_two(lanes: Lanes, stmt: Assign, call: Call) -> None:
    """`x_dot.mT`"""
    lanes.done("numpy.swapaxes", next(iter(call.args.values())), Const(-2), Const(-1))


def expanded(lanes: Lanes, stmt: Assign, call: Call) -> None:
    first = next(iter(call.args))
    only(lanes, call, first, "axis")
    lanes.done(str(stmt.fn), call.args[first], axis=axis_of(lanes, call))


AXES: dict[str, Rule] = {
    "numpy.sum": reduction,
    "numpy.mean": reduction,
    "numpy.add.reduce": reduction,
    "numpy.add.accumulate": along(),
    "numpy.cumulative_sum": along(),
    "numpy.lib.stride_tricks.sliding_window_view": along("window_shape"),
    "numpy.diff": along("n"),
    "numpy.transpose": transposed,
    "attr.T": transposed,
    "attr.mT": last_two,
    "numpy.swapaxes": swapped,
    "numpy.moveaxis": swapped,
    "numpy.expand_dims": expanded,
}
