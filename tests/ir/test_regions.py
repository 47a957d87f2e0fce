"""Places of arrays in loops: what is said never to meet never does, by trying all iterations."""

from __future__ import annotations

import itertools
import random
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from srcgrad.analysis.kinds import KindFacts
from srcgrad.analysis.regions import Place, Range, Regions
from srcgrad.ir.core import Atom, Const, For, Var
from srcgrad.ir.kinds import INT, Dim, Length

N = 4  # the length of the axes


def nest(facts: KindFacts, *bounds: tuple[Any, Any, int]) -> tuple[For, ...]:
    """Loops in each other: start, stop and step; names of outer ones, or `n`."""
    loops: list[For] = []
    for depth, (start, stop, step) in enumerate(bounds):
        read: dict[str, Length] = {"n": Dim("n")}
        read |= {loop.index: Dim(loop.index) for loop in loops}
        start, stop = (Var(b) if isinstance(b, str) else Const(b) for b in (start, stop))
        loop = For(f"{'ijk'[depth]}{len(facts.writes)}", start, stop, Const(step), ())
        facts.reads[loop] = {name: replace(INT, value=value) for name, value in read.items()}
        facts.writes[loop] = {loop.index: replace(INT, value=Dim(loop.index))}
        loops.append(loop)
    return tuple(loops)


def value(limit: Atom | Length | None, env: dict[str, int]) -> int | None:
    if isinstance(limit, Dim):
        return env[limit.symbol] + limit.offset
    if isinstance(limit, Var):
        return env[limit.name]
    return limit.value if isinstance(limit, Const) else limit


def iterations(loops: tuple[For, ...], env: dict[str, int]) -> Iterator[dict[str, int]]:
    if not loops:
        yield env
        return
    loop, *rest = loops
    start, stop, step = (value(b, env) for b in (loop.start, loop.stop, loop.step))
    for index in range(start or 0, stop or 0, step or 1):
        yield from iterations(tuple(rest), {**env, loop.index: index})


def elements(place: Place, env: dict[str, int]) -> set[tuple[int, ...]]:
    axes = [*place.axes, (None, None)][:2]
    ranges = []
    for low, high in axes:
        first, last = value(low, env), value(high, env)
        ranges.append(range(max(first or 0, 0), N if last is None else min(last, N)))
    return set(itertools.product(*ranges))


def meets(first: Place, second: Place) -> bool:
    """By trying all iterations: some later one of the second names an element of the first."""
    common = sum(a is b for a, b in zip(first.loops, second.loops, strict=False))
    names = [(loop.index, value(loop.step, {}) or 1) for loop in first.loops[:common]]
    for here in iterations(first.loops, {"n": N}):
        for there in iterations(second.loops, {"n": N}):
            one = [here[name] * step for name, step in names], first.order
            other = [there[name] * step for name, step in names], second.order
            if one <= other and elements(first, here) & elements(second, there):
                return True
    return False


def some_place(rng: random.Random, loops: tuple[For, ...]) -> Place:
    names = [loop.index for loop in loops]

    def length() -> Length:
        if names and rng.random() < 0.8:
            return Dim(rng.choice(names), rng.choice([0, 0, 1]))
        return rng.randrange(N)

    def axis() -> Range:
        kind = rng.random()
        if kind < 0.5:
            at = length()
            return at, at.shifted(1) if isinstance(at, Dim) else at + 1
        if kind < 0.9:
            return rng.choice([(None, length()), (length(), None)])
        return None, None

    return Place(tuple(axis() for _ in range(2)), loops, rng.choice([1, 2]))


def test_what_never_meets() -> None:
    rng = random.Random(5)
    apart = 0
    for _ in range(600):
        facts = KindFacts()
        outer = rng.choice([(0, "n", 1), (1, "n", 1), (3, -1, -1)])
        shared = nest(facts, outer)
        name = shared[0].index
        inner = [(0, name, 1), (name, "n", 1), (0, "n", 1), ("n", name, -1), (0, "n", 2)]
        if rng.random() < 0.5:
            shared = nest(facts, outer, (0, "n", 1))
        loops = []
        for _ in range(2):
            depth = rng.choice([0, 1])
            own = For(f"k{len(facts.writes)}", *atoms(rng.choice(inner)), ())
            facts.reads[own] = {
                **{loop.index: replace(INT, value=Dim(loop.index)) for loop in shared},
                name: replace(INT, value=Dim(name)),
                "n": replace(INT, value=Dim("n")),
            }
            facts.writes[own] = {own.index: replace(INT, value=Dim(own.index))}
            inside = depth and name == shared[0].index
            loops.append((*shared, own) if inside else shared)
        first, second = (some_place(rng, each) for each in loops)
        told = Regions(facts, {"n"}).meets_later(first, second)
        assert told or not meets(first, second)
        apart += not told
    assert apart > 50


def atoms(bounds: tuple[Any, Any, int]) -> tuple[Atom, Atom, Atom]:
    start, stop, step = bounds
    ends = [Var(b) if isinstance(b, str) else Const(b) for b in (start, stop)]
    return ends[0], ends[1], Const(step)


@pytest.mark.parametrize(
    ("read", "written", "expected"),
    [
        # in `for i: for j < i:` A[i, :j] is read, A[i, j] written; A[j, :j]; A[j, j]; A[:j, 0]
        ((("i", 1), (None, "j")), (("i", 1), ("j", 1)), False),
        ((("j", 1), (None, "j")), (("i", 1), ("j", 1)), False),
        ((("j", 1), ("j", 1)), (("i", 1), ("j", 1)), False),
        (((None, "j"), (0, 1)), (("i", 1), ("j", 1)), False),
        ((("i", 1), ("j", 1)), (("i", 1), ("j", 1)), True),
        ((("j", None), (0, 1)), (("i", 1), ("j", 1)), True),
    ],
)
def test_a_triangle(read: Any, written: Any, expected: bool) -> None:
    facts = KindFacts()
    outer, inner = nest(facts, (0, "n", 1), (0, 0, 1))
    inner = replace(inner, stop=Var(outer.index))
    facts.reads[inner] = {outer.index: replace(INT, value=Dim(outer.index))}
    facts.writes[inner] = {inner.index: replace(INT, value=Dim(inner.index))}
    names = {"i": outer.index, "j": inner.index}

    def axis(said: Any) -> Range:
        low, high = said
        start = Dim(names[low]) if isinstance(low, str) else low
        if high == 1 and isinstance(start, Dim):
            return start, start.shifted(1)
        return start, Dim(names[high]) if isinstance(high, str) else high

    def place(axes: Any) -> Place:
        return Place(tuple(map(axis, axes)), (outer, inner), 1)

    regions = Regions(facts, {"n"})
    assert regions.meets_later(place(read), place(written)) is expected
    assert meets(place(read), place(written)) is expected
