"""Parts of an adjoint that nothing else was added to are stored, and need no zeros below them.

    x_bar = np.zeros_like(x)             x_bar = np.empty_like(x)
    x_bar[:, :3] = a                     x_bar[:, :3] = a
    x_bar[:, 3:5] += b            ->     x_bar[:, 3:5] = b
    x_bar[:, 5:] -= c                    x_bar[:, 5:] = -c

Zeros stay where the parts do not fill the array before it is read.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from srcgrad.ir.classes import dataclass
from srcgrad.ir.core import Assign, Atom, Block, Const, Function, Stmt, Store, Var
from srcgrad.ir.kinds import Kind
from srcgrad.ir.walk import reads, rebuild, same, walk, within, writes
from srcgrad.optimize.known import Known, is_new
from srcgrad.optimize.places import shape_of

ZEROS = "numpy.zeros_like"


@dataclass(frozen=True)
class Interval:
    """Part of an axis, from `start` to before `stop`; None is the end.

    Negative numbers count from the end, as they do in Python.
    """

    start: int
    stop: int | None

    @property
    def is_whole(self) -> bool:
        return self == WHOLE

    def is_apart(self, other: Interval) -> bool:
        return self.is_before(other) or other.is_before(self)

    def is_before(self, other: Interval) -> bool:
        """True if it ends where another one starts or before, in an axis of any length."""
        if self.stop is None:
            return False
        return self.stop <= other.start and (self.stop < 0) == (other.start < 0)


WHOLE = Interval(0, None)
Part = tuple[Interval, ...]  # of the first axes; the others are whole


def fill_parts(fn: Function, kinds: Mapping[str, Kind]) -> Function:
    """The function with adjoints filled part by part.

    `kinds`: of variables that have but one. Statements that stay as they are are the same objects.
    """
    if not any(isinstance(stmt, Assign) and stmt.fn == ZEROS for stmt in walk(fn.body)):
        return fn
    return replace(fn, body=_Fillings(Known(fn, kinds)).block(fn.body))


class _Filling:
    """An adjoint of zeros, made by `zeros`, and the parts of it that were stored into."""

    def __init__(self, zeros: Assign) -> None:
        self.zeros = zeros
        self.parts: list[Part] = []
        self.unread = True


class _Fillings:
    def __init__(self, known: Known) -> None:
        self.known = known
        self.count = 0

    def block(self, block: Block) -> Block:
        code = [rebuild(stmt, self.block) for stmt in block]
        changes: dict[Stmt, tuple[Stmt, ...]] = {}
        zeros: dict[str, Assign] = {}  # made here
        there: dict[str, _Filling] = {}  # those that have no other name
        for stmt in code:
            for name in _touched(stmt) & there.keys() if there else ():
                filling = there[name]
                part = self.part(stmt, name)
                if isinstance(stmt, Store) and part is not None:
                    changes |= self.stored(stmt, part, filling)
                elif _only_reads(stmt, name):
                    filling.unread = False
                else:
                    del there[name]  # what is stored into it from here on is not known
            if isinstance(stmt, Assign) and len(stmt.targets) == 1:
                if stmt.fn == ZEROS:
                    zeros[stmt.target] = stmt
                made = zeros.get(self.source(stmt))
                own = stmt.target.endswith("%bar") and self.known.bound[stmt.target] == 1
                if made is not None and own:
                    there[stmt.target] = _Filling(made)
        out = [one for stmt in code for one in changes.get(stmt, (stmt,))]
        return same(block, out)

    def source(self, stmt: Assign) -> str:
        """The zeros that a statement gives a name, those that it makes itself among them."""
        if stmt.fn == ZEROS:
            return stmt.target
        atom = stmt.args[0] if stmt.fn == "copy" else None
        single = isinstance(atom, Var) and self.known.read[atom.name] == 1
        return atom.name if single and isinstance(atom, Var) else ""

    def stored(self, stmt: Store, part: Part, filling: _Filling) -> dict[Stmt, tuple[Stmt, ...]]:
        """What becomes of a store into a part, and of the zeros if none of them are left."""
        changes: dict[Stmt, tuple[Stmt, ...]] = {}
        if stmt.op != "set" and all(_are_apart(part, other) for other in filling.parts):
            changes[stmt] = self.without_zeros(stmt)
        elif stmt.op != "set" and part not in filling.parts:
            filling.unread = False  # it may add to zeros: `x_bar[0]`, after `x_bar[-1]`
        filling.parts.append(part)
        if filling.unread and self.is_full(filling.parts, stmt.base):
            changes[filling.zeros] = (replace(filling.zeros, fn="numpy.empty_like"),)
            filling.unread = False
        return changes

    def without_zeros(self, stmt: Store) -> tuple[Stmt, ...]:
        """What is added to zeros, or subtracted from them, is stored."""
        if stmt.op == "add":
            return (replace(stmt, op="set"),)
        self.count += 1
        negative = Var(f"{stmt.base.name}@bneg{self.count}")
        return (
            Assign((negative.name,), "operator.neg", (stmt.value,), unit=stmt.unit),
            replace(stmt, op="set", value=negative),
        )

    def part(self, stmt: Stmt, name: str) -> Part | None:
        """What a store into this array writes to, if it is the same in every run."""
        if not isinstance(stmt, Store) or stmt.base.name != name:
            return None
        if stmt.op == "at" or stmt.restores or stmt.sync or Var(name) in (stmt.index, stmt.value):
            return None
        made = self.known.maker(stmt.index)
        atoms = made.args if made is not None and made.fn == "tuple" else (stmt.index,)
        found = tuple(self.intervals(atoms))
        return found if len(found) == len(atoms) else None

    def intervals(self, atoms: tuple[Atom, ...]) -> Iterator[Interval]:
        """As many as are known from the start."""
        for atom in atoms:
            made = self.known.maker(atom)
            if isinstance(atom, Const) and type(atom.value) is int:
                after = atom.value + 1
                yield Interval(atom.value, after if after else None)
                continue
            if made is None or made.fn != "slice" or not all(map(_is_bound, made.args)):
                return
            start, stop, step = (atom.value for atom in made.args if isinstance(atom, Const))
            if step not in (None, 1):
                return
            yield Interval(start or 0, stop)

    def is_full(self, parts: list[Part], base: Var) -> bool:
        """True if the parts follow each other along one axis, from its start to its end."""
        shape = shape_of(self.known, base) or ()
        axes = {axis for part in parts for axis, one in enumerate(part) if not one.is_whole}
        if len(axes) != 1:
            return not axes
        (axis,) = axes
        if any(len(part) <= axis for part in parts):
            return False
        end: int | None = 0
        along = {part[axis] for part in parts}
        for one in sorted(along, key=lambda one: (one.start < 0, one.start)):
            if end is None or one.start != end:
                return False
            end = one.stop
        known = shape[axis] if axis < len(shape) else None
        return end is None or isinstance(known, int) and end >= known


def _is_bound(atom: Atom) -> bool:
    return isinstance(atom, Const) and (atom.value is None or type(atom.value) is int)


def _are_apart(part: Part, other: Part) -> bool:
    return any(a.is_apart(b) for a, b in zip(part, other, strict=False))


def _touched(stmt: Stmt) -> set[str]:
    return {name for part in within(stmt) for name in (*reads(part), *writes(part))}


def _only_reads(stmt: Stmt, name: str) -> bool:
    """True for an operation whose result is new memory."""
    if not isinstance(stmt, Assign) or name in stmt.targets:
        return False
    return is_new(stmt) and all(key != "out" for key, _ in stmt.kwargs)
