"""Recorded values in the place that fits them: a variable, an array by the loops' indices, a list.

Where the backward sweep mirrors the forward one, each statement that records a value has one
partner that brings it back, and the two share a tape of their own.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import field, replace
from typing import TypeAlias

from srcgrad.analysis.kinds import KindFacts
from srcgrad.analysis.operations import shift
from srcgrad.ir.classes import dataclass
from srcgrad.ir.core import (
    Assign,
    Atom,
    Block,
    Const,
    For,
    Function,
    If,
    Pop,
    Push,
    Stmt,
    Var,
)
from srcgrad.ir.kinds import Dtype, Length
from srcgrad.ir.walk import assigned, blocks, names, operands, rebuild, walk, writes
from srcgrad.loops.lengths import Lengths

Loop: TypeAlias = tuple[For, For]  # of the forward sweep, and of the backward one
Bounds: TypeAlias = tuple[Length | None, Length | None]


@dataclass(frozen=True, slots=True)
class Site:
    """A statement that records a value, and the one that brings it back."""

    push: Push
    pop: Pop
    loops: tuple[Loop, ...]
    branches: bool  # either stands in a branch


@dataclass(slots=True)
class _Node:
    """A statement that uses a tape, or one that holds such; `parts` by nested block."""

    stmt: Stmt
    parts: list[list[_Node]] = field(default_factory=list)


Trees: TypeAlias = dict[tuple[str, bool], list[_Node]]  # by tape, and whether values are recorded


def sites(fn: Function) -> dict[str, list[Site]]:
    """Of each tape that mirrors itself, who records and who brings back."""
    trees = _trees(fn.body)
    outer = {s.target for s in fn.body if isinstance(s, Assign) and s.fn == "list"}
    made: Counter[str] = Counter()
    other: set[str] = set()
    for stmt in walk(fn.body):
        made.update(writes(stmt))
        if not isinstance(stmt, (Push, Pop)):
            other.update(names(operands(stmt)))
    found = {}
    for tape, pushes in trees.items():
        name, records = tape
        if records and name in outer and made[name] == 1 and name not in other:
            pairs = _mirrored(pushes, trees.get((name, False), []), (), False)
            if pairs is not None:
                found[name] = pairs
    return found


def _trees(block: Block) -> Trees:
    out: Trees = {}
    for stmt in block:
        if isinstance(stmt, (Push, Pop)):
            out.setdefault((stmt.tape, isinstance(stmt, Push)), []).append(_Node(stmt))
            continue
        inner = [_trees(b) for b in blocks(stmt)]
        for key in dict.fromkeys(key for trees in inner for key in trees):
            out.setdefault(key, []).append(_Node(stmt, [trees.get(key, []) for trees in inner]))
    return out


def _mirrored(
    pushes: list[_Node], pops: list[_Node], loops: tuple[Loop, ...], branches: bool
) -> list[Site] | None:
    """The partners, where what is brought back mirrors what is recorded."""
    if len(pushes) != len(pops):
        return None
    found: list[Site] = []
    for there, back in zip(pushes, reversed(pops), strict=True):
        a, b = there.stmt, back.stmt
        if isinstance(a, Push) and isinstance(b, Pop):
            found.append(Site(a, b, loops, branches))
            continue
        if isinstance(a, For) and isinstance(b, For) and a.reverse != b.reverse:
            loops_ = (*loops, (a, b))
        elif isinstance(a, If) and isinstance(b, If) and "try" not in (a.form, b.form):
            loops_ = loops
        else:
            return None
        for mine, theirs in zip(there.parts, back.parts, strict=True):
            inner = _mirrored(mine, theirs, loops_, branches or isinstance(a, If))
            if inner is None:
                return None
            found += inner
    return found


def apart(fn: Function) -> Function:
    """The function with a tape for each pair of partners; one outside of loops is a variable."""
    new: dict[Stmt, Stmt] = {}
    tapes: dict[str, list[str]] = {}
    for tape, pairs in sites(fn).items():
        tapes[tape] = []
        for number, site in enumerate(pairs):
            if site.loops:
                own = tape if not number else f"{tape}@{number}"
                tapes[tape].append(own)
                new[site.push] = replace(site.push, tape=own)
                new[site.pop] = replace(site.pop, tape=own)
                continue
            kept = f"{tape.removesuffix('%tape')}%kept@{number}"
            new[site.push] = Assign((kept,), "copy", (site.push.value,), unit=site.push.unit)
            new[site.pop] = Assign((site.pop.target,), "copy", (Var(kept),), unit=site.pop.unit)

    def change(block: Block) -> Block:
        out: list[Stmt] = []
        for stmt in block:
            if isinstance(stmt, Assign) and stmt.fn == "list" and stmt.targets[0] in tapes:
                out += [replace(stmt, targets=(own,)) for own in tapes[stmt.target]]
            else:
                out.append(rebuild(new.get(stmt, stmt), change))
        return tuple(out)

    return replace(fn, body=change(fn.body)) if tapes else fn


# --- numbers that are recorded in an array


@dataclass(frozen=True, slots=True)
class Shelf:
    """A tape that is an array: its axes are loops, whose indices lie between two lengths."""

    axes: tuple[tuple[Length, Length], ...]
    pushed: tuple[str, ...]  # indices of the loops around the statement that records
    popped: tuple[str, ...]
    dtype: Dtype


_NUMBERS: dict[str, Dtype] = {"pf": "f8", "f8": "f8", "f4": "f4", "pi": "i", "i": "i", "b": "b"}


def shelves(fn: Function, facts: KindFacts, lengths: Lengths) -> dict[str, Shelf]:
    """Tapes of numbers that are recorded once in each turn of loops of known range."""
    ranges = _Ranges(fn, facts, lengths)
    found = {}
    for tape, pairs in sites(fn).items():
        shelf = ranges.shelf(pairs[0]) if len(pairs) == 1 else None
        if shelf is not None:
            found[tape] = shelf
    return found


class _Ranges:
    """What indices of loops, and sums of them with numbers, lie between."""

    def __init__(self, fn: Function, facts: KindFacts, lengths: Lengths) -> None:
        self.facts = facts
        self.lengths = lengths
        self.bound: Counter[str] = Counter(p.name for p in fn.params)
        self.makers: dict[str, Stmt] = {}
        for stmt in walk(fn.body):
            for name in writes(stmt):
                self.bound[name] += 1
                self.makers[name] = stmt

    def shelf(self, site: Site) -> Shelf | None:
        kind = self.facts.before(site.push, site.push.value)
        dtype = _NUMBERS.get(kind.dtype) if kind.is_scalar else None
        if dtype is None or site.branches or not site.loops:
            return None
        there, back = (self.axes(loops) for loops in zip(*site.loops, strict=True))
        if there is None or back is None:
            return None
        ends = [
            pair
            for one, other in zip(there, back, strict=True)
            for pair in zip(one, other, strict=True)
        ]
        if not all(self.lengths.same(a, b) for a, b in ends):
            return None
        pushed = tuple(loop.index for loop, _ in site.loops)
        return Shelf(tuple(there), pushed, tuple(loop.index for _, loop in site.loops), dtype)

    def axes(self, loops: tuple[For, ...]) -> list[tuple[Length, Length]] | None:
        """The range of each loop's index; `loops` from the outermost on."""
        around: dict[str, tuple[For, Bounds]] = {}
        found: list[tuple[Length, Length]] = []
        for loop in loops:
            low, high = self.turns(loop, around)
            if low is None or high is None or not (self.is_known(low) and self.is_known(high)):
                return None
            around[loop.index] = loop, (low, high)
            found.append((low, high))
        return found

    def turns(self, loop: For, around: dict[str, tuple[For, Bounds]]) -> Bounds:
        """The least and the greatest value of a loop's index."""
        if not isinstance(loop.step, Const) or loop.step.value not in (1, -1):
            return None, None
        if loop.index in assigned(loop.body):
            return None, None
        start, stop = (self.between(loop, atom, around) for atom in (loop.start, loop.stop))
        if loop.step.value == 1:
            return start[0], shift(stop[1], 1, -1)
        return shift(stop[0], 1, 1), start[1]

    def is_known(self, length: Length) -> bool:
        symbol = self.lengths.root(length)[0]
        return not symbol or symbol in self.lengths.fixed

    def between(self, stmt: Stmt, atom: Atom, around: dict[str, tuple[For, Bounds]]) -> Bounds:
        if isinstance(atom, Const):
            value = atom.value if type(atom.value) is int else None
            return value, value
        known = self.facts.before(stmt, atom).value
        if known is not None and self.is_known(known):
            return known, known
        if atom.name in around:
            loop, bounds = around[atom.name]
            return bounds if any(stmt is inner for inner in walk(loop.body)) else (None, None)
        maker = self.makers.get(atom.name)
        if self.bound[atom.name] != 1 or not isinstance(maker, Assign):
            return None, None
        if maker.fn not in ("operator.add", "operator.sub") or len(maker.targets) != 1:
            return None, None
        (low, high), (least, most) = (self.between(maker, a, around) for a in maker.args)
        if maker.fn == "operator.add":
            return shift(low, least, 1), shift(high, most, 1)
        return shift(low, most, -1), shift(high, least, -1)
