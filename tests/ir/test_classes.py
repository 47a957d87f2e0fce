"""The `dataclass` of the compiler does what the standard one does, but for the check of frozen."""

from __future__ import annotations

import copy
import dataclasses
import pickle
from collections.abc import Callable
from dataclasses import field
from typing import Any

import pytest

from srcgrad.ir import classes

ORDINARY: dict[str, Any] = {"frozen": True, "slots": True}
WAYS = [ORDINARY, {"slots": True}, {"eq": False}, {"frozen": True, "eq": False, "slots": True}]


def defined(dataclass: Callable[..., Any], how: dict[str, Any]) -> type[Any]:
    @dataclass(**how)
    class Point:
        x: float
        y: float = 2.0
        names: list[str] = field(default_factory=list, compare=False)
        hidden: int = field(default=3, repr=False)
        total: float = field(init=False, default=0.0)

        def __post_init__(self) -> None:
            object.__setattr__(self, "total", self.x + self.y)

    return Point


@pytest.mark.parametrize("how", WAYS, ids=str)
def test_objects_are_those_of_the_standard_decorator(how: dict[str, Any]) -> None:
    made = [defined(one, how) for one in (classes.dataclass, dataclasses.dataclass)]
    texts, equal, hashed = [], [], []
    for cls in made:
        point, other, twin = cls(1.0), cls(1.0, y=5.0, hidden=4), cls(1.0, names=["a"])
        assert point.names == [] and point.names is not cls(1.0).names
        texts.append((repr(point), repr(dataclasses.replace(other, x=7.0)), cls.__match_args__))
        equal.append((point == twin, point == other, point != other, point == 3, point.total))
        hashed.append(cls.__hash__ is None or (hash(point) == hash(twin), hash(point) == hash(3)))
        assert [f.name for f in dataclasses.fields(cls)] == ["x", "y", "names", "hidden", "total"]
        assert hasattr(point, "__dict__") is not how.get("slots", False)
        with pytest.raises(TypeError):
            cls()
    for pair in (texts, equal, hashed):
        assert pair[0] == pair[1]


@classes.dataclass(frozen=True, slots=True)
class Base:
    x: int


@classes.dataclass(frozen=True, slots=True)
class Derived(Base):
    y: tuple[int, ...] = ()

    def __hash__(self) -> int:
        return 5


def test_classes_may_be_derived_copied_and_kept() -> None:
    one = Derived(1, (2,))
    assert one == Derived(1, (2,)) != Base(1)  # of another class
    assert hash(one) == 5
    for again in (copy.copy(one), copy.deepcopy(one), pickle.loads(pickle.dumps(one))):
        assert again == one and type(again) is Derived
    assert Derived.__doc__ == "Derived"


@pytest.mark.parametrize("how", WAYS, ids=str)
def test_objects_are_replaced_as_by_the_standard_function(how: dict[str, Any]) -> None:
    cls = defined(classes.dataclass, how)
    point = cls(1.0, names=["a"], hidden=4)
    for changes in ({}, {"x": 3.0}, {"y": 0.5, "names": []}):
        new, expected = (one.replace(point, **changes) for one in (classes, dataclasses))
        assert dataclasses.asdict(new) == dataclasses.asdict(expected)
        assert new is not point
    for changes in ({"z": 1.0}, {"total": 1.0}):
        with pytest.raises((TypeError, ValueError)):
            classes.replace(point, **changes)
