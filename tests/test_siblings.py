"""Functions that one `def` or `lambda` makes again and again share the text of a derivative."""

from __future__ import annotations

import pickle
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from srcgrad import grad, making, value_and_grad


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """The functions for which the compiler is run."""
    calls: list[Any] = []
    lowered_for = making.lowered_for

    def counting(primal: Any, *rest: Any) -> Any:
        calls.append(primal)
        return lowered_for(primal, *rest)

    monkeypatch.setattr(making, "lowered_for", counting)
    return calls


def slope(f: Callable[..., Any], x: Any) -> Any:
    h = 1e-6
    return (f(x + h) - f(x - h)) / (2 * h)


def test_floats_and_arrays_are_data(made: list[Any]) -> None:
    def family(p: Any, a: Any) -> Callable[..., Any]:
        return lambda x: np.sum(a * x**p) * p + a[0]

    for number, (p, a) in enumerate(
        [(2.0, np.ones(3)), (3.0, np.arange(3.0)), (1.0, np.full(3, 7.0))]
    ):
        f = family(p, a)
        derivative = grad(f)
        found = derivative(1.5)
        np.testing.assert_allclose(found, slope(f, 1.5), rtol=1e-7)
        assert f"p = {p}" in derivative.source or f"p={p}" in derivative.source, number
        again = pickle.loads(pickle.dumps(derivative))
        np.testing.assert_allclose(again(1.5), found)
    assert len(made) == 2  # the first, and the general one, which is pickled


def test_what_steers_the_text_is_no_data(made: list[Any]) -> None:
    def family(n: Any, a: Any) -> Callable[..., Any]:
        def f(x: Any) -> Any:
            return np.sum(a[n] * x**n)

        return f

    kinds = [(2, [1.0, 2.0, 3.0]), (1, [1.0, 2.0, 3.0]), (1, (4.0, 5.0)), (0, np.ones((2, 2)))]
    for n, a in kinds:
        np.testing.assert_allclose(
            grad(family(n, a))(1.5), slope(family(n, a), 1.5), rtol=1e-7, atol=1e-9
        )
    assert len(made) == len(kinds)


def test_shapes_and_dtypes(made: list[Any]) -> None:
    def family(a: Any) -> Callable[..., Any]:
        return lambda x: np.sum(a * x)

    ones = np.ones
    for a in (ones(3), ones(1), ones((2, 3)), ones(3, dtype=np.float32), ones(3, dtype=int)):
        np.testing.assert_allclose(grad(family(a))(np.ones(3)), grad_of(a), rtol=1e-6)
    assert len(made) == 5


def grad_of(a: Any) -> Any:
    whole = np.broadcast_to(a, np.broadcast_shapes(np.shape(a), (3,)))
    return np.sum(whole.reshape(-1, 3), axis=0)


def test_captured_functions(made: list[Any]) -> None:
    def family(k: Any) -> Callable[..., Any]:
        def inner(x: Any) -> Any:
            return k * x**2

        return lambda x: inner(x) + k

    for k in (1.0, 2.0, 5.0):
        np.testing.assert_allclose(grad(family(k))(1.5), 3.0 * k)
    assert len(made) == 3


def test_defaults(made: list[Any]) -> None:
    def family(k: Any) -> Callable[..., Any]:
        def f(x: Any, by: Any = k) -> Any:
            return by * x**2

        return f

    for k in (1.0, 2.0, 5.0):
        np.testing.assert_allclose(grad(family(k))(1.5), 3.0 * k)


def test_a_variable_that_is_bound_anew() -> None:
    def family(k: Any) -> Any:
        def f(x: Any) -> Any:
            return k * x**2

        def change(to: Any) -> None:
            nonlocal k
            k = to

        return f, change

    first, change_first = family(1.0)
    second, change_second = family(2.0)
    slopes = grad(first), grad(second)
    assert [s(1.5) for s in slopes] == [3.0, 6.0]
    change_second(4.0)
    assert [s(1.5) for s in slopes] == [3.0, 12.0]
    change_first(np.array([1.0, 2.0])[1])
    assert [s(1.5) for s in slopes] == [6.0, 12.0]


SCALE = 2.0


def test_globals(made: list[Any], monkeypatch: pytest.MonkeyPatch) -> None:
    def family(k: Any) -> Callable[..., Any]:
        return lambda x: k * x**2 * SCALE

    assert grad(family(1.0))(1.5) == 6.0
    monkeypatch.setitem(globals(), "SCALE", 3.0)
    assert grad(family(2.0))(1.5) == 18.0
    assert grad(family(3.0))(1.5) == 27.0
    assert len(made) == 2


def test_arrays_that_change_in_place() -> None:
    def family(a: Any) -> Callable[..., Any]:
        return lambda x: np.sum(a * x**2)

    a, b = np.ones(3), np.full(3, 2.0)
    grad(family(a))(np.ones(3))
    derivative = value_and_grad(family(b))
    np.testing.assert_allclose(grad(family(b))(np.ones(3)), 4.0)
    b[:] = 5.0
    np.testing.assert_allclose(derivative(np.ones(3))[1], 10.0)


def test_infinite_numbers(made: list[Any]) -> None:
    def family(k: Any) -> Callable[..., Any]:
        return lambda x: np.minimum(x**2, k)

    assert [grad(family(k))(1.5) for k in (10.0, np.inf, 1.0)] == [3.0, 3.0, 0.0]
