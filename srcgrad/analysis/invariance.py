"""Extrema that only keep numbers small: `m` in `m + np.log(np.sum(np.exp(x - m)))`.

Followed through a block is what becomes of each value when `m` grows by `t`: it grows by `k * t`,
or is multiplied by `exp(k * t)`. Where everything that leaves the block stays as it is (k = 0), the
adjoint of `m` is zero, whatever `m` is: the contributions of its readers cancel. So no derivative
has to flow through it, and those who write adjoints by hand leave it out, too.

Of an extremum along one axis that is kept, `t` is an array with length 1 on that axis: reductions
along it, kept as well, are the only ones that leave `t` a factor. Reference for the identity:
Blanchard, Higham and Higham, "Accurately computing the log-sum-exp and softmax functions", IMA
Journal of Numerical Analysis 41(4), 2021.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from srcgrad.analysis.flow import known_call
from srcgrad.analysis.kinds import KindFacts
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
            elif isinstance(stmt, Assign) and (axis := _axis(stmt, kinds)) is not None:
                rest = block[position + 1 :]
                growth = _Growths(stmt.target, axis, kinds)
                if growth.through(rest) and (outermost or not _escapes(growth, fn, rest)):
                    found.add(stmt)
    return found


def _axis(stmt: Assign, kinds: KindFacts) -> tuple[int, ...] | None:
    """The axis that an extremum keeps; `()` where it is a number; None for anything else."""
    if stmt.fn not in EXTREMA or len(stmt.targets) != 1:
        return None
    found = known_call(stmt, kinds)
    return None if found is None else _kept_axis(found[1])


def _kept_axis(call: Call) -> tuple[int, ...] | None:
    if any(call.given(name) for name in ("where", "initial", "out", "dtype")):
        return None
    if not (call.is_literal("axis") and call.is_literal("keepdims")):
        return None
    axis, kept = call.literal("axis"), call.literal("keepdims")
    if axis is None:
        return () if not kept else None
    rank = call.kind("a").rank
    if kept is not True or not isinstance(axis, int) or axis >= 0 and rank is None:
        return None
    return (axis if axis < 0 or rank is None else axis - rank,)


def _escapes(growth: _Growths, fn: Function, rest: Sequence[Stmt]) -> bool:
    """True if a value that grows may be read outside of these statements."""
    inside = sum(len(growth.seen & reads(stmt)) for stmt in walk(tuple(rest)))
    return inside != sum(len(growth.seen & reads(stmt)) for stmt in walk(fn.body))


class _Growths:
    """What becomes of the values that follow from one extremum, statement by statement."""

    def __init__(self, name: str, axis: tuple[int, ...], kinds: KindFacts) -> None:
        self.axis = axis
        self.kinds = kinds
        self.of: dict[str, Growth] = {name: Growth(1)}
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
            return given[0] if given[0].factor and self.keeps(stmt) else None
        if any(self.get(atom).times for _, atom in stmt.kwargs):
            return None
        if len(given) == 2:
            return self.of_two(fn, *given)
        if len(given) != 1 or stmt.kwargs:
            return None
        (growth,) = given
        if fn in ("operator.neg", "numpy.negative"):
            return growth if growth.factor else Growth(-growth.times)
        if fn == "copy":
            return growth
        if fn in EXPONENTIALS and not growth.factor:
            return Growth(growth.times, factor=True)
        if fn in LOGARITHMS and growth.factor:
            return Growth(growth.times)
        return None

    def of_two(self, fn: str, a: Growth, b: Growth) -> Growth | None:
        if fn in ("operator.add", "operator.sub", "numpy.add", "numpy.subtract"):
            if a.factor or b.factor:
                return a if a == b else None
            return Growth(a.times + b.times if fn.endswith("add") else a.times - b.times)
        if fn in ("operator.mul", "operator.truediv", "numpy.multiply", "numpy.divide"):
            if not all(growth.factor or growth == STILL for growth in (a, b)):
                return None
            over = fn in ("operator.truediv", "numpy.divide")
            return Growth(a.times - b.times if over else a.times + b.times, factor=True)
        return None

    def keeps(self, stmt: Assign) -> bool:
        """True if `t` is the same for all that a sum adds."""
        found = known_call(stmt, self.kinds)
        if found is None or any(self.get(atom).times for atom in operands(stmt)[1:]):
            return False
        call = found[1]
        if self.axis == ():
            return not any(call.given(name) for name in ("where", "initial", "out"))
        return _kept_axis(call) == self.axis
