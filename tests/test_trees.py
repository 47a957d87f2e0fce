"""Trees come back with their own types, and what is not float passes through."""

from __future__ import annotations

from collections import OrderedDict, defaultdict
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np
import pytest

from srcgrad import grad, trees
from srcgrad.errors import SrcgradError


@dataclass
class Plain:
    w: Any
    n: int = 2


@dataclass(frozen=True)
class Frozen:
    w: Any


@dataclass(slots=True)
class Slots:
    w: Any


@dataclass(frozen=True, slots=True)
class FrozenSlots:
    w: Any


@dataclass
class Positive:
    sigma: Any
    log: Any = field(init=False)

    def __post_init__(self) -> None:
        if self.sigma <= 0:
            raise ValueError("sigma must be positive")
        self.log = np.log(self.sigma)


class Point(NamedTuple):
    x: Any
    y: Any


class Attributes(dict[str, Any]):
    """Items that are attributes, as many libraries have it."""

    def __init__(self, **items: Any) -> None:
        super().__init__(items)
        self.__dict__ = self


class Names(list[Any]):
    label = "names"


TREES = [
    1.0,
    (1.0, [2.0, {"a": 3.0}]),
    Plain(1.0),
    Frozen((1.0, 2.0)),
    Slots([1.0]),
    FrozenSlots({"b": 1.0}),
    Positive(2.0),
    Point(1.0, Point(2.0, None)),
    OrderedDict(b=1.0, a=2.0),
    Attributes(a=1.0),
    Names([1.0, 2.0]),
    [],
    {"a": (), "b": "text", "c": None},
]


@pytest.mark.parametrize("tree", TREES, ids=repr)
def test_flatten_and_unflatten_are_inverse(tree: Any) -> None:
    leaves, structure = trees.flatten(tree)
    again = trees.unflatten(structure, leaves)
    assert type(again) is type(tree)
    assert again == tree
    assert trees.flatten(again)[1] == structure
    assert structure.size == len(leaves) == len(trees.paths(tree))


@pytest.mark.parametrize("tree", TREES, ids=repr)
def test_map_leaves_changes_leaves_alone(tree: Any) -> None:
    before = trees.flatten(tree)[0]
    zero = trees.map_leaves(trees.zeros_like, tree)
    assert type(zero) is type(tree)
    assert trees.flatten(zero)[0] == [0.0 if isinstance(x, float) else x for x in before]
    assert trees.flatten(tree)[0] == before  # a new tree


def test_no_constructor_runs() -> None:
    gradient = trees.map_leaves(lambda leaf: -leaf, Positive(2.0))
    assert gradient.sigma == -2.0
    assert gradient.log == -np.log(2.0)


def test_attributes_follow_the_items() -> None:
    new = trees.map_leaves(lambda leaf: leaf + 1, Attributes(a=1.0))
    assert (new.a, new["a"]) == (2.0, 2.0)


def test_a_default_factory_survives() -> None:
    new = trees.map_leaves(lambda leaf: leaf + 1, defaultdict(list, a=1.0))
    assert new["a"] == 2.0
    assert new["other"] == []


def test_structures_tell_types_apart() -> None:
    assert trees.flatten((1.0, 2.0))[1] == trees.flatten((5.0, None))[1]
    assert trees.flatten((1.0, 2.0))[1] != trees.flatten([1.0, 2.0])[1]
    assert trees.flatten((1.0, 2.0))[1] != trees.flatten(Point(1.0, 2.0))[1]


def test_restructure_gives_the_templates_types() -> None:
    template = Plain(Point(1.0, 2.0))
    got = trees.restructure({"w": (3.0, 4.0), "n": 2}, template)
    assert got == Plain(Point(3.0, 4.0))
    assert type(got.w) is Point


def test_other_keys_are_an_error() -> None:
    with pytest.raises(SrcgradError, match="differ in structure"):
        trees.map_leaves(lambda a, b: a, {"a": 1.0}, {"b": 1.0})
    with pytest.raises(SrcgradError, match="differ in structure"):
        trees.map_leaves(lambda a, b: a, [], 1.0)


def test_a_wrong_number_of_leaves_is_an_error() -> None:
    with pytest.raises(SrcgradError, match="2 leaves was given 1"):
        trees.unflatten(trees.flatten((1.0, 2.0))[1], [1.0])


def test_paths_read_like_python() -> None:
    tree = {"w": [1.0, Plain(Point(2.0, 3.0))]}
    assert trees.paths(tree, "p") == [
        "p['w'][0]",
        "p['w'][1].w.x",
        "p['w'][1].w.y",
        "p['w'][1].n",
    ]


@pytest.mark.parametrize(
    "leaf",
    [1.0, 1j, np.float32(1), np.complex64(1), np.array(1.0), np.ones((2, 0), np.float16)],
    ids=repr,
)
def test_zero_is_of_the_leafs_kind(leaf: Any) -> None:
    zero = trees.zeros_like(leaf)
    assert trees.is_float_leaf(leaf)
    assert type(zero) is type(leaf)
    assert np.asarray(zero).dtype == np.asarray(leaf).dtype
    assert np.shape(zero) == np.shape(leaf)
    assert not np.any(zero)


@pytest.mark.parametrize("leaf", [1, True, "a", None, np.int64(1), np.arange(3), len], ids=repr)
def test_what_is_not_float_passes_through(leaf: Any) -> None:
    assert not trees.has_float_leaf([leaf])
    assert trees.zeros_like(leaf) is leaf


def test_long_lists_inside_containers() -> None:
    """What is known of a long list is its items, not their number."""

    def f(state):
        total = np.sum(state["a"])
        for x in state["b"]:
            total = total + np.sum(x * x)
        return total

    given = {"a": np.ones(2), "b": [np.full(2, float(i)) for i in range(40)]}
    found = grad(f)(given)
    np.testing.assert_array_equal(found["a"], np.ones(2))
    np.testing.assert_array_equal(found["b"], [2 * x for x in given["b"]])
    pair = grad(lambda both: f({"a": both[0], "b": both[1]}))((given["a"], given["b"]))
    np.testing.assert_array_equal(pair[1], found["b"])
