"""What is made of several tangents that have the axis of directions in front."""

from __future__ import annotations

from srcgrad.ad.directionaxes import axis_of
from srcgrad.ad.directionproducts import Rule
from srcgrad.ad.lanes import Lanes
from srcgrad.ir.core import Assign, Atom, Const
from srcgrad.ir.kinds import Kind
from srcgrad.rules.call import Call


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


def _of_numbers(kind: Kind) -> bool:
    """True for nested lists of numbers, as long as it is told."""
    if not kind.is_container:
        return kind.is_scalar
    return kind.items is not None and all(_of_numbers(item) for _, item in kind.items)


def as_array(lanes: Lanes, stmt: Assign, call: Call) -> None:
    """`np.array([a_dot, b_dot])`"""
    first = next(iter(call.args))
    if len(call.args) > 1:
        raise lanes.refuse("an array is made with more than its items")
    if lanes.kind(call.args[first]).is_container:
        lanes.done("copy", array_of(lanes, call.args[first]))
    else:
        lanes.rank(call.args[first])
        lanes.done(str(stmt.fn), call.args[first])


def array_of(lanes: Lanes, held: Atom) -> Atom:
    """The array that a list of tangents stands for."""
    kind = lanes.kind(held)
    items = [item for _, item in kind.items] if kind.items is not None else [kind.element]
    if kind.items and any(item is not None and item.is_container for item in items):
        if not _of_numbers(kind):
            raise lanes.refuse("parts whose ranks are not known, or differ")
        made = lanes.emit("numpy.array", held)  # directions come last, of each number
        return lanes.emit("numpy.moveaxis", made, Const(-1), Const(0))
    ranks = {None if item is None else item.rank for item in items}
    if len(ranks) != 1 or None in ranks:
        raise lanes.refuse("parts whose ranks are not known, or differ")
    return lanes.emit("numpy.stack", held, axis=Const(1))


def summed(lanes: Lanes, stmt: Assign, call: Call) -> None:
    """`sum(xs_dot)`, of items of one rank"""
    items_of(lanes, stmt, call)
    if len(call.args) > 1:
        raise lanes.refuse("a sum that begins with a value")
    lanes.out.append(stmt)


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


JOINS: dict[str, Rule] = {
    "numpy.concatenate": joined,
    "numpy.stack": joined,
    "builtins.sum": summed,
    "numpy.vstack": stacked("v"),
    "numpy.hstack": stacked("h"),
    "numpy.column_stack": stacked("column"),
    "numpy.array": as_array,
    "numpy.asarray": as_array,
}
