"""Items that are read and stored, for tangents that have the axis of directions in front.

    x_dot[i]              x_dot[:, i]
    y_dot[i] = e_dot      y_dot[:, i] = e_dot

Where too little is known of the operands, the run finds out, by a helper of the text.
"""

from __future__ import annotations

from srcgrad import support, support_directions
from srcgrad.ad.directionjoins import array_of
from srcgrad.ad.lanes import Lanes
from srcgrad.analysis.indexing import element_kind
from srcgrad.ir.core import Assign, Atom, Const, Store, Var
from srcgrad.ir.kinds import Kind
from srcgrad.rules.naming import canonical_name

ITEM = canonical_name(support_directions.item_along)
ACCUMULATE = canonical_name(support.accumulate)
ADD_AT = "numpy.add.at"
ACCUMULATING = (ACCUMULATE, ADD_AT)
ACCUMULATE_ALONG = canonical_name(support_directions.accumulate_along)
STORES = {
    "set": canonical_name(support_directions.store_along),
    "add": canonical_name(support_directions.add_along),
    "sub": canonical_name(support_directions.add_along),
    "at": ACCUMULATE_ALONG,
}


def item(lanes: Lanes, stmt: Assign) -> None:
    """`x_dot[i]`"""
    base, index = stmt.args
    if lanes.has(index) or not lanes.has(base):
        raise lanes.refuse("an index is a tangent")
    if lanes.kind(base).is_container:
        if lanes.kind(base).items is None and lanes.kind(index).tag == "slice":
            raise lanes.refuse("a part of a list of which too little is known")
        lanes.out.append(stmt)
        return
    found = lanes.facts.after(stmt, stmt.targets[0])
    moved = index_behind(lanes, base, index)
    if moved is None or found.tag not in ("scalar", "array"):  # a number is no view
        lanes.done(ITEM, base, index)
        return
    lanes.apart = found.is_scalar
    lanes.done("operator.getitem", base, moved)
    lanes.apart = False


def index_behind(lanes: Lanes, base: Atom, index: Atom) -> Atom | None:
    """An index that leaves the axis of directions as it is: `i` becomes `:, i`. None where the run
    has to find it."""
    if index == Const(...):
        return index
    kind = lanes.kind(index)
    parts = [item for _, item in kind.items or ()] if kind.tag == "tuple" else [kind]
    known = kind.tag != "tuple" or kind.items is not None
    if not known or not lanes.kind(base).is_array or not _stay_in_place(parts):
        return None
    made = lanes.defs.get(index.name) if isinstance(index, Var) else None
    if kind.tag != "tuple":
        return lanes.tuple(lanes.whole(), index)
    if made is not None and made.fn == "tuple":
        return lanes.tuple(lanes.whole(), *made.args)
    own = [lanes.emit("operator.getitem", index, Const(k)) for k in range(len(parts))]
    return lanes.tuple(lanes.whole(), *own)


def store(lanes: Lanes, stmt: Store) -> None:
    """`y_dot[i] = e_dot`"""
    if lanes.has(stmt.index):
        raise lanes.refuse("an index is a tangent")
    if not lanes.has(stmt.base):
        lanes.out.append(stmt)
        return
    base = lanes.kind(stmt.base)
    if base.is_container and stmt.op == "set":
        value = lanes.full(stmt.value)
        lanes.out.append(Store(stmt.base, stmt.index, value, stmt.op, stmt.unit))
        return
    if not fitted_store(lanes, stmt, base):
        value = stored(lanes, base, stmt.value)
        if stmt.op == "sub":
            value = lanes.emit("operator.neg", value)
        call = Assign((), STORES[stmt.op], (stmt.base, stmt.index, value), unit=stmt.unit)
        lanes.out.append(call)


def stored(lanes: Lanes, base: Kind, value: Atom) -> Atom:
    """A value with the axis; a list that is stored into an array is the array of its items."""
    full = lanes.full(value)
    if base.is_container or not lanes.kind(value).is_container:
        return full
    if full is not value:
        raise lanes.refuse("a list without tangents is stored into an array of them")
    return array_of(lanes, value)


def fitted_store(lanes: Lanes, stmt: Store, base: Kind) -> bool:
    """Write a store whose ranks are all known; False where they are not."""
    if not base.is_array or lanes.kind(stmt.value).rank is None:
        return False
    slot = element_kind(base, lanes.kind(stmt.index), lambda: "slot").rank
    if slot is None or lanes.rank(stmt.value) > slot:
        return False
    index = index_behind(lanes, stmt.base, stmt.index)
    if index is None:
        return False
    value = lanes.lifted(stmt.value, slot)
    lanes.out.append(Store(stmt.base, index, value, stmt.op, stmt.unit))
    return True


def accumulate(lanes: Lanes, stmt: Assign) -> None:
    """`accumulate(x_dot, i, e_dot)`"""
    base, index, value = stmt.args
    if lanes.has(index) or not isinstance(base, Var) or not lanes.has(base):
        raise lanes.refuse("an index is a tangent")
    store = Store(base, index, value, "at", stmt.unit)
    if stmt.fn == ADD_AT and fitted_store(lanes, store, lanes.kind(base)):
        return
    args = (base, index, stored(lanes, lanes.kind(base), value))
    lanes.out.append(Assign((), ACCUMULATE_ALONG, args, unit=stmt.unit))


def _lists_numbers(part: Kind) -> bool:
    """True for a list of whole numbers, which is an index as an array of them is."""
    items = [item for _, item in part.items or ()]
    return part.tag == "list" and bool(items) and all(item.dtype in ("i", "pi") for item in items)


def _stay_in_place(parts: list[Kind]) -> bool:
    """True if NumPy puts what an index selects where it was: indices by arrays stand together."""
    parts = [Kind("array", "i", (0,)) if _lists_numbers(part) else part for part in parts]
    tags = ("scalar", "array", "slice", "none", "ellipsis")
    if any(part.tag not in tags or part.is_array and part.rank is None for part in parts):
        return False
    advanced = [k for k, part in enumerate(parts) if part.is_array]
    if not advanced:
        return not any(part.is_scalar and part.dtype == "b" for part in parts)
    taken = [k for k, part in enumerate(parts) if part.is_array or part.is_scalar]
    return taken == list(range(taken[0], taken[-1] + 1))


TAIL = canonical_name(support.tail_of)
PUT_IN = canonical_name(support.put_in)
TAKEN_OUT = canonical_name(support.taken_out)
# Steps of a list that holds tangents, with the places of operands that become items of it.
LIST_STEPS: dict[str, tuple[int, ...]] = {
    "method.append": (1,),
    "method.insert": (2,),
    "method.extend": (1,),
    "method.pop": (),
    "method.reverse": (),
    "method.clear": (),
    "operator.delitem": (),
    PUT_IN: (2,),
    TAKEN_OUT: (),
    TAIL: (),
}


def list_step(lanes: Lanes, stmt: Assign) -> None:
    """`xs_dot.append(x_dot)`, `xs_dot.pop()`"""
    base, *given = stmt.args
    if not lanes.has(base) or stmt.kwargs:
        raise lanes.refuse(f"`{stmt.fn}` has no form for many directions")
    places = LIST_STEPS[str(stmt.fn)]
    kept = [lanes.full(a) if k in places else a for k, a in enumerate(given, 1)]
    if any(lanes.has(a) for k, a in enumerate(given, 1) if k not in places):
        raise lanes.refuse("an index is a tangent")
    if stmt.fn in ("method.extend", TAIL) and not lanes.kind(given[0]).is_container:
        raise lanes.refuse("a list is extended by what may be no list")
    lanes.out.append(Assign(stmt.targets, stmt.fn, (base, *kept), unit=stmt.unit))
