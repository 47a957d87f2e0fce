"""Defaults of parameters that are arrays and containers: the objects that the function has."""

from __future__ import annotations

from typing import Any

import numpy as np

from srcgrad import grad, jvp, sparse_jacobian, value_and_grad, vjp

PLACES = np.array([0, 1, 1])
WEIGHTS = np.array([1.0, 2.0, 3.0])
SCALES = {"a": 2.0}
FACTOR = 3.0


def gathered(x: Any, i: Any = PLACES) -> Any:
    return np.sum(x[i] ** 2)


def scaled(x: Any, *, s: Any = SCALES, k: Any = FACTOR) -> Any:
    return np.sum(x) * s["a"] * k


def both(x: Any, w: Any = WEIGHTS) -> Any:
    return np.sum(x * w) + np.sum(x * WEIGHTS)


def picked(x: Any, i: Any = PLACES, w: Any = WEIGHTS) -> Any:
    return x[i] * w


ONES = np.ones(3)


def test_arrays_and_containers() -> None:
    np.testing.assert_allclose(grad(gathered)(ONES), [2.0, 4.0, 0.0])
    np.testing.assert_allclose(grad(gathered)(ONES, np.array([2])), [0.0, 0.0, 2.0])
    np.testing.assert_allclose(grad(scaled)(ONES), [6.0, 6.0, 6.0])
    np.testing.assert_allclose(value_and_grad(scaled)(ONES, k=1.0)[1], [2.0, 2.0, 2.0])
    np.testing.assert_allclose(vjp(picked, ONES)[1](ONES)[0], [1.0, 5.0, 0.0])
    np.testing.assert_allclose(jvp(picked, (ONES,), (ONES,))[1], [1.0, 2.0, 3.0])
    expected = [[1.0, 0.0, 0.0], [0.0, 2.0, 0.0], [0.0, 3.0, 0.0]]
    np.testing.assert_allclose(sparse_jacobian(picked)(ONES).toarray(), expected)


def test_a_name_that_stands_for_another_object(monkeypatch: Any) -> None:
    monkeypatch.setitem(globals(), "WEIGHTS", np.array([5.0, 5.0, 5.0]))
    np.testing.assert_allclose(grad(both)(ONES), [6.0, 7.0, 8.0])


def test_a_default_that_is_written_in_place() -> None:
    slope = grad(lambda x, w=WEIGHTS: np.sum(x * w))
    np.testing.assert_allclose(slope(ONES), WEIGHTS)
    WEIGHTS[0] = 10.0
    try:
        np.testing.assert_allclose(slope(ONES), [10.0, 2.0, 3.0])
    finally:
        WEIGHTS[0] = 1.0
