"""Jacobians by columns have the structure, the shapes and the dtypes of those by rows."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from srcgrad import SrcgradError, hessian, jacfwd, jacobian, jacrev, trees


def cubes(x, y):
    return x**3 + np.sum(y * y)


def nest(x, y):
    return {"sum": np.sum(x) * y, "name": "nest", "parts": [x * y[0], np.argmax(x)]}


def of_dict(p, y):
    return p["w"] * np.sum(y), np.sum(p["w"] ** 2) * p["b"]


def one_number(x, y):
    return np.sum(x**3) * np.sum(y)


def one_by_one(x, y):
    """A loop that ends when its numbers say so: there is no axis for directions."""
    while np.sum(x) < 8.0:
        x = x * 1.5
    return x * y[0]


X, Y = np.array([1.2, 0.7, 0.4]), np.array([0.3, 1.1])
EMPTY = np.zeros((0, 2))
CASES = {
    "arrays": (cubes, X, Y),
    "nests": (nest, X, Y),
    "a dict": (of_dict, {"w": X, "b": 0.5}, Y),
    "a number": (one_number, X, Y),
    "numbers": (one_number, 0.4, 1.3),
    "one at a time": (one_by_one, X, Y),
    "single precision": (cubes, X.astype(np.float32), Y),
    "no elements": (one_number, X, EMPTY),
    "no elements first": (one_number, EMPTY, Y),
}


def same(found: Any, expected: Any) -> None:
    (ours, form), (theirs, other) = trees.flatten(found), trees.flatten(expected)
    assert trees.unflatten(form, [0] * len(ours)) == trees.unflatten(other, [0] * len(theirs))
    for a, b in zip(ours, theirs, strict=True):
        if not trees.is_float_leaf(b):
            assert a == b
            continue
        assert np.shape(a) == np.shape(b)
        assert np.asarray(a).dtype == np.asarray(b).dtype
        np.testing.assert_allclose(a, b, rtol=2e-6 if np.asarray(a).dtype == np.float32 else 1e-12)


@pytest.mark.parametrize("argnums", [0, 1, (0,), (1,), (0, 1), (1, 0)], ids=str)
@pytest.mark.parametrize("name", CASES)
def test_as_by_rows(name: str, argnums: int | tuple[int, ...]) -> None:
    f, *args = CASES[name]
    same(jacfwd(f, argnums)(*args), jacrev(f, argnums)(*args))


@pytest.mark.parametrize("argnums", [0, (0,), (0, 1)], ids=str)
@pytest.mark.parametrize("size", [1, 6])
def test_the_mode_does_not_show(size: int, argnums: int | tuple[int, ...]) -> None:
    """Of one argument many numbers, of six of them one: by columns, and by rows."""

    def f(x: np.ndarray, y: float) -> np.ndarray:
        return np.outer(x, x) * y if size == 1 else np.sum(x**2) * y

    args = np.linspace(0.5, 1.5, size), 0.7
    same(jacobian(f, argnums)(*args), jacrev(f, argnums)(*args))


def through_a_copy(x: np.ndarray) -> float:
    """Its gradient takes one direction at a time."""
    y = x[1] * np.prod(np.cos(x))
    x = x[:]
    return np.sum(x**2) + y


@pytest.mark.parametrize("f", [through_a_copy, functools.partial(cubes, y=Y)], ids=["one", "many"])
def test_hessians_of_a_tuple_of_one(f: Callable[..., Any]) -> None:
    x = np.array([0.5, 0.2, -0.4])
    scalar = f if f is through_a_copy else lambda x: np.sum(cubes(x, Y) ** 2)
    ((found,),) = hessian(scalar, (0,))(x)
    np.testing.assert_allclose(found, hessian(scalar)(x), rtol=1e-12)


@pytest.mark.parametrize("by", [jacfwd, jacrev])
def test_nothing_to_differentiate(by: Callable[..., Any]) -> None:
    with pytest.raises(SrcgradError, match="returns nothing that has a derivative"):
        by(lambda x: int(np.argmax(x)))(X)
