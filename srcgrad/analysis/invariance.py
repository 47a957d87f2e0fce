"""Extrema that only keep numbers small: `m` in `m + np.log(np.sum(np.exp(x - m)))`.

Followed through a block is what becomes of each value when `m` grows by `t`: it grows by `k * t`,
or is multiplied by `exp(k * t)`. Where everything that leaves the block stays as it is (k = 0), the
adjoint of `m` is zero, whatever `m` is: the contributions of its readers cancel. So no derivative
has to flow through it, and those who write adjoints by hand leave it out, too.

Of an extremum along some axes, `t` is an array: a sum along those axes leaves `t` a factor, and
values cancel where both vary with `t` along the same of their axes (`spread.py`). Reference for the
identity: Blanchard, Higham and Higham, "Accurately computing the log-sum-exp and softmax
functions", IMA Journal of Numerical Analysis 41(4), 2021.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from srcgrad.analysis.flow import known_call
from srcgrad.analysis.indexing import parts_of
from srcgrad.analysis.kinds import KindFacts
from srcgrad.analysis.spread import (
    Spread,
    expanded,
    indexed,
    of_extremum,
    places_of,
    summed,
    summed_whole,
)
from srcgrad.ir.core import Assign, Atom, Block, For, Function, If, Stmt, Store, Var, While
from srcgrad.ir.walk import operands, reads, walk, writes
from srcgrad.rules.call import Call

EXTREMA = frozenset({
    "numpy.max", "numpy.min", "numpy.amax", "numpy.amin", "method.max", "method.min",
})  # fmt: skip
EXPONENTIALS = frozenset({"numpy.exp", "math.exp"})
LOGARITHMS = frozenset({"numpy.log", "math.log"})
SUMS = frozenset({"numpy.sum", "numpy.mean", "method.sum", "method.mean"})
SHAPES = frozenset({
    "attr.shape", "attr.size", "attr.ndim", "builtins.len", "numpy.shape", "numpy.size",
    "numpy.zeros_like", "numpy.ones_like", "numpy.empty_like",
})  # fmt: skip


class Growth(NamedTuple):
    """Of a value when `m` grows by `t`: by `times * t`, or by the factor `exp(times * t)`."""

    times: float
    factor: bool = False
    spread: Spread = Spread()  # how the axes of `t` lie along those of the value


STILL = Growth(0)


def cancelling(fn: Function, kinds: KindFacts) -> set[Stmt]:
    """Statements that find an extremum whose adjoint is zero."""
    found: set[Stmt] = set()
    blocks: list[tuple[Block, bool]] = [(fn.body, True)]
    while blocks:
        block, outermost = blocks.pop()
        for position, stmt in enumerate(block):
            if isinstance(stmt, If):
                blocks += [(stmt.then, False), (stmt.orelse, False)]
            elif isinstance(stmt, (For, While)):
                blocks.append((stmt.body, False))
            elif isinstance(stmt, Assign) and (start := _start(stmt, kinds)) is not None:
                rest = block[position + 1 :]
                growth = _Growths(stmt.target, start, kinds)
                if growth.through(rest) and (outermost or not _escapes(growth, fn, rest)):
                    found.add(stmt)
    return found


def _start(stmt: Assign, kinds: KindFacts) -> Spread | None:
    """How the axes of an array lie along those of its extremum; None for anything else."""
    if stmt.fn not in EXTREMA or len(stmt.targets) != 1:
        return None
    found = known_call(stmt, kinds)
    if found is None or not _is_plain(found[1]):
        return None
    call = found[1]
    kept = call.literal("keepdims")
    if _is_whole(call):
        return None if kept else Spread()
    rank = call.kind("a").rank
    places = places_of(call.axes(), rank)
    return None if places is None else of_extremum(rank, places, kept)


def _is_plain(call: Call) -> bool:
    """True for a reduction that takes every element, its axes kept or not as written."""
    if any(call.given(name) for name in ("where", "initial", "out", "dtype")):
        return False
    return call.is_literal("keepdims") and isinstance(call.literal("keepdims"), bool)


def _is_whole(call: Call) -> bool:
    return call.is_literal("axis") and call.literal("axis") is None


def _escapes(growth: _Growths, fn: Function, rest: Sequence[Stmt]) -> bool:
    """True if a value that grows may be read outside of these statements."""
    inside = sum(len(growth.seen & reads(stmt)) for stmt in walk(tuple(rest)))
    return inside != sum(len(growth.seen & reads(stmt)) for stmt in walk(fn.body))


class _Growths:
    """What becomes of the values that follow from one extremum, statement by statement."""

    def __init__(self, name: str, start: Spread, kinds: KindFacts) -> None:
        self.kinds = kinds
        self.of: dict[str, Growth] = {name: Growth(1, False, start)}
        self.seen = {name}  # all that ever grew

    def through(self, block: Sequence[Stmt]) -> bool:
        """False if something that grows goes where it is not followed."""
        for stmt in block:
            if self.of.keys().isdisjoint(reads(stmt)) and not isinstance(stmt, (If, For, While)):
                for name in writes(stmt):
                    self.of.pop(name, None)
                continue
            if not self.step(stmt):
                return False
        return True

    def step(self, stmt: Stmt) -> bool:
        if not isinstance(stmt, Assign):
            inner = list(walk((stmt,)))
            touched = {n for part in inner for n in (*reads(part), *writes(part))}
            return not isinstance(stmt, Store) and self.of.keys().isdisjoint(touched)
        if len(stmt.targets) != 1 or not isinstance(stmt.fn, str) or stmt.sync:
            return False
        growth = self.result(stmt, stmt.fn)
        if growth is None:
            return False
        self.of.pop(stmt.target, None)
        if growth.times:
            self.of[stmt.target] = growth
            self.seen.add(stmt.target)
        return True

    def get(self, atom: Atom) -> Growth:
        return self.of.get(atom.name, STILL) if isinstance(atom, Var) else STILL

    def result(self, stmt: Assign, fn: str) -> Growth | None:
        """How the result grows; None if that is not known."""
        if fn in SHAPES:
            return STILL
        given = [self.get(atom) for atom in stmt.args]
        if fn in SUMS:
            return self.summed(stmt, given[0]) if given[0].factor else None
        if any(self.get(atom).times for _, atom in stmt.kwargs):
            return None
        if fn in ("operator.getitem", "numpy.expand_dims"):
            return self.placed(stmt, given[0])
        if len(given) == 2:
            return self.of_two(fn, *given)
        if len(given) != 1 or stmt.kwargs:
            return None
        (growth,) = given
        if fn in ("operator.neg", "numpy.negative"):
            return growth if growth.factor else growth._replace(times=-growth.times)
        if fn == "copy":
            return growth
        if fn in EXPONENTIALS and not growth.factor:
            return growth._replace(factor=True)
        if fn in LOGARITHMS and growth.factor:
            return growth._replace(factor=False)
        return None

    def of_two(self, fn: str, a: Growth, b: Growth) -> Growth | None:
        if a.times and b.times and a.spread != b.spread:
            return None
        spread = a.spread if a.times else b.spread
        if fn in ("operator.add", "operator.sub", "numpy.add", "numpy.subtract"):
            if a.factor or b.factor:
                return a if a == b else None
            times = a.times + b.times if fn.endswith("add") else a.times - b.times
            return Growth(times, False, spread)
        if fn in ("operator.mul", "operator.truediv", "numpy.multiply", "numpy.divide"):
            if not all(growth.factor or growth == STILL for growth in (a, b)):
                return None
            over = fn in ("operator.truediv", "numpy.divide")
            return Growth(a.times - b.times if over else a.times + b.times, True, spread)
        return None

    def summed(self, stmt: Assign, growth: Growth) -> Growth | None:
        """A sum, if `t` is the same for all that it adds."""
        found = known_call(stmt, self.kinds)
        if found is None or any(self.get(atom).times for atom in operands(stmt)[1:]):
            return None
        call = found[1]
        if any(call.given(name) for name in ("where", "initial", "out")):
            return None
        if _is_whole(call) or growth.spread == Spread():
            left = summed_whole(growth.spread)
        elif not call.is_literal("keepdims") or not isinstance(call.literal("keepdims"), bool):
            left = None
        else:
            places = places_of(call.axes(), call.kind("a").rank)
            kept = call.literal("keepdims")
            left = None if places is None else summed(growth.spread, places, kept)
        return None if left is None else growth._replace(spread=left)

    def placed(self, stmt: Assign, growth: Growth) -> Growth | None:
        """The same elements with new axes between."""
        if any(self.get(atom).times for atom in operands(stmt)[1:]):
            return None
        rank = self.kinds.before(stmt, stmt.args[0]).rank
        if stmt.fn == "operator.getitem":
            parts = parts_of(self.kinds.before(stmt, stmt.args[1]))
            left = indexed(growth.spread, parts, rank)
        else:
            found = known_call(stmt, self.kinds)
            axes = found[1].axes() if found is not None else None
            places = places_of(axes, None if rank is None else rank + 1)
            one = places is not None and len(places) == 1
            left = expanded(growth.spread, places[0]) if places is not None and one else None
        return None if left is None else growth._replace(spread=left)
