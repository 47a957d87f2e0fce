"""Operations without a form for many directions: one direction after another, put together.

out = []
for direction in range(directions):
    out.append(f(x_dot[direction]))
y_dot = np.stack(out)
"""

from __future__ import annotations

from srcgrad import support, support_directions
from srcgrad.ad.lanes import Lanes
from srcgrad.ir.core import Assign, Atom, Const, For, Var
from srcgrad.ir.kinds import Kind
from srcgrad.ir.walk import MUTATORS
from srcgrad.rules.naming import canonical_name
from srcgrad.rules.registry import lookup

ALONG_ONE = canonical_name(support_directions.along_one)
TOGETHER = canonical_name(support_directions.together)
# Helpers that change what they are given, or whose value is part of it.
CHANGING = frozenset(
    canonical_name(helper)
    for helper in (
        support.accumulate, support.put_back, support.put_back_all, support.taken_out,
        support.put_in, support.tail_of, support.number, support.apart,
    )
)  # fmt: skip
# Numbers and arrays come out, or one list or tuple of them.
NUMERIC = ("scalar", "array")


def each(lanes: Lanes, stmt: Assign) -> None:
    """An operation done for each direction. Raises `Unwritten` where not even that is right."""
    refuse_others(lanes, stmt)
    found = lanes.emit("list")
    outside, lanes.out = lanes.out, []
    place = Var("direction%")
    args = [part(lanes, atom, place) for atom in stmt.args]
    kwargs = {key: part(lanes, atom, place) for key, atom in stmt.kwargs}
    value = lanes.emit(str(stmt.fn), *args, **kwargs)
    lanes.out.append(Assign((), "method.append", (found, value), unit=stmt.unit))
    body, lanes.out = tuple(lanes.out), outside
    zero, one = Const(0), Const(1)
    lanes.out.append(For(place.name, zero, lanes.directions(), one, body, unit=stmt.unit))
    lanes.done("numpy.stack" if is_numeric(lanes, stmt) else TOGETHER, found)


def call_each(lanes: Lanes, stmt: Assign, first: int) -> None:
    """A call of a written function that takes one direction at a time. Its first results are
    values of the program, the same for each."""
    found = lanes.emit("list")
    outside, lanes.out = lanes.out, []
    place = Var("direction%")
    args = tuple(part(lanes, atom, place) for atom in stmt.args)
    kwargs = tuple((key, part(lanes, atom, place)) for key, atom in stmt.kwargs)
    values, tangents = stmt.targets[:first], stmt.targets[first:]
    parts = [lanes.named(name) for name in tangents]
    targets = (*values, *(part.name for part in parts))
    lanes.out.append(Assign(targets, stmt.fn, args, kwargs, unit=stmt.unit))
    made = parts[0] if len(parts) == 1 else lanes.tuple(*parts)
    lanes.out.append(Assign((), "method.append", (found, made), unit=stmt.unit))
    body, lanes.out = tuple(lanes.out), outside
    zero, one = Const(0), Const(1)
    lanes.out.append(For(place.name, zero, lanes.directions(), one, body, unit=stmt.unit))
    whole = lanes.emit(TOGETHER, found)
    lanes.out.append(Assign(tangents, "copy", (whole,), unit=stmt.unit))


def refuse_others(lanes: Lanes, stmt: Assign) -> None:
    """What acts on its operands, and what may share memory with them where that is written."""
    fn = str(stmt.fn)
    prim = lookup(fn)
    helper = fn.startswith("srcgrad.support")
    is_item = fn == "operator.getitem" and lanes.kind(stmt.args[0]).is_array
    if not stmt.targets or fn in MUTATORS or fn in CHANGING or not (prim or helper or is_item):
        raise lanes.refuse(f"`{fn}` has no form for many directions")
    in_place = fn.startswith("operator.i")
    view = not helper and prim is not None and prim.view is not None
    shares = in_place or is_item or view  # of a helper, nothing expects that it does
    if lanes.rewrites and shares:
        raise lanes.refuse(f"`{fn}` has no form for many directions")


def is_numeric(lanes: Lanes, stmt: Assign) -> bool:
    """True if a number or an array is known to come out."""
    return len(stmt.targets) == 1 and lanes.facts.after(stmt, stmt.target).tag in NUMERIC


def part(lanes: Lanes, atom: Atom, place: Var) -> Atom:
    """An operand for one direction."""
    if not lanes.has(atom):
        return atom
    kind = lanes.kind(atom)
    if kind.tag in NUMERIC:
        return lanes.emit("operator.getitem", atom, place)
    if not holds_tangents(kind):
        raise lanes.refuse("a container of tangents, or what is not known")
    return lanes.emit(ALONG_ONE, atom, place)


def holds_tangents(kind: Kind) -> bool:
    """True for what is taken apart in the run: nests of arrays that all have the axis."""
    return kind.tag in ("unknown", "list", "tuple", "dict")
