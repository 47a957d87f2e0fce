"""Which places of one base are surely different memory: `y[:n]` and `y[n:]`, `A[0]` and `A[1]`.

A place is told from the text of its index. Bounds that are no literals are compared as what they
were computed from, while that stays the same: `y[: n - 1]` ends where `y[n - 1 :]` begins.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NamedTuple, TypeAlias

from srcgrad.ir.core import Assign, Atom, Const, Var

IsNumber = Callable[[Assign, Var], bool]  # whether an operand is one: `y[:None]` is all of y

COMPUTED = frozenset({
    "operator.add", "operator.sub", "operator.mul", "operator.floordiv", "operator.neg",
    "attr.shape", "attr.size", "operator.getitem",
})  # fmt: skip  # not `len(xs)`: a list may be shorter by the next time
DEPTH = 4  # of what a bound was computed from: what lies deeper is told by its name

# A bound; names and operations are strings.
Term: TypeAlias = "int | str | tuple[Term, ...] | None"


class Range(NamedTuple):
    """Positions along one axis, as in a slice."""

    start: Term
    stop: Term
    step: Term

    @property
    def is_told(self) -> bool:
        """True if it counts upwards."""
        return self.step is None or isinstance(self.step, int) and self.step > 0


Place: TypeAlias = "tuple[Range | Term, ...]"


def place_of(index: Atom, made: Mapping[str, Assign], is_number: IsNumber) -> Place:
    """What an index selects along each axis. `made`: what makes temporaries."""
    stmt = made.get(index.name) if isinstance(index, Var) else None
    if stmt is not None and stmt.fn == "tuple":
        return tuple(_part(atom, made, is_number) for atom in stmt.args)
    return (_part(index, made, is_number),)


def _part(atom: Atom, made: Mapping[str, Assign], is_number: IsNumber) -> Range | Term:
    stmt = made.get(atom.name) if isinstance(atom, Var) else None
    if stmt is not None and stmt.fn == "slice":
        if not all(is_number(stmt, bound) for bound in stmt.args if isinstance(bound, Var)):
            return stmt.target
        start, stop, step = (_term(bound, made, DEPTH) for bound in stmt.args)
        return Range(start, stop, step)
    term = _term(atom, made, DEPTH)
    if isinstance(term, int):
        return Range(term, term + 1 if term != -1 else None, None)
    return term


def _term(atom: Atom, made: Mapping[str, Assign], depth: int) -> Term:
    if isinstance(atom, Const):
        plain = atom.value is None or type(atom.value) is int
        return atom.value if plain else ("literal", repr(atom.value))
    stmt = made.get(atom.name)
    if stmt is None or not depth or stmt.fn not in COMPUTED or stmt.kwargs:
        return atom.name
    return (str(stmt.fn), *(_term(arg, made, depth - 1) for arg in stmt.args))


def are_disjoint(one: Place, other: Place) -> bool:
    """True if no element of a base is at both places."""
    for mine, theirs in zip(one, other, strict=False):
        if isinstance(mine, Range) and isinstance(theirs, Range):
            if _never_meet(mine, theirs):
                return True
        elif mine != theirs or len(one) != len(other):
            return False  # `...` and `None` move the axes behind them
    return False


def _never_meet(one: Range, other: Range) -> bool:
    if not one.is_told or not other.is_told:
        return False
    if _ends_before(one.stop, other.start) or _ends_before(other.stop, one.start):
        return True
    first, second = one.start or 0, other.start or 0
    if one.step != other.step or not isinstance(one.step, int):
        return False
    if not isinstance(first, int) or not isinstance(second, int) or min(first, second) < 0:
        return False
    return first % one.step != second % one.step


def _ends_before(stop: Term, start: Term) -> bool:
    if stop is None or start is None:
        return False
    if isinstance(stop, int) and isinstance(start, int):
        return stop <= start and (stop < 0) == (start < 0)
    return stop == start
