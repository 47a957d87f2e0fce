"""Along which axes of a value a shift varies, that an extremum of an array gave it.

The axes of the array are counted from the last one, which is 1, since NumPy lines shapes up there:
`np.max(x, axis=1)` of a matrix varies with axis 2 of `x`, and `x - np.max(x, axis=1)[:, None]` with
that axis only, which is its own axis 2.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from srcgrad.ir.kinds import Kind


class Spread(NamedTuple):
    """For each axis of a value, counted from the last: the axis of the array it varies with.

    `beyond`: axis `p` that is not listed goes with `p + beyond`, where the rank of the array is not
    known; with none if it is None.
    """

    axes: tuple[int | None, ...] = ()
    beyond: int | None = None

    def at(self, place: int) -> int | None:
        if place <= len(self.axes):
            return self.axes[place - 1]
        return None if self.beyond is None else place + self.beyond

    def upto(self, place: int) -> list[int | None]:
        return [self.at(p) for p in range(1, place + 1)]


def spread(axes: Sequence[int | None], beyond: int | None) -> Spread:
    """Equal ones are written alike."""
    found = Spread(tuple(axes), beyond)
    while found.axes and found.axes[-1] == Spread((), beyond).at(len(found.axes)):
        found = Spread(found.axes[:-1], beyond)
    return found


def of_extremum(rank: int | None, places: Sequence[int], kept: bool) -> Spread:
    """Of an extremum over these axes of an array."""
    count = rank if rank is not None else max(places)
    axes: list[int | None] = []
    for place in range(1, count + 1):
        if place not in places:
            axes.append(place)
        elif kept:
            axes.append(None)
    beyond = None if rank is not None else 0 if kept else len(places)
    return spread(axes, beyond)


def summed(old: Spread, places: Sequence[int], kept: bool) -> Spread | None:
    """After a sum over these axes; None where the shift differs along them."""
    if any(old.at(place) is not None for place in places):
        return None
    if kept:
        return old
    axes = old.upto(max(len(old.axes), *places))
    rest = [axis for place, axis in enumerate(axes, 1) if place not in places]
    return spread(rest, None if old.beyond is None else old.beyond + len(places))


def summed_whole(old: Spread) -> Spread | None:
    """After a sum of everything."""
    return old if old == Spread() else None


def expanded(old: Spread, place: int) -> Spread:
    """With a new axis, counted from the last one of the result."""
    axes = old.upto(max(len(old.axes), place - 1))
    axes.insert(place - 1, None)
    return spread(axes, None if old.beyond is None else old.beyond - 1)


def indexed(old: Spread, parts: Sequence[Kind], rank: int | None) -> Spread | None:
    """Of `x[:, None]` and its like, which take every element; None for any other index."""
    cut = [i for i, part in enumerate(parts) if part.tag == "ellipsis"]
    if len(cut) > 1 or not all(_takes_all(part) for part in parts):
        return None
    if cut == [0]:
        places = []  # new axes, counted from the last
        for place, part in enumerate(reversed(parts[1:]), 1):
            if part.tag == "none":
                places.append(place)
    elif rank is not None:
        used = sum(part.tag == "slice" for part in parts)
        split = cut[0] if cut else len(parts)
        filled = [*parts[:split], *[Kind("slice")] * (rank - used), *parts[split:]]
        filled = [part for part in filled if part.tag != "ellipsis"]
        places = [len(filled) - i for i, part in enumerate(filled) if part.tag == "none"][::-1]
    else:
        return None
    for place in places:
        old = expanded(old, place)
    return old


def _takes_all(part: Kind) -> bool:
    bounds = dict(part.items or ())
    whole = part.tag == "slice" and bool(bounds)
    return part.tag in ("none", "ellipsis") or (
        whole and all(bound.tag == "none" for bound in bounds.values())
    )


def places_of(axes: Sequence[int] | None, rank: int | None) -> list[int] | None:
    """Axes counted from the last; None where that is not known."""
    if not axes or rank is None and any(axis >= 0 for axis in axes):
        return None
    places = [-axis if axis < 0 else (rank or 0) - axis for axis in axes]
    legal = all(place >= 1 and (rank is None or place <= rank) for place in places)
    return places if legal and len({*places}) == len(places) else None
