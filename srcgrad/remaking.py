"""Values that a backward sweep may compute again instead of keeping them, and where it would.

A value is computed again in its own block, right before the first adjoint that reads it: of the
block's last statement that has such an adjoint, since the backward sweep goes from the last to the
first. A value that is made of others that are computed again moves them there as well.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from srcgrad.ir.classes import dataclass

Path = tuple[int, ...]  # of a statement: its position, the block in it, its position there, ...


@dataclass(frozen=True, slots=True)
class Value:
    """An array that a function computes; or what one is computed from, such as a list of them.

    `readers`: the statements whose adjoints read it. `operands`: what it is computed from.
    """

    name: str
    line: int
    text: str
    fn: str
    path: Path
    readers: tuple[Path, ...]
    operands: tuple[str, ...]
    loops: tuple[int, ...] = ()  # units of the loops that it is in, the outermost first
    # The position in its block where what it is computed from changes. There it can still be
    # computed, if the adjoint of that statement reads what was before it.
    limit: int | None = None
    at_limit: bool = False
    reason: str = ""  # why it cannot be computed again
    held: bool = False  # something else keeps it for longer
    key: str = ""  # of the function, where there are several

    def of(self, key: str, number: int) -> Value:
        """The value among those of several functions: number 0 is the one that is asked for."""
        return replace(
            self,
            name=in_all(key, self.name),
            key=key,
            path=(number, *self.path),
            readers=tuple((number, *path) for path in self.readers),
            operands=tuple(in_all(key, name) for name in self.operands),
        )

    @property
    def around(self) -> set[str]:
        """The names of the loops that it is in."""
        return {f"{self.key}:{unit}" for unit in self.loops}

    @property
    def block(self) -> Path:
        return self.path[:-1]

    @property
    def position(self) -> int:
        return self.path[-1]

    def within(self, path: Path) -> int | None:
        """The position in the value's block of the statement that a path leads to or through."""
        depth = len(self.block)
        return path[depth] if len(path) > depth and path[:depth] == self.block else None

    def may_stand(self, place: int) -> bool:
        """True if it can be computed before the adjoint of the statement there."""
        limit = self.limit
        return limit is None or place < limit or place == limit and self.at_limit


def together(ways: list[dict[str, Value]]) -> dict[str, Value]:
    """The values of a function that is called in several ways: what holds in each of them."""
    first, *others = ways
    return {name: _joined(value, others) for name, value in first.items()}


def _joined(value: Value, others: list[dict[str, Value]]) -> Value:
    for other in others:
        same = other.get(value.name)
        if same is None or same.path != value.path:
            return replace(value, reason="it is there in some calls only")
        limits = [(v.limit, v.at_limit) for v in (value, same) if v.limit is not None]
        limit, at_limit = min(limits) if limits else (None, False)
        value = replace(
            value,
            held=value.held or same.held,
            readers=tuple(dict.fromkeys((*value.readers, *same.readers))),
            limit=limit,
            at_limit=at_limit,
            reason=value.reason or same.reason,
        )
    return value


def in_all(key: str, name: str) -> str:
    """The name of a value of one function among those of all."""
    return f"{key}|{name}"


class Places:
    """Where chosen values are computed again."""

    def __init__(self, values: Mapping[str, Value]) -> None:
        self.values = values
        latest = sorted(values, key=lambda name: values[name].path, reverse=True)
        self.order = {name: place for place, name in enumerate(latest)}
        self.last = {name: self.last_reader(value) for name, value in values.items()}

    def last_reader(self, value: Value) -> int | None:
        """Of the adjoints that read a value: -1 if there are none, None if it is not enough to
        compute the value in its block."""
        inside = [value.within(path) for path in value.readers]
        return None if None in inside else max([n for n in inside if n is not None], default=-1)

    def of(self, chosen: Iterable[str]) -> dict[str, int] | None:
        """For each value that is to be computed again the position in its block, before whose
        adjoint. None if one of them cannot be. Values that nobody reads then are left out.
        """
        values, found = self.values, dict[str, int]()
        wanted = set(chosen)
        extra: dict[str, int | None] = dict.fromkeys(wanted, -1)
        for name in sorted(wanted, key=self.order.__getitem__):
            last, other, value = self.last[name], extra[name], values[name]
            if last == -1 == other:
                continue
            if last is None or other is None or value.reason:
                return None
            place = max(last, other)
            if place < value.position or not value.may_stand(place):
                return None
            found[name] = place
            for operand in value.operands:
                if operand in wanted:
                    here = values[operand].within((*value.block, place))
                    known = extra[operand]
                    extra[operand] = None if here is None or known is None else max(known, here)
        return found


def places(values: Mapping[str, Value], chosen: Iterable[str]) -> dict[str, int] | None:
    """See `Places.of`."""
    return Places(values).of(chosen)
