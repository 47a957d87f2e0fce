"""Kinds across a call: an argument's as a parameter's, a result's in the caller's terms."""

from __future__ import annotations

from collections.abc import Mapping

from srcgrad.ir.kinds import Dim, Kind, Length

# What is told of an argument: a function that calls itself with ever longer arrays, ever shorter
# ones, or an axis more each time, is given kinds of which there are only so many.
MOST_FLOOR = 8
MOST_RANK = 16


def generalised(kind: Kind, name: str, literal: bool, symbols: dict[Dim, str]) -> Kind:
    """An argument's kind as a parameter's: lengths get symbols of the parameters' own.

    Lengths that are equal in the call share a symbol, that of the first parameter they occur in.
    """
    if kind.is_container:
        items = None
        if kind.items is not None:
            items = tuple(
                (k, generalised(item, f"{name}.{k}", literal, symbols)) for k, item in kind.items
            )
        element = None
        if kind.element is not None:
            element = generalised(kind.element, f"{name}[]", False, {})
        return Kind(kind.tag, items=items, element=element, fields=kind.fields)
    shape = kind.shape
    if shape is not None and len(shape) > MOST_RANK:
        shape = None
    if shape is not None:
        shape = tuple(
            Dim(symbols.setdefault(n, f"{name}.{axis}"), 0, _floor(n.floor))
            if isinstance(n, Dim)
            else n
            if n == 1
            else Dim(f"{name}.{axis}", 0, _floor(n))
            for axis, n in enumerate(shape)
        )
    value = kind.value if literal and isinstance(kind.value, int) else None
    return Kind(kind.tag, kind.dtype, shape, value=value)


def _floor(length: int) -> int:
    return max(0, min(length, MOST_FLOOR))


def in_caller(result: Kind, params: Mapping[str, Kind], given: Mapping[str, Kind]) -> Kind:
    """A result's lengths in the caller's terms; symbols of the callee's own are marked `?`."""
    lengths: dict[str, Length] = {}
    for name, kind in given.items():
        own = params[name].shape
        for mine, theirs in zip(own or (), kind.shape or (), strict=False):
            if isinstance(mine, Dim):
                lengths[mine.symbol] = theirs

    def length(n: Length) -> Length:
        if not isinstance(n, Dim):
            return n
        theirs = lengths.get(n.symbol)
        if isinstance(theirs, Dim):
            return Dim(
                theirs.symbol, theirs.offset + n.offset, max(n.floor, theirs.floor + n.offset, 0)
            )
        if isinstance(theirs, int):
            return max(0, theirs + n.offset)
        return Dim(f"?{n.symbol}", n.offset, n.floor)

    def change(kind: Kind) -> Kind:
        shape = None if kind.shape is None else tuple(map(length, kind.shape))
        items = None if kind.items is None else tuple((k, change(item)) for k, item in kind.items)
        element = None if kind.element is None else change(kind.element)
        return Kind(kind.tag, kind.dtype, shape, items, element)

    return change(result)
