"""What `base[index]` gives: its kind, and how the index selects (view, unique elements, or
repeats).

Basic indices (ints, slices, None, Ellipsis) give views; integer arrays may name an element twice,
so
their adjoint must accumulate; boolean masks select each element once.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Literal, TypeGuard

import numpy as np

from srcgrad.analysis.containers import sliced
from srcgrad.ir.kinds import (
    UNKNOWN,
    Dim,
    Kind,
    Length,
    Shape,
    array,
    broadcast,
    common_kind,
    held,
    scalar,
)

MESH = Kind("object", cls=type(np.mgrid))  # of `np.mgrid[...]`, which makes arrays
Selection = Literal["basic", "mask", "repeats", "key", "unknown"]


def parts_of(index: Kind) -> list[Kind]:
    """The components of an index: those of a tuple, else the index itself."""
    if index.tag == "tuple" and index.items is not None:
        return [kind for _, kind in index.items]
    return [index]


def selection(base: Kind, index: Kind) -> Selection:
    """How an index selects from its base."""
    if base.is_container:
        return "key"
    if index.tag == "tuple" and index.items is None:
        return "unknown"
    parts = parts_of(index)
    if all(_is_basic(part) for part in parts):
        return "basic"
    if any(part.tag in ("unknown", "str") for part in parts):
        return "unknown"  # a key, if it is text
    advanced = [part for part in parts if not _is_basic(part)]
    if all(part.dtype == "b" for part in advanced) and len(advanced) == 1:
        return "mask"
    return "repeats"


def is_everything(base: Kind, index: Kind) -> bool:
    """True for an index that selects all of an array: `...`, `:` or `:, :`."""
    parts = parts_of(index)
    whole = all(_is_full(part) or part.tag == "ellipsis" for part in parts)
    return base.is_array and whole and (index.tag == "ellipsis" or bool(base.shape) and bool(parts))


def new_axes(base: Kind, index: Kind) -> tuple[int, ...] | None:
    """Places of the new axes of `x[:, None]`; None for an index that leaves out elements."""
    parts = parts_of(index)
    if not base.rank or not all(_is_full(p) or p.tag in ("none", "ellipsis") for p in parts):
        return None
    cut = [i for i, part in enumerate(parts) if part.tag == "ellipsis"]
    used = sum(part.tag == "slice" for part in parts)
    if len(cut) > 1 or used > base.rank:
        return None
    at = cut[0] if cut else len(parts)
    rest = [Kind("slice")] * (base.rank - used)
    filled = [*parts[:at], *rest, *parts[at + 1 :]]
    return tuple(axis for axis, part in enumerate(filled) if part.tag == "none")


def _is_full(part: Kind) -> bool:
    """True for the slice `:`."""
    return (
        part.tag == "slice"
        and bool(part.items)
        and all(bound.tag == "none" for _, bound in part.items or ())
    )


def _is_basic(part: Kind) -> bool:
    if part.tag in ("slice", "ellipsis", "none"):
        return True
    return part.is_scalar and part.dtype in ("i", "pi")


def element_kind(base: Kind, index: Kind, fresh: Callable[[], str], key: object = None) -> Kind:
    """Kind of `base[index]`. `fresh` makes a symbol for a length nothing is known of."""
    if base.is_container:
        if key is not None:
            return base.item(key)
        if index.is_scalar and isinstance(index.value, int):
            return base.item(index.value)
        if index.tag == "slice":
            return renamed(sliced(base, index), fresh)
        return renamed(common_kind(held(base), "item") or UNKNOWN, fresh)
    parts = parts_of(index)
    if base == MESH:
        return _mesh_kind(index, parts, fresh)
    if not base.is_array:
        if base.tag == "unknown" and index.tag == "tuple" and _keeps_axis(parts):
            return array("?", None)  # no list takes such an index
        if base.element is not None and index.is_scalar:  # a range
            return base.element
        return UNKNOWN if base.tag != "str" else base
    if base.shape is None or selection(base, index) == "unknown":
        return Kind("array" if _keeps_axis(parts) else "unknown", base.dtype)
    shape = _indexed_shape(base.shape, parts, fresh)
    if shape is None:
        return Kind("unknown", base.dtype)
    only_ints = all(p.is_scalar for p in parts)
    return scalar(base.dtype) if shape == () and only_ints else array(base.dtype, shape)


def _mesh_kind(index: Kind, parts: list[Kind], fresh: Callable[[], str]) -> Kind:
    """That of `np.mgrid[0:n, 0:m]`; the bounds are whole numbers, or the grid is of floats."""
    bounds = [kind for part in parts for _, kind in part.items or () if kind.tag != "none"]
    plain = all(part.tag == "slice" and part.items for part in parts)
    if not plain or not all(kind.is_scalar for kind in bounds):
        return Kind("array")
    whole = all(kind.dtype in ("i", "pi") for kind in bounds)
    lengths = tuple([_mesh_length(part, fresh) for part in parts])
    shape = (len(parts), *lengths) if index.tag == "tuple" else lengths
    return array("i" if whole else "f8", shape)


def _mesh_length(part: Kind, fresh: Callable[[], str]) -> Length:
    """`stop - start`, where both are known."""
    bounds = {name: kind.value for name, kind in part.items or () if kind.tag != "none"}
    start, stop = bounds.get("start", 0), bounds.get("stop")
    if "step" not in bounds and isinstance(stop, int) and isinstance(start, int):
        return max(0, stop - start)
    whole = "step" not in bounds and start == 0 and isinstance(stop, Dim)
    return stop if whole and isinstance(stop, Dim) else Dim(fresh())


def _keeps_axis(parts: list[Kind]) -> bool:
    """True if what an index with these components selects is an array, be it of one element."""
    return any(p.tag in ("slice", "ellipsis") or p.is_array and p.shape for p in parts)


def is_marked(n: Length) -> TypeGuard[Dim]:
    """True for a length without identity: it may be another one each time."""
    return isinstance(n, Dim) and "?" in n.symbol


def renamed(kind: Kind, fresh: Callable[[], str]) -> Kind:
    """A kind whose lengths marked `?` have no identity, with symbols of its own for them."""
    names: dict[str, str] = {}

    def length(n: Length) -> Length:
        if is_marked(n):
            if n.symbol not in names:
                names[n.symbol] = fresh()
            return Dim(names[n.symbol], n.offset, n.floor)
        return n

    def change(k: Kind) -> Kind:
        shape = None if k.shape is None else tuple(length(n) for n in k.shape)
        items = None if k.items is None else tuple((key, change(item)) for key, item in k.items)
        element = None if k.element is None else change(k.element)
        value = k.value if isinstance(k.value, int) else None
        return replace(k, shape=shape, items=items, element=element, value=value)

    return change(kind)


def _consumes(part: Kind) -> int | None:
    """Number of axes an index component uses up; None when it is not known."""
    if part.tag in ("none", "ellipsis"):
        return 0
    if part.tag == "slice" or part.is_scalar and part.dtype != "b":
        return 1
    if part.is_array and part.dtype == "b":
        return part.rank
    if part.tag in ("list", "tuple"):
        return None if _holds_masks(part) else 1
    return 1 if part.is_array else None


def _holds_masks(part: Kind, inner: bool = False) -> bool:
    """True for a list that may be a mask of several axes, `[[True, False], [False, True]]`."""
    held = [kind for _, kind in part.items or ()]
    held += [part.element] if part.element is not None else []
    return any(
        _holds_masks(kind, True) if kind.is_container else kind.dtype == "b" and inner
        for kind in held
    )


def _indexed_shape(shape: Shape, parts: list[Kind], fresh: Callable[[], str]) -> Shape | None:
    uses = [_consumes(part) for part in parts]
    if any(use is None for use in uses) or sum(part.tag == "ellipsis" for part in parts) > 1:
        return None
    used = sum(use for use in uses if use is not None)
    if used > len(shape):
        return None
    if not any(part.tag == "ellipsis" for part in parts):
        parts = [*parts, Kind("ellipsis")]
    rest = len(shape) - used
    out: list[Length] = []
    advanced: list[tuple[int, Kind]] = []  # position in `out`, index component
    axis = 0
    for part in parts:
        if part.tag == "none":
            out.append(1)
        elif part.tag == "ellipsis":
            out.extend(shape[axis : axis + rest])
            axis += rest
        elif part.tag == "slice":
            out.append(slice_length(shape[axis], part, fresh))
            axis += 1
        elif part.is_scalar and not any(p.is_array or p.is_container for p in parts):
            axis += 1
        else:
            advanced.append((len(out), part))
            axis += _consumes(part) or 0
    if not advanced:
        return tuple(out)
    positions = {position for position, _ in advanced}
    if len(positions) > 1:
        return None  # separated advanced indices: the result's axes move; left unknown
    lengths = broadcast(*(_advanced_shape(part, fresh) for _, part in advanced))
    if lengths is None:
        return None
    at = positions.pop()
    return (*out[:at], *lengths, *out[at:])


def _advanced_shape(part: Kind, fresh: Callable[[], str]) -> Shape | None:
    if part.is_scalar:
        return ()
    if part.is_array and part.dtype == "b":
        return (Dim(fresh()),)
    if part.is_array:
        return part.shape
    if part.items is None:
        return None
    items = [kind for _, kind in part.items]
    if any(kind.dtype == "b" for kind in items):  # a mask, or half of one
        return (Dim(fresh()),) if all(kind.is_scalar for kind in items) else None
    shapes = [_advanced_shape(kind, fresh) for kind in items] or [()]
    same = all(shape == shapes[0] for shape in shapes)  # NumPy makes an array of them
    return None if shapes[0] is None or not same else (len(items), *shapes[0])


def slice_length(length: Length, part: Kind, fresh: Callable[[], str]) -> Length:
    """Length of `x[start:stop:step]` along an axis; equal slices of equal axes get equal
    symbols."""
    bounds = dict(part.items or ())
    if not bounds:
        return Dim(fresh())
    values: list[Length | None] = []
    for name in ("start", "stop", "step"):
        kind = bounds.get(name, UNKNOWN)
        if kind.tag == "none":
            values.append(None)
        elif kind.is_scalar and kind.value is not None:
            values.append(kind.value)
        else:
            return Dim(fresh())
    start, stop, step = values
    if isinstance(length, int) and all(v is None or isinstance(v, int) for v in values):
        return len(range(*slice(start, stop, step).indices(length)))
    if stop is None and (
        start is None and step in (None, 1, -1) or start == 0 and step in (None, 1)
    ):
        return length
    symbol = f"{_text(length)}[{_text(start)}:{_text(stop)}:{_text(step)}]"
    if isinstance(length, Dim) and step in (None, 1):
        cut = _cut(start, stop)
        if cut is not None:
            return Dim(length.symbol, length.offset - cut, max(0, length.floor - cut))
        within = _within(length.floor, start, stop)
        if within is not None:
            return within
        if start in (None, 0) and isinstance(stop, Dim) and stop.below is not None:
            return _first(length, stop, symbol)
        if start in (None, 0) and isinstance(stop, Dim):  # all of the axis, or as many as that
            return Dim(symbol, 0, max(0, min(stop.floor, length.floor)))
    return Dim(symbol)


def _first(length: Dim, stop: Dim, symbol: str) -> Dim:
    """Length of `x[:stop]`, where `stop` is made of the index of a loop."""
    if stop.floor < 0:
        return Dim(symbol)
    below = stop.below
    same_axis = isinstance(below, Dim) and below.symbol == length.symbol
    if isinstance(below, Dim) and same_axis and below.offset + stop.offset <= length.offset + 1:
        return stop
    return Dim(symbol, cut=stop if length.big else None)


def _cut(start: Length | None, stop: Length | None) -> int | None:
    """How many elements `[start:stop]` cuts off, where that does not depend on the length."""
    head = 0 if start is None else start
    tail = 0 if stop is None else stop
    if not isinstance(head, int) or not isinstance(tail, int):
        return None
    return head - tail if head >= 0 and (stop is None or tail < 0) else None


def _within(least: int, start: Length | None, stop: Length | None) -> int | None:
    """How many elements `[start:stop]` names, where the axis is surely as long as that takes."""
    if isinstance(start, Dim) or isinstance(stop, Dim):
        return None
    if stop is not None and stop >= 0 and (start is None or start >= 0):
        head = start or 0
        return max(0, stop - head) if stop <= least else None
    if start is not None and start < 0 and (stop is None or stop < 0):
        return max(0, (stop or 0) - start) if -start <= least else None
    return None


def _text(value: Length | None) -> str:
    if isinstance(value, Dim):
        return f"{value.symbol}{value.offset:+d}"
    return "" if value is None else str(value)
