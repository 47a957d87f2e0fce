"""What names reach through others: against a search from each name, and in few looks."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Mapping

import pytest

from srcgrad.ir.reach import Reach


def searched(edges: Mapping[str, list[str]], name: str) -> set[str]:
    """By one search for one name."""
    pending, seen = [name], {name}
    for one in pending:
        more = set(edges[one]) - seen
        seen |= more
        pending += more
    return {one.upper() for one in seen}


@pytest.mark.parametrize("seed", range(40))
def test_cycles_and_trees_are_as_by_a_search_from_each_name(seed: int) -> None:
    rng = random.Random(seed)
    names = [f"n{i}" for i in range(rng.randint(1, 14))]
    edges = {n: rng.choices(names, k=rng.randint(0, 3)) for n in names}
    looks = Counter[str]()

    def step(name: str) -> tuple[set[str], list[str]]:
        looks[name] += 1
        return {name.upper()}, edges[name]

    reach = Reach(step)
    for name in rng.sample(names, len(names)):
        assert reach.of(name) == searched(edges, name)
    assert set(looks.values()) == {1}


def test_a_chain_is_not_walked_for_each_name_of_it() -> None:
    size = 2000
    looks = Counter[int]()

    def step(name: str) -> tuple[set[str], list[str]]:
        looks[int(name)] += 1
        return ({"end"}, []) if name == "0" else (set(), [str(int(name) - 1)])

    reach = Reach(step)
    assert all(reach.of(str(i)) == {"end"} for i in reversed(range(size)))
    assert looks.total() == size
