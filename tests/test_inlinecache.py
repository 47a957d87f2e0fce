"""Inline caches: a test passes what has the same exact key, and nothing else."""

from __future__ import annotations

from collections import OrderedDict, namedtuple
from typing import Any

import numpy as np
import pytest

from srcgrad import grad
from srcgrad.inlinecache import MOST, InlineCache, never
from srcgrad.ir.values import exact_keys

Point = namedtuple("Point", "x y")
X = np.ones(3)
ARGUMENTS: tuple[tuple[Any, ...], ...] = (
    (),
    (1.0,),
    (1,),
    (True,),
    (None,),
    (np.float64(1.0),),
    (np.float32(1.0),),
    (1.0, 1.0),
    (X,),
    (X[:2],),
    (X.reshape(1, 3),),
    (X.astype(np.float32),),
    (X.astype(">f8"),),
    (np.array(1.0),),
    ([X, X],),
    ((X, X),),
    ([X, X, X],),
    ([X, [X, 1.0]],),
    ([X, [X, 1]],),
    ([],),
    ((),),
    ({},),
    ({"w": X, "b": 1.0},),
    ({"b": 1.0, "w": X},),
    ({"w": X, "b": X},),
    ({"w": X},),
    ({"w": X}, X),
    ({0: X, "v0": 1.0},),
    (OrderedDict(w=X),),
    (Point(X, X),),
    (np.ma.array(X),),
    ("text",),
    (slice(1, 2),),
)


def made_for(args: tuple[Any, ...]) -> Any:
    """The test that is made when arguments come for the second time."""
    cache, key = InlineCache(), exact_keys(args, {})
    assert cache.test(key, args) is never
    return cache.test(key, args)


@pytest.mark.parametrize("args", ARGUMENTS, ids=repr)
def test_it_passes_what_has_the_same_key(args: tuple[Any, ...]) -> None:
    passes = made_for(args)
    for others in ARGUMENTS:
        same = exact_keys(args, {}) == exact_keys(others, {})
        assert passes(others) == (same and passes is not never), others


def test_containers_of_other_types_have_no_test() -> None:
    assert made_for((Point(X, X),)) is never
    assert made_for((OrderedDict(w=X),)) is never
    assert made_for(([X] * MOST,)) is never


def test_arrays_of_ever_new_lengths_have_no_test_each() -> None:
    cache = InlineCache()
    for n in range(50):
        args = (np.ones(n),)
        assert cache.test(exact_keys(args, {}), args) is never


def test_a_derivative_changes_its_version_with_its_arguments() -> None:
    slope = grad(lambda x, k: np.sum(x * x * k))
    for x in 4 * (1.5, X, np.arange(5.0), 2) + 4 * (X, X, 0.5, 0.5):
        found, wanted = slope(x, 3.0), 6.0 * np.asarray(x, dtype=float)
        np.testing.assert_array_equal(found, wanted)
        np.testing.assert_array_equal(slope(x, k=3.0), wanted)
